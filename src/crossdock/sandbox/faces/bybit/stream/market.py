"""Public topics: what is told when a market moves.

https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook and its neighbours, read
2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.model import ZERO
from crossdock.sandbox.faces.bybit.reads.market import INTERVALS_S, Market, level_rows
from crossdock.sandbox.faces.bybit.words import Row, side_of
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.market import Candle
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import BookChanged, MarketNews, QuoteChanged, Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bybit.face import BybitFace

DEPTHS = (1, 50, 200, 1000)

Level = tuple[Decimal, Decimal]

encode = msgspec.json.Encoder().encode


class _Book:
    """One symbol's book at one depth, as everybody who listens to it was told."""

    def __init__(self) -> None:
        self.number = 0
        self._sides: tuple[dict[Decimal, Decimal], dict[Decimal, Decimal]] = ({}, {})

    def take(
        self, bids: Sequence[Level], asks: Sequence[Level]
    ) -> tuple[list[Level], list[Level]]:
        """Take over a book; return what changed, quantity 0 for gone."""
        now = dict(bids), dict(asks)
        changed = tuple(
            [(price, ZERO) for price in before if price not in after]
            + [it for it in after.items() if before.get(it[0]) != it[1]]
            for before, after in zip(self._sides, now, strict=True)
        )
        self._sides = now
        self.number += any(changed)
        return changed[0], changed[1]


class MarketStreams:
    """Words public news, and what comes first."""

    def __init__(self, face: BybitFace) -> None:
        self._face = face
        self._host = face.host
        self._market = Market(face)
        self._books: dict[Topic, _Book] = {}

    def knows(self, channel: str) -> bool:
        kind, _, rest = channel.partition(".")
        if kind == "orderbook":
            return rest in map(str, DEPTHS)
        return channel in ("publicTrade", "tickers") or (
            kind == "kline" and rest in INTERVALS_S
        )

    def first(self, channel: str, symbol: str) -> bytes | None:
        """Return what a new listener is told at once."""
        now_ns = self._host.now_ns()
        if channel.startswith("orderbook."):
            depth = int(channel.partition(".")[2])
            sequence, bids, asks = self._host.venue.book(symbol, depth)
            book = self._books.setdefault((channel, symbol), _Book())
            book.take(bids, asks)
            return self._book(channel, symbol, "snapshot", bids, asks, sequence, now_ns)
        if channel == "tickers":
            return self._ticker(symbol, now_ns)
        return None

    def of(self, news: MarketNews) -> Iterator[tuple[Topic, bytes]]:
        """Return (topic, body) pairs for what anybody hears."""
        symbol, hears = news.symbol, self._host.feed.hears
        if isinstance(news, BookChanged):
            for depth in DEPTHS:
                channel = f"orderbook.{depth}"
                if hears((channel, symbol)):
                    yield from self._changes(channel, depth, news)
        elif isinstance(news, QuoteChanged):
            if hears(("tickers", symbol)):
                yield ("tickers", symbol), self._ticker(symbol, news.time_ns)
        else:
            if hears(("publicTrade", symbol)):
                yield ("publicTrade", symbol), self._trade(news)
            for interval, width_s in INTERVALS_S.items():
                topic = (f"kline.{interval}", symbol)
                forming = None
                if hears(topic):
                    forming = self._host.bars.forming(symbol, width_s)
                if forming is not None:
                    yield topic, self._bar(symbol, interval, width_s, *forming)

    def _changes(
        self, channel: str, depth: int, news: BookChanged
    ) -> Iterator[tuple[Topic, bytes]]:
        symbol = news.symbol
        sequence, bids, asks = self._host.venue.book(symbol, depth)
        book = self._books.setdefault((channel, symbol), _Book())
        changed_bids, changed_asks = book.take(bids, asks)
        if not changed_bids and not changed_asks:
            return
        kind = "delta"
        if depth == 1:
            kind, changed_bids, changed_asks = "snapshot", list(bids), list(asks)
        yield (
            (channel, symbol),
            self._book(
                channel, symbol, kind, changed_bids, changed_asks, sequence, news.time_ns
            ),
        )

    def _book(
        self,
        channel: str,
        symbol: str,
        kind: str,
        bids: Sequence[Level],
        asks: Sequence[Level],
        sequence: int,
        time_ns: int,
    ) -> bytes:
        data = {
            "s": self._face.names.id(symbol),
            "b": level_rows(list(bids)),
            "a": level_rows(list(asks)),
            "u": self._books[channel, symbol].number,
            "seq": sequence,
        }
        return self._said(channel, symbol, kind, data, time_ns, cts=time_ns // 1_000_000)

    def _ticker(self, symbol: str, time_ns: int) -> bytes:
        row = self._market.ticker(symbol, time_ns)
        return self._said("tickers", symbol, "snapshot", row, time_ns)

    def _trade(self, trade: Traded) -> bytes:
        row = {
            "T": trade.time_ns // 1_000_000,
            "s": self._face.names.id(trade.symbol),
            "S": side_of(trade.side),
            "v": plain(trade.quantity),
            "p": plain(trade.price),
            "i": str(trade.number),
            "BT": False,
            "seq": trade.number,
        }
        return self._said("publicTrade", trade.symbol, "snapshot", [row], trade.time_ns)

    def _bar(
        self, symbol: str, interval: str, width_s: int, start_s: int, candle: Candle
    ) -> bytes:
        now_ns = self._host.now_ns()
        row = {
            "start": start_s * 1000,
            "end": (start_s + width_s) * 1000 - 1,
            "interval": interval,
            "open": plain(candle.open),
            "close": plain(candle.close),
            "high": plain(candle.high),
            "low": plain(candle.low),
            "volume": plain(candle.volume),
            "turnover": plain(candle.volume * candle.close),
            "confirm": False,
            "timestamp": now_ns // 1_000_000,
        }
        return self._said(f"kline.{interval}", symbol, "snapshot", [row], now_ns)

    def _said(
        self, channel: str, symbol: str, kind: str, data: Any, time_ns: int, **more: int
    ) -> bytes:
        message: Row = {
            "topic": f"{channel}.{self._face.names.id(symbol)}",
            "ts": time_ns // 1_000_000,
            "type": kind,
            "data": data,
        }
        return encode(message | more)
