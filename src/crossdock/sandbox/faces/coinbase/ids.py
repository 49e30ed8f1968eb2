"""Ids as Coinbase writes them: UUIDs.

Those of orders and trades stand for the engine's numbers, spread so that neighbours look
unrelated.
"""

from __future__ import annotations

import re
from enum import IntEnum
from uuid import NAMESPACE_DNS, uuid5

_BITS = 120
_SIZE = 1 << _BITS
_SPREAD = 0x9E3779B97F4A7C15F39CC0605CEDC5
_GATHER = pow(_SPREAD, -1, _SIZE)
_LARGEST = 10**12
_UUID = re.compile(
    r"([0-9a-f]{8})-([0-9a-f]{4})-4([0-9a-f]{3})-8([0-9a-f]{3})-([0-9a-f]{12})", re.ASCII
)


class _Kind(IntEnum):
    ORDER = 0
    TRADE = 1


def order_id(number: str) -> str:
    return _spread(_Kind.ORDER, number)


def trade_id(execution: str) -> str:
    return _spread(_Kind.TRADE, execution.lstrip("EVT"))


def order_number(text: str) -> str | None:
    """Return the engine's number of an order, or None for an id that is none of ours."""
    found = _UUID.fullmatch(text)
    if found is None:
        return None
    value = int("".join(found.groups()), 16) * _GATHER % _SIZE
    number, kind = divmod(value, len(_Kind))
    return str(number) if kind == _Kind.ORDER and number <= _LARGEST else None


def named(*names: str) -> str:
    """Return the id of what has a name: a user, a portfolio, an account."""
    return str(uuid5(NAMESPACE_DNS, "/".join(names)))


def _spread(kind: _Kind, number: str) -> str:
    digits = f"{(int(number) * len(_Kind) + kind) * _SPREAD % _SIZE:030x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-8{digits[15:18]}-{digits[18:]}"
