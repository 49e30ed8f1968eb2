"""Exact arithmetic for money, and the only places where it may round.

Sums, differences and products never round: `EXACT` raises where it would have to. A
quotient is rounded once, to `PLACES` decimals, by `ratio`. That happens

* to the value of a fill of an inverse contract (a division by the price),
* to the cost taken out by a partial close, and to a share of an account's cash event.

What remains is always found by subtraction, so parts add up to the whole exactly.
`average` and `converted` round to significant digits; they are for people and for
comparing, and no later amount is computed from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)

from crossdock.model import Asset

PLACES = 40

EXACT = Context(prec=1000, traps=[InvalidOperation, DivisionByZero, Overflow, Inexact])
_WIDE = Context(prec=1000, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])
_DIVISION = Context(
    prec=80, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero]
)
_SHOWN = Context(
    prec=28, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero]
)
_LAST_PLACE = Decimal(1).scaleb(-PLACES)
_UNIT = Decimal(1)

Amounts = dict[Asset, Decimal]
"""Money by asset; amounts in different assets are never added."""

add = EXACT.add
subtract = EXACT.subtract
multiply = EXACT.multiply


def ratio(part: Decimal, of: Decimal, whole: Decimal) -> Decimal:
    """Return `of * part / whole`, rounded half even to `PLACES` decimals."""
    quotient = _DIVISION.divide(multiply(of, part), whole)
    return _WIDE.normalize(quotient.quantize(_LAST_PLACE, context=_WIDE))


def average(total: Decimal, quantity: Decimal) -> Decimal:
    """Return `total / quantity` to 28 digits, without a tail of zeros."""
    return plain(_SHOWN.divide(total, quantity))


def converted(amount: Decimal, rate: Decimal, *, inverse: bool = False) -> Decimal:
    """Return an amount at a rate, or at one over it; only the latter may round."""
    return _DIVISION.divide(amount, rate) if inverse else multiply(amount, rate)


def plain(value: Decimal) -> Decimal:
    """Drop a tail of zeros, but never into an exponent: 100.00 is 100, not 1E+2."""
    whole = value.to_integral_value()
    return (
        whole.quantize(_UNIT, context=_WIDE) if whole == value else _WIDE.normalize(value)
    )


def credit(amounts: Amounts, asset: Asset, amount: Decimal) -> None:
    """Add to one asset's amount, in place."""
    held = amounts.get(asset)
    amounts[asset] = amount if held is None else add(held, amount)


def credit_all(amounts: Amounts, more: Mapping[Asset, Decimal]) -> None:
    for asset, amount in more.items():
        credit(amounts, asset, amount)
