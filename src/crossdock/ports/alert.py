"""How people are told what happens while nobody watches."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol, runtime_checkable

import msgspec


class AlertKind(StrEnum):
    """What people choose by."""

    FILL = "fill"
    DOUBT = "doubt"  # a write or a movement of money in doubt, and how that ended
    DISCONNECT = "disconnect"  # an account or a stream left, or came back
    KILL = "kill"  # the kill switch, and halts of an account
    ALARM = "alarm"


class AlertLevel(StrEnum):
    """How much it matters, rising."""

    NOTE = "note"
    WARNING = "warning"
    URGENT = "urgent"  # a person is needed now


class AlertEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened. `facts` are for programs; amounts in them are exact text."""

    id: str  # the same whenever the same thing is told again
    at: int  # UTC nanoseconds
    kind: AlertKind
    level: AlertLevel
    title: str
    words: str = ""
    facts: dict[str, str] = {}


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One message: one event, or a burst of one kind. Never changes once it was made."""

    id: str  # a receiver that knows it has had this message
    at: int  # of its newest event
    kind: AlertKind
    level: AlertLevel  # the highest of its events
    title: str
    lines: tuple[str, ...]  # what a person reads; a long burst in short
    events: tuple[AlertEvent, ...]
    desk: str
    mode: str  # paper or live


@runtime_checkable
class Notifier(Protocol):
    async def notify(self, alert: Alert, *, again: bool, deadline_ns: int) -> None:
        """Hand one message over, once; return when the other side has it.

        `again`: an earlier try may have arrived; where the other side cannot see that by
        the id, its readers are told. Raises NotSent, RateLimited, AuthFailed, Rejected (it
        never will be taken), or OutcomeUnknown, after which the same message may be sent
        again: to be told twice is better than not at all.
        """
