"""What recorded data is to the desk: events in the order in which they were received."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from crossdock.model import Bar, Bars, BookChange, Instrument, InstrumentId, Quote, Trade

UNNAMED = "UNNAMED/USD"
"""The symbol of data in which nothing names one, and nobody did."""


class MarketGap(msgspec.Struct, frozen=True):
    """Messages were lost: the book is stale until the next snapshot."""

    instrument: InstrumentId
    reason: str
    received_time_ns: int


MarketEvent = Quote | Trade | BookChange | Bar | MarketGap


class RecordingStats(msgspec.Struct):
    """What reading came across so far. `undecoded` are messages of no kind we know."""

    messages: int = 0
    events: int = 0
    gaps: int = 0
    undecoded: int = 0
    checksums: int = 0
    checksum_failures: int = 0


@runtime_checkable
class Recording(Protocol):
    """One recording, opened. Reading raises DataError with file, line and what to do."""

    format: str  # "binance-lines", "csv-bars", "dbn", …
    stats: RecordingStats

    @property
    def notes(self) -> Sequence[str]:
        """What was taken for granted in reading it, such as UTC for times without a zone."""

    def instruments(self) -> Sequence[Instrument]:
        """Return what it is about. Tick and lot come from the venue's own words where the
        recording has them, else from the finest step seen.
        """

    def events(self) -> Iterator[MarketEvent]:
        """Yield every event, in the order received. Each call begins anew."""


@runtime_checkable
class BarRecording(Recording, Protocol):
    """A recording that is all bars, read as columns."""

    def bars(self) -> Sequence[Bars]: ...


class RecordedFeed(Protocol):
    """What the factory of a feed of recordings returns when called with nothing."""

    def open(
        self,
        path: str,
        *,
        symbol: str = "",
        venue: str = "",
        timeframe: str = "",
        timezone: str = "",
    ) -> Recording:
        """Recognise a file by what is in it. What is left empty is read from content or name.

        `timezone` is for times that name none; a format whose times are UTC refuses it.

        Raises DataError when it is of no known format, truncated or empty.
        """
