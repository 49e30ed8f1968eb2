"""Moves time and plays a market into a desk, event by event.

At one instant the order is: what was due before, the bars that close, timers, the bars
that open. So a decision made on a bar's close meets the next bar's first price, and a
timer at midnight buys at the new day's open.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isfinite

from crossdock.app.desk import Desk
from crossdock.app.replay.loop import ReplayClock, ReplayLoop
from crossdock.app.replay.player import deliver
from crossdock.app.replay.sampler import EquitySampler
from crossdock.model import Bar, Bars, BookChange, InstrumentId, Quote, Trade
from crossdock.ports import MarketEvent, MarketSink

DAY_NS = 86_400_000_000_000
SAMPLE_NS = 1_000_000_000  # between two looks at equity in a stream
PROGRESS_EVERY = 20_000
Progress = Callable[[int, int], None]  # done, of how many; 0: not known
_CLOSES, _OPENS = 0, 1


class Driver:
    """Plays into `sink`. `events` counts what was played."""

    def __init__(
        self,
        desk: Desk,
        loop: ReplayLoop,
        clock: ReplayClock,
        sink: MarketSink,
        sampler: EquitySampler,
        progress: Progress | None,
    ) -> None:
        self.events = 0
        self._desk = desk
        self._loop = loop
        self._clock = clock
        self._sink = sink
        self._sampler = sampler
        self._progress = progress
        self._due_ns = self._next_due()

    # ---- bars ------------------------------------------------------------------

    def play_bars(self, series: Sequence[Bars]) -> None:
        if len(series) == 1:
            self._play_one(series[0])
        else:
            self._play_together(series)

    def _play_one(self, bars: Bars) -> None:
        instrument, width = bars.instrument, bars.width_ns
        working = self._desk.kernel.state.working
        ready, clock, timers = self._loop.ready, self._clock, self._loop.timers
        prices, sample = self._sampler.prices, self._sampler.sample
        hand_over, total = self._sink.bars, len(bars)
        columns = (
            bars.start_time_ns,
            bars.open,
            bars.high,
            bars.low,
            bars.close,
            bars.volume,
        )
        for start, first, high, low, close, volume in zip(*columns, strict=True):
            end = start + width
            if working or self._due_ns <= start:
                self._open(
                    Bar(instrument, start, width, first, first, first, first, 0.0, False)
                )
            if self._due_ns < end or timers:
                self._until(end)
            clock.now_ns = end
            prices[instrument] = close
            hand_over((Bar(instrument, start, width, first, high, low, close, volume),))
            if ready:
                self._loop.settle()
            sample(end)
            self.events += 1
            if not self.events % PROGRESS_EVERY and self._progress is not None:
                self._progress(self.events, total)

    def _play_together(self, series: Sequence[Bars]) -> None:
        total = sum(len(bars) for bars in series)
        working, clock = self._desk.kernel.state.working, self._clock
        sampled_ns = 0
        for time_ns, kind, _, bar in heapq.merge(*map(_steps, range(len(series)), series)):
            if kind == _OPENS:
                if working or self._due_ns <= time_ns:
                    self._open(bar)
                continue
            if sampled_ns and sampled_ns != time_ns:
                self._sampler.sample(sampled_ns)
            if self._due_ns < time_ns or self._loop.timers:
                self._until(time_ns)
            clock.now_ns = sampled_ns = time_ns
            self._sampler.prices[bar.instrument] = bar.close
            self._sink.bars((bar,))
            self._loop.settle()
            self.events += 1
            if not self.events % PROGRESS_EVERY and self._progress is not None:
                self._progress(self.events, total)
        self._sampler.sample(sampled_ns)

    def _open(self, bar: Bar) -> None:
        """Show a bar's first price to who waits for it: orders, and timers before them."""
        self._until(bar.start_time_ns, including=True)
        self._sink.bars((bar,))
        self._loop.settle()

    # ---- streams ---------------------------------------------------------------

    def play(self, events: Iterable[MarketEvent]) -> None:
        """Play a recorded stream at the times it was received at."""
        sink, clock, loop = self._sink, self._clock, self._loop
        maker = self._desk.bar_maker
        sampled_ns = 0
        for event in events:
            time_ns = (
                event.end_time_ns if isinstance(event, Bar) else event.received_time_ns
            )
            if self._due_ns <= time_ns or loop.timers:
                self._until(time_ns, including=True)
            clock.now_ns = max(clock.now_ns, time_ns)
            self._hand_over(sink, event)
            if loop.ready:
                loop.settle()
            if maker.next_close_ns is not None and maker.next_close_ns < self._due_ns:
                self._due_ns = max(maker.next_close_ns, clock.now_ns)
            self.events += 1
            if time_ns - sampled_ns >= SAMPLE_NS:
                sampled_ns = time_ns
                self._sampler.sample(clock.now_ns)
                self._due_ns = self._next_due()
            if not self.events % PROGRESS_EVERY and self._progress is not None:
                self._progress(self.events, 0)

    def _hand_over(self, sink: MarketSink, event: MarketEvent) -> None:
        prices = self._sampler.prices
        deliver(event, sink)
        if isinstance(event, BookChange):
            book = self._desk.markets.books.get(event.instrument)
            if book is not None and book.ready:
                self._note_middle(event.instrument, book.best_bid, book.best_ask)
        elif isinstance(event, Trade):
            book = self._desk.markets.books.get(event.instrument)
            if book is None or not book.ready:
                prices[event.instrument] = float(event.price)
        elif isinstance(event, Quote):
            self._note_middle(event.instrument, event.bid, event.ask)
        elif isinstance(event, Bar):
            prices[event.instrument] = event.close

    def _note_middle(self, instrument: InstrumentId, bid: float, ask: float) -> None:
        middle = (bid + ask) / 2
        if isfinite(middle):  # a side may be empty
            self._sampler.prices[instrument] = middle

    # ---- time ------------------------------------------------------------------

    def finish(self) -> None:
        """Let what is under way end, and take a last look."""
        self._desk.bar_maker.close_due(self._clock.now_ns)
        self._desk.upkeep.round()
        self._loop.settle()
        self._sampler.sample(self._clock.now_ns)

    def _until(self, time_ns: int, *, including: bool = False) -> None:
        """Move to a time. Timers of the desk due at that very time wait unless included."""
        while self._due_ns < time_ns or (including and self._due_ns == time_ns):
            due = self._due_ns
            self._loop.advance(due)
            self._desk.upkeep.round()
            self._loop.settle()
            self._due_ns = self._next_due(due)
        self._loop.advance(time_ns)

    def _next_due(self, after_ns: int | None = None) -> int:
        """Return when the desk next has something to do by the clock."""
        now = self._clock.now_ns if after_ns is None else after_ns
        due = [now - now % DAY_NS + DAY_NS]
        for runner in self._desk.strategies.values():
            timer = runner.next_timer_ns(now)
            if timer is not None:
                due.append(timer)
        close = self._desk.bar_maker.next_close_ns
        if close is not None:
            due.append(max(close, now + 1))
        return min(due)


def _steps(index: int, bars: Bars) -> Iterator[tuple[int, int, int, Bar]]:
    instrument, width = bars.instrument, bars.width_ns
    for bar in bars:
        start, first = bar.start_time_ns, bar.open
        opening = Bar(instrument, start, width, first, first, first, first, 0.0, False)
        yield start, _OPENS, index, opening
        yield start + width, _CLOSES, index, bar
