"""The market as the desk sees it: books, quotes, marks, told on to strategies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from math import isfinite

from crossdock.book import OrderBook
from crossdock.core.bus import Bus
from crossdock.core.risk import Mark
from crossdock.model import (
    Bar,
    BookChange,
    InstrumentId,
    Quote,
    Side,
    Trade,
    venue_of,
)
from crossdock.ports import MarketGap

TWO = Decimal(2)
_NONE = (None, None)
GapHandler = Callable[[InstrumentId, str], None]


class Markets:
    """Implements `ports.MarketSink` for every venue of the desk.

    The bus is told of quotes and trades as they are, and of a book by its `OrderBook`.
    """

    def __init__(self, bus: Bus, on_gap: GapHandler) -> None:
        self.books: dict[InstrumentId, OrderBook] = {}
        self.last_quotes: dict[InstrumentId, Quote] = {}
        self.last_trades: dict[InstrumentId, Trade] = {}
        self.last_bars: dict[InstrumentId, Bar] = {}  # of those the venue sends itself
        self.streamed_bars: set[InstrumentId] = set()  # whose venue sends bars itself
        self.messages = 0
        self.gaps = 0
        self._before_gap: dict[InstrumentId, tuple[Quote | None, Trade | None]] = {}
        self._bus = bus
        self._on_gap = on_gap

    def book_of(self, instrument: InstrumentId) -> OrderBook:
        book = self.books.get(instrument)
        if book is None:
            book = self.books[instrument] = OrderBook(instrument)
        return book

    def quotes(self, batch: Sequence[Quote]) -> None:
        self.messages += len(batch)
        for quote in batch:
            self.last_quotes[quote.instrument] = quote
            self._bus.publish(quote)

    def trades(self, batch: Sequence[Trade]) -> None:
        self.messages += len(batch)
        for trade in batch:
            self.last_trades[trade.instrument] = trade
            self._bus.publish(trade)

    def bars(self, batch: Sequence[Bar]) -> None:
        self.messages += len(batch)
        for bar in batch:
            self.streamed_bars.add(bar.instrument)
            self.last_bars[bar.instrument] = bar
            if bar.is_closed:
                self._bus.publish(bar)

    def book(self, change: BookChange) -> None:
        self.messages += 1
        book = self.book_of(change.instrument)
        if not book.apply(change):
            self.gaps += 1
            self._keep_before_gap(change.instrument)
            self._on_gap(change.instrument, "a change does not follow on the last one")
            return
        self._bus.publish(book)

    def market_gap(self, instruments: Sequence[InstrumentId], reason: str) -> None:
        for instrument in instruments:
            self.gaps += 1
            self.book_of(instrument).mark_gap(reason)
            self._keep_before_gap(instrument)
            self._bus.publish(MarketGap(instrument, reason, 0))
            self._on_gap(instrument, reason)

    def close(self, venue: str, reason: str) -> None:
        """Take what was heard of a venue for old: nothing streams it any more.

        The last trades stay, with their time, for what is held to be valued by.
        """
        closed = [each for each in self.books if venue_of(each) == venue]
        for instrument in [*self.last_quotes]:
            if venue_of(instrument) == venue:
                del self.last_quotes[instrument]
        for instrument in self.last_trades:
            if venue_of(instrument) == venue:
                self._keep_before_gap(instrument)
        self.market_gap(closed, reason)

    def _keep_before_gap(self, instrument: InstrumentId) -> None:
        quote, trade = self.last_quotes.get(instrument), self.last_trades.get(instrument)
        self._before_gap[instrument] = quote, trade

    def quote_since_gap(self, instrument: InstrumentId) -> Quote | None:
        """Return the last quote, None when something was lost after it."""
        quote = self.last_quotes.get(instrument)
        return None if quote is self._before_gap.get(instrument, _NONE)[0] else quote

    def trade_since_gap(self, instrument: InstrumentId) -> Trade | None:
        """Return the last trade, None when something was lost after it."""
        trade = self.last_trades.get(instrument)
        return None if trade is self._before_gap.get(instrument, _NONE)[1] else trade

    def newest_ns(self, instruments: Sequence[InstrumentId]) -> int:
        """Return when the last word about any of these instruments came, 0 for never."""
        newest = 0
        for instrument in instruments:
            book = self.books.get(instrument)
            bar = self.last_bars.get(instrument)
            heard = (
                0 if book is None else book.received_time_ns,
                0 if bar is None else bar.end_time_ns,
                *(
                    known.received_time_ns
                    for known in (
                        self.last_quotes.get(instrument),
                        self.last_trades.get(instrument),
                    )
                    if known is not None
                ),
            )
            newest = max(newest, *heard)
        return newest

    def mark(self, instrument: InstrumentId) -> Mark | None:
        """Return the middle of a good book, else of the newest of quote, trade and bar."""
        book = self.books.get(instrument)
        if book is not None and book.ready and not book.crossed:
            bid, ask = book.best_bid_price, book.best_ask_price
            if bid.is_finite() and ask.is_finite():
                return Mark((bid + ask) / TWO, book.received_time_ns)
        mark = _of_quote(self.last_quotes.get(instrument))
        trade = self.last_trades.get(instrument)
        if (
            trade is not None
            and _is_newer(trade.received_time_ns, mark)
            and trade.price.is_finite()
        ):
            mark = Mark(trade.price, trade.received_time_ns)
        bar = self.last_bars.get(instrument)
        if bar is not None and isfinite(bar.close):
            seen_ns = bar.end_time_ns if bar.is_closed else bar.start_time_ns
            if _is_newer(seen_ns, mark):
                mark = Mark(Decimal(repr(bar.close)), seen_ns)
        return mark

    def worst_price(
        self, instrument: InstrumentId, side: Side, quantity: Decimal
    ) -> Decimal | None:
        book = self.books.get(instrument)
        if book is None or not book.ready or quantity <= 0:
            return None
        cost = book.cost_to_fill(side, quantity)
        return cost.worst_price if cost.filled >= quantity else None


def _of_quote(quote: Quote | None) -> Mark | None:
    if quote is None:
        return None
    middle = (quote.bid + quote.ask) / 2
    if not isfinite(middle):
        return None
    return Mark(Decimal(repr(middle)), quote.received_time_ns)


def _is_newer(time_ns: int, mark: Mark | None) -> bool:
    return mark is None or time_ns > mark.received_time_ns
