"""Where bars and ticks are kept for good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from crossdock.model import Bars, InstrumentId, Quote, Trade


class SeriesInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One series in a bar store. `timeframe` is 1m, 1d, …, or `trades` or `quotes`."""

    instrument: InstrumentId
    timeframe: str
    count: int
    first_time_ns: int
    last_time_ns: int  # start of the last bar, or time of the last tick
    gaps: int  # stretches of missing bars
    source: str  # where it came from, as given when it was imported


class Appended(msgspec.Struct, frozen=True, kw_only=True):
    added: int
    known: int  # were there already, equal
    changed: int  # were there with other values: replaced


class BarStore(Protocol):
    """Bars and ticks kept for good, one series per instrument and timeframe.

    Appending is atomic: after a crash a series is as before or as after. A start time is
    never there twice.
    """

    def append(self, bars: Bars, *, source: str) -> Appended: ...
    def bars(
        self,
        instrument: InstrumentId,
        width_ns: int,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        last: int | None = None,
    ) -> Bars:
        """Return bars that start in [start_ns, end_ns), or the `last` of those."""

    def append_trades(self, trades: Sequence[Trade], *, source: str) -> Appended: ...
    def append_quotes(self, quotes: Sequence[Quote], *, source: str) -> Appended: ...
    def trades(
        self,
        instrument: InstrumentId,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> Iterator[Trade]: ...
    def quotes(
        self,
        instrument: InstrumentId,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> Iterator[Quote]: ...
    def series(self) -> Sequence[SeriesInfo]: ...
    def gaps(self, instrument: InstrumentId, width_ns: int) -> Sequence[tuple[int, int]]:
        """Return [start, end) of each stretch without bars, in UTC nanoseconds."""
