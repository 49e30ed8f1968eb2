"""Fewer points that still tell the truth: extremes stay, candles are made of whole bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crossdock.model import Bars
from crossdock.model.bars import SECOND_NS

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_USUAL_S = (
    *(1, 5, 15, 30),
    *(_MINUTE * number for number in (1, 5, 15, 30)),
    *(_HOUR * number for number in (1, 2, 4, 8)),
    *(_DAY, 7 * _DAY, 28 * _DAY),
)
_MONDAY_NS = 4 * _DAY * SECOND_NS  # 1970 began on a Thursday


def telling(values: Sequence[float], most: int) -> list[int]:
    """Return the indices to draw: of each stretch its first, least, greatest and last.

    At most `most` of them, for a `most` of four or more, so a drawdown's depth and the top
    before it are never lost.
    """
    if len(values) <= most:
        return list(range(len(values)))
    width = -(-len(values) // max(1, most // 4))
    kept: list[int] = []
    for start in range(0, len(values), width):
        stretch = range(start, min(start + width, len(values)))
        least = min(stretch, key=values.__getitem__)
        greatest = max(stretch, key=values.__getitem__)
        kept += sorted({stretch[0], least, greatest, stretch[-1]})
    return kept


def candle_levels(bars: Bars, counts: Sequence[int]) -> list[Bars]:
    """Return the bars as candles, coarsest first: for each count, the finest that fit.

    A level that would repeat the one before it is left out.
    """
    levels: list[Bars] = []
    for count in sorted(counts):
        width_ns = _fitting_width(bars, count)
        if not levels or levels[-1].width_ns != width_ns:
            levels.append(wider(bars, width_ns))
    return levels


def wider(bars: Bars, width_ns: int) -> Bars:
    """Join bars into wider ones, aligned to whole widths of UTC; weeks begin on Monday."""
    if width_ns == bars.width_ns:
        return bars
    runs = list(_runs(bars.start_time_ns, width_ns))
    return Bars(
        instrument=bars.instrument,
        width_ns=width_ns,
        start_time_ns=[start for start, _, _ in runs],
        open=[bars.open[begin] for _, begin, _ in runs],
        high=[max(bars.high[begin:end]) for _, begin, end in runs],
        low=[min(bars.low[begin:end]) for _, begin, end in runs],
        close=[bars.close[end - 1] for _, _, end in runs],
        volume=[sum(bars.volume[begin:end]) for _, begin, end in runs],
    )


def _runs(times: Sequence[int], width_ns: int) -> Iterator[tuple[int, int, int]]:
    """Yield (start time, first index, end index) of the times that share a width."""
    week = 7 * _DAY * SECOND_NS
    offset = _MONDAY_NS if width_ns % week == 0 else 0
    begin = 0
    current: int | None = None
    for index, time in enumerate(times):
        start = time - (time - offset) % width_ns
        if current is None:
            current = start
        elif start != current:
            yield current, begin, index
            current, begin = start, index
    if current is not None:
        yield current, begin, len(times)


def _fitting_width(bars: Bars, count: int) -> int:
    if len(bars) <= count:
        return bars.width_ns
    span = int(bars.start_time_ns[-1]) - int(bars.start_time_ns[0]) + bars.width_ns
    usual = [seconds * SECOND_NS for seconds in _USUAL_S]
    for width in usual:
        # The first and the last candle may be cut by the alignment.
        if width % bars.width_ns == 0 and span // width + 2 <= count:
            return width
    width = bars.width_ns
    while span // width + 2 > count:
        width *= 2
    return width
