"""What strategies go by, for charts: their indicators, run afresh over the bars shown.

Nothing is recorded, so a chart can be paged back to before a strategy was started. An
indicator may be anybody's: one that raises is left out, and hurts nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple, TypedDict

from crossdock.app.desk.strategies.runner import Runner
from crossdock.model import Bar, InstrumentId, timeframe_of
from crossdock.strategies import Strategy
from crossdock.strategies.tracking import Tracker

log = logging.getLogger(__name__)

MOST_ROWS = 16
LEAST_BEFORE, MOST_BEFORE = 200, 1_000  # bars that are run before the first one shown
_SETTLED = 8  # times its warm-up after which an average no longer shows where it began
_AT_ONCE = 200  # bars between two turns of the loop: orders go first
_LONGEST_NAME = 80

Fail = Callable[[str, str, Exception], None]


class Row(TypedDict):
    """One line of a chart. Of an indicator with several outputs, `name` ends with one."""

    strategy: str
    indicator: str
    name: str
    overlay: bool
    points: list[tuple[int, float]]  # UTC seconds at which the bar began


class Reading(NamedTuple):
    """A strategy that tracks something, and how wide its bars are; 0: it had none yet."""

    strategy: str
    width_ns: int
    tracker: Tracker


class ChartIndicators:
    """Finds what the strategies of a desk track."""

    def __init__(self, runners: Mapping[str, Runner]) -> None:
        self._runners = runners
        self._told: set[tuple[str, str]] = set()  # what was left out, each logged once

    def readings(self, instrument: InstrumentId) -> list[Reading]:
        """Return those that run, or are paused, and trade an instrument's symbol.

        Equal answers mean that the same indicators are to be drawn.
        """
        found = []
        for name, runner in self._runners.items():
            if not runner.running:
                continue
            try:
                reading = _reading(name, runner, instrument)
            except Exception as error:  # noqa: BLE001  a strategy is foreign code
                self._leave_out(name, "", error)
            else:
                if reading is not None:
                    found.append(reading)
        return found

    def lines(
        self, instrument: InstrumentId, width_ns: int, *, is_newest: bool = True
    ) -> Lines:
        """Return what is drawn over bars of a width, begun nowhere yet.

        What depends on all bars since its first is left out of older ones: it would not
        fit to itself from one page to the next.
        """
        found: list[_Line] = []
        for reading in self.readings(instrument):
            if reading.width_ns != width_ns:
                continue
            known: set[str] = set()
            for tracked in reading.tracker.tracked:
                indicator, label = tracked.indicator, ""
                try:
                    label = str(indicator.label)[:_LONGEST_NAME]
                    forgets = getattr(indicator, "forgets", True)
                    if label in known or not (is_newest or forgets):
                        continue
                    line = _Line(reading.strategy, label, indicator)
                except Exception as error:  # noqa: BLE001  as above
                    self._leave_out(reading.strategy, label, error)
                else:
                    known.add(label)
                    found.append(line)
        return Lines(instrument, width_ns, found[:MOST_ROWS], self._leave_out)

    def other_timeframes(
        self, instrument: InstrumentId, width_ns: int
    ) -> list[dict[str, Any]]:
        """Return who tracks something over bars of another width, by timeframe."""
        names: dict[int, list[str]] = defaultdict(list)
        for reading in self.readings(instrument):
            if reading.width_ns not in (0, width_ns):
                names[reading.width_ns].append(reading.strategy)
        return [
            {"timeframe": timeframe_of(width), "strategies": names[width]}
            for width in sorted(names)
        ]

    def _leave_out(self, strategy: str, label: str, error: Exception) -> None:
        if (strategy, label) in self._told:
            return
        self._told.add((strategy, label))
        what = f"{label} is" if label else "its indicators are"
        log.warning("%s: %s not drawn on charts", strategy, what, exc_info=error)


class Lines:
    """The indicators of one chart on their way over its bars."""

    def __init__(
        self, instrument: InstrumentId, width_ns: int, lines: list[_Line], fail: Fail
    ) -> None:
        self._instrument = instrument
        self._width_ns = width_ns
        self._lines = lines
        self._fail = fail
        self._seen_s = -1

    @property
    def before(self) -> int:
        """How many bars are wanted before the first one shown; 0 once it has begun."""
        if not self._lines or self._seen_s >= 0:
            return 0
        longest = max(line.warm_up for line in self._lines)
        return min(max(_SETTLED * longest, LEAST_BEFORE), MOST_BEFORE)

    async def take(
        self, before: Sequence[Sequence[float]], bars: Sequence[Sequence[float]]
    ) -> list[Row]:
        """Run on over what is newer than the last bar taken; return the points at `bars`.

        Bars are (UTC seconds, open, high, low, close, volume), oldest first.
        """
        new = [each for each in (*before, *bars) if each[0] > self._seen_s]
        if not new:
            return []
        self._seen_s = int(new[-1][0])
        first_s = bars[0][0] if bars else self._seen_s + 1
        taken = [_bar(self._instrument, self._width_ns, each) for each in new]
        for line in list(self._lines):
            await self._run(line, taken, int(first_s))
        rows = [row for line in self._lines for row in line.rows()]
        return rows[:MOST_ROWS]

    async def _run(self, line: _Line, bars: Sequence[Bar], first_s: int) -> None:
        line.begin(first_s)
        for at in range(0, len(bars), _AT_ONCE):
            try:
                line.run(bars[at : at + _AT_ONCE])
            except Exception as error:  # noqa: BLE001  an indicator is foreign code
                self._lines.remove(line)
                self._fail(line.strategy, line.label, error)
                return
            await asyncio.sleep(0)


class _Line:
    """One indicator of one strategy."""

    def __init__(self, strategy: str, label: str, indicator: Any) -> None:
        self.strategy = strategy
        self.label = label
        self.warm_up = int(indicator.warm_up)
        self._update = indicator.stream().update
        self._overlay = getattr(indicator, "overlay", False) or False
        self._first_s = 0
        self._points: dict[str, list[tuple[int, float]]] = {}
        self._is_overlay: dict[str, bool] = {}

    def begin(self, first_s: int) -> None:
        """Keep the points of bars from a time on, and none from before."""
        self._first_s = first_s
        self._points = defaultdict(list)

    def run(self, bars: Iterable[Bar]) -> None:
        update = self._update
        for bar in bars:
            value = update(bar)
            time_s = bar.start_time_ns // 1_000_000_000
            if value is None or time_s < self._first_s:
                continue
            for output, number in _numbers(value):
                is_drawn = output in self._points or len(self._points) < MOST_ROWS
                if is_drawn and isfinite(number):
                    self._points[output].append((time_s, number))
        for output in self._points.keys() - self._is_overlay.keys():
            self._is_overlay[output] = self._lies_on_price(output)

    def _lies_on_price(self, output: str) -> bool:
        if isinstance(self._overlay, bool) or not output:
            return bool(self._overlay)
        return output in self._overlay

    def rows(self) -> Iterator[Row]:
        for output, points in self._points.items():
            yield Row(
                strategy=self.strategy,
                indicator=self.label,
                name=f"{self.label}.{output}"[:_LONGEST_NAME] if output else self.label,
                overlay=self._is_overlay[output],
                points=points,
            )


def _reading(name: str, runner: Runner, instrument: InstrumentId) -> Reading | None:
    strategy = runner.strategy
    if not isinstance(strategy, Strategy) or not runner.wants(instrument):
        return None
    tracker = strategy.tracker()
    if not tracker.tracked:
        return None
    return Reading(name, runner.width_ns or tracker.width_ns(instrument), tracker)


def _bar(instrument: InstrumentId, width_ns: int, candle: Sequence[float]) -> Bar:
    start_s, opened, high, low, close, volume = candle
    start_ns = int(start_s) * 1_000_000_000
    return Bar(instrument, start_ns, width_ns, opened, high, low, close, volume)


def _numbers(value: Any) -> list[tuple[str, float]]:
    """Return a value's numbers by output; one that is a number has no name."""
    if isinstance(value, Mapping):
        named = [(str(name), each) for name, each in value.items()]
    elif isinstance(value, tuple | list):
        names = getattr(value, "_fields", range(1, len(value) + 1))
        named = [(str(name), each) for name, each in zip(names, value, strict=True)]
    else:
        named = [("", value)]
    return [(name, float(each)) for name, each in named if each is not None]
