"""Ids as Alpaca writes them: UUIDs, here made of the engine's numbers."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

_ORDERS = "cd0c0000-0001-4000-8000-"
_EXECUTIONS = "cd0c0000-0002-4000-8000-"
_EVENTS = "cd0c0000-0003-4000-8000-"
_FEES = "cd0c0000-0004-4000-8000-"
_LETTERS = "EVT"
_DIGITS = 12


def order_id(number: str) -> str:
    """Return the id of an order."""
    return f"{_ORDERS}{int(number):012x}"


def order_number(text: str) -> str | None:
    """Return the engine's id of an order, or None for an id that is none of ours."""
    digits = text.lower().removeprefix(_ORDERS)
    if len(digits) != _DIGITS:
        return None
    try:
        return str(int(digits, 16))
    except ValueError:
        return None


def execution_id(engine_id: str) -> str:
    return f"{_EXECUTIONS}{int(engine_id.lstrip(_LETTERS)):012x}"


def fee_id(engine_id: str) -> str:
    """Return the id of the fee that an execution cost."""
    return f"{_FEES}{int(engine_id.lstrip(_LETTERS)):012x}"


def event_id(number: int) -> str:
    """Return the id of a message, or of what moved an account without an order."""
    return f"{_EVENTS}{number:012x}"


def named_id(name: str) -> str:
    """Return the id of what has a name: an asset, an account."""
    return str(uuid5(NAMESPACE_URL, name))
