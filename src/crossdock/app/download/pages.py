"""One series, page by page: asked, stored, noted; never a bar that is not finished."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import msgspec

from crossdock.app.download.covered import Covered, series_of
from crossdock.errors import DeskError, RateLimited, Transient
from crossdock.model import Bars, InstrumentId, Quote, Trade, timeframe_of
from crossdock.ports import (
    AdapterState,
    Appended,
    BarHistory,
    BarStore,
    Clock,
    QuoteHistory,
    TradeHistory,
)
from crossdock.toolkit.retry import Backoff

log = logging.getLogger(__name__)

FAILURES_AT_MOST = 8  # in a row, before it is given up
FRESH_NS = 60_000_000_000
"""History of the last minute may come late: an empty answer says nothing of it yet."""

KINDS: Mapping[str, type] = {
    "bars": BarHistory,
    "trades": TradeHistory,
    "quotes": QuoteHistory,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """[start, end) of one series. `width_ns` is of bars; 0 for trades and quotes."""

    instrument: InstrumentId
    kind: str
    width_ns: int
    start_ns: int
    end_ns: int
    source: str

    @property
    def timeframe(self) -> str:
        return timeframe_of(self.width_ns) if self.width_ns else self.kind


@dataclass(slots=True, kw_only=True)
class Downloaded:
    """What came of one series. `gaps` are stretches the venue has no bars for."""

    wanted: Wanted
    added: int = 0
    known: int = 0
    changed: int = 0
    requests: int = 0
    repeats: int = 0  # of requests that failed
    first_time_ns: int | None = None
    last_time_ns: int | None = None
    gaps: Sequence[tuple[int, int]] = ()

    def add(self, told: Appended) -> None:
        self.added += told.added
        self.known += told.known
        self.changed += told.changed


Progress = Callable[[Downloaded, int], None]
"""Told what came so far, and up to which time (UTC nanoseconds)."""


@dataclass(slots=True)
class _Rows:
    """What one answer brought, and the time from which to ask on."""

    rows: Any
    count: int
    next_ns: int


class Fetch:
    """Downloads from one venue into one store. The clock is handed in."""

    def __init__(
        self,
        adapter: Any,
        store: BarStore,
        memory: AdapterState,
        clock: Clock,
        backoff: Callable[[], Backoff],
    ) -> None:
        self._adapter = adapter
        self._store = store
        self._memory = memory
        self._clock = clock
        self._backoff = backoff

    async def series(
        self, wanted: Wanted, progress: Progress = lambda _done, _at: None
    ) -> Downloaded:
        """Fetch what is missing of a series. Interrupted anywhere, it may be run again.

        Raises what the adapter raises, after some repeats of what may be repeated.
        """
        name = f"{wanted.instrument} {wanted.timeframe}"
        covered = Covered(self._memory, self._store, name)
        done = Downloaded(wanted=wanted)
        now_ns = await self._now_ns()
        end_ns = min(wanted.end_ns, now_ns)
        for start_ns, stop_ns in list(covered.missing(wanted.start_ns, end_ns)):
            await self._stretch(wanted, covered, done, start_ns, stop_ns, now_ns, progress)
        progress(done, end_ns)
        found = series_of(self._store, name)
        if found is not None:
            done.first_time_ns, done.last_time_ns = found.first_time_ns, found.last_time_ns
        if wanted.width_ns and found is not None:
            done.gaps = [
                (max(start, wanted.start_ns), min(stop, end_ns))
                for start, stop in self._store.gaps(wanted.instrument, wanted.width_ns)
                if stop > wanted.start_ns and start < end_ns
            ]
        return done

    async def _stretch(
        self,
        wanted: Wanted,
        covered: Covered,
        done: Downloaded,
        start_ns: int,
        stop_ns: int,
        now_ns: int,
        progress: Progress,
    ) -> None:
        at_ns = start_ns
        while at_ns < stop_ns:
            page = await self._page(wanted, done, at_ns, stop_ns, now_ns)
            if not page.count:
                late_ns = max(FRESH_NS, 3 * wanted.width_ns)
                covered.add(at_ns, min(stop_ns, now_ns - late_ns))
                return
            told = self._append(wanted, page.rows)
            done.add(told)
            covered.add(at_ns, min(page.next_ns, stop_ns), added=told.added)
            at_ns = page.next_ns
            progress(done, at_ns)

    async def _page(
        self, wanted: Wanted, done: Downloaded, at_ns: int, stop_ns: int, now_ns: int
    ) -> _Rows:
        if wanted.kind == "bars":
            bars = await self._asked(
                done,
                lambda: self._adapter.bars(
                    wanted.instrument, wanted.width_ns, start_ns=at_ns, end_ns=stop_ns
                ),
            )
            return _finished(bars, at_ns, stop_ns, now_ns)
        ask = getattr(self._adapter, f"{wanted.kind}_between")
        ticks = await self._asked(
            done, lambda: ask(wanted.instrument, start_ns=at_ns, end_ns=stop_ns)
        )
        return _new_ticks(ticks, at_ns, stop_ns)

    async def _asked(self, done: Downloaded, ask: Callable[[], Awaitable[Any]]) -> Any:
        backoff = self._backoff()
        for failures in range(1, FAILURES_AT_MOST + 1):
            done.requests += 1
            try:
                return await ask()
            except Transient as error:
                if failures == FAILURES_AT_MOST:
                    raise
                pause_s = backoff.next_s()
                if isinstance(error, RateLimited):
                    pause_s = max(pause_s, error.retry_after_s)
                log.info("asked again in %.1f s: %s", pause_s, error)
                done.repeats += 1
                await self._clock.sleep(pause_s)
        raise AssertionError("the last failure is raised")

    def _append(self, wanted: Wanted, rows: Any) -> Appended:
        if wanted.kind == "bars":
            return self._store.append(rows, source=wanted.source)
        if wanted.kind == "trades":
            return self._store.append_trades(rows, source=wanted.source)
        return self._store.append_quotes(rows, source=wanted.source)

    async def _now_ns(self) -> int:
        """Return the earlier of our time and the venue's: a bar is finished by both."""
        ours = self._clock.time_ns()
        ask = getattr(self._adapter, "server_time_ns", None)
        if ask is None:
            return ours
        try:
            theirs: int = await ask()
        except Transient:
            return ours
        return min(ours, theirs)


def _finished(bars: Bars, at_ns: int, stop_ns: int, now_ns: int) -> _Rows:
    """Keep what was asked for and is over. Raises DeskError for bars out of order."""
    starts = [int(time) for time in bars.start_time_ns]
    if any(later <= earlier for earlier, later in pairwise(starts)):
        raise DeskError(
            f"{bars.instrument}: the venue's bars are not oldest first, each start once",
            code="bad-payload",
        )
    end_ns = min(stop_ns, now_ns - bars.width_ns + 1)
    first = sum(start < at_ns for start in starts)
    last = sum(start < end_ns for start in starts)
    kept = bars[first:last] if last > first else bars[0:0]
    next_ns = starts[last - 1] + bars.width_ns if last > first else at_ns
    return _Rows(kept, len(kept), next_ns)


def _new_ticks(ticks: Sequence[Trade] | Sequence[Quote], at_ns: int, stop_ns: int) -> _Rows:
    """Keep what was asked for. The last time is asked for again, unless nothing else came.

    A page may end among ticks of the same time. They count as received when they were
    made: when history was asked for says nothing of them, and is never the same twice.
    """
    kept = [
        msgspec.structs.replace(tick, received_time_ns=_time_of(tick))
        for tick in ticks
        if at_ns <= _time_of(tick) < stop_ns
    ]
    if not kept:
        return _Rows(kept, 0, at_ns)
    last_ns = _time_of(kept[-1])
    return _Rows(kept, len(kept), last_ns if last_ns > at_ns else last_ns + 1)


def _time_of(tick: Trade | Quote) -> int:
    return tick.venue_time_ns or tick.received_time_ns
