"""What is true of every bar, checked over whole columns at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from math import isfinite
from operator import ge, gt, le, sub
from typing import Protocol

from crossdock.errors import DataError

HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS
_MONTH_NS = 28 * DAY_NS
_FEW = 100  # prices of 0 or less in one of so many bars and more are no slip: a spread


class Fail(Protocol):
    """Makes the error about a row, counted from 0. None: about the whole."""

    def __call__(
        self, row: int | None, words: str, *, code: str, hint: str
    ) -> DataError: ...


def failing(file: str, line_of: Callable[[int], int]) -> Fail:
    """Return what makes errors about `file`, whose row n is at line `line_of(n)`."""

    def fail(row: int | None, words: str, *, code: str, hint: str) -> DataError:
        line = 0 if row is None else line_of(row)
        return DataError(words, file=file, line=line, code=code, hint=hint)

    return fail


def check_order(times: Sequence[int], *, fail: Fail) -> bool:
    """Tell whether times fall strictly, throughout. Raises when they neither fall nor rise."""
    if all(map(gt, times[1:], times)):
        return False
    if len(times) > 2 and all(map(gt, times, times[1:])):
        return True
    falling = len(times) > 2 and times[1] < times[0] and times[2] < times[1]
    wrong = le if falling else ge
    row = next(n for n, each in enumerate(map(wrong, times, times[1:]), 1) if each)
    if falling:
        row = next(n for n, (a, b) in enumerate(pairwise(times), 1) if b >= a)
    if times[row] == times[row - 1]:
        raise fail(
            row,
            f"the time {_utc(times[row])} is there a second time",
            code="data-duplicate",
            hint="keep one row a time; if clocks went back here, say the time zone",
        )
    order = "newest first until here" if falling else "oldest first until here"
    raise fail(
        row,
        f"out of order: {_utc(times[row])} comes after {_utc(times[row - 1])}, "
        f"and the rows are {order}",
        code="data-order",
        hint="sort the rows by time",
    )


def width_between(times: Sequence[int], *, fail: Fail) -> int:
    """Return the most frequent distance between bars, the smaller one of two."""
    counts = Counter(map(sub, times[1:], times))
    if not counts:
        raise fail(
            None,
            "one bar alone does not tell how wide it is",
            code="data-timeframe",
            hint="say the timeframe, like 1m or 1d",
        )
    width: int = min(counts, key=lambda step: (-counts[step], step))
    if width >= _MONTH_NS:
        raise fail(
            None,
            "bars of months have no fixed width",
            code="data-timeframe",
            hint="use bars of days or weeks, or say the timeframe",
        )
    if width % 1_000_000_000:
        raise fail(
            None,
            f"bars are {width / 1e9:g} s apart, which is no whole number of seconds",
            code="data-timeframe",
            hint="use bars of whole seconds, or say the timeframe",
        )
    return width


def least_step(width_ns: int) -> int:
    """Return how far apart the starts of two bars are at least.

    Bars of days may be an hour short: local midnights are, when clocks go forward.
    """
    return width_ns - HOUR_NS if width_ns >= DAY_NS else width_ns


def check_width(times: Sequence[int], width_ns: int, *, fail: Fail) -> None:
    """Refuse bars that begin before the one before them has ended."""
    least = least_step(width_ns)
    if min(map(sub, times[1:], times), default=least) >= least:
        return
    for row, step in enumerate(map(sub, times[1:], times), 1):
        if step < least:
            raise fail(
                row,
                f"begins {step / 1e9:g} s after the bar before, which is "
                f"{width_ns / 1e9:g} s wide",
                code="data-timeframe",
                hint="remove the bar, or say another timeframe",
            )


def check_values(
    open_: Sequence[float],
    high: Sequence[float],
    low: Sequence[float],
    close: Sequence[float],
    volume: Sequence[float],
    *,
    fail: Fail,
) -> list[str]:
    """Raise about the first bar that cannot be; return notes about what is unusual.

    Prices of 0 and less are refused where they are few (a slip), and noted where they are
    one in a hundred or more (a spread).
    """
    columns = {"open": open_, "high": high, "low": low, "close": close, "volume": volume}
    wrong: list[tuple[int, str]] = []
    for name, column in columns.items():
        if not all(map(isfinite, column)):
            row = next(n for n, value in enumerate(column) if not isfinite(value))
            wrong.append((row, f"{name} is {column[row]}"))
    for name, upper, lower, other in (
        ("high", high, low, "low"),
        ("high", high, open_, "open"),
        ("high", high, close, "close"),
        ("open", open_, low, "low"),
        ("close", close, low, "low"),
    ):
        if not all(map(ge, upper, lower)):
            for row, (above, below) in enumerate(zip(upper, lower, strict=True)):
                if above < below:
                    wrong.append((row, f"{name} {above!r} is below {other} {below!r}"))
                    break
    if volume and min(volume) < 0:
        row = next(n for n, value in enumerate(volume) if value < 0)
        wrong.append((row, f"volume {volume[row]!r} is negative"))
    if wrong:
        row, words = min(wrong, key=lambda each: each[0])
        raise fail(
            row, words, code="data-value", hint="correct the value, or remove the row"
        )
    return _low_prices(low, fail)


def _low_prices(low: Sequence[float], fail: Fail) -> list[str]:
    if not low or min(low) > 0:
        return []
    rows = [row for row, price in enumerate(low) if price <= 0]
    if len(rows) * _FEW < len(low):
        raise fail(
            rows[0],
            f"low {low[rows[0]]!r} is not a price beside positive ones",
            code="data-value",
            hint="correct the value, or remove the row",
        )
    return [f"{len(rows)} of {len(low)} bars have prices of 0 or less: taken as a spread"]


def _utc(time_ns: int) -> str:
    try:
        moment = datetime.fromtimestamp(time_ns // 1_000_000_000, UTC)
    except (OverflowError, ValueError, OSError):
        return f"{time_ns} ns"
    return moment.isoformat(" ").removesuffix("+00:00") + " UTC"
