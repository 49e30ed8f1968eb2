"""The writing half of the ledger: book fills and events once each, or take them back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, Self

import msgspec

from crossdock.core.ledger.account import Account
from crossdock.core.ledger.booked import Booked
from crossdock.core.ledger.entries import Opening, Traded, traded
from crossdock.core.ledger.events import earned_by, log_of, move_of
from crossdock.core.ledger.instruments import InstrumentVersions
from crossdock.core.ledger.leg import worth
from crossdock.core.ledger.money import credit, subtract
from crossdock.core.ledger.position_log import PositionLog
from crossdock.core.ledger.state import LedgerState, PositionState
from crossdock.model import (
    ZERO,
    AccountEvent,
    AccountId,
    Balance,
    ContractKind,
    ExecutionId,
    Fill,
    FillKey,
    FillKind,
    Instrument,
    InstrumentId,
    PortfolioId,
    Position,
    PositionKey,
    StrategyId,
    VenueOrderId,
)


class Posting(NamedTuple):
    """What a fill or event did to a position. `realized` is in the key's settle asset.

    `quantity` is the position's, after. `problem` is empty, or says in words what a
    person should look at; the amounts are booked all the same.
    """

    key: PositionKey
    realized: Decimal
    quantity: Decimal
    problem: str = ""


class Books:
    """Book fills and events once each.

    Spot fills move two balances, options move cash by their premium, other contracts by
    what they realise. Every call books wholly, or raises ValueError and books nothing.
    Duplicates raise: whoever calls removes them, and asks `has_fill` and `has_event`.
    """

    __slots__ = ("_accounts", "_booked", "_instruments")

    def __init__(self) -> None:
        self._instruments = InstrumentVersions()
        self._accounts: dict[AccountId, Account] = {}
        self._booked = Booked()

    def list_instrument(self, instrument: Instrument) -> None:
        """Take a new instrument, or a new version once it is in force.

        What was booked keeps the multiplier it was booked with; what is open is valued
        with the newest one. Raises ValueError for another instrument under an old id.
        """
        self._instruments.add(instrument)
        newest = self._instruments.newest(instrument.id)
        for account in self._accounts.values():
            for log in account.logs(instrument.id):
                log.instrument = newest

    def instrument(self, instrument: InstrumentId, time_ns: int = 0) -> Instrument:
        """Return the version in force at a time, the newest for 0. ValueError: unlisted."""
        return self._instruments.at(instrument, time_ns)

    def set_baseline(
        self,
        account: AccountId,
        balances: Iterable[Balance],
        positions: Iterable[Position] = (),
    ) -> None:
        """Begin an account with what the venue says it holds; once, and before all else.

        P&L counts from here: what the venue says was realised before is left out.
        """
        known = self._accounts.get(account)
        if known is not None and (known.baseline or known.event_ids or any(known.logs())):
            raise ValueError(f"account {account} has been booked on already")
        begun = Account(account)
        begun.baseline = True
        for balance in balances:
            if balance.account != account:
                raise ValueError(f"a balance of {balance.account} is none of {account}")
            credit(begun.balances, balance.asset, balance.total)
        for position in positions:
            self._open(begun, position)
        self._accounts[account] = begun

    def has_fill(self, key: FillKey) -> bool:
        """Whether a fill was booked, also when it was taken back since."""
        return key in self._booked

    def has_event(self, account: AccountId, event_id: str) -> bool:
        known = self._accounts.get(account)
        return known is not None and event_id in known.event_ids

    def replaced_by(self, fill: Fill) -> Traded | None:
        """Return the entry that a correction or bust would take the place of, if booked."""
        if fill.replaces is None:
            return None
        old = self._replaced(fill, fill.replaces)
        log = self._booked.log_of.get(old)
        return None if log is None else log.find(old[2], old[3])[1]

    def apply_fill(
        self,
        fill: Fill,
        portfolio: PortfolioId | None = None,
        strategy: StrategyId | None = None,
    ) -> Posting:
        """Book a fill, and take back the one it replaces.

        Without a portfolio it belongs to whom the replaced fill belonged, else to nobody
        of ours. A fill whose replacement came first is remembered and has no effect.
        Raises ValueError for a duplicate or an unlisted instrument.
        """
        key = fill.key
        instrument = self._checked(fill)
        if fill.replaces is not None:
            return self._replace(fill, instrument, portfolio, strategy)
        if fill.kind in (FillKind.CORRECTED, FillKind.BUSTED):
            raise ValueError(f"the {fill.kind} fill {key} does not say which it replaces")
        log = self._log(fill, instrument)
        if key in self._booked.replaced_by:
            self._booked.void[key] = None
            return _posting(log, ZERO, f"{key} had been replaced before it came")
        entry = traded(fill, instrument, portfolio, strategy)
        return _posting(log, self._append(key, log, entry))

    def replace_inferred(
        self,
        old: FillKey,
        fills: Sequence[Fill],
        portfolio: PortfolioId | None = None,
        strategy: StrategyId | None = None,
    ) -> Posting:
        """Take an inferred fill back and book the reported ones in its place.

        Without a portfolio they belong to whom the inferred fill belonged. Raises
        ValueError when `old` is not an inferred fill in effect, or a fill is not new.
        """
        log = self._booked.log_of.get(old)
        if log is None:
            raise ValueError(f"{old} is no fill in effect")
        if len({fill.key for fill in fills}) != len(fills):
            raise ValueError(f"the fills that replace {old} are not all different")
        at, taken = log.find(old[2], old[3])
        if taken.kind is not FillKind.INFERRED:
            raise ValueError(f"{old} was not inferred but {taken.kind}")
        listed = []
        for fill in fills:
            if fill.key[:2] != old[:2] or fill.replaces is not None:
                raise ValueError(f"{fill.key} cannot stand for the inferred {old}")
            listed.append(self._checked(fill))
        owner = (portfolio or taken.portfolio, strategy or taken.strategy)
        placed = [
            (fill.key, self._log(fill, instrument), traded(fill, instrument, *owner))
            for fill, instrument in zip(fills, listed, strict=True)
        ]
        del self._booked.log_of[old]
        self._booked.void[old] = None
        realized = log.leg.realized
        self._rewrite(log, at, placed)
        return _posting(log, subtract(log.leg.realized, realized))

    def assign(
        self,
        account: AccountId,
        venue_order_id: VenueOrderId,
        portfolio: PortfolioId,
        strategy: StrategyId,
    ) -> None:
        """Give the fills of an order to whom it turned out to belong. No money moves."""
        for log in self._logs(account):
            entries = [
                msgspec.structs.replace(entry, portfolio=portfolio, strategy=strategy)
                if type(entry) is Traded and entry.venue_order_id == venue_order_id
                else entry
                for entry in log.entries
            ]
            if entries != log.entries:
                log.begin(log.opening, entries)

    def apply_event(self, event: AccountEvent) -> Posting | None:
        """Book what moved without an order of ours; None when no position was touched.

        `amount` moves its asset's balance. A position moves besides as by a fill at
        `price`, and everybody's part of it by the same fraction. Raises ValueError for a
        duplicate, and for a position move without a listed instrument or a price.
        """
        if self.has_event(event.account, event.event_id):
            raise ValueError(f"event {event.event_id} of {event.account} is booked already")
        instrument = None
        if event.instrument is not None and event.quantity:
            instrument = self.instrument(event.instrument, event.venue_time_ns)
        move = move_of(event, instrument)
        account = self._account(event.account)
        log = log_of(account, event, instrument)
        account.event_ids[event.event_id] = None
        if event.amount:
            credit(account.balances, event.asset, event.amount)
            earned_by(account, log, event)
        if move is None or log is None:
            return None
        cash, quantity, realized = log.cash(), log.leg.quantity, log.leg.realized
        log.append(move)
        account.settle(log, cash, quantity)
        return _posting(log, subtract(log.leg.realized, realized))

    def to_state(self) -> LedgerState:
        """Return everything as plain data that msgspec encodes."""
        return LedgerState(
            instruments=list(self._instruments),
            accounts={name: known.state() for name, known in self._accounts.items()},
            positions=[log.state() for log in self._logs()],
            void=list(self._booked.void),
            replaced_by=list(self._booked.replaced_by.items()),
        )

    @classmethod
    def from_state(cls, state: LedgerState | Mapping[str, Any]) -> Self:
        """Build a ledger from its state, or from that as JSON gives it back."""
        if not isinstance(state, LedgerState):
            state = msgspec.convert(state, LedgerState)
        ledger = cls()
        for instrument in state.instruments:
            ledger._instruments.add(instrument)
        for name, kept in state.accounts.items():
            ledger._accounts[name] = Account.from_state(name, kept)
        for position in state.positions:
            ledger._restore(position)
        ledger._booked.void = dict.fromkeys(state.void)
        ledger._booked.replaced_by = dict(state.replaced_by)
        return ledger

    def _logs(
        self, account: AccountId | None = None, instrument: InstrumentId | None = None
    ) -> Iterator[PositionLog]:
        for name, known in self._accounts.items():
            if account in (None, name):
                yield from known.logs(instrument)

    def _account(self, account: AccountId) -> Account:
        known = self._accounts.get(account)
        if known is None:
            known = self._accounts[account] = Account(account)
        return known

    def _checked(self, fill: Fill) -> Instrument:
        """Return a fill's instrument. Raises ValueError for what cannot be booked."""
        if self.has_fill(fill.key):
            raise ValueError(f"fill {fill.key} is booked already")
        instrument = self.instrument(fill.instrument, fill.venue_time_ns)
        if not (
            fill.price.is_finite()
            and all(fee.is_finite() for _, fee in fill.fees)
            and fill.quantity.is_finite()
            and not fill.quantity.is_signed()
        ):
            raise ValueError(
                f"fill {fill.key} has quantity {fill.quantity}, price {fill.price} and "
                f"fee {fill.fee}: not numbers a fill can have"
            )
        if instrument.kind is ContractKind.INVERSE and fill.price <= 0 and fill.quantity:
            raise ValueError(f"fill {fill.key} of an inverse contract at {fill.price}")
        return instrument

    def _replace(
        self,
        fill: Fill,
        instrument: Instrument,
        portfolio: PortfolioId | None,
        strategy: StrategyId | None,
    ) -> Posting:
        """Book a fill in the place of the one it replaces, wherever that has gone."""
        assert fill.replaces is not None
        key = fill.key
        old = self._replaced(fill, fill.replaces)
        late = key in self._booked.replaced_by
        if late and self._booked.tip(key) == old:
            self._booked.void[key] = None
            log = self._log(fill, instrument)
            return _posting(log, ZERO, f"{key} and {old} replace each other")
        books_something = not late and fill.kind is not FillKind.BUSTED
        log_of_old = self._booked.log_of.pop(old, None)
        self._booked.replaced_by[old] = key
        if log_of_old is None:
            known = old in self._booked.void
            problem = "" if known else f"{key} replaces {old}, which was never booked"
            log = self._log(fill, instrument)
            realized = ZERO
            if books_something:
                realized = self._append(
                    key, log, traded(fill, instrument, portfolio, strategy)
                )
            else:
                self._booked.void[key] = None
            return _posting(log, realized, problem)
        self._booked.void[old] = None
        at, taken = log_of_old.find(old[2], old[3])
        realized = log_of_old.leg.realized
        placed = []
        if books_something:
            owner = (portfolio or taken.portfolio, strategy or taken.strategy)
            log = self._log(fill, instrument)
            placed.append((key, log, traded(fill, instrument, *owner)))
        else:
            self._booked.void[key] = None
        self._rewrite(log_of_old, at, placed)
        return _posting(log_of_old, subtract(log_of_old.leg.realized, realized))

    def _rewrite(
        self, log: PositionLog, at: int, placed: list[tuple[FillKey, PositionLog, Traded]]
    ) -> None:
        """Put entries in the place of the one at `at`; those of other positions at their end."""
        flows = log.flows()
        log.rewrite(at, [entry for _, other, entry in placed if other is log])
        self._accounts[log.key.account].resettle(log, flows)
        for key, other, entry in placed:
            if other is log:
                self._booked.log_of[key] = log
            else:
                self._append(key, other, entry)

    def _append(self, key: FillKey, log: PositionLog, entry: Traded) -> Decimal:
        account = self._accounts[key[0]]
        leg = log.leg
        cash, quantity, realized = log.cash(), leg.quantity, leg.realized
        log.append(entry)
        self._booked.log_of[key] = log
        account.settle(log, cash, quantity)
        for asset, fee in entry.fees:
            credit(account.balances, asset, fee.copy_negate())
        return subtract(leg.realized, realized)

    def _log(self, fill: Fill, instrument: Instrument) -> PositionLog:
        account = self._account(fill.account)
        return account.log(instrument, fill.position_side, fill.margin_mode)

    def _replaced(self, fill: Fill, execution: ExecutionId) -> FillKey:
        """Return which fill another one takes the place of, after what replaced it before."""
        return self._booked.replaced(
            fill, execution, lambda: self._logs(fill.account, fill.instrument)
        )

    def _open(self, account: Account, position: Position) -> None:
        key = position.key
        instrument = self.instrument(key.instrument)
        if key.account != account.id:
            raise ValueError(f"a position of {key.account} is none of {account.id}")
        if not position.quantity:
            return
        if position.entry_price is None:
            raise ValueError(f"the position in {key.instrument} has no entry price")
        log = account.log(instrument, key.position_side, key.margin_mode)
        inverse = log.leg.inverse
        cost = worth(
            position.quantity, position.entry_price, instrument.multiplier, inverse=inverse
        )
        log.begin(Opening(position.quantity, cost))

    def _restore(self, state: PositionState) -> None:
        key = state.key
        instrument = self._instruments.newest(key.instrument)
        log = self._account(key.account).log(instrument, key.position_side, key.margin_mode)
        log.begin(state.opening, state.entries)
        self._booked.restore(log)


def _posting(log: PositionLog, realized: Decimal, problem: str = "") -> Posting:
    return Posting(log.key, realized, log.leg.quantity, problem or log.problem())
