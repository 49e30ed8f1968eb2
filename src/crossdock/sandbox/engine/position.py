"""A derivative position by average cost, replayable so that any fill can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from crossdock.model import ZERO, ContractKind, PositionSide
from crossdock.sandbox.engine.exact import entry_price, share, value
from crossdock.sandbox.engine.records import VenuePosition
from crossdock.sandbox.engine.specs import MarketSpec


@dataclass(frozen=True, slots=True)
class _Entry:
    key: str
    signed: Decimal
    price: Decimal


class Position:
    """Quantity, cost and realised P&L, and every entry that made them.

    At any time realised P&L = cost - the sum of `flow` over all entries: to the last unit,
    because a partial close rounds only how cost is split between closed and open.
    """

    __slots__ = ("_entries", "_market", "_side", "cost", "quantity", "realized")

    def __init__(self, market: MarketSpec, side: PositionSide) -> None:
        self._market = market
        self._side = side
        self._entries: list[_Entry] = []
        self.quantity = ZERO
        self.cost = ZERO
        self.realized = ZERO

    def add(self, key: str, signed: Decimal, price: Decimal) -> Decimal:
        """Book an execution. Returns the P&L it realised."""
        before = self.realized
        entry = _Entry(key, signed, price)
        self._entries.append(entry)
        self._apply(entry)
        return self.realized - before

    def take_back(self, key: str) -> Decimal:
        """Make an entry never have been. Returns the change of realised P&L."""
        return self._rewrite([entry for entry in self._entries if entry.key != key])

    def reprice(self, key: str, new_key: str, price: Decimal) -> Decimal:
        """Give an entry another price, where it stands. Returns the change of P&L."""
        return self._rewrite(
            [
                replace(entry, key=new_key, price=price) if entry.key == key else entry
                for entry in self._entries
            ]
        )

    @property
    def settle(self) -> str:
        return self._market.settle

    @property
    def margined(self) -> Decimal:
        """What margin is a share of: its cost. An option that is held was paid in full."""
        if self._market.kind is ContractKind.OPTION and self.quantity >= 0:
            return ZERO
        return abs(self.cost)

    @property
    def owed(self) -> Decimal:
        """What it would cost to buy back options that were written, at what they brought."""
        if self._market.kind is ContractKind.OPTION and self.quantity < 0:
            return abs(self.cost)
        return ZERO

    def view(self) -> VenuePosition:
        market = self._market
        return VenuePosition(
            symbol=market.symbol,
            position_side=self._side,
            quantity=self.quantity,
            entry_price=entry_price(market, self.quantity, self.cost)
            if self.quantity
            else None,
            settle=market.settle,
            realized_pnl=self.realized,
        )

    def _rewrite(self, entries: list[_Entry]) -> Decimal:
        before = self.realized
        self.quantity = self.cost = self.realized = ZERO
        self._entries = entries
        for entry in entries:
            self._apply(entry)
        return self.realized - before

    def _apply(self, entry: _Entry) -> None:
        moved = flow(self._market, entry.signed, entry.price)
        if self.quantity * entry.signed >= 0:
            self.cost += moved
        elif abs(entry.signed) < abs(self.quantity):
            removed = share(self.cost, abs(entry.signed), abs(self.quantity))
            self.realized -= moved + removed
            self.cost -= removed
        else:
            closing = flow(self._market, -self.quantity, entry.price)
            self.realized -= closing + self.cost
            self.cost = moved - closing
        self.quantity += entry.signed


def flow(market: MarketSpec, signed: Decimal, price: Decimal) -> Decimal:
    """Return what a signed execution adds to a position's cost.

    An inverse contract's worth falls in base as the price rises, hence its sign.
    """
    worth = value(market, signed, price)
    return -worth if market.kind is ContractKind.INVERSE else worth
