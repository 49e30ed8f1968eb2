"""One side of a book: price levels, and in each the orders by time."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from decimal import Decimal

from crossdock.model import ZERO, Side
from crossdock.sandbox.engine.records import PriceLevel, VenueOrder


class Level:
    """Orders at one price, oldest first, and the sum of what is open."""

    __slots__ = ("orders", "quantity")

    def __init__(self) -> None:
        self.orders: dict[int, VenueOrder] = {}
        self.quantity = ZERO


class Ladder:
    """All resting orders of one side.

    `touched` remembers what each changed level held before the first change since
    `changes` was last called.
    """

    __slots__ = ("_prices", "_touched", "levels", "side")

    def __init__(self, side: Side) -> None:
        self.side = side
        self.levels: dict[Decimal, Level] = {}
        self._prices: list[Decimal] = []  # ascending
        self._touched: dict[Decimal, Decimal] = {}

    def __iter__(self) -> Iterator[Decimal]:
        """Yield prices, best first. The ladder must not change meanwhile."""
        return reversed(self._prices) if self.side is Side.BUY else iter(self._prices)

    @property
    def best(self) -> Decimal | None:
        if not self._prices:
            return None
        return self._prices[-1 if self.side is Side.BUY else 0]

    def first(self, price: Decimal) -> VenueOrder:
        """Return the oldest order at a price that stands."""
        return next(iter(self.levels[price].orders.values()))

    def add(self, order: VenueOrder) -> None:
        """Queue an order last at its limit price."""
        price = _limit(order)
        level = self.levels.get(price)
        if level is None:
            level = self.levels[price] = Level()
            insort(self._prices, price)
        self._touched.setdefault(price, level.quantity)
        level.orders[order.number] = order
        level.quantity += order.leaves

    def shrink(self, order: VenueOrder, quantity: Decimal) -> None:
        """Take a quantity off an order's level; its queue position stays."""
        price = _limit(order)
        level = self.levels[price]
        self._touched.setdefault(price, level.quantity)
        level.quantity -= quantity

    def grow(self, order: VenueOrder, quantity: Decimal) -> None:
        """Put a quantity onto an order's level; its queue position stays."""
        self.shrink(order, -quantity)

    def remove(self, order: VenueOrder) -> None:
        """Take an order out, with whatever it still counts for."""
        price = _limit(order)
        level = self.levels[price]
        self._touched.setdefault(price, level.quantity)
        del level.orders[order.number]
        level.quantity -= order.leaves
        if not level.orders:
            del self.levels[price]
            del self._prices[bisect_left(self._prices, price)]

    def holds(self, order: VenueOrder) -> bool:
        level = self.levels.get(order.limit_price) if order.limit_price else None
        return level is not None and order.number in level.orders

    def top(self, depth: int) -> list[PriceLevel]:
        """Return the best levels, best first."""
        if self.side is Side.BUY:
            prices = self._prices[: -depth - 1 : -1] if depth else []
        else:
            prices = self._prices[:depth]
        return [(price, self.levels[price].quantity) for price in prices]

    def changes(self) -> list[PriceLevel]:
        """Return each level whose quantity is not what it was, and begin anew."""
        if not self._touched:
            return []
        changed = []
        for price, before in self._touched.items():
            level = self.levels.get(price)
            quantity = ZERO if level is None else level.quantity
            if quantity != before:
                changed.append((price, quantity))
        self._touched.clear()
        return changed


def _limit(order: VenueOrder) -> Decimal:
    assert order.limit_price is not None, "only orders with a limit price rest"
    return order.limit_price
