"""How Binance's exchanges write numbers, times and sides."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from crossdock.model import Side
from crossdock.sandbox.engine import PriceLevel

_MS_NS = 1_000_000


def milliseconds(time_ns: int) -> int:
    return time_ns // _MS_NS


def eight(value: Decimal) -> str:
    """Write a decimal with eight places, or as many more as it has."""
    text = format(value, "f")
    places = len(text.partition(".")[2])
    if places >= 8:
        return text
    return text + ("." if places == 0 else "") + "0" * (8 - places)


def levels(rows: Sequence[PriceLevel]) -> list[list[str]]:
    return [[eight(price), eight(quantity)] for price, quantity in rows]


def side_of(side: Side) -> str:
    return "BUY" if side is Side.BUY else "SELL"
