"""What the streams of market data say, and when.

https://docs.alpaca.markets/docs/streaming-market-data, read 2026-11-21. A topic is a
codec, a channel and a symbol of the engine's: a message is made once for all who hear it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.model import ContractKind
from crossdock.sandbox.faces.alpaca.assets import Asset
from crossdock.sandbox.faces.alpaca.data.words import (
    bar_row,
    book_row,
    quote_row,
    trade_row,
)
from crossdock.sandbox.faces.alpaca.times import SECOND_NS, text_of
from crossdock.sandbox.market import Candle
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import BookChanged, MarketNews, QuoteChanged, Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.alpaca.face import AlpacaFace

Row = dict[str, Any]

TRADES, QUOTES, BOOKS = "trades", "quotes", "orderbooks"
BARS_S = {"bars": 60, "dailyBars": 86_400}
_BAR_TAGS = {"bars": "b", "dailyBars": "d"}
_DEPTH = 1000


class Codec:
    """How messages are written: JSON, or msgpack with its own timestamps."""

    def __init__(
        self, name: str, timed: Callable[[int], Any], encode: Callable[[Any], bytes]
    ) -> None:
        self.name = name
        self.timed = timed
        self.encode = encode


def _timestamp(at_ns: int) -> msgspec.msgpack.Ext:
    """Write a time as msgpack's timestamp 64: 30 bits of nanoseconds, 34 of seconds."""
    whole_s, rest_ns = divmod(at_ns, SECOND_NS)
    return msgspec.msgpack.Ext(-1, (rest_ns << 34 | whole_s).to_bytes(8, "big"))


JSON = Codec("json", text_of, msgspec.json.Encoder(decimal_format="number").encode)
MSGPACK = Codec(
    "msgpack", _timestamp, msgspec.msgpack.Encoder(decimal_format="number").encode
)
_CODECS = (JSON, MSGPACK)


class MarketStreams:
    """Words market news, and tells of bars as they close."""

    def __init__(self, face: AlpacaFace) -> None:
        self._face = face
        self._host = face.host
        self._ticked_s = 0
        self._book_times: dict[str, int] = {}

    def book_time_ns(self, symbol: str) -> int | None:
        """Return when a book changed last, as far as it was told."""
        return self._book_times.get(symbol)

    def of(self, news: MarketNews) -> Iterator[tuple[Topic, bytes]]:
        """Yield topics and messages of a piece of news."""
        asset = self._face.assets.of(news.symbol)
        if asset.market.kind is not ContractKind.SPOT:
            return
        if isinstance(news, QuoteChanged):
            self._face.quotes.note(news)
            yield from self._told(
                QUOTES, asset, lambda codec: self._quote(asset, news, codec)
            )
        elif isinstance(news, Traded):
            yield from self._told(
                TRADES, asset, lambda codec: self._trade(asset, news, codec)
            )
        elif isinstance(news, BookChanged) and asset.is_coin:
            self._book_times[news.symbol] = news.time_ns
            yield from self._told(
                BOOKS, asset, lambda codec: self._change(asset, news, codec)
            )

    def tick(self) -> None:
        """Push the bars that have closed since the last second."""
        now_s = self._host.clock.time_ns() // SECOND_NS
        before_s, self._ticked_s = self._ticked_s, now_s
        if not before_s or before_s == now_s:
            return
        for channel, width_s in BARS_S.items():
            start_s = before_s // width_s * width_s
            if start_s != now_s // width_s * width_s:
                for asset in self._face.assets.all():
                    self._close(channel, asset, start_s, width_s)

    def first(self, channel: str, asset: Asset, codec: Codec) -> bytes | None:
        """Return what is said on subscribing: the book, or the present best prices."""
        symbol = asset.market.symbol
        if channel == BOOKS:
            _, bids, asks = self._host.venue.book(symbol, _DEPTH)
            at_ns = self._book_times.get(symbol) or self._host.now_ns()
            row = book_row(bids, asks, at_ns, codec.timed, is_whole=True)
            return codec.encode([{"T": "o", "S": asset.symbol} | row])
        quote = self._face.quotes.present(symbol) if channel == QUOTES else None
        return None if quote is None else self._quote(asset, quote, codec)

    def _told(
        self, channel: str, asset: Asset, word: Callable[[Codec], bytes]
    ) -> Iterator[tuple[Topic, bytes]]:
        for codec in _CODECS:
            topic = (codec.name, channel, asset.market.symbol)
            if self._host.feed.hears(topic):
                yield topic, word(codec)

    def _quote(self, asset: Asset, quote: QuoteChanged, codec: Codec) -> bytes:
        row = quote_row(asset, quote, codec.timed)
        return codec.encode([{"T": "q", "S": asset.symbol} | row])

    def _trade(self, asset: Asset, trade: Traded, codec: Codec) -> bytes:
        row = trade_row(asset, trade, codec.timed)
        return codec.encode([{"T": "t", "S": asset.symbol} | row])

    def _change(self, asset: Asset, change: BookChanged, codec: Codec) -> bytes:
        row = book_row(
            change.bids, change.asks, change.time_ns, codec.timed, is_whole=False
        )
        return codec.encode([{"T": "o", "S": asset.symbol} | row])

    def _close(self, channel: str, asset: Asset, start_s: int, width_s: int) -> None:
        topics = [(codec.name, channel, asset.market.symbol) for codec in _CODECS]
        if not any(self._host.feed.hears(topic) for topic in topics):
            return
        closed = self._host.bars.closed(
            asset.market.symbol,
            width_s,
            start_ns=start_s * SECOND_NS,
            end_ns=(start_s + width_s) * SECOND_NS,
            limit=1,
        )
        for bar in closed:
            for codec, topic in zip(_CODECS, topics, strict=True):
                self._host.feed.push(topic, _bar(channel, asset, bar, codec))


def _bar(channel: str, asset: Asset, bar: tuple[int, Candle], codec: Codec) -> bytes:
    row = bar_row(*bar, codec.timed)
    return codec.encode([{"T": _BAR_TAGS[channel], "S": asset.symbol} | row])
