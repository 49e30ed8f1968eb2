"""Ids as KuCoin writes them, for the engine's numbers."""

from __future__ import annotations

import re

_ORDER = "6"
_ORDER_ID = re.compile(r"6([0-9a-f]{23})", re.ASCII)
_STOP_ID = re.compile(r"vs([0-9a-f]{20})", re.ASCII)
_FUTURES_ID = re.compile(r"[1-9]\d{17}", re.ASCII)
_FUTURES_FIRST = 10**17


def order_id(number: str) -> str:
    """Return the id of an order on spot: twenty-four hexadecimal digits."""
    return f"{_ORDER}{int(number):023x}"


def stop_id(number: str) -> str:
    """Return the id that an order on spot has while it waits for its trigger."""
    return f"vs{int(number):020x}"


def number_of(text: str) -> str | None:
    """Return the engine's number of an order's id, or None for what is none."""
    found = _ORDER_ID.fullmatch(text)
    return None if found is None else str(int(found[1], 16))


def number_of_stop(text: str) -> str | None:
    found = _STOP_ID.fullmatch(text)
    return None if found is None else str(int(found[1], 16))


def futures_id(number: str) -> str:
    """Return the id of an order in contracts: eighteen digits."""
    return str(_FUTURES_FIRST + int(number))


def number_of_futures(text: str) -> str | None:
    found = _FUTURES_ID.fullmatch(text)
    return None if found is None else str(int(text) - _FUTURES_FIRST)


def trade_id(execution: str) -> str:
    """Return the id of a trade, a number."""
    return execution.lstrip("EVT")
