"""Which events a receiver is told of, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crossdock.app.settings.notify import NotifySettings
from crossdock.ports import AlertEvent, AlertKind, AlertLevel

_LEVELS = tuple(AlertLevel)
_SECOND_NS = 1_000_000_000


def at_least(level: AlertLevel) -> tuple[AlertLevel, ...]:
    return _LEVELS[_LEVELS.index(level) :]


def highest(levels: Sequence[AlertLevel]) -> AlertLevel:
    return max(levels, key=_LEVELS.index)


@dataclass(frozen=True, slots=True)
class Rules:
    """One receiver's, as its settings give them."""

    kinds: frozenset[AlertKind]
    level: AlertLevel
    group_s: int
    keep_s: int
    quiet_begin: time | None
    quiet_end: time
    quiet_zone: ZoneInfo
    quiet_level: AlertLevel

    @classmethod
    def of(cls, settings: NotifySettings) -> Rules:
        begin, _, end = settings.quiet.partition("-")
        return cls(
            kinds=frozenset(settings.on),
            level=settings.level,
            group_s=settings.group_s,
            keep_s=settings.keep_hours * 3600,
            quiet_begin=time.fromisoformat(begin) if begin else None,
            quiet_end=time.fromisoformat(end) if end else time(),
            quiet_zone=ZoneInfo(settings.quiet_zone),
            quiet_level=settings.quiet_level,
        )

    def wants(self, event: AlertEvent) -> bool:
        return event.kind in self.kinds and event.level in at_least(self.level)

    def levels_now(self, now_ns: int) -> tuple[AlertLevel, ...]:
        """Return the levels that may be sent at this time."""
        return at_least(self.quiet_level if self.quiet_left_s(now_ns) else self.level)

    def quiet_left_s(self, now_ns: int) -> float:
        """Return how long the quiet hours still last, 0 when there are none."""
        if self.quiet_begin is None or self.quiet_begin == self.quiet_end:
            return 0.0
        now = datetime.fromtimestamp(now_ns / _SECOND_NS, self.quiet_zone)
        begin, end, clock = self.quiet_begin, self.quiet_end, now.time()
        over_midnight = begin > end
        is_after, is_before = clock >= begin, clock < end
        if not (is_after or is_before if over_midnight else is_after and is_before):
            return 0.0
        day = now.date() + timedelta(days=1 if over_midnight and is_after else 0)
        ends = datetime.combine(day, end, self.quiet_zone)
        # Both in UTC: on a day on which the zone's clock is put, the difference is real.
        return max((ends.astimezone(UTC) - now.astimezone(UTC)).total_seconds(), 1.0)
