"""Amounts as people read them. No later amount is computed from these texts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from itertools import count

from crossdock.core.ledger.money import plain

_PLACES = 8
_MOST_PLACES = 16  # beyond them lies only what rounding has left
_DIGITS = 6  # of an amount too small for `_PLACES`
_WIDE = Context(prec=1000, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])


def money(amount: Decimal) -> str:
    """Return an amount to eight decimals, a small one to six digits, without idle zeros."""
    return _text(_rounded(amount, 0))


def telling(*amounts: Decimal, claim: Callable[..., bool] | None = None) -> tuple[str, ...]:
    """Return amounts as `money` does, with what more digits it takes to tell them apart.

    Those that differ never read the same, and a `claim` that is true of the amounts is
    true of what is read. Without one, the order of two amounts already is.
    """
    for more in count():
        read = [_rounded(each, more) for each in amounts]
        are_apart = len(set(read)) == len(set(amounts))
        if (are_apart and (claim is None or claim(*read))) or read == list(amounts):
            break
    return tuple(map(_text, read))


def _rounded(amount: Decimal, more: int) -> Decimal:
    if not amount.is_finite():
        return amount
    places = max(_PLACES, _DIGITS - 1 - amount.adjusted()) if amount else _PLACES
    last_place = Decimal(1).scaleb(-min(places, _MOST_PLACES) - more)
    return amount.quantize(last_place, context=_WIDE)


def _text(rounded: Decimal) -> str:
    if not rounded.is_finite():
        return str(rounded)
    return f"{plain(rounded):f}" if rounded else "0"
