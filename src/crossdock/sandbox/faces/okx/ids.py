"""Ids as OKX writes them: nineteen digits that grow.

An order that waits for a trigger has two: one as an algo order, and one as the order it
becomes.
"""

from __future__ import annotations

import re

from crossdock.sandbox.engine import VenueOrder

_FIRST = 10**18
_ID = re.compile(r"1\d{18}", re.ASCII)
_ALGO, _PLACED = 0, 1


def order_id(order: VenueOrder) -> str:
    """Return the id an order has among those that match."""
    return str(_FIRST + 2 * int(order.chain[0]) + _PLACED)


def algo_id(order: VenueOrder) -> str:
    """Return the id an order has while it waits, and keeps as an algo order."""
    return str(_FIRST + 2 * int(order.chain[0]) + _ALGO)


def number_of(text: str, *, algo: bool) -> str | None:
    """Return the engine's first id of an order, or None for what is no id of this kind."""
    if _ID.fullmatch(text) is None:
        return None
    number, kind = divmod(int(text) - _FIRST, 2)
    return str(number) if (kind == _ALGO) is algo else None


def trade_id(execution_id: str) -> str:
    return execution_id.lstrip("EVT")
