"""The ledger: what moved an account's balances, and what they were after it.

https://docs.kraken.com/api-reference/account-data/get-ledgers-info, read 2026-11-21.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from crossdock.model import ZERO, AccountEventKind
from crossdock.sandbox.engine import VenueEvent, VenueFill
from crossdock.sandbox.faces.kraken.ids import ledger_id, trade_id
from crossdock.sandbox.host import Host

_TYPES = {
    AccountEventKind.DEPOSIT: "deposit",
    AccountEventKind.WITHDRAWAL: "withdrawal",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A change of one balance. What it leaves is `amount` minus `fee` more than before."""

    id: str
    cause: str
    kind: str
    asset: str
    amount: Decimal
    fee: Decimal
    balance: Decimal
    time_ns: int

    @property
    def refid(self) -> str:
        """The trade's id, or one made up for what was no trade."""
        return trade_id(self.cause)


class Ledger:
    """One account's entries, oldest first. Follows the venue's histories as they grow."""

    def __init__(self, host: Host, account: str) -> None:
        self._host = host
        self._account = account
        self._balances = dict(host.venue.initial(account))
        self._entries: list[Entry] = []
        self._fills = 0
        self._events = 0
        self._standing: dict[str, VenueFill] = {}

    def entries(self) -> list[Entry]:
        """Return every entry; not to be changed."""
        venue = self._host.venue
        fills = venue.fills(self._account)[self._fills :]
        events = venue.events(self._account)[self._events :]
        self._fills += len(fills)
        self._events += len(events)
        new: list[tuple[int, VenueFill | VenueEvent]] = [
            (int(it.execution_id[1:]), it) for it in fills
        ]
        new += [(int(it.event_id[1:]), it) for it in events]
        for _, happened in sorted(new, key=lambda it: it[0]):
            if isinstance(happened, VenueFill):
                self._take_fill(happened)
            elif happened.amount:
                kind = _TYPES.get(happened.kind, "adjustment")
                self._add(
                    happened.event_id, kind, happened.asset, happened.amount, happened
                )
        return self._entries

    def of(self, cause: str) -> list[Entry]:
        """Return the entries an execution or event made, by the engine's id."""
        found: list[Entry] = []
        for entry in reversed(self.entries()):
            if entry.cause == cause:
                found.insert(0, entry)
            elif found:
                break
        return found

    def _take_fill(self, fill: VenueFill) -> None:
        """Book a trade, or what a word that takes one back changes."""
        market = self._host.venue.markets[fill.symbol]
        base, cost, fee = _effect(fill)
        kind = "trade"
        if fill.replaces is not None:
            kind = "adjustment"
            before = _effect(self._standing.pop(fill.replaces))
            base, cost, fee = base - before[0], cost - before[1], fee - before[2]
        self._standing[fill.execution_id] = fill
        self._add(fill.execution_id, kind, market.base, base, fill)
        self._add(fill.execution_id, kind, market.quote, cost, fill, fee)

    def _add(
        self,
        cause: str,
        kind: str,
        asset: str,
        amount: Decimal,
        happened: VenueFill | VenueEvent,
        fee: Decimal = ZERO,
    ) -> None:
        balance = self._balances.get(asset, ZERO) + amount - fee
        self._balances[asset] = balance
        part = int(bool(self._entries) and self._entries[-1].cause == cause)
        self._entries.append(
            Entry(
                id=ledger_id(int(cause[1:]), part),
                cause=cause,
                kind=kind,
                asset=asset,
                amount=amount,
                fee=fee,
                balance=balance,
                time_ns=happened.time_ns,
            )
        )


def _effect(fill: VenueFill) -> tuple[Decimal, Decimal, Decimal]:
    """Return what a fill added of base and of quote, and its fee."""
    signed = fill.quantity * fill.side.sign
    return signed, -signed * fill.price, fill.fee
