"""Numbers and times as KuCoin writes them."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Any

import msgspec

from crossdock.model import Side

Row = dict[str, Any]

_MS_NS = 1_000_000
_LONG = Context(prec=28)


def plain(value: Decimal) -> str:
    """Write a decimal without an exponent and without zeros at its end."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_or_none(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def number(value: Decimal) -> msgspec.Raw:
    """Return a decimal as a number of JSON, digit by digit."""
    return msgspec.Raw(plain(value).encode())


def ratio(value: Decimal, by: Decimal) -> Decimal:
    """Divide, to more digits than any price has."""
    return _LONG.divide(value, by)


def ms(time_ns: int) -> int:
    return time_ns // _MS_NS


def side_of(side: Side) -> str:
    return "buy" if side is Side.BUY else "sell"
