"""Times as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

from crossdock.web.problems import Problem

_FIRST, _LAST = 1970, 2261  # what nanoseconds in 64 bits hold


def time_ns(name: str, text: str | None) -> int | None:
    """Return UTC nanoseconds of an ISO 8601 time, UTC without a zone. Raises Problem 422."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
        time = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        time = datetime.min.replace(tzinfo=UTC)
    if not _FIRST <= time.year <= _LAST:
        raise Problem(
            422,
            "bad-argument",
            f"{name}: {text!r} is no time like 2024-01-31 or 2024-01-31T09:30:00Z",
        )
    return int(time.timestamp()) * 1_000_000_000 + time.microsecond * 1_000


def text_of(time_ns: int) -> str:
    """Return a time as people write it, to the second, UTC."""
    return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )


def span_ns(
    names: tuple[str, str], start: str | None, end: str | None
) -> tuple[int | None, int | None]:
    """Return both ends of a time, the first before the second. Raises Problem 422."""
    start_ns, end_ns = time_ns(names[0], start), time_ns(names[1], end)
    if start_ns is not None and end_ns is not None and start_ns >= end_ns:
        raise Problem(422, "bad-argument", f"{names[0]} is not before {names[1]}")
    return start_ns, end_ns
