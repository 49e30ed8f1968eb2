"""The vendor's times: RFC 3339 with nanoseconds, and times of the day in New York."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crossdock.errors import BadPayload, ConfigError

SECOND_NS = 1_000_000_000
DAY_S = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHAPE = re.compile(
    r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII
)


def time_ns(text: str) -> int:
    """Return the nanoseconds of a time, or raise BadPayload."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise BadPayload(f"a time of the venue is {text!r}")
    day, fraction, zone = found.groups()
    try:
        moment = datetime.fromisoformat(day + ("+00:00" if zone == "Z" else zone))
    except ValueError:
        raise BadPayload(f"a time of the venue is {text!r}") from None
    return seconds(moment) * SECOND_NS + int((fraction or "0").ljust(9, "0"))


def seconds(moment: datetime) -> int:
    """Return whole seconds since 1970, without a float on the way."""
    return (moment - _EPOCH) // timedelta(seconds=1)


def moment_ns(moment: datetime) -> int:
    """Return the nanoseconds of a moment that knows its zone; it has microseconds."""
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def text_of(at_ns: int) -> str:
    """Write a time as RFC 3339 with as many digits as it has."""
    whole_s, rest_ns = divmod(at_ns, SECOND_NS)
    shown = (_EPOCH + timedelta(seconds=whole_s)).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{shown}.{rest_ns:09d}Z" if rest_ns else f"{shown}Z"


def new_york() -> ZoneInfo:
    """Return the zone the vendor's days are in."""
    try:
        return ZoneInfo("America/New_York")
    except ZoneInfoNotFoundError:
        raise ConfigError(
            "this machine knows no time zones", hint="install them: pip install tzdata"
        ) from None


def day_time_ns(day: str, clock: str) -> int:
    """Return a time of a New York day: `09:30`, `0400`."""
    digits = clock.replace(":", "")
    try:
        at = time(int(digits[:2]), int(digits[2:4]))
        moment = datetime.combine(date.fromisoformat(day), at, new_york())
    except ValueError:
        raise BadPayload(f"the venue's calendar says {day!r} {clock!r}") from None
    return seconds(moment.astimezone(UTC)) * SECOND_NS


def day_of(at_ns: int) -> str:
    """Return the New York day a time falls on."""
    moment = _EPOCH + timedelta(seconds=at_ns // SECOND_NS)
    return moment.astimezone(new_york()).date().isoformat()
