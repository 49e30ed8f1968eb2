"""Random faults that a seed decides."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from crossdock.sandbox.faults import FaultKind, FaultOrder

_RARE = frozenset(
    {
        FaultKind.RATE_LIMIT,
        FaultKind.RATE_LIMIT_BARE,
        FaultKind.KEY_REVOKED,
        FaultKind.SESSION_EXPIRED,
        FaultKind.CLOCK_STEP,
        FaultKind.HALF_OPEN,
        FaultKind.LIQUIDATION,
        FaultKind.TICK_CHANGE,
        FaultKind.VENUE_RESTART,
        FaultKind.STREAM_MUTE,
    }
)
"""Drawn a quarter as often: each of them stops a client for seconds."""

_SECONDS = {
    FaultKind.REPLY_LOST_BEFORE: (0.1, 1.5),
    FaultKind.REPLY_LOST_AFTER: (0.0, 0.5),
    FaultKind.REPLY_LATE: (0.05, 1.5),
    FaultKind.REQUEST_LATE: (0.05, 7.0),
    FaultKind.LOOKUP_LAG: (0.1, 1.0),
    FaultKind.STREAM_MUTE: (0.5, 3.0),
    FaultKind.RATE_LIMIT: (0.2, 1.0),
    FaultKind.RATE_LIMIT_BARE: (0.2, 1.0),
    FaultKind.KEY_REVOKED: (0.2, 1.5),
}


def random_fault(source: Random, venue: str, kinds: Sequence[FaultKind]) -> FaultOrder:
    """Draw a fault. The same source draws the same ones."""
    weights = [1 if kind in _RARE else 4 for kind in kinds]
    kind = source.choices(kinds, weights)[0]
    seconds: float | None = None
    if kind is FaultKind.CLOCK_STEP:
        seconds = source.choice((-1, 1)) * source.uniform(2.0, 20.0)
    elif kind in _SECONDS:
        seconds = source.uniform(*_SECONDS[kind])
    return FaultOrder(
        venue=venue,
        kind=kind,
        count=source.choice((1, 1, 1, 2, 3)),
        seconds=None if seconds is None else round(seconds, 3),
    )
