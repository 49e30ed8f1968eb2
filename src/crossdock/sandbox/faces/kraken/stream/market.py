"""Public channels: what is told when a market moves.

https://docs.kraken.com/exchange/api-reference/spot-websocket-v2, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.sandbox.faces.kraken.names import asset_id
from crossdock.sandbox.faces.kraken.reads.day import day_of
from crossdock.sandbox.faces.kraken.reads.market import INTERVALS
from crossdock.sandbox.faces.kraken.stream.books import DEPTHS, Book
from crossdock.sandbox.faces.kraken.words import Row, moment, number, side_of
from crossdock.sandbox.host import SECOND_NS
from crossdock.sandbox.market import Candle
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import BookChanged, MarketNews, QuoteChanged, Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kraken.face import KrakenFace

INSTRUMENTS: Topic = ("instrument",)

_TRADES_IN_SNAPSHOT = 50
_BARS_IN_SNAPSHOT = 720

encode = msgspec.json.Encoder().encode


class MarketStreams:
    """Words public news, and the snapshots that come before it."""

    def __init__(self, face: KrakenFace) -> None:
        self._face = face
        self._host = face.host
        self._books: dict[tuple[str, int], Book] = {}
        self._versions = self._versions_now()

    def of(self, news: MarketNews) -> Iterator[tuple[Topic, bytes]]:
        """Return (topic, body) pairs for what anybody hears."""
        if news.symbol not in self._face.names:
            return
        if isinstance(news, BookChanged):
            yield from self._book_updates(news)
        elif isinstance(news, Traded):
            yield from self._trade_updates(news)
        elif isinstance(news, QuoteChanged):
            topic = ("ticker", news.symbol, "bbo")
            if self._host.feed.hears(topic):
                yield topic, self.ticker(news.symbol, "update")

    def tick(self) -> None:
        """Tell of pairs that have changed."""
        versions = self._versions_now()
        if versions != self._versions:
            changed = [it for it, at in versions.items() if self._versions.get(it) != at]
            self._versions = versions
            if self._host.feed.hears(INSTRUMENTS):
                self._host.feed.push(INSTRUMENTS, self.instruments("update", changed))

    def book(self, symbol: str, depth: int) -> bytes:
        """Return a book's snapshot. What came before it was told already."""
        book = self._books.get((symbol, depth))
        if book is None:
            names = self._face.names
            book = self._books[symbol, depth] = Book(
                symbol, depth, names.price_places(symbol), names.quantity_places(symbol)
            )
        _, bids, asks = self._host.venue.book(symbol, depth)
        return book.snapshot(bids, asks, self._host.now_ns())

    def trades(self, symbol: str) -> bytes:
        rows = [
            _trade(it, self._face.names.price_places(symbol))
            for it in self._host.feed.trades(symbol, _TRADES_IN_SNAPSHOT)
        ]
        return encode({"channel": "trade", "type": "snapshot", "data": rows})

    def ticker(self, symbol: str, kind: str) -> bytes:
        day = day_of(self._host, symbol)
        places = self._face.names.price_places(symbol)
        _, bid, ask = self._host.venue.top(symbol)
        change = day.last - day.open
        percent = change / day.open * 100 if day.open else change
        row: Row = {"symbol": symbol}
        for name, level in (("bid", bid), ("ask", ask)):
            if level is not None:
                row[name] = number(level[0], places)
                row[f"{name}_qty"] = number(level[1], 8)
        row |= {
            "last": number(day.last, places),
            "volume": number(day.volume, 8),
            "vwap": number(day.vwap, places),
            "low": number(day.low, places),
            "high": number(day.high, places),
            "change": number(change, places),
            "change_pct": msgspec.Raw(f"{percent:.2f}".encode()),
            "timestamp": moment(self._host.now_ns()),
        }
        return encode({"channel": "ticker", "type": kind, "data": [row]})

    def ohlc(self, symbol: str, interval: int) -> bytes:
        """Return the bars that came before, the one that forms among them."""
        width_s = interval * 60
        now_ns = self._host.clock.time_ns()
        start_ns = now_ns - _BARS_IN_SNAPSHOT * width_s * SECOND_NS
        rows = self._host.bars.closed(
            symbol, width_s, start_ns=start_ns, end_ns=now_ns, limit=_BARS_IN_SNAPSHOT
        )
        forming = self._host.bars.forming(symbol, width_s)
        if forming is not None:
            rows.append(forming)
        data = [self._bar(symbol, interval, *row) for row in rows]
        return self._bars("snapshot", data)

    def instruments(self, kind: str, symbols: list[str]) -> bytes:
        assets = self._face.names.assets if kind == "snapshot" else []
        data = {
            "assets": [_asset(it) for it in assets],
            "pairs": [self._pair(it) for it in symbols],
        }
        return encode({"channel": "instrument", "type": kind, "data": data})

    def _book_updates(self, news: BookChanged) -> Iterator[tuple[Topic, bytes]]:
        for depth in DEPTHS:
            topic = ("book", news.symbol, depth)
            book = self._books.get((news.symbol, depth))
            if book is None or not self._host.feed.hears(topic):
                continue
            _, bids, asks = self._host.venue.book(news.symbol, depth)
            body = book.update(bids, asks, news.time_ns)
            if body is not None:
                yield topic, body

    def _trade_updates(self, news: Traded) -> Iterator[tuple[Topic, bytes]]:
        symbol, hears = news.symbol, self._host.feed.hears
        topic: Topic = ("trade", symbol)
        if hears(topic):
            row = _trade(news, self._face.names.price_places(symbol))
            yield topic, encode({"channel": "trade", "type": "update", "data": [row]})
        topic = ("ticker", symbol, "trades")
        if hears(topic):
            yield topic, self.ticker(symbol, "update")
        for interval in INTERVALS:
            topic = ("ohlc", symbol, interval)
            forming = None
            if hears(topic):
                forming = self._host.bars.forming(symbol, interval * 60)
            if forming is not None:
                bar = self._bar(symbol, interval, *forming)
                yield topic, self._bars("update", [bar])

    def _bars(self, kind: str, rows: list[Row]) -> bytes:
        stamp = moment(self._host.now_ns())
        return encode({"channel": "ohlc", "type": kind, "timestamp": stamp, "data": rows})

    def _bar(self, symbol: str, interval: int, start_s: int, candle: Candle) -> Row:
        places = self._face.names.price_places(symbol)
        return {
            "symbol": symbol,
            "open": number(candle.open, places),
            "high": number(candle.high, places),
            "low": number(candle.low, places),
            "close": number(candle.close, places),
            "trades": 1,
            "volume": number(candle.volume, 8),
            "vwap": number(candle.close, places),
            "interval_begin": moment(start_s * SECOND_NS),
            "interval": interval,
            "timestamp": moment((start_s + interval * 60) * SECOND_NS),
        }

    def _pair(self, symbol: str) -> Row:
        names = self._face.names
        market, lot_places = names.market(symbol), names.quantity_places(symbol)
        return {
            "symbol": symbol,
            "base": market.base,
            "quote": market.quote,
            "status": "online",
            "qty_precision": lot_places,
            "qty_increment": number(market.quantity_step),
            "price_precision": names.price_places(symbol),
            "cost_precision": names.price_places(symbol) + 4,
            "marginable": False,
            "has_index": False,
            "cost_min": number(market.min_notional),
            "price_increment": number(market.ticks[0][1]),
            "tick_size": number(market.ticks[0][1]),
            "qty_min": number(market.min_quantity or market.quantity_step),
        }

    def _versions_now(self) -> dict[str, int]:
        names = self._face.names
        return {it: names.market(it).version for it in names.symbols}


def _asset(asset: str) -> Row:
    is_money = asset_id(asset).startswith("Z") and len(asset) == 3
    return {
        "id": asset,
        "status": "enabled",
        "precision": 4 if is_money else 10,
        "precision_display": 2 if is_money else 5,
        "borrowable": False,
        "collateral_value": 0.0,
        "margin_rate": 0.0,
    }


def _trade(trade: Traded, price_places: int) -> dict[str, Any]:
    return {
        "symbol": trade.symbol,
        "side": side_of(trade.side),
        "price": number(trade.price, price_places),
        "qty": number(trade.quantity, 8),
        "ord_type": "limit",
        "trade_id": trade.number,
        "timestamp": moment(trade.time_ns),
    }
