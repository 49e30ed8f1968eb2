"""Live prices: one connection each for stocks, coins and options.

https://docs.alpaca.markets/docs/streaming-market-data, read 2026-11-21.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Self

import aiohttp
import msgspec

from crossdock.adapters.venues.alpaca.prices.telling import (
    BookNumbers,
    TickRule,
    book_of_quote,
    levels,
)
from crossdock.adapters.venues.alpaca.prices.wire import (
    Control,
    PackedMessage,
    PackedQuote,
    PackedTrade,
    Refused,
    Said,
    StreamBar,
    StreamBook,
    StreamMessage,
    StreamQuote,
    StreamTrade,
    Subscribed,
)
from crossdock.adapters.venues.alpaca.refusals import of_stream
from crossdock.adapters.venues.alpaca.stamps import SECOND_NS, moment_ns, time_ns
from crossdock.errors import Unreachable
from crossdock.model import Bar, BookChange, InstrumentId, Quote, Trade
from crossdock.ports import MarketSink
from crossdock.toolkit import AdapterContext, Secret, StreamHealth, WebSocketClient

_PING_S = 10.0
_MINUTE_NS = 60 * SECOND_NS
_CHANNELS = ("quotes", "trades", "bars")
_COIN_CHANNELS = (*_CHANNELS, "orderbooks")
_OPTION_CHANNELS = ("quotes", "trades")

Messages = list[Any]

_decode_text = msgspec.json.Decoder(list[StreamMessage]).decode
_decode_packed = msgspec.msgpack.Decoder(list[PackedMessage]).decode


class _Packing:
    """A socket whose frames go out as binary ones: the options' stream takes no text."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket

    def send_frame(self, frame: bytes, _: object) -> Any:
        return self._socket.send_frame(frame, aiohttp.WSMsgType.BINARY)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


class _PackedClient(WebSocketClient[Messages]):
    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._socket = _Packing(self._socket)  # type: ignore[assignment]
        return self


class MarketFeed:
    """One connection's life. `run` signs in, subscribes, and ends by raising why."""

    def __init__(
        self,
        context: AdapterContext,
        url: str,
        instruments: Mapping[str, InstrumentId],
        sink: MarketSink,
        *,
        key: str,
        secret: Secret,
        health: StreamHealth,
        has_books: bool = False,
        is_packed: bool = False,
    ) -> None:
        self._instruments = instruments  # by the vendor's symbol
        self._sink = sink
        self._key = key
        self._secret = secret
        self._health = health
        self._has_books = has_books
        self._channels: tuple[str, ...] = _COIN_CHANNELS if has_books else _CHANNELS
        if is_packed:
            self._channels = _OPTION_CHANNELS
        self._rule = TickRule()
        self._numbers = BookNumbers()
        self._encode = msgspec.msgpack.encode if is_packed else msgspec.json.encode
        client = _PackedClient if is_packed else WebSocketClient[Messages]
        self._client: WebSocketClient[Messages] = client(
            context.http,
            url,
            clock=context.clock,
            masker=context.masker,
            decode=_decode_packed if is_packed else _decode_text,
            on_message=self._take,
            health=health,
            headers={"Content-Type": "application/msgpack"} if is_packed else None,
            ping_s=_PING_S,
        )

    async def run(self) -> None:
        async with self._client:
            await self._client.ended()

    def _take(self, messages: Messages, received_ns: int) -> None:
        for message in messages:
            kind = type(message)
            if kind is StreamQuote:
                self._quote(message, time_ns(message.t), received_ns)
            elif kind is StreamTrade:
                identity = str(message.i or f"{message.t}{message.x}")
                at_ns = time_ns(message.t)
                self._trade(message, identity, message.tks, at_ns, received_ns)
            elif kind is StreamBook:
                self._book(message, received_ns)
            elif kind is StreamBar:
                self._bar(message)
            elif kind is PackedQuote:
                self._quote(message, moment_ns(message.t), received_ns)
            elif kind is PackedTrade:
                at_ns = moment_ns(message.t)
                self._trade(message, f"{at_ns}{message.x}", "", at_ns, received_ns)
            elif kind in (Said, Refused, Subscribed):
                self._control(message)

    def _control(self, message: Control) -> None:
        self._health.heartbeat()
        if type(message) is Refused:
            raise of_stream(message.code, message.msg)
        if type(message) is Said and message.msg == "connected":
            keys = {"key": self._key, "secret": self._secret.reveal()}
            self._client.send(self._encode({"action": "auth", **keys}))
        elif type(message) is Said and message.msg == "authenticated":
            symbols = list(self._instruments)
            asked: dict[str, object] = dict.fromkeys(self._channels, symbols)
            self._client.send(self._encode({"action": "subscribe", **asked}))
        elif type(message) is Subscribed:
            for channel in self._channels:
                missing = self._instruments.keys() - set(getattr(message, channel))
                if missing:
                    words = ", ".join(sorted(missing))
                    raise Unreachable(f"the venue streams no {channel} of {words}")

    def _quote(self, it: StreamQuote | PackedQuote, at_ns: int, received_ns: int) -> None:
        instrument = self._instruments.get(it.S)
        if instrument is None:
            return
        self._health.data(at_ns)
        best = (it.bp, it.bs, it.ap, it.as_)
        bid, bid_size, ask, ask_size = map(float, best)
        self._sink.quotes(
            (Quote(instrument, bid, bid_size, ask, ask_size, at_ns, received_ns),)
        )
        if not self._has_books:
            numbers = self._numbers.follow(it.S, at_ns)
            self._sink.book(book_of_quote(instrument, best, numbers, at_ns, received_ns))

    def _trade(
        self,
        it: StreamTrade | PackedTrade,
        identity: str,
        taker: str,
        at_ns: int,
        received_ns: int,
    ) -> None:
        instrument = self._instruments.get(it.S)
        if instrument is None:
            return
        self._health.data(at_ns)
        side = self._rule.side(it.S, it.p, taker)
        self._sink.trades(
            (Trade(instrument, identity, it.p, it.s, side, at_ns, received_ns),)
        )

    def _bar(self, it: StreamBar) -> None:
        instrument = self._instruments.get(it.S)
        if instrument is not None:
            start_ns = time_ns(it.t)
            self._health.data()
            self._sink.bars(
                (Bar(instrument, start_ns, _MINUTE_NS, it.o, it.h, it.l, it.c, it.v),)
            )

    def _book(self, it: StreamBook, received_ns: int) -> None:
        """Tell of a coin's book, from its snapshot on."""
        instrument = self._instruments.get(it.S)
        if instrument is None or not (it.r or self._numbers.began(it.S)):
            return
        at_ns = time_ns(it.t)
        self._health.data(at_ns)
        numbers = self._numbers.follow(it.S, at_ns)
        bids, asks = levels(it.b, descending=True), levels(it.a)
        self._sink.book(
            BookChange(instrument, it.r, bids, asks, *numbers, at_ns, received_ns)
        )


async def run_all(feeds: Sequence[MarketFeed]) -> None:
    """Run feeds together until one of them ends, and raise why it did."""
    tasks = [asyncio.create_task(feed.run(), name="market stream") for feed in feeds]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
