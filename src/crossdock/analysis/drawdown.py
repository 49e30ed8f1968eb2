"""Falls of equity from a peak, and the time until it is regained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.analysis.equity import EquityCurve


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawdown:
    """A stretch below a peak. `depth` is the deepest fall, as a fraction of the peak.

    Above 1 it has fallen below zero.
    """

    peak_time_ns: int  # the last time equity stood at the peak
    trough_time_ns: int
    recovered_time_ns: int | None  # None: not by the end of the curve
    until_ns: int  # recovered, or the end of the curve
    depth: float

    @property
    def duration_ns(self) -> int:
        return self.until_ns - self.peak_time_ns


def drawdowns(curve: EquityCurve) -> list[Drawdown]:
    """Return every drawdown, oldest first. It counts from the first equity above zero."""
    found: list[Drawdown] = []
    peak = low = 0.0
    peak_time = low_time = 0
    for time, value in zip(curve.time_ns, curve.equity, strict=True):
        if value >= peak:
            if low < peak:
                found.append(_drawdown(peak_time, peak, low_time, low, time, time))
            peak = low = value
            peak_time = time
        elif value < low:
            low, low_time = value, time
    if low < peak:
        found.append(_drawdown(peak_time, peak, low_time, low, None, curve.time_ns[-1]))
    return found


def underwater(curve: EquityCurve) -> list[float]:
    """Return, for each point, how far equity stands below its peak, as a fraction of it."""
    depths: list[float] = []
    peak = 0.0
    for value in curve.equity:
        peak = max(peak, value)
        depths.append(float((peak - value) / peak) if peak > 0 else 0.0)
    return depths


def deepest(found: Sequence[Drawdown], count: int = 5) -> list[Drawdown]:
    """Return the `count` deepest, deepest first; of equal ones the older first."""
    return sorted(found, key=lambda each: -each.depth)[:count]


def _drawdown(
    peak_time: int,
    peak: float,
    low_time: int,
    low: float,
    recovered: int | None,
    until: int,
) -> Drawdown:
    return Drawdown(
        peak_time_ns=int(peak_time),
        trough_time_ns=int(low_time),
        recovered_time_ns=None if recovered is None else int(recovered),
        until_ns=int(until),
        depth=float((peak - low) / peak),
    )
