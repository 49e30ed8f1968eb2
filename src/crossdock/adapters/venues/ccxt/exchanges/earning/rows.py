"""What the readers of several exchanges share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crossdock.model import Asset, EarnHolding, EarnOffer, Movement, MovementKind
from crossdock.toolkit import AdapterContext


def number(value: Any) -> Decimal:
    """Read a number that may be missing, or a percentage written as `3.5%`."""
    text = str(value if value not in (None, "") else 0)
    if text.endswith("%"):
        return Decimal(text.removesuffix("%")) / 100
    return Decimal(text)


def optional(value: Any) -> Decimal | None:
    return None if value in (None, "") else number(value)


def moved(
    context: AdapterContext,
    kind: MovementKind,
    what: EarnOffer | EarnHolding,
    amount: str,
    *,
    movement_id: Any,
    is_done: bool,
) -> Movement:
    return Movement(
        account=context.account,
        kind=kind,
        movement_id="" if movement_id is None else str(movement_id),
        asset=Asset(what.asset),
        amount=Decimal(amount),
        is_done=is_done,
        venue_time_ns=0,
    )
