"""Indicators that a strategy follows, one of each kind for every instrument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar, cast

from crossdock.model import Bar, InstrumentId, symbol_of

T = TypeVar("T")
Value_co = TypeVar("Value_co", covariant=True)


class Stream(Protocol[Value_co]):
    """An indicator over the bars of one instrument.

    `update` returns the new value, None while there is none. `state` is plain data that
    `restore` takes back, also after it was JSON.
    """

    @property
    def value(self) -> Value_co | None: ...
    def update(self, bar: Bar, /) -> Value_co | None: ...
    def state(self) -> Any: ...
    def restore(self, state: Any, /) -> object: ...


class Indicator(Protocol[Value_co]):
    """What can be tracked: `crossdock.analysis.indicators` makes the usual ones.

    `label` tells it from others and from itself with other parameters; `warm_up` is how
    many bars come before its first value. One that has an `overlay` is drawn on the scale
    of the price where that is True or names the output, and else in a pane of its own.
    """

    @property
    def label(self) -> str: ...
    @property
    def warm_up(self) -> int: ...
    def stream(self) -> Stream[Value_co]: ...


class Tracked(Generic[T]):
    """An indicator as its strategy reads it: by `value`, or by instrument.

    `value` is that of the bar in hand. In `on_bar` there always is one.
    """

    __slots__ = ("_each", "_indicator", "value")

    def __init__(self, indicator: Indicator[T]) -> None:
        self._indicator = indicator
        self._each: dict[InstrumentId, Stream[T]] = {}
        # An attribute and no property: strategies read it at every bar.
        self.value: T = cast("T", None)

    def __getitem__(self, instrument: InstrumentId) -> T | None:
        """Return an instrument's value at its own last bar, None before there is one."""
        stream = self._each.get(instrument)
        return None if stream is None else stream.value

    @property
    def indicator(self) -> Indicator[T]:
        return self._indicator

    @property
    def label(self) -> str:
        return self._indicator.label

    @property
    def warm_up(self) -> int:
        return self._indicator.warm_up

    def renew(self, instrument: InstrumentId) -> Stream[T]:
        """Begin an instrument's indicator afresh."""
        stream = self._each[instrument] = self._indicator.stream()
        return stream


class _Lane:
    """One instrument's indicators and the last bar they have seen."""

    __slots__ = ("is_ready", "pairs", "seen", "start_time_ns", "updates", "width_ns")

    def __init__(self, tracked: Sequence[Tracked[Any]], instrument: InstrumentId) -> None:
        self.pairs = [(each, each.renew(instrument)) for each in tracked]
        self.updates = [(each, stream.update) for each, stream in self.pairs]
        self.start_time_ns = -1
        self.width_ns = 0  # until the first bar
        self.is_ready = False
        self.seen: list[Bar] = []  # until it is ready: history may come after them


class Tracker:
    """All that one strategy tracks, kept in step with the bars it is given.

    Bars of an instrument count once and in order: one that is not newer than the last, or
    of another width than the first, is passed over.
    """

    def __init__(self) -> None:
        self.tracked: list[Tracked[Any]] = []
        self._lanes: dict[InstrumentId, _Lane] = {}

    @property
    def warm_up(self) -> int:
        """The most bars that any indicator needs."""
        return max((tracked.warm_up for tracked in self.tracked), default=0)

    def width_ns(self, instrument: InstrumentId) -> int:
        """Return how wide the bars are that count of an instrument, 0 before the first.

        Those of the same symbol at another venue tell it as well.
        """
        lane = self._lanes.get(instrument)
        if lane is not None and lane.width_ns:
            return lane.width_ns
        symbol = symbol_of(instrument)
        widths = (
            it.width_ns for name, it in self._lanes.items() if symbol_of(name) == symbol
        )
        return next((width for width in widths if width), 0)

    def add(self, indicator: Indicator[T]) -> Tracked[T]:
        if self._lanes:
            raise RuntimeError("track indicators before the first bar: in setup()")
        tracked = Tracked(indicator)
        self.tracked.append(tracked)
        return tracked

    def take(self, bar: Bar) -> bool:
        """Update the bar's indicators. True when every one of them has a value."""
        lane = self._lanes.get(bar.instrument)
        if lane is None:
            lane = self._renewed(bar.instrument)
        start_ns, width_ns = bar.start_time_ns, bar.width_ns
        if start_ns <= lane.start_time_ns:
            return False
        if width_ns != lane.width_ns:
            if lane.width_ns:
                return False
            lane.width_ns = width_ns
        lane.start_time_ns = start_ns
        is_ready = True
        for tracked, update in lane.updates:
            value = tracked.value = update(bar)
            if value is None:
                is_ready = False
        if not lane.is_ready:
            lane.is_ready = is_ready
            lane.seen.append(bar)
            if is_ready:
                lane.seen.clear()
            elif len(lane.seen) > self.warm_up:
                del lane.seen[0]  # one that has no value for long needs no more of them
        return is_ready

    def warm(self, history: Iterable[Bar]) -> None:
        """Take bars of the past, oldest first, also after newer ones.

        An instrument begins afresh with them while it is not ready, or when they bridge a
        hole behind the last bar it has seen.
        """
        each: dict[InstrumentId, list[Bar]] = {}
        for bar in history:
            each.setdefault(bar.instrument, []).append(bar)
        for instrument, bars in each.items():
            lane = self._lanes.get(instrument)
            if lane is None or self._is_better(bars, lane):
                seen = {} if lane is None else {bar.start_time_ns: bar for bar in lane.seen}
                seen |= {bar.start_time_ns: bar for bar in bars}
                bars = [seen[start] for start in sorted(seen)]  # noqa: PLW2901
                self._renewed(instrument)
            for bar in bars:
                self.take(bar)

    def _is_better(self, bars: list[Bar], lane: _Lane) -> bool:
        """Tell whether history alone makes more of an instrument than what it has seen."""
        has_hole = bars[0].start_time_ns > lane.start_time_ns + lane.width_ns
        return not lane.is_ready or (has_hole and len(bars) >= self.warm_up)

    def state(self) -> dict[str, Any]:
        return {
            "labels": self._labels(),
            "instruments": {
                instrument: {
                    "start_time_ns": lane.start_time_ns,
                    "width_ns": lane.width_ns,
                    "is_ready": lane.is_ready,
                    "streams": [stream.state() for _, stream in lane.pairs],
                }
                for instrument, lane in self._lanes.items()
            },
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what `state` gave; nothing, when other indicators are tracked now."""
        if state["labels"] != self._labels():
            return
        for name, kept in state["instruments"].items():
            instrument = InstrumentId(name)
            lane = self._renewed(instrument)
            lane.start_time_ns, lane.width_ns = kept["start_time_ns"], kept["width_ns"]
            lane.is_ready = kept["is_ready"]
            for (tracked, stream), each in zip(lane.pairs, kept["streams"], strict=True):
                stream.restore(each)
                tracked.value = stream.value

    def _labels(self) -> list[str]:
        return [tracked.label for tracked in self.tracked]

    def _renewed(self, instrument: InstrumentId) -> _Lane:
        lane = self._lanes[instrument] = _Lane(self.tracked, instrument)
        return lane
