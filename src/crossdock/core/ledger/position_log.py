"""One position of one account: its entries in order, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from crossdock.core.ledger.entries import (
    EXTERNAL,
    NOBODY,
    Earned,
    Entry,
    Moved,
    Opening,
    Split,
    Traded,
)
from crossdock.core.ledger.leg import Leg
from crossdock.core.ledger.money import Amounts, credit, plain, ratio, subtract
from crossdock.core.ledger.state import PositionState
from crossdock.model import (
    ZERO,
    ContractKind,
    ExecutionId,
    Instrument,
    PortfolioId,
    Position,
    PositionKey,
    PositionSide,
    StrategyId,
    VenueOrderId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """One strategy's part of an account's position.

    Quantities of all parts add up to the account's. Realised P&L need not, for opposite
    strategies net in the account; realised plus unrealised does.
    """

    portfolio: PortfolioId
    strategy: StrategyId
    position: Position
    fees: Amounts
    income: Amounts


class Part:
    """A strategy's leg and the cash that came with it."""

    __slots__ = ("fees", "income", "leg")

    def __init__(self, leg: Leg) -> None:
        self.leg = leg
        self.fees: Amounts = {}
        self.income: Amounts = {}


class PositionLog:
    """Posts entries as they come; posts all of them again when one is taken back."""

    __slots__ = (
        "_cash_by_notional",
        "entries",
        "instrument",
        "key",
        "leg",
        "opening",
        "parts",
    )

    def __init__(self, key: PositionKey, instrument: Instrument) -> None:
        self.key = key
        self.instrument = instrument
        self.opening: Opening | None = None
        self.entries: list[Entry] = []
        self._cash_by_notional = instrument.kind in (ContractKind.SPOT, ContractKind.OPTION)
        self._reset()

    def append(self, entry: Entry) -> None:
        """Post an entry where the venue had it: one that comes late goes before others.

        At average cost the order decides how much of a gain is realised when.
        """
        at = len(self.entries)
        if entry.place:
            while at and self.entries[at - 1].place > entry.place:
                at -= 1
        if at == len(self.entries):
            self.entries.append(entry)
            self._post(entry)
            return
        self.entries.insert(at, entry)
        self._replay()

    def begin(self, opening: Opening | None, entries: Sequence[Entry] = ()) -> None:
        """Start over from what was held before, and post all entries."""
        self.opening = opening
        self.entries = list(entries)
        self._replay()

    def rewrite(self, at: int, entries: Sequence[Entry]) -> None:
        """Replace the entry at `at`, as if the new ones had always been there instead."""
        place = self.entries[at].place
        self.entries[at : at + 1] = [
            msgspec.structs.replace(e, place=place) for e in entries
        ]
        self._replay()

    def find(self, order: VenueOrderId, execution: ExecutionId) -> tuple[int, Traded]:
        """Return where a booked fill stands. From the end: new ones are taken back most."""
        for at in range(len(self.entries) - 1, -1, -1):
            entry = self.entries[at]
            if (
                type(entry) is Traded
                and entry.execution_id == execution
                and entry.venue_order_id == order
            ):
                return at, entry
        raise LookupError(f"{self.key.instrument} has no fill {execution} of {order}")

    def state(self) -> PositionState:
        return PositionState(self.key, self.opening, list(self.entries))

    def cash(self) -> Decimal:
        """What the position has paid into its P&L asset, counted from an unknown zero.

        Spot and options pay their price; the others pay only what they realise. Found
        from the leg's invariant, so the sum over all trades need not be kept.
        """
        leg = self.leg
        return subtract(leg.realized, leg.cost) if self._cash_by_notional else leg.realized

    def flows(self) -> Amounts:
        """Everything the entries moved in balances, counted from an unknown zero."""
        flows: Amounts = {self.key.settle: self.cash()}
        if self.instrument.kind is ContractKind.SPOT:
            credit(flows, self.instrument.base, self.leg.quantity)
        for entry in self.entries:
            if type(entry) is Traded:
                for asset, fee in entry.fees:
                    credit(flows, asset, fee.copy_negate())
        return flows

    def position(self, leg: Leg | None = None) -> Position:
        """The account's position, or the one a part's leg stands for."""
        leg = leg or self.leg
        return Position(
            key=self.key,
            quantity=plain(leg.quantity),
            entry_price=leg.entry_price(self.instrument.multiplier),
            realized_pnl=plain(leg.realized),
        )

    def attributions(self) -> Iterator[Attribution]:
        for (portfolio, strategy), part in self.parts.items():
            yield Attribution(
                portfolio=portfolio,
                strategy=strategy,
                position=self.position(part.leg),
                fees=dict(part.fees),
                income=dict(part.income),
            )

    def problem(self) -> str:
        """Say what a hedge leg cannot be, or nothing."""
        side, quantity = self.key.position_side, self.leg.quantity
        if side is PositionSide.NET or not quantity:
            return ""
        if quantity.is_signed() == (side is PositionSide.SHORT):
            return ""
        return f"the {side} leg of {self.key.instrument} went through zero to {quantity}"

    def _reset(self) -> None:
        inverse = self.instrument.kind is ContractKind.INVERSE
        self.leg = Leg(inverse=inverse)
        self.parts: dict[tuple[PortfolioId, StrategyId], Part] = {}
        if self.opening is not None:
            for leg in (self.leg, self._part(EXTERNAL, NOBODY).leg):
                leg.quantity, leg.cost = self.opening.quantity, self.opening.cost

    def _replay(self) -> None:
        self._reset()
        for entry in self.entries:
            self._post(entry)

    def _post(self, entry: Entry) -> None:
        if type(entry) is Traded:
            part = self._part(entry.portfolio, entry.strategy)
            self.leg.trade(entry.quantity, entry.price, entry.multiplier)
            part.leg.trade(entry.quantity, entry.price, entry.multiplier)
            for asset, fee in entry.fees:
                credit(part.fees, asset, fee)
        elif type(entry) is Moved:
            self._move(entry)
        elif type(entry) is Split:
            shares = self._shares(entry.quantity)
            self.leg.split(entry.quantity, entry.price, entry.multiplier)
            for part, quantity in shares:
                part.leg.split(quantity, entry.price, entry.multiplier)
        else:
            assert type(entry) is Earned
            for part, amount in self._shares(entry.amount):
                if entry.is_fee:
                    credit(part.fees, entry.asset, amount.copy_negate())
                else:
                    credit(part.income, entry.asset, amount)

    def _move(self, entry: Moved) -> None:
        """Close everybody's part by the same fraction; what is left over is external."""
        held, quantity = self.leg.quantity, entry.quantity
        closing = ZERO
        if held and held.is_signed() != quantity.is_signed():
            closing = (
                quantity if quantity.copy_abs() < held.copy_abs() else held.copy_negate()
            )
        shares = self._shares(closing) if closing else []
        self.leg.trade(quantity, entry.price, entry.multiplier)
        for part, share in shares:
            part.leg.trade(share, entry.price, entry.multiplier)
        if opening := subtract(quantity, closing):
            external = self._part(EXTERNAL, NOBODY).leg
            external.trade(opening, entry.price, entry.multiplier)

    def _shares(self, amount: Decimal) -> list[tuple[Part, Decimal]]:
        """Divide an amount in proportion to the parts, exactly; the last takes the rest."""
        whole = self.leg.quantity
        holders = [part for part in self.parts.values() if part.leg.quantity]
        if not whole or not holders:
            return [(self._part(EXTERNAL, NOBODY), amount)]
        if amount == whole.copy_negate():
            return [(part, part.leg.quantity.copy_negate()) for part in holders]
        shares, left = [], amount
        for part in holders[:-1]:
            share = ratio(part.leg.quantity, amount, whole)
            shares.append((part, share))
            left = subtract(left, share)
        return [*shares, (holders[-1], left)]

    def _part(self, portfolio: PortfolioId, strategy: StrategyId) -> Part:
        part = self.parts.get((portfolio, strategy))
        if part is None:
            part = Part(Leg(inverse=self.leg.inverse))
            self.parts[portfolio, strategy] = part
        return part
