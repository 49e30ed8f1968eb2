"""Equity over time, and the points of it that returns are taken between."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from operator import lt, sub
from statistics import median_low

DAY_NS = 86_400_000_000_000
YEAR_NS = 365 * DAY_NS
"""A year of a market that never closes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityCurve:
    """Equity at the end of each bar, or at each look; times rise strictly, UTC nanoseconds.

    `exposure` is the signed value of what is held, in the same currency. The first point
    is what all returns are counted from.
    """

    time_ns: Sequence[int]
    equity: Sequence[float]
    exposure: Sequence[float]

    def __post_init__(self) -> None:
        """Refuse columns that differ in length and times that do not rise: ValueError."""
        if not len(self.time_ns) == len(self.equity) == len(self.exposure):
            raise ValueError("the columns of an equity curve differ in length")
        if not all(map(lt, self.time_ns, self.time_ns[1:])):
            raise ValueError("the times of an equity curve rise strictly")

    def __len__(self) -> int:
        return len(self.time_ns)


def spacing_ns(time_ns: Sequence[int]) -> int:
    """Return the median time between two points; 0 for fewer than two."""
    if len(time_ns) < 2:
        return 0
    return int(median_low(map(sub, time_ns[1:], time_ns)))


def day_ends(curve: EquityCurve) -> list[int]:
    """Return the first point and the last of each UTC day, as places in the curve.

    A point at midnight belongs to the day that ends there. Days without a point have none.
    """
    times, ends = curve.time_ns, [0]
    last = len(times) - 1
    while ends[-1] < last:
        midnight = ((times[ends[-1] + 1] - 1) // DAY_NS + 1) * DAY_NS
        ends.append(bisect_right(times, midnight, ends[-1] + 1) - 1)
    return ends if times else []


def monthly_returns(curve: EquityCurve) -> Mapping[int, Mapping[int, float]]:
    """Return each UTC month's return by year and month; the last may be part of one.

    A month's return is between its last point and that of the month before. It ends
    where equity was not above zero: no return can be counted from there.
    """
    table: dict[int, dict[int, float]] = {}
    # Keyed by month, so that the last day's equity stands for it.
    closes: dict[tuple[int, int], float] = {}
    for place in day_ends(curve)[1:]:
        day = datetime.fromtimestamp((curve.time_ns[place] - 1) // 1_000_000_000, UTC)
        closes[day.year, day.month] = float(curve.equity[place])
    if not closes:
        return table
    equities = [float(curve.equity[0]), *closes.values()]
    for (year, month), (before, after) in zip(closes, pairwise(equities), strict=True):
        if before <= 0:
            break
        table.setdefault(year, {})[month] = after / before - 1
    return table
