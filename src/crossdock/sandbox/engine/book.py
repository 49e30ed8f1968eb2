"""One market: both ladders, what waits for a price, the last one, the count of changes."""

from __future__ import annotations

from decimal import Decimal

from crossdock.model import OrderType, Side
from crossdock.sandbox.engine.ladder import Ladder
from crossdock.sandbox.engine.records import Listener, VenueOrder
from crossdock.sandbox.engine.specs import MarketSpec
from crossdock.sandbox.engine.triggers import follow, is_reached


class Book:
    """Mutable state of one market."""

    __slots__ = ("_due", "asks", "bids", "last_price", "sequence", "spec", "waiting")

    def __init__(self, spec: MarketSpec) -> None:
        self.spec = spec
        self.bids = Ladder(Side.BUY)
        self.asks = Ladder(Side.SELL)
        self.waiting: dict[int, VenueOrder] = {}
        self.last_price: Decimal | None = None
        self.sequence = 0
        self._due: list[VenueOrder] = []

    def own(self, side: Side) -> Ladder:
        """Return the ladder in which orders of a side rest."""
        return self.bids if side is Side.BUY else self.asks

    def opposite(self, side: Side) -> Ladder:
        """Return the ladder which orders of a side take from."""
        return self.asks if side is Side.BUY else self.bids

    def print(self, price: Decimal) -> None:
        """Note a trade price, which may trigger what waits, or move a trailing stop."""
        self.last_price = price
        for order in list(self.waiting.values()):
            if is_reached(order, price):
                del self.waiting[order.number]
                self._due.append(order)
            elif order.type is OrderType.TRAILING_STOP:
                follow(order, self.spec, price)

    def triggered(self) -> list[VenueOrder]:
        """Take out the orders which trades since the last call triggered, in that order."""
        due, self._due = self._due, []
        return due

    def publish(self, listener: Listener, now_ns: int) -> None:
        """Report what changed since the last call, if anything did.

        The sequence grows by one for each level.
        """
        bids, asks = self.bids.changes(), self.asks.changes()
        if bids or asks:
            first = self.sequence + 1
            self.sequence += len(bids) + len(asks)
            listener.book_changed(
                self.spec.symbol, first, self.sequence, bids, asks, now_ns
            )


def reaches(side: Side, limit_price: Decimal | None, price: Decimal) -> bool:
    """Tell whether an order of a side and limit (None: market) would trade at a price."""
    if limit_price is None:
        return True
    return limit_price >= price if side is Side.BUY else limit_price <= price
