"""Numbers as exchanges write them, made exact."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock.errors import BadPayload

_NS_PER_MS = 1_000_000


def exact(value: Any) -> Decimal:
    """Read a number or its text. A float is read by its shortest text. Raises BadPayload."""
    found = maybe(value)
    if found is None:
        raise BadPayload("a number is missing in the exchange's reply")
    return found


def maybe(value: Any) -> Decimal | None:
    """Do as `exact`, but None for what is missing."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = Decimal(repr(value) if isinstance(value, float) else str(value))
    except InvalidOperation:
        raise BadPayload("something else than a number in the exchange's reply") from None
    if not number.is_finite():
        raise BadPayload("an infinite number in the exchange's reply")
    return number


def positive(value: Any) -> Decimal | None:
    """Do as `maybe`, but None for zero: many exchanges write it for none."""
    found = maybe(value)
    return found or None


def plain(value: Any) -> str | None:
    """Write a number as it is, without exponent or idle zeros."""
    found = maybe(value)
    if found is None:
        return None
    text = format(found, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def time_ns(milliseconds: Any) -> int:
    """Return UTC nanoseconds of unified milliseconds; 0 where there are none."""
    found = maybe(milliseconds)
    return 0 if found is None else int(found * _NS_PER_MS)


def milliseconds(time_ns: int) -> int:
    return time_ns // _NS_PER_MS
