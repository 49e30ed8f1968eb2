"""What is given to the client, as it is told: amounts as text, figures as floats.

Each raises Rejected for what is none, before anything is sent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock.errors import Rejected

Number = Decimal | int | float | str
_MOST_DIGITS = 30
_LATEST_NS = 2**63 - 1
_SIDES = frozenset({"BUY", "SELL"})


def wrong(words: str, hint: str) -> Rejected:
    return Rejected(words, venue_code="bad-argument", hint=hint)


def number(name: str, value: Number | None) -> str | None:
    """Write an amount in full."""
    if value is None:
        return None
    try:
        # A number of numpy says its digits by `str`, as Python's own do.
        amount = Decimal(str(value))
    except InvalidOperation:
        raise _no_number(name, value) from None
    if not amount.is_finite() or abs(amount.adjusted()) > _MOST_DIGITS:
        raise _no_number(name, value)
    return f"{amount:f}"


def above_zero(name: str, value: Number) -> str | None:
    told = number(name, value)
    if told is None or Decimal(told) <= 0:
        raise wrong(f"{name} is more than 0, not {value}", "`side` says which way it went")
    return told


def numbers(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a position with its amounts in full; its symbol is text already."""
    return {
        name: value if name == "symbol" else number(name, value)
        for name, value in row.items()
        if value is not None
    }


def figure(name: str, value: Any) -> float | None:
    if value is None:
        return None
    try:
        made = math.nan if str(value) in ("True", "False") else float(value)
    except (TypeError, ValueError, OverflowError):
        made = math.nan
    if not math.isfinite(made):
        raise _no_number(name, value)
    return made


def figures(given: Mapping[str, Any]) -> dict[str, float | None]:
    return {name: figure(name, value) for name, value in given.items()}


def points_of(
    name: str, points: Sequence[Sequence[float]]
) -> list[tuple[float | None, float | None]]:
    where = f"a point of {name}"
    try:
        return [(figure(where, x), figure(where, y)) for x, y in points]
    except (TypeError, ValueError):
        raise wrong(f"{where} is no pair of numbers", "points are [x, y]") from None


def moment(at_ns: int | None) -> int | None:
    if at_ns is None:
        return None
    try:
        told = -1 if isinstance(at_ns, bool) else at_ns.__index__()
    except AttributeError:
        told = -1
    if not 0 <= told <= _LATEST_NS:
        raise wrong(f"at_ns is UTC nanoseconds, not {at_ns!r}", "like time.time_ns()")
    return told


def side_of(side: str) -> str:
    told = str(side).upper()
    if told not in _SIDES:
        raise wrong(f"side is buy or sell, not {side!r}", "in capitals or not")
    return told


def _no_number(name: str, value: Any) -> Rejected:
    return wrong(
        f"{name} is a finite number, not {value!r}",
        f"as a Decimal, text like '0.05', an int or a float of {_MOST_DIGITS} digits at most",
    )
