"""Market data without a stream: books and trades, asked again and again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from crossdock.adapters.venues.rest_api.described.tables import Description
from crossdock.adapters.venues.rest_api.exchange import Exchange
from crossdock.adapters.venues.rest_api.rows import find, rows_of
from crossdock.adapters.venues.rest_api.translation import Translation
from crossdock.errors import AdapterError, BadPayload
from crossdock.model import BookChange, InstrumentId, Quote
from crossdock.ports import MarketSink
from crossdock.toolkit import AdapterContext


class MarketPoll:
    """One look at the market after another. A look that fails ends it, as a lost
    connection ends a stream.
    """

    def __init__(
        self,
        context: AdapterContext,
        it: Description,
        exchange: Exchange,
        translation: Translation,
        symbol: Callable[[InstrumentId], Awaitable[str]],
    ) -> None:
        self._clock = context.clock
        self._health = context.health.stream(f"{context.account} market")
        self._it = it
        self._exchange = exchange
        self._translation = translation
        self._symbol = symbol
        self._seen: dict[InstrumentId, set[str]] = {}  # ids of the last look's trades

    async def run(self, instruments: Sequence[InstrumentId], sink: MarketSink) -> None:
        self._health.connected()
        ended = "cancelled"
        try:
            while True:
                for instrument in instruments:
                    await self._look(instrument, sink)
                await self._clock.sleep(self._it.poll_s)
        except AdapterError as error:
            ended = error.message
            raise
        finally:
            self._health.disconnected(ended)

    async def book(self, instrument: InstrumentId) -> BookChange:
        call = self._it.endpoints.book_snapshot
        assert call is not None
        values = {"symbol": await self._symbol(instrument)}
        reply = await self._exchange.read(call, values)
        row = find(reply, call.rows)
        return self._translation.book(row, instrument, self._clock.time_ns())

    async def _look(self, instrument: InstrumentId, sink: MarketSink) -> None:
        if self._it.endpoints.trades is not None:
            await self._trades(instrument, sink)
        book = await self.book(instrument)
        self._health.data(book.venue_time_ns)
        sink.book(book)
        if book.bids and book.asks:
            sink.quotes((_quote(book),))

    async def _trades(self, instrument: InstrumentId, sink: MarketSink) -> None:
        call = self._it.endpoints.trades
        assert call is not None
        reply = await self._exchange.read(call, {"symbol": await self._symbol(instrument)})
        received_ns = self._clock.time_ns()
        trades = [
            self._translation.trade(row, instrument, received_ns)
            for row in rows_of(call, reply)
        ]
        seen, ids = self._seen.get(instrument), {it.trade_id for it in trades}
        if len(ids) != len(trades):
            raise BadPayload(f"{call.path}: a trade stands twice")
        self._seen[instrument] = ids
        if seen is None:
            return  # what was traded before we looked
        if seen and not seen & ids:
            self._health.gap("more trades between two looks than one look shows")
        news = [it for it in trades if it.trade_id not in seen]
        if news:
            sink.trades(sorted(news, key=lambda it: it.venue_time_ns))


def _quote(book: BookChange) -> Quote:
    (bid, bid_quantity), (ask, ask_quantity) = book.bids[0], book.asks[0]
    return Quote(
        book.instrument,
        float(bid),
        float(bid_quantity),
        float(ask),
        float(ask_quantity),
        book.venue_time_ns,
        book.received_time_ns,
    )
