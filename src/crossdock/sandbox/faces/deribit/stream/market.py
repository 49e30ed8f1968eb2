"""Public channels: what is told when a market moves.

https://docs.deribit.com/subscriptions/orderbook/bookinstrument_nameinterval and
https://docs.deribit.com/articles/notifications, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO
from crossdock.sandbox.faces.deribit.reads.market import RESOLUTIONS_S, Market
from crossdock.sandbox.faces.deribit.refusals import invalid
from crossdock.sandbox.faces.deribit.words import Row, encode, milliseconds, short
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import BookChanged, MarketNews, QuoteChanged, Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.deribit.face import DeribitFace

_DEPTH = 10_000
_INTERVALS = {"raw": 0, "100ms": 100}
PACES_MS = tuple(_INTERVALS.values())

Levels = dict[Decimal, Decimal]


class _Book:
    """One channel's book, as everybody who listens to it was told."""

    def __init__(self, change_id: int, bids: Levels, asks: Levels) -> None:
        self.change_id = change_id
        self.bids = bids
        self.asks = asks


def message(channel: str, data: Any) -> bytes:
    """Return a notification."""
    params = {"channel": channel, "data": data}
    return encode({"jsonrpc": "2.0", "method": "subscription", "params": params})


class MarketStreams:
    """Words public news, and what comes first."""

    def __init__(self, face: DeribitFace) -> None:
        self._face = face
        self._host = face.host
        self._market = Market(face)
        self._books: dict[str, _Book] = {}

    def check(self, channel: str) -> str:
        """Return a channel that there is. Raises Refusal."""
        kind, _, rest = channel.partition(".")
        if kind == "quote":
            self._face.names.find(rest)
            return channel
        name, _, pace = rest.rpartition(".")
        allowed: Any = _INTERVALS
        if kind == "chart":
            name, allowed = name.removeprefix("trades."), RESOLUTIONS_S
        if kind not in ("book", "trades", "ticker", "chart") or pace not in allowed:
            raise invalid("channels", f"unsupported channel {channel}")
        self._face.names.find(name)
        return channel

    def first(self, channel: str) -> bytes | None:
        """Return what a new listener is told at once. Asked before it listens.

        Where others listen already, it begins where they stand.
        """
        kind, _, rest = channel.partition(".")
        now_ns = self._host.now_ns()
        if kind == "book":
            symbol = self._face.names.find(rest.rpartition(".")[0])
            if not self._host.feed.hears(channel):
                self._books[channel] = self._present(symbol)
            return message(channel, self._snapshot(symbol, self._books[channel], now_ns))
        if kind == "ticker":
            symbol = self._face.names.find(rest.rpartition(".")[0])
            return message(channel, self._market.ticker_row(symbol, now_ns))
        return None

    def of(self, news: MarketNews) -> Iterator[tuple[Topic, bytes]]:
        """Return (channel, body) pairs for what anybody hears."""
        name, hears = self._face.names.id(news.symbol), self._host.feed.hears
        if isinstance(news, BookChanged):
            for pace, pace_ms in _INTERVALS.items():
                channel = f"book.{name}.{pace}"
                if pace_ms == news.pace_ms and hears(channel):
                    yield from self._changes(channel, news)
        elif isinstance(news, QuoteChanged):
            if hears(f"quote.{name}"):
                yield f"quote.{name}", message(f"quote.{name}", _quote(name, news))
            for pace in _INTERVALS:
                channel = f"ticker.{name}.{pace}"
                if hears(channel):
                    row = self._market.ticker_row(news.symbol, news.time_ns)
                    yield channel, message(channel, row)
        else:
            yield from self._trade(name, news)

    def _trade(self, name: str, news: Traded) -> Iterator[tuple[Topic, bytes]]:
        hears = self._host.feed.hears
        for pace in _INTERVALS:
            channel = f"trades.{name}.{pace}"
            if hears(channel):
                yield channel, message(channel, [self._market.trade_row(news)])
        for resolution, width_s in RESOLUTIONS_S.items():
            channel = f"chart.trades.{name}.{resolution}"
            forming = None
            if hears(channel):
                forming = self._host.bars.forming(news.symbol, width_s)
            if forming is not None:
                start_s, candle = forming
                row = {
                    "tick": start_s * 1000,
                    "open": short(candle.open),
                    "high": short(candle.high),
                    "low": short(candle.low),
                    "close": short(candle.close),
                    "volume": short(candle.volume),
                    "cost": short(candle.volume * candle.close),
                }
                yield channel, message(channel, row)

    def _present(self, symbol: str) -> _Book:
        sequence, bids, asks = self._host.venue.book(symbol, _DEPTH)
        return _Book(sequence, dict(bids), dict(asks))

    def _changes(self, channel: str, news: BookChanged) -> Iterator[tuple[Topic, bytes]]:
        before, now = self._books[channel], self._present(news.symbol)
        bids, asks = _actions(before.bids, now.bids), _actions(before.asks, now.asks)
        if now.change_id == before.change_id:
            return
        self._books[channel] = now
        row = {
            "type": "change",
            "timestamp": milliseconds(news.time_ns),
            "instrument_name": self._face.names.id(news.symbol),
            "prev_change_id": before.change_id,
            "change_id": now.change_id,
            "bids": bids,
            "asks": asks,
        }
        yield channel, message(channel, row)

    def _snapshot(self, symbol: str, book: _Book, now_ns: int) -> Row:
        return {
            "type": "snapshot",
            "timestamp": milliseconds(now_ns),
            "instrument_name": self._face.names.id(symbol),
            "change_id": book.change_id,
            "bids": _actions({}, book.bids),
            "asks": _actions({}, book.asks),
        }


def _actions(before: Levels, now: Levels) -> list[list[Any]]:
    """Return what turns one side of a book into another."""
    gone = [["delete", short(it), ZERO] for it in before if it not in now]
    return gone + [
        ["change" if price in before else "new", short(price), short(size)]
        for price, size in now.items()
        if before.get(price) != size
    ]


def _quote(name: str, news: QuoteChanged) -> Row:
    return {
        "instrument_name": name,
        "timestamp": milliseconds(news.time_ns),
        "best_bid_price": short(news.bid[0]),
        "best_bid_amount": short(news.bid[1]),
        "best_ask_price": short(news.ask[0]),
        "best_ask_amount": short(news.ask[1]),
    }
