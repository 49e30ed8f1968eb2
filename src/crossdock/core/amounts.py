"""Amounts as people read them. No later amount is computed from these texts."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from crossdock.core.ledger.money import plain

_PLACES = 8
_MOST_PLACES = 16  # beyond them lies only what rounding has left
_DIGITS = 6  # of an amount too small for `_PLACES`
_WIDE = Context(prec=1000, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])


def money(amount: Decimal) -> str:
    """Return an amount to eight decimals, a small one to six digits, without idle zeros."""
    if not amount.is_finite():
        return str(amount)
    places = max(_PLACES, _DIGITS - 1 - amount.adjusted()) if amount else _PLACES
    last_place = Decimal(1).scaleb(-min(places, _MOST_PLACES))
    rounded = amount.quantize(last_place, context=_WIDE)
    return f"{plain(rounded):f}" if rounded else "0"
