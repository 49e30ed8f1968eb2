"""Arithmetic in which nothing is lost: an inexact result raises instead of rounding."""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import wraps
from typing import ParamSpec, TypeVar

from crossdock.model import ContractKind
from crossdock.sandbox.engine.specs import MarketSpec

LARGEST_EXPONENT = 18
SMALLEST_EXPONENT = -18
"""No price or quantity reaches outside 1e-18 … 1e19, so products never outgrow `_EXACT`."""

_UNIT = Decimal("1e-18")
_EXACT = Context(prec=250, traps=[DivisionByZero, Inexact, InvalidOperation, Overflow])
_ROUNDED = Context(prec=250, rounding=ROUND_HALF_EVEN)

P = ParamSpec("P")
R = TypeVar("R")


def exactly(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function in the context in which rounding is an error."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with localcontext(_EXACT):
            return function(*args, **kwargs)

    return run


def share(whole: Decimal, part: Decimal, of: Decimal) -> Decimal:
    """Return whole x part / of, to 18 decimals, half to even.

    One of the two places that round. The caller keeps the remainder, so nothing is lost.
    """
    return _ROUNDED.divide(whole * part, of).quantize(_UNIT, context=_ROUNDED)


def value(market: MarketSpec, quantity: Decimal, price: Decimal) -> Decimal:
    """Return the money in `settle` that a quantity at a price stands for.

    Exact, but for inverse contracts to 18 decimals, half to even: both sides of a trade
    get the same value, so nothing is made or lost.
    """
    if market.kind is ContractKind.SPOT:
        return quantity * price
    if market.kind is ContractKind.INVERSE:
        return share(quantity, market.multiplier, price)
    return quantity * market.multiplier * price


def in_range(number: Decimal) -> bool:
    """Tell whether exact arithmetic can carry a price or quantity from outside."""
    if not number.is_finite():
        return False
    exponent = number.as_tuple().exponent
    return (
        isinstance(exponent, int)
        and exponent >= SMALLEST_EXPONENT
        and number.adjusted() <= LARGEST_EXPONENT
    )


def entry_price(market: MarketSpec, quantity: Decimal, cost: Decimal) -> Decimal:
    """Return the average price of an open position, to 28 digits."""
    context = Context(prec=28)
    if market.kind is ContractKind.INVERSE:
        return context.divide(-quantity * market.multiplier, cost)
    return context.divide(cost, quantity * market.multiplier)
