"""Market streams of Binance's exchanges: one stream's messages bare, or many, named.

https://github.com/binance/binance-spot-api-docs/blob/a5e0bc3/web-socket-streams.md and
https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams,
read 2026-11-21.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from typing import Any

import msgspec

from crossdock.model import Side
from crossdock.sandbox.faces.binance_words.market_reads import INTERVALS, MarketReads
from crossdock.sandbox.faces.binance_words.names import Names
from crossdock.sandbox.faces.binance_words.writing import eight, milliseconds
from crossdock.sandbox.faces.connection import Connection
from crossdock.sandbox.faces.contract import Face
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import Host
from crossdock.sandbox.market import Candle
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.frames import ping_frame, text_frame
from crossdock.sandbox.stream.news import BookChanged, MarketNews, QuoteChanged, Traded
from crossdock.sandbox.stream.wire import Wire

_PARTIAL = (5, 10, 20)
_SECOND_NS = 1_000_000_000
_PING_NS = 20 * _SECOND_NS
_UNCOUNTED = -1
_METHODS = (
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "LIST_SUBSCRIPTIONS",
    "SET_PROPERTY",
    "GET_PROPERTY",
)

encode = msgspec.json.Encoder().encode


class MarketConnection(Connection):
    """One connection to market streams, raw or combined."""

    def __init__(
        self, face: Face, wire: Wire, streams: list[str], *, is_combined: bool
    ) -> None:
        super().__init__(face, wire)
        self._face = face
        self._is_combined = is_combined
        self._streams: dict[str, None] = {}
        self._received_ns: deque[int] = deque()
        self._pinged_ns = face.host.clock.time_ns()
        self._begin = streams

    def opened(self) -> None:
        self._subscribe(self._begin)

    def received(self, text: str) -> None:
        if self._is_too_fast():
            self.wire.close()
            return
        try:
            frame = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError:
            self.send(encode({"error": {"code": 3, "msg": "Invalid JSON"}}))
            return
        number, method = frame.get("id"), frame.get("method")
        params = frame.get("params", [])
        if method not in _METHODS:
            words = f"Invalid request: unknown variant `{method}`"
            self.send(encode({"error": {"code": 2, "msg": words}, "id": number}))
            return
        result: Any = None
        if method == "SET_PROPERTY":
            self._is_combined = params == ["combined", True]
        elif method == "GET_PROPERTY":
            result = self._is_combined
        elif method == "LIST_SUBSCRIPTIONS":
            result = list(self._streams)
        elif not isinstance(params, list) or not all(isinstance(it, str) for it in params):
            words = "Invalid request: params must be a list of stream names"
            self.send(encode({"error": {"code": 2, "msg": words}, "id": number}))
            return
        elif method == "SUBSCRIBE":
            self.send(encode({"result": None, "id": number}))
            self._subscribe(params)
            return
        else:
            for name in params:
                self._streams.pop(name, None)
                self.host.feed.unsubscribe_market(name, self)
        self.send(encode({"result": result, "id": number}))

    def answer(self, ticket: Any, result: Any) -> bytes:
        return encode({"result": result, "id": ticket})

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        return encode({"error": {"code": 2, "msg": refusal.message}, "id": ticket})

    def framed(self, topic: Topic, body: bytes) -> bytes:
        if not self._is_combined:
            return text_frame(body)
        return text_frame(b'{"stream":%s,"data":%s}' % (encode(topic), body))

    def beat(self, now_ns: int) -> None:
        """Ping every twenty seconds."""
        steady_ns = self.host.clock.time_ns()
        if steady_ns - self._pinged_ns >= _PING_NS:
            self._pinged_ns = steady_ns
            self.wire.write(ping_frame(str(milliseconds(now_ns)).encode()))

    def _subscribe(self, names: list[str]) -> None:
        self.host.flush()
        for name in names:
            self._streams[name] = None
            self.host.feed.subscribe_market(name, self)

    def _is_too_fast(self) -> bool:
        now_ns = self.host.clock.time_ns()
        recent = self._received_ns
        recent.append(now_ns)
        while now_ns - recent[0] >= _SECOND_NS:
            recent.popleft()
        return len(recent) > self._face.limits["stream_messages_1s"]


class MarketStreams(ABC):
    """Words market news, and tells by itself what follows the clock: bars and tickers.

    `paces` are the book's, each with how the names of its streams end.
    """

    def __init__(
        self, host: Host, symbols: Names, reads: MarketReads, paces: dict[int, str]
    ) -> None:
        self.host = host
        self._symbols = symbols
        self._reads = reads
        self._paces = paces
        self._ticked_s = 0

    @abstractmethod
    def worded_change(self, topic: str, name: str, news: BookChanged) -> dict[str, Any]:
        """Return a change of the book."""

    @abstractmethod
    def worded_part(
        self, topic: str, name: str, depth: int, news: BookChanged
    ) -> dict[str, Any]:
        """Return the best levels of the book."""

    @abstractmethod
    def worded_best(self, name: str, news: QuoteChanged) -> dict[str, Any]: ...

    @abstractmethod
    def worded_trade(self, news: Traded) -> dict[str, Any]: ...

    @abstractmethod
    def worded_ticker(self, day: dict[str, Any]) -> dict[str, Any]:
        """Return what a full ticker has besides a small one."""

    def messages(self, news: MarketNews) -> Iterator[tuple[Topic, bytes]]:
        if news.symbol not in self._symbols:
            return
        name = self._symbols.id(news.symbol)
        if isinstance(news, BookChanged):
            yield from self._book(name, news)
        elif isinstance(news, Traded):
            yield from self._trade(name, news)
        elif isinstance(news, QuoteChanged):
            topic = f"{name.lower()}@bookTicker"
            if self.host.feed.hears(topic):
                yield topic, encode(self.worded_best(name, news))

    def tick(self) -> None:
        """Push tickers once a second, and bars that have closed."""
        now_s = self.host.clock.time_ns() // _SECOND_NS
        if now_s == self._ticked_s:
            return
        before_s, self._ticked_s = self._ticked_s, now_s
        for symbol in self._symbols.all:
            name = self._symbols.id(symbol)
            for suffix in ("@ticker", "@miniTicker"):
                topic = name.lower() + suffix
                if self.host.feed.hears(topic):
                    self.host.feed.push(topic, encode(self._ticker(name, suffix)))
            if before_s:
                self._close_bars(symbol, name, before_s, now_s)

    def _close_bars(self, symbol: str, name: str, before_s: int, now_s: int) -> None:
        for interval, width_s in INTERVALS.items():
            topic = f"{name.lower()}@kline_{interval}"
            start_s = before_s // width_s * width_s
            if start_s == now_s // width_s * width_s or not self.host.feed.hears(topic):
                continue
            closed = self.host.bars.closed(
                symbol,
                width_s,
                start_ns=start_s * _SECOND_NS,
                end_ns=(start_s + width_s) * _SECOND_NS,
                limit=1,
            )
            for bar in closed:
                body = self._kline(symbol, name, interval, bar, is_closed=True)
                self.host.feed.push(topic, encode(body))

    def _book(self, name: str, news: BookChanged) -> Iterator[tuple[Topic, bytes]]:
        base, pace = name.lower(), self._paces[news.pace_ms]
        topic = f"{base}@depth{pace}"
        if self.host.feed.hears(topic):
            yield topic, encode(self.worded_change(topic, name, news))
        for depth in _PARTIAL:
            topic = f"{base}@depth{depth}{pace}"
            if self.host.feed.hears(topic):
                yield topic, encode(self.worded_part(topic, name, depth, news))

    def _trade(self, name: str, news: Traded) -> Iterator[tuple[Topic, bytes]]:
        base, hears = name.lower(), self.host.feed.hears
        head = {"E": milliseconds(self.host.now_ns()), "s": name}
        if hears(f"{base}@trade"):
            body = {
                "e": "trade",
                "t": news.number,
                "p": eight(news.price),
                "q": eight(news.quantity),
                "T": milliseconds(news.time_ns),
                "m": news.side is Side.SELL,
            }
            yield f"{base}@trade", encode(head | body | self.worded_trade(news))
        if hears(f"{base}@aggTrade"):
            told = self._reads.worded_aggregate(news)
            yield f"{base}@aggTrade", encode(head | {"e": "aggTrade"} | told)
        for interval, width_s in INTERVALS.items():
            topic = f"{base}@kline_{interval}"
            if hears(topic):
                bar = self.host.bars.forming(news.symbol, width_s)
                if bar is not None:
                    row = self._kline(news.symbol, name, interval, bar, is_closed=False)
                    yield topic, encode(row)

    def _kline(
        self,
        symbol: str,
        name: str,
        interval: str,
        bar: tuple[int, Candle],
        *,
        is_closed: bool,
    ) -> dict[str, Any]:
        start_s, candle = bar
        return {
            "e": "kline",
            "E": milliseconds(self.host.now_ns()),
            "s": name,
            "k": {
                "t": start_s * 1000,
                "T": (start_s + INTERVALS[interval]) * 1000 - 1,
                "s": name,
                "i": interval,
                "f": _UNCOUNTED,
                "L": _UNCOUNTED,
                "o": eight(candle.open),
                "c": eight(candle.close),
                "h": eight(candle.high),
                "l": eight(candle.low),
                "v": eight(candle.volume),
                "n": 0,
                "x": is_closed,
                "q": eight(candle.volume * candle.close),
                "V": eight(candle.volume * 0),
                "Q": eight(candle.volume * 0),
                "B": "0",
            },
        }

    def _ticker(self, name: str, suffix: str) -> dict[str, Any]:
        day = self._reads.day(name)
        mini = {
            "e": "24hrMiniTicker",
            "E": milliseconds(self.host.now_ns()),
            "s": name,
            "c": day["lastPrice"],
            "o": day["openPrice"],
            "h": day["highPrice"],
            "l": day["lowPrice"],
            "v": day["volume"],
            "q": day["quoteVolume"],
        }
        if suffix == "@miniTicker":
            return mini
        return (
            mini
            | self.worded_ticker(day)
            | {
                "e": "24hrTicker",
                "p": day["priceChange"],
                "P": day["priceChangePercent"],
                "w": day["weightedAvgPrice"],
                "Q": day["lastQty"],
                "O": day["openTime"],
                "C": day["closeTime"],
                "F": day["firstId"],
                "L": day["lastId"],
                "n": day["count"],
            }
        )
