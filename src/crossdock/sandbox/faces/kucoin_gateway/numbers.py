"""Numbers and times as KuCoin writes them."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Any

from crossdock.model import Side

Row = dict[str, Any]

_MS_NS = 1_000_000
_LONG = Context(prec=28)


def ratio(value: Decimal, by: Decimal) -> Decimal:
    """Divide, to more digits than any price has."""
    return _LONG.divide(value, by)


def ms(time_ns: int) -> int:
    return time_ns // _MS_NS


def side_of(side: Side) -> str:
    return "buy" if side is Side.BUY else "sell"
