"""What can be watched of the market: tops of books, ladders and charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock.app.desk.market.candles import Candle, chart_width
from crossdock.app.desk.market.chart_indicators import Lines, Reading
from crossdock.app.doors.reading.looking import LookingOperations, listed, show_candle
from crossdock.app.doors.watching.topics import News
from crossdock.model import InstrumentId, Side

if TYPE_CHECKING:
    from crossdock.app.desk import Desk
    from crossdock.app.desk.market.markets import Markets

SECOND_NS = 1_000_000_000
CANDLES = 500
OVERLAP = 2  # bars told again with the new ones
LADDER_DEPTH = 20


class Books:
    """The top of every book."""

    every_s = 0.0

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._markets = desk.markets
        self._told: dict[InstrumentId, tuple[object, ...]] = {}
        self._is_begun = False

    def news(self) -> News | None:
        markets, oldest_ns = self._markets, oldest_quote_ns(self._desk)
        changed = []
        for instrument in markets.books.keys() | markets.last_quotes.keys():
            version = self._version(instrument, oldest_ns)
            if self._told.get(instrument) != version:
                self._told[instrument] = version
                changed.append(book_row(markets, instrument, oldest_ns))
        if not self._is_begun:
            self._is_begun = True
            return News(True, sorted(changed, key=lambda row: row["instrument"]))
        return News(False, changed) if changed else None

    def _version(self, instrument: InstrumentId, oldest_ns: int) -> tuple[object, ...]:
        markets = self._markets
        book, quote = markets.books.get(instrument), markets.quote_since_gap(instrument)
        trade = markets.last_trades.get(instrument)
        return (
            None if book is None else (book.sequence, book.received_time_ns, book.ready),
            None
            if quote is None
            else (quote.received_time_ns, quote.received_time_ns >= oldest_ns),
            None if trade is None else (trade.received_time_ns, trade.price),
        )


def oldest_quote_ns(desk: Desk) -> int:
    """Return when a quote must have come to be traded on by the desk's own limits."""
    limits = desk.gate.limits.base
    if limits.stale_after_s is None:
        return 0
    return desk.kernel.clock.time_ns() - limits.stale_after_ns


def book_row(
    markets: Markets, instrument: InstrumentId, oldest_quote_ns: int
) -> dict[str, Any]:
    """Return the best prices of a market, None for what is not known.

    They are ready when the book is good, else when a quote came after what spoilt it and
    not before `oldest_quote_ns`.
    """
    book, quote = markets.books.get(instrument), markets.quote_since_gap(instrument)
    trade = markets.last_trades.get(instrument)
    row: dict[str, Any] = {
        "instrument": instrument,
        "ready": False,
        "bid": None,
        "ask": None,
        "bid_quantity": None,
        "ask_quantity": None,
        "last": None if trade is None else f"{trade.price:f}",
        "at": 0 if trade is None else trade.received_time_ns,
    }
    if book is not None and book.ready:
        for side, price, quantity in (
            (Side.BUY, "bid", "bid_quantity"),
            (Side.SELL, "ask", "ask_quantity"),
        ):
            if best := book.levels(side, 1):
                row[price], row[quantity] = best[0]
        row["ready"], row["at"] = True, book.received_time_ns
    elif quote is not None:
        row |= {"bid": repr(quote.bid), "ask": repr(quote.ask)}
        row["ready"] = quote.received_time_ns >= oldest_quote_ns
        row["at"] = quote.received_time_ns
    return row


class Ladder:
    """One symbol's ladder, whenever one of its books or an order of ours in it moved."""

    every_s = 0.0

    def __init__(self, desk: Desk, looking: LookingOperations, symbol: str) -> None:
        self._desk = desk
        self._looking = looking
        self._symbol = symbol
        self._told: object = None

    def news(self) -> News | None:
        books = self._desk.markets.books
        found = listed(self._desk, self._symbol)
        version = [self._desk.kernel.sequence]
        for each in found:
            if (book := books.get(each.id)) is not None:
                version += [book.sequence, book.received_time_ns, book.ready]
        if version == self._told:
            return None
        self._told = version
        return News(True, self._looking.ladder(symbol=self._symbol, depth=LADDER_DEPTH))


class CandleChart:
    """One chart: all of it at first, then the bar that forms, and each one that closed.

    All of it again when strategies came, went or changed: others are drawn then.
    """

    every_s = 0.0

    def __init__(
        self, desk: Desk, looking: LookingOperations, symbol: str, timeframe: str
    ) -> None:
        self._desk = desk
        self._looking = looking
        self._symbol = symbol
        self._width_ns = chart_width(timeframe)
        self._instrument: InstrumentId | None = None
        self._forming: Candle | None = None
        self._open_s = 0  # where the bar of now begins
        self._newest_s = 0  # where the last closed bar that was told began
        self._readings: list[Reading] = []
        self._lines: Lines | None = None

    async def news(self) -> News | None:
        now = self._desk.kernel.clock.time_ns()
        open_s = (now - now % self._width_ns) // SECOND_NS
        if self._instrument is None or open_s != self._open_s or self._is_other():
            return await self._told(open_s)
        forming = self._desk.candles.forming(self._instrument, self._width_ns)
        if forming is None or forming == self._forming:
            return None
        self._forming = forming
        return News(False, {"bars": [], "forming": show_candle(forming)})

    def _is_other(self) -> bool:
        assert self._instrument is not None, "a snapshot comes first"
        readings = self._desk.candles.indicators.readings(self._instrument)
        return readings != self._readings

    async def _told(self, open_s: int) -> News:
        instrument, adapter = self._looking.chart_source(self._symbol)
        candles, width_ns = self._desk.candles, self._width_ns
        # The venue may have told its last bar late: whatever is newer than it is told now.
        last = OVERLAP + (open_s - self._newest_s) * SECOND_NS // width_ns
        is_whole = instrument != self._instrument or self._is_other() or last > CANDLES
        if is_whole or self._lines is None:
            self._readings = candles.indicators.readings(instrument)
            self._lines = candles.indicators.lines(instrument, width_ns)
        self._instrument, self._open_s, self._forming = instrument, open_s, None
        told = await candles.told(
            instrument,
            adapter,
            width_ns,
            last=CANDLES if is_whole else last,
            lines=self._lines,
        )
        if told.bars:
            self._newest_s = told.bars[-1].time_s
        shown = self._looking.show_chart(self._symbol, instrument, width_ns, told)
        return News(is_whole, shown)
