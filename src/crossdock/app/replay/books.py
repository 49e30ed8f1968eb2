"""The check of a recording's books against what the venue says about them."""

from __future__ import annotations

from crossdock.app.nearest import did_you_mean
from crossdock.app.registry import Registry
from crossdock.app.replay.top import open_stream
from crossdock.book import OrderBook
from crossdock.errors import ConfigError, DataError
from crossdock.model import BookChange, InstrumentId
from crossdock.ports import MarketGap, RecordingStats
from crossdock.toolkit.decoders import DECODERS
from crossdock.toolkit.live import live_market

_CHECKSUM = b'"checksum"'


def check_book(
    path: str, *, symbol: str = "", venue: str = "", registry: Registry | None = None
) -> RecordingStats:
    """Play every message into order books, and count what does not fit.

    A gap is where a book was given up. A message that cannot be read counts as undecoded
    and gives up every book; if it bears a checksum, that failed. Raises DataError when
    the recording is not of messages, and ConfigError for a venue whose messages none are.
    """
    if venue and venue not in DECODERS and live_market(venue) is None:
        raise ConfigError(
            f"no messages of a venue called {venue} are read",
            code="bad-argument",
            hint=did_you_mean(venue, DECODERS),
        )
    recording = open_stream(path, symbol=symbol, venue=venue, registry=registry)
    if recording is None:
        raise DataError(
            "it is not a recording of messages",
            file=path,
            code="data-kind",
            hint="record the venue's stream, with its books",
        )
    books: dict[InstrumentId, OrderBook] = {}
    unread: list[DataError] = []
    events = gaps = failed = 0
    for raw, made in recording.steps(unread.append):
        if unread:
            failed += _CHECKSUM in raw
            unread.clear()
        events += len(made)
        for event in made:
            if not isinstance(event, BookChange | MarketGap):
                continue
            book = books.get(event.instrument)
            if book is None:
                book = books[event.instrument] = OrderBook(event.instrument)
            if isinstance(event, MarketGap):
                gaps += 1
                book.mark_gap(event.reason)
            else:
                gaps += not book.apply(event)
    told = recording.stats
    return RecordingStats(
        messages=told.messages,
        events=events,
        gaps=gaps,
        undecoded=told.undecoded,
        checksums=told.checksums + failed,
        checksum_failures=told.checksum_failures + failed,
    )
