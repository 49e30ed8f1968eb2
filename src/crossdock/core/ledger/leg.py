"""A signed quantity, what it cost, and what closing it realised."""

from __future__ import annotations

from decimal import Decimal

from crossdock.core.ledger.money import add, average, multiply, ratio, subtract
from crossdock.model import ONE, ZERO


def worth(
    quantity: Decimal, price: Decimal, multiplier: Decimal, *, inverse: bool
) -> Decimal:
    """Return the signed money `quantity` at `price` stands for, in the P&L asset."""
    size = quantity if multiplier == ONE else multiply(quantity, multiplier)
    return ratio(ONE, size, price) if inverse else multiply(size, price)


class Leg:
    """Average-cost accounting that keeps the cost itself, not the average.

    `cost` is the money of what is open, signed like `quantity`. For every trade worth
    `w`, `realized - cost` falls by exactly `w` (for inverse contracts `realized + cost`
    rises by it): what rounding there is moves between the two and is never lost.
    """

    __slots__ = ("cost", "inverse", "quantity", "realized")

    def __init__(
        self,
        *,
        inverse: bool,
        quantity: Decimal = ZERO,
        cost: Decimal = ZERO,
        realized: Decimal = ZERO,
    ) -> None:
        self.inverse = inverse
        self.quantity = quantity
        self.cost = cost
        self.realized = realized

    def trade(self, quantity: Decimal, price: Decimal, multiplier: Decimal) -> Decimal:
        """Buy (positive) or sell (negative). Return what it realised.

        Going through zero closes all at `price`, then opens the rest at `price`.
        """
        held = self.quantity
        if not quantity:
            return ZERO
        if not held or held.is_signed() == quantity.is_signed():
            self._open(quantity, price, multiplier)
            return ZERO
        after = add(held, quantity)
        if not after or after.is_signed() == held.is_signed():
            return self._close(quantity, price, multiplier)
        realized = self._close(held.copy_negate(), price, multiplier)
        self._open(after, price, multiplier)
        return realized

    def split(self, quantity: Decimal, price: Decimal | None, multiplier: Decimal) -> None:
        """Change the quantity and leave the cost. A flat leg opens at `price`."""
        if self.quantity:
            self.quantity = add(self.quantity, quantity)
        elif price is not None:
            self._open(quantity, price, multiplier)
        else:
            self.quantity = quantity

    def unrealized(self, mark: Decimal, multiplier: Decimal) -> Decimal:
        """Return what closing everything at `mark` would realise, before fees."""
        value = worth(self.quantity, mark, multiplier, inverse=self.inverse)
        return subtract(self.cost, value) if self.inverse else subtract(value, self.cost)

    def entry_price(self, multiplier: Decimal) -> Decimal | None:
        """The average price; harmonic for inverse contracts. None when flat or free."""
        if not self.quantity:
            return None
        size = multiply(self.quantity, multiplier)
        if self.inverse:
            return average(size, self.cost) if self.cost else None
        return average(self.cost, size)

    def _open(self, quantity: Decimal, price: Decimal, multiplier: Decimal) -> None:
        self.cost = add(self.cost, worth(quantity, price, multiplier, inverse=self.inverse))
        self.quantity = add(self.quantity, quantity)

    def _close(self, quantity: Decimal, price: Decimal, multiplier: Decimal) -> Decimal:
        held = self.quantity
        after = add(held, quantity)
        removed = ratio(quantity.copy_negate(), self.cost, held) if after else self.cost
        money = worth(quantity, price, multiplier, inverse=self.inverse)
        self.cost = subtract(self.cost, removed)
        self.quantity = after
        gained = add(removed, money)
        if not self.inverse:
            gained = gained.copy_negate()
        self.realized = add(self.realized, gained)
        return gained
