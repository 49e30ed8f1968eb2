"""What taking from a book costs. Exact, but for the one division of an average."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation
from typing import NamedTuple

from crossdock.model import ZERO

EXACT = Context(prec=50, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero])


class FillCost(NamedTuple):
    """What a taker would get. Prices are None when nothing could be filled.

    `filled` is below the quantity asked for when the book is not that deep.
    """

    average_price: Decimal | None
    worst_price: Decimal | None
    filled: Decimal


def cost_of(levels: Iterable[tuple[Decimal, Decimal]], quantity: Decimal) -> FillCost:
    """Walk (price, quantity) levels, best first. Raises ValueError for no quantity."""
    if not quantity > 0:
        raise ValueError(f"a quantity to fill is positive, got {quantity}")
    left, cost, worst = quantity, ZERO, None
    for price, offered in levels:
        taken = min(left, offered)
        cost = EXACT.fma(taken, price, cost)
        left = EXACT.subtract(left, taken)
        worst = price
        if not left:
            break
    filled = EXACT.subtract(quantity, left)
    average = EXACT.divide(cost, filled) if filled else None
    return FillCost(average, worst, filled)
