"""Market data: books kept in sequence, quotes and trades."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import msgspec

from crossdock.adapters.venues.sandbox.session import ask
from crossdock.adapters.venues.sandbox.translation import Translation
from crossdock.adapters.venues.sandbox.wire import (
    BookMessage,
    Heartbeat,
    MarketFrame,
    QuoteMessage,
    Reply,
    TradeMessage,
)
from crossdock.errors import Unreachable
from crossdock.model import InstrumentId, symbol_of
from crossdock.ports import MarketSink
from crossdock.toolkit import AdapterContext, StreamHealth, WebSocketClient

_PING_S = 3.0
_CHANNELS = ("book", "quote", "trade")

_decode = msgspec.json.Decoder(MarketFrame).decode
_encode = msgspec.json.Encoder().encode


class MarketFeed:
    """One connection's life. `run` subscribes and ends by raising why.

    A book that lost its place is announced as a gap and begun again by a new snapshot.
    """

    def __init__(
        self,
        context: AdapterContext,
        url: str,
        instruments: Sequence[InstrumentId],
        sink: MarketSink,
        *,
        translation: Translation,
        health: StreamHealth,
    ) -> None:
        self._symbols = [symbol_of(instrument) for instrument in instruments]
        self._sink = sink
        self._translation = translation
        self._health = health
        self._client: WebSocketClient[MarketFrame] = WebSocketClient(
            context.http,
            url,
            clock=context.clock,
            masker=context.masker,
            decode=_decode,
            on_message=self._take,
            health=health,
            ping_s=_PING_S,
        )
        self._ids = count(1)
        self._last: dict[str, int] = {}  # by symbol; absent until its snapshot came

    async def run(self) -> None:
        async with self._client:
            if self._symbols:
                self._ask("subscribe", _CHANNELS, self._symbols)
            await self._client.ended()

    def _ask(self, op: str, channels: Sequence[str], symbols: Sequence[str]) -> None:
        frame = {"op": op, "id": next(self._ids), "channels": channels, "symbols": symbols}
        ask(self._client, _encode(frame))

    def _take(self, frame: MarketFrame, received_ns: int) -> None:
        if type(frame) is QuoteMessage:
            self._sink.quotes((self._translation.quote(frame, received_ns),))
            self._health.data(frame.time_ns)
        elif type(frame) is BookMessage:
            self._book(frame, received_ns)
        elif type(frame) is TradeMessage:
            self._sink.trades((self._translation.trade(frame.data, received_ns),))
            self._health.data(frame.data.time_ns)
        elif type(frame) is Heartbeat:
            self._health.heartbeat()
        elif type(frame) is Reply and not frame.ok:
            raise Unreachable(f"not subscribed: {frame.code}: {frame.message}")

    def _book(self, message: BookMessage, received_ns: int) -> None:
        self._health.data(message.time_ns)
        symbol = message.symbol
        last = self._last.get(symbol)
        if not message.snapshot:
            if last is None or message.last <= last:
                return  # before its snapshot, or a second time
            if message.first > last + 1:
                self._lost_place(symbol, last, message.first)
                return
        self._last[symbol] = message.last
        self._sink.book(self._translation.book(message, received_ns))

    def _lost_place(self, symbol: str, last: int, first: int) -> None:
        words = f"book changes {last + 1} to {first - 1} of {symbol} did not come"
        del self._last[symbol]
        self._health.gap(words)
        self._sink.market_gap((self._translation.instrument_ids[symbol],), words)
        # A change may still be under way when we ask; it falls before the new snapshot.
        self._ask("unsubscribe", ("book",), (symbol,))
        self._ask("subscribe", ("book",), (symbol,))
