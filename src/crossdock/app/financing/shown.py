"""Nouns of financing as plain values, the same at every door."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from crossdock.core.movements import MovementState


def shown(noun: Any) -> Any:
    """Return a noun, or a list of them, in plain values. Amounts are exact texts."""
    if is_dataclass(noun) and not isinstance(noun, type):
        return {each.name: shown(getattr(noun, each.name)) for each in fields(noun)}
    if isinstance(noun, Decimal):
        return f"{noun:f}"
    if isinstance(noun, Enum):
        return noun.value
    if isinstance(noun, frozenset):
        return sorted(shown(each) for each in noun)
    if isinstance(noun, Collection) and not isinstance(noun, str):
        return [shown(each) for each in noun]
    return noun


def show_movement(movement: MovementState) -> dict[str, Any]:
    """Return a movement as people see it: what was asked, and what is proven of it."""
    wish = movement.wish
    return {
        "movement_id": movement.movement_id,
        "account": wish.account,
        "kind": wish.kind.value,
        "asset": wish.asset,
        "amount": f"{wish.amount:f}",
        "source": wish.source,
        "destination": wish.destination,
        "instrument": wish.instrument,
        "product": wish.product,
        "status": movement.shown_status,
        "in_doubt": movement.is_in_doubt,
        "venue_movement_id": movement.venue_movement_id,
        "by": movement.by,
        "words": movement.words,
        "created_time_ns": movement.asked_at,
        "updated_time_ns": movement.ended_at or movement.asked_at,
    }
