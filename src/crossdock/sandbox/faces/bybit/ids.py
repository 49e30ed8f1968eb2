"""Ids as Bybit writes them: numbers on spot, UUIDs on contracts."""

from __future__ import annotations

import re
from uuid import UUID

from crossdock.sandbox.engine import VenueOrder

_FIRST = 2 * 10**18
_NUMBER = re.compile(r"2\d{18}", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_SHIFT = 76  # the number stands first, so that later ids are greater
_REST = (4 << _SHIFT) | (1 << 63)  # what makes a UUID one of version 4
_MASK = (1 << 80) - 1


def order_id(order: VenueOrder, *, is_spot: bool) -> str:
    return spelt(int(order.chain[0]), is_spot=is_spot)


def execution_id(text: str, *, is_spot: bool) -> str:
    return spelt(int(text.lstrip("EVT")), is_spot=is_spot)


def spelt(number: int, *, is_spot: bool) -> str:
    if is_spot:
        return str(_FIRST + number)
    return str(UUID(int=(number << 80) | _REST))


def number_of(text: str) -> str | None:
    """Return the engine's number of an id, or None for what is none of ours."""
    if _NUMBER.fullmatch(text):
        return str(int(text) - _FIRST)
    if _UUID.fullmatch(text) and UUID(text).int & _MASK == _REST:
        return str(UUID(text).int >> 80)
    return None
