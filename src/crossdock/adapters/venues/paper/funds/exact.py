"""Arithmetic that keeps every digit of sums and products.

Operators, `abs` and a minus sign round to 28 digits: money goes through the functions
here, `copy_abs` and `copy_negate`.
"""

from __future__ import annotations

from decimal import (
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)

from crossdock.model import ContractKind, Instrument

_TRAPS = [InvalidOperation, DivisionByZero, Overflow]
_EXACT = Context(prec=120, rounding=ROUND_HALF_EVEN, traps=_TRAPS)
_DIVISION = Context(prec=50, rounding=ROUND_HALF_EVEN, traps=_TRAPS)
_SHOWN = Context(prec=28, rounding=ROUND_HALF_EVEN, traps=_TRAPS)

add = _EXACT.add
subtract = _EXACT.subtract
multiply = _EXACT.multiply


def share(of: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """Return `of * part / whole`, to 50 digits."""
    return _DIVISION.divide(multiply(of, part), whole)


def average(total: Decimal, quantity: Decimal) -> Decimal:
    """Return a quotient for people, to 28 digits."""
    return _SHOWN.divide(total, quantity)


def worth(instrument: Instrument, quantity: Decimal, price: Decimal) -> Decimal:
    """Return the money in settle (quote for spot) that a quantity at a price stands for."""
    if instrument.kind is ContractKind.SPOT:
        return multiply(quantity, price)
    size = multiply(quantity, instrument.multiplier)
    if instrument.kind is ContractKind.INVERSE:
        return _DIVISION.divide(size, price)
    return multiply(size, price)


def whole_steps(quantity: Decimal, step: Decimal) -> Decimal:
    """Return the largest multiple of a step that a quantity holds."""
    steps = _EXACT.divide(quantity, step).to_integral_value(ROUND_FLOOR)
    return multiply(steps, step)
