"""Times as Alpaca writes and reads them: RFC 3339 to the nanosecond, and plain days."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

SECOND_NS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHAPE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)


def text_of(at_ns: int) -> str:
    """Write a time with as many digits as it has."""
    whole_s, rest_ns = divmod(at_ns, SECOND_NS)
    shown = moment(whole_s).strftime("%Y-%m-%dT%H:%M:%S")
    digits = f".{rest_ns:09d}".rstrip("0") if rest_ns else ""
    return f"{shown}{digits}Z"


def time_ns(text: str) -> int | None:
    """Read a time or a day, or return None for what is neither."""
    found = _SHAPE.fullmatch(text.replace(" ", "+") if "T" in text else text)
    if found is None:
        return None
    day, clock, fraction, zone = found.groups()
    offset = "+00:00" if zone in (None, "Z") else zone
    try:
        at = datetime.fromisoformat(f"{day}T{clock or '00:00:00'}{offset}")
    except ValueError:
        return None
    whole_s = (at - _EPOCH) // timedelta(seconds=1)
    return whole_s * SECOND_NS + int((fraction or "0").ljust(9, "0"))


def moment(at_s: int) -> datetime:
    return _EPOCH + timedelta(seconds=at_s)
