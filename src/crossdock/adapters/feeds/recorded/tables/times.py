"""Reads a column of times, however it is written, as UTC nanoseconds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import repeat
from operator import sub
from typing import Any
from zoneinfo import ZoneInfo

from crossdock.analysis.bar_checks import Fail

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - what naive times are counted from
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = ((10**8, 10**9), (10**11, 10**6), (10**14, 10**3), (10**17, 1))
_LATEST = 45  # each unit ends with the year 2112, before the next one begins

_MOST_DIGITS = 20  # of a time: nanoseconds have 19

_DATE_LEAST, _DATE_MOST = 1900_00_00, 2200_00_00

_ISO = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{4}\.\d{1,2}\.\d{1,2}|\d{8}T?\b"
)
_PACKED = re.compile(r"(\d{8})[ T]?(\d{6})(\d{3})?$")
_SLASHED = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})"
    r"(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,6})?)?\s*([AaPp][Mm])?)?$"
)
_LONG_FRACTION = re.compile(r"(.*\.\d{6})(\d{1,3})\d*(.*)$")
_NAMED = ("%b %d, %Y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%B %d, %Y", "%b %d %Y")
_HINT = "write times as 2020-01-31T09:30:00Z, or as whole seconds since 1970"

UTC_NOTE = "times without a zone were read as UTC; say --timezone Europe/London, or another, if not"


@dataclass(frozen=True, slots=True)
class Times:
    ns: list[int]
    notes: tuple[str, ...] = ()


def read_times(values: Sequence[Any], *, zone: ZoneInfo | None, fail: Fail) -> Times:
    """Read times. The first row says how they are written; `zone` is for those without."""
    first = values[0]
    if isinstance(first, int) and _DATE_LEAST < first < _DATE_MOST:
        values, first = [str(value) for value in values], str(first)  # 20200131
    if not isinstance(first, str):
        return Times(_epochs(values, fail), unused_zone(zone))
    first = first.strip()
    if _PACKED.match(first):
        return _local(
            [_parsed(_packed, v, n, fail) for n, v in enumerate(values)], zone, fail
        )
    if _is_number(first) and len(first.partition(".")[0]) != 8:
        return Times(_epochs(values, fail), unused_zone(zone))
    if _ISO.match(first):
        return _iso(values, zone, fail)
    if _SLASHED.match(first):
        return _slashed(values, zone, fail)
    return _local([_parsed(_named, v, n, fail) for n, v in enumerate(values)], zone, fail)


def whole_nanoseconds(values: Sequence[Any], *, fail: Fail) -> Times:
    """Take numbers that are nanoseconds already; none may be missing."""
    if None in values:
        raise _unread(None, values.index(None), fail)
    return Times(list(values))


def looks_like_time(text: str) -> bool:
    """Tell whether a field can be a time, in any of the ways they are written."""
    text = text.strip()
    if _is_number(text):
        try:
            return epoch_unit(float(text)) is not None or bool(_ISO.match(text))
        except OverflowError:
            return False
    return bool(_PACKED.match(text) or _ISO.match(text) or _SLASHED.match(text))


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).removeprefix("-").isdecimal() and text.isascii()


def unused_zone(zone: ZoneInfo | None) -> tuple[str, ...]:
    """Return the note on a zone that times with one of their own did not need."""
    return (f"times carry their own zone: {zone.key} was not needed",) if zone else ()


def epoch_unit(value: float) -> int | None:
    """Return the nanoseconds of the unit a time since 1970 is in, by its size."""
    for least, unit in _UNITS:
        if least <= value < least * _LATEST:
            return unit
    return None


def _epochs(values: Sequence[Any], fail: Fail) -> list[int]:
    numbers = [_parsed(_number, value, row, fail) for row, value in enumerate(values)]
    unit = epoch_unit(numbers[0])
    if unit is None:
        raise _unread(values[0], 0, fail)
    least = next(low for low, each in _UNITS if each == unit)
    for row, number in enumerate(numbers):
        if not least <= number < least * _LATEST:
            raise fail(
                row,
                f"the time {values[row]} is in another unit than {values[0]} before",
                code="data-time",
                hint="write all times in one unit, or as 2020-01-31T09:30:00Z",
            )
    return [int(number * unit) for number in numbers]


def _number(value: Any) -> int | Decimal:
    if isinstance(value, int):
        return value
    text = repr(value) if isinstance(value, float) else value.strip()
    if not text.isascii() or "_" in text:
        raise ValueError(text)
    number = Decimal(text)
    if number.adjusted() > _MOST_DIGITS:
        raise ValueError(text)  # 1698e39580000000 as an int would fill the memory
    return int(number) if number == int(number) else number


def _iso(values: Sequence[str], zone: ZoneInfo | None, fail: Fail) -> Times:
    try:
        moments = list(map(datetime.fromisoformat, values))
    except (ValueError, TypeError):
        moments = [_parsed(_one_iso, value, row, fail) for row, value in enumerate(values)]
    finer = [0]
    if any("." in value for value in values):
        finer = [
            int(found[2].ljust(3, "0")) if (found := _LONG_FRACTION.match(value)) else 0
            for value in values
        ]
    times = _local(moments, zone, fail)
    if any(finer):
        return Times([a + b for a, b in zip(times.ns, finer, strict=True)], times.notes)
    return times


def _one_iso(text: str) -> datetime:
    text = text.strip().replace("/", "-")
    text = re.sub(r"^(\d{4})\.(\d{1,2})\.", r"\1-\2-", text)
    text = re.sub(r"\s*(?:UTC|GMT)$", "+00:00", text)
    text = re.sub(r"\s+([+-]\d{2}:?\d{2})$", r"\1", text)
    text = re.sub(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", _two_digits, text)
    text = re.sub(r"([ T])(\d):", r"\g<1>0\2:", text)
    return datetime.fromisoformat(text)


def _two_digits(found: re.Match[str]) -> str:
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"


def _packed(text: str) -> datetime:
    found = _PACKED.match(text.strip())
    if found is None:
        raise ValueError(text)
    moment = datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S")  # noqa: DTZ007
    return moment.replace(microsecond=int(found[3] or 0) * 1000)


def _named(text: str) -> datetime:
    for form in _NAMED:
        try:
            return datetime.strptime(text.strip(), form)  # noqa: DTZ007
        except ValueError:
            continue
    raise ValueError(text)


def _slashed(values: Sequence[str], zone: ZoneInfo | None, fail: Fail) -> Times:
    """Read 1/31/2026 or 31/1/2026: one of both for the whole column."""
    parts = []
    for row, value in enumerate(values):
        found = _SLASHED.match(value.strip())
        if found is None:
            raise _unread(value, row, fail)
        parts.append(found)
    day_first = next((row for row, p in enumerate(parts) if int(p[1]) > 12), None)
    month_first = next((row for row, p in enumerate(parts) if int(p[2]) > 12), None)
    if day_first is not None and month_first is not None:
        raise fail(
            max(day_first, month_first),
            f"{values[day_first]} has the day first and {values[month_first]} the month",
            code="data-time",
            hint=_HINT,
        )
    notes: tuple[str, ...] = ()
    if day_first is None and month_first is None:
        notes = ("dates like 1/2/2026 were read with the month first",)
    swapped = day_first is not None
    moments = []
    for row, found in enumerate(parts):
        try:
            moments.append(_of_parts(found, swapped=swapped))
        except ValueError:
            raise _unread(values[row], row, fail) from None
    times = _local(moments, zone, fail)
    return Times(times.ns, (*times.notes, *notes))


def _of_parts(found: re.Match[str], *, swapped: bool) -> datetime:
    month, day = (found[2], found[1]) if swapped else (found[1], found[2])
    year = int(found[3]) + (0 if len(found[3]) == 4 else 2000 if found[3] < "70" else 1900)
    hour = int(found[4] or 0)
    if half := found[8]:
        if not 1 <= hour <= 12:
            raise ValueError(found[0])
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    micro = int((found[7] or ".0")[1:].ljust(6, "0"))
    return datetime(  # noqa: DTZ001
        year, int(month), int(day), hour, int(found[5] or 0), int(found[6] or 0), micro
    )


def _local(moments: Sequence[datetime], zone: ZoneInfo | None, fail: Fail) -> Times:
    with_zone = moments[0].tzinfo is not None
    if len({moment.tzinfo is None for moment in moments}) > 1:
        row = next(n for n, m in enumerate(moments) if (m.tzinfo is not None) != with_zone)
        here, before = ("without", "with") if with_zone else ("with", "without")
        raise fail(
            row,
            f"a time {here} a zone, after times {before} one",
            code="data-timezone",
            hint="write all times with their offset, or none",
        )
    if with_zone:
        return Times(_since(moments, _EPOCH_UTC), unused_zone(zone))
    if zone is None:
        clock = any(moment.hour or moment.minute for moment in moments[:1000])
        notes = (UTC_NOTE,) if clock else ()
        return Times(_since(moments, _EPOCH), notes)
    return Times([_in_zone(m, zone, row, fail) for row, m in enumerate(moments)])


def _since(moments: Sequence[datetime], epoch: datetime) -> list[int]:
    return [
        (past.days * 86_400 + past.seconds) * 1_000_000_000 + past.microseconds * 1_000
        for past in map(sub, moments, repeat(epoch))
    ]


def _in_zone(moment: datetime, zone: ZoneInfo, row: int, fail: Fail) -> int:
    first = moment.replace(tzinfo=zone)
    before, after = first.utcoffset(), first.replace(fold=1).utcoffset()
    assert before is not None, "a ZoneInfo has an offset at every time"
    assert after is not None, "a ZoneInfo has an offset at every time"
    if before != after:
        what = "was twice" if before > after else "was never"
        raise fail(
            row,
            f"{moment} {what} in {zone.key}: clocks were changed",
            code="data-timezone",
            hint="write times with their offset, like 2020-10-25T01:30:00+01:00",
        )
    return _since([moment - before], _EPOCH)[0]


def _parsed(read: Callable[[Any], Any], value: Any, row: int, fail: Fail) -> Any:
    try:
        return read(value)
    except (ValueError, TypeError, AttributeError, OverflowError, InvalidOperation):
        raise _unread(value, row, fail) from None


def _unread(value: Any, row: int, fail: Fail) -> Exception:
    if value is None or (isinstance(value, str) and not value.strip()):
        return fail(row, "the time is empty", code="data-time", hint=_HINT)
    return fail(row, f"{str(value)[:60]!r} is no time", code="data-time", hint=_HINT)
