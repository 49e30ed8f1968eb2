"""The check of a recording against itself: a kept book's best prices beside the venue's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from time import perf_counter
from typing import Protocol, runtime_checkable

from crossdock.app.registry import Registry
from crossdock.book import OrderBook
from crossdock.errors import DataError
from crossdock.model import BookChange, InstrumentId, Side
from crossdock.ports import MarketEvent, MarketGap, RecordedFeed, RecordingStats
from crossdock.toolkit.decoders.binance import BookTicker, book_ticker


@dataclass(frozen=True, slots=True, kw_only=True)
class TopCheck:
    """What came of it. Every comparison should be equal; a gap is where a book was given up."""

    compared: int
    equal: int
    gaps: int
    messages: int
    seconds: float


@runtime_checkable
class RecordedStream(Protocol):
    """A recording of messages, which still has them as they were received."""

    stats: RecordingStats

    def steps(
        self, broken: Callable[[DataError], None] | None = None
    ) -> Iterator[tuple[bytes, Sequence[MarketEvent]]]: ...


def open_stream(
    path: str, *, symbol: str = "", venue: str = "", registry: Registry | None = None
) -> RecordedStream | None:
    """Open a recording of messages; None for one of anything else, such as bars."""
    registry = registry or Registry()
    feed: RecordedFeed = registry.factory(registry.manifest("feed", "recorded"))()
    recording = feed.open(path, symbol=symbol, venue=venue)
    return recording if isinstance(recording, RecordedStream) else None


def check_top(path: str, *, symbol: str = "", registry: Registry | None = None) -> TopCheck:
    """Compare best bid and ask, price and quantity, with every bookTicker that tells the same.

    Both streams number the updates of a book, so a bookTicker says what a book's top must
    be when exactly its update was the last applied, and nothing else can be compared. It
    may come before the depth message that ends with that update, and is held until then.
    `symbol` chooses one of several markets. Raises DataError when the recording lacks
    depth messages or bookTickers.
    """
    recording = open_stream(path, symbol=symbol, registry=registry)
    if recording is None:
        raise _not_comparable(path)
    started, check, messages = perf_counter(), _Check(), 0
    for raw, events in recording.steps():
        messages += bool(raw)
        for event in events:
            if isinstance(event, BookChange):
                check.change(event)
            elif isinstance(event, MarketGap):
                check.gap(event)
        if (told := book_ticker(raw)) is not None and events:
            check.told(events[0].instrument, told)
    if not check.tickers or not (check.books or check.gaps):
        raise _not_comparable(path)
    return TopCheck(
        compared=check.compared,
        equal=check.equal,
        gaps=check.gaps,
        messages=messages,
        seconds=perf_counter() - started,
    )


def _not_comparable(path: str) -> DataError:
    return DataError(
        "it does not hold both depth messages and bookTickers",
        file=path,
        code="data-kind",
        hint="record both streams of Binance: SYMBOL@depth and SYMBOL@bookTicker",
    )


class _Check:
    def __init__(self) -> None:
        self.books: dict[InstrumentId, OrderBook] = {}
        self.tickers = self.compared = self.equal = self.gaps = 0
        self._held: dict[InstrumentId, dict[int, BookTicker]] = {}

    def change(self, change: BookChange) -> None:
        book = self.books.get(change.instrument)
        if book is None:
            book = self.books[change.instrument] = OrderBook(change.instrument)
        if not book.apply(change):
            self._lose(change.instrument)
            return
        held = self._held.get(change.instrument)
        if not held:
            return
        if (due := held.get(book.sequence)) is not None:
            self._compare(book, due)
        self._held[change.instrument] = {
            update: ticker for update, ticker in held.items() if update > book.sequence
        }

    def gap(self, gap: MarketGap) -> None:
        if gap.instrument in self.books:
            self.books[gap.instrument].mark_gap(gap.reason)
        self._lose(gap.instrument)

    def told(self, instrument: InstrumentId, ticker: BookTicker) -> None:
        self.tickers += 1
        book = self.books.get(instrument)
        if book is None or not book.ready:
            return
        if ticker.u == book.sequence:
            self._compare(book, ticker)
        elif ticker.u > book.sequence:
            self._held.setdefault(instrument, {})[ticker.u] = ticker

    def _lose(self, instrument: InstrumentId) -> None:
        self.gaps += 1
        self._held.pop(instrument, None)

    def _compare(self, book: OrderBook, ticker: BookTicker) -> None:
        bid, ask = _best(book, Side.BUY), _best(book, Side.SELL)
        self.compared += 1
        self.equal += bid == _level(ticker.b, ticker.B) and ask == _level(
            ticker.a, ticker.A
        )


def _best(book: OrderBook, side: Side) -> tuple[Decimal, Decimal] | None:
    return next(book.offers(side), None)


def _level(price: str, quantity: str) -> tuple[Decimal, Decimal] | None:
    """Return a level told by a bookTicker; a side that is empty is told as zeros."""
    return (Decimal(price), Decimal(quantity)) if Decimal(quantity) else None
