"""What can be listened to: its event, who may hear it, how often, and what names a row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from crossdock.web.identity.roles import Access
from crossdock.web.link.images import ENDED

RATES = (10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1)  # a second; what is asked is rounded down
LONGEST_ROOM = 200
_PLATFORM = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A kind of room. `key` names its rows; without one it is always told as a whole.

    `rate` is how often a second it is told at most, unless a client asks for another;
    `fastest` bounds what it may ask. `grows`: newest rows stand first, and of more than `most`
    the oldest leave, except those that are not over: their `status` is none of `over`.
    `apart`: what rows are kept apart by, each kind with room for as many.
    """

    event: str
    rate: float = 10.0
    fastest: float = 10.0
    key: tuple[str, ...] = ()
    grows: bool = False
    most: int = 500
    apart: str = ""
    over: frozenset[str] = frozenset()
    parts: int = 0  # how many follow the subject's name: candle:SYMBOL:TIMEFRAME
    access: Access = Access.VIEW
    is_of_desk: bool = True


SUBJECTS: Mapping[str, Subject] = {
    "status": Subject(event="status_update", rate=1.0),
    "books": Subject(event="market_data_update", rate=1.0, key=("instrument",)),
    "ladder": Subject(event="ladder_update", parts=1),
    "candle": Subject(event="candle_update", parts=2),
    "orders": Subject(
        event="orders_update",
        key=("order_id",),
        grows=True,
        apart="strategy",
        over=ENDED,
    ),
    "fills": Subject(
        event="fills_update",
        key=("account", "instrument", "venue_order_id", "execution_id"),
        grows=True,
        apart="strategy",
    ),
    "positions": Subject(event="positions_update"),
    "portfolio": Subject(event="portfolio_update"),
    "signals": Subject(event="signals_update", key=("correlation",), grows=True),
    "strategies": Subject(event="strategies_update", rate=1.0, key=("name",)),
    "risk": Subject(event="risk_update", rate=1.0),
    "alerts": Subject(
        event="alerts_update", key=("at", "code", "words", "order_id"), grows=True
    ),
    "doubts": Subject(event="doubts_update", rate=2.0),
    "flags": Subject(event="flags_update"),
    "desk": Subject(event="desk_update", is_of_desk=False),
    "platforms": Subject(
        event="platforms_update", rate=1.0, key=("platform",), is_of_desk=False
    ),
    "platform": Subject(
        event="platform_update",
        key=("subject", "key"),
        grows=True,
        apart="subject",
        parts=1,
        is_of_desk=False,
    ),
}


def subject_of(room: str) -> Subject | None:
    """Return what a room is about, None for one that cannot be."""
    if len(room) > LONGEST_ROOM:
        return None
    name, _, rest = room.partition(":")
    subject = SUBJECTS.get(name)
    if subject is None or bool(rest) != bool(subject.parts):
        return None
    if subject.parts == 2 and not all(rest.rpartition(":")[::2]):
        return None
    if name == "platform" and not _PLATFORM.fullmatch(rest):
        return None
    return subject


def period_s(subject: Subject, asked_rate: float | None) -> float:
    """Return the least time between two messages, of those that clients share."""
    wanted = subject.rate if asked_rate is None else min(asked_rate, subject.fastest)
    return 1 / next((rate for rate in RATES if rate <= wanted), RATES[-1])
