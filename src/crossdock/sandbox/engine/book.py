"""One market: both ladders, waiting stops, the last price, the sequence of changes."""

from __future__ import annotations

from decimal import Decimal

from crossdock.model import Side
from crossdock.sandbox.engine.ladder import Ladder
from crossdock.sandbox.engine.records import Listener, VenueOrder
from crossdock.sandbox.engine.specs import MarketSpec


class Book:
    """Mutable state of one market."""

    __slots__ = ("_high", "_low", "asks", "bids", "last_price", "sequence", "spec", "stops")

    def __init__(self, spec: MarketSpec) -> None:
        self.spec = spec
        self.bids = Ladder(Side.BUY)
        self.asks = Ladder(Side.SELL)
        self.stops: dict[int, VenueOrder] = {}
        self.last_price: Decimal | None = None
        self.sequence = 0
        self._high: Decimal | None = None
        self._low: Decimal | None = None

    def own(self, side: Side) -> Ladder:
        """Return the ladder in which orders of a side rest."""
        return self.bids if side is Side.BUY else self.asks

    def opposite(self, side: Side) -> Ladder:
        """Return the ladder which orders of a side take from."""
        return self.asks if side is Side.BUY else self.bids

    def print(self, price: Decimal) -> None:
        """Note a trade price."""
        self.last_price = price
        self._high = price if self._high is None else max(self._high, price)
        self._low = price if self._low is None else min(self._low, price)

    def triggered(self) -> list[VenueOrder]:
        """Take out the stops which a trade since the last call reached, oldest first."""
        high, low = self._high, self._low
        self._high = self._low = None
        if high is None or low is None or not self.stops:
            return []
        due = [order for order in self.stops.values() if _reached(order, high, low)]
        for order in due:
            del self.stops[order.number]
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


def _reached(order: VenueOrder, high: Decimal, low: Decimal) -> bool:
    assert order.stop_price is not None
    if order.side is Side.BUY:
        return high >= order.stop_price
    return low <= order.stop_price
