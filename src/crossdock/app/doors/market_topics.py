"""What can be watched of the market: tops of books, ladders and charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock.app.desk.candles import Candle
from crossdock.app.doors.looking import LookingOperations, show_candle
from crossdock.app.doors.topics import News
from crossdock.errors import DeskError
from crossdock.model import InstrumentId, Side, width_of

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

SECOND_NS = 1_000_000_000
CANDLES = 500
LADDER_DEPTH = 20


class Books:
    """The top of every book."""

    every_s = 0.0

    def __init__(self, desk: Desk) -> None:
        self._markets = desk.markets
        self._told: dict[InstrumentId, tuple[object, ...]] = {}
        self._is_begun = False

    def news(self) -> News | None:
        markets = self._markets
        changed = []
        for instrument in markets.books.keys() | markets.last_quotes.keys():
            version = self._version(instrument)
            if self._told.get(instrument) != version:
                self._told[instrument] = version
                changed.append(book_row(markets, instrument))
        if not self._is_begun:
            self._is_begun = True
            return News(True, sorted(changed, key=lambda row: row["instrument"]))
        return News(False, changed) if changed else None

    def _version(self, instrument: InstrumentId) -> tuple[object, ...]:
        markets = self._markets
        book, quote = markets.books.get(instrument), markets.last_quotes.get(instrument)
        trade = markets.last_trades.get(instrument)
        return (
            None if book is None else (book.sequence, book.received_time_ns, book.ready),
            None if quote is None else quote.received_time_ns,
            None if trade is None else (trade.received_time_ns, trade.price),
        )


def book_row(markets: Any, instrument: InstrumentId) -> dict[str, Any]:
    """Return the best prices of a market, None for what is not known."""
    book, quote = markets.books.get(instrument), markets.last_quotes.get(instrument)
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
        row |= {"ready": True, "bid": repr(quote.bid), "ask": repr(quote.ask)}
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
        found = self._looking.listed(self._symbol)
        version = [self._desk.kernel.sequence]
        for each in found:
            if (book := books.get(each.id)) is not None:
                version += [book.sequence, book.received_time_ns, book.ready]
        if version == self._told:
            return None
        self._told = version
        return News(True, self._looking.ladder(symbol=self._symbol, depth=LADDER_DEPTH))


class CandleChart:
    """One chart: all of it at first, then the bar that forms, and each one that closed."""

    every_s = 0.0

    def __init__(
        self, desk: Desk, looking: LookingOperations, symbol: str, timeframe: str
    ) -> None:
        self._desk = desk
        self._looking = looking
        self._symbol = symbol
        self._timeframe = timeframe
        try:
            self._width_ns = width_of(timeframe)
        except ValueError as error:
            raise DeskError(str(error), code="bad-argument") from error
        self._instrument: InstrumentId | None = None
        self._forming: Candle | None = None
        self._open_s: int | None = None  # where the bar of now begins

    async def news(self) -> News | None:
        now = self._desk.kernel.clock.time_ns()
        open_s = (now - now % self._width_ns) // SECOND_NS
        if open_s != self._open_s or self._instrument is None:
            is_first = self._open_s is None or self._instrument is None
            told = await self._looking.candles(
                symbol=self._symbol,
                timeframe=self._timeframe,
                last=CANDLES if is_first else 3,
            )
            self._open_s, self._instrument = open_s, told["instrument"]
            self._forming = None
            return News(is_first, told)
        forming = self._desk.candles.forming(self._instrument, self._width_ns)
        if forming is None or forming == self._forming:
            return None
        self._forming = forming
        return News(False, {"bars": [], "forming": show_candle(forming)})
