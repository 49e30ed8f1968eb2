"""Public channels: what is told when a market moves.

https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-order-book-channel, read
2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.sandbox.faces.okx.reads.market import (
    Market,
    bar_row,
    level_rows,
    width_s_of,
)
from crossdock.sandbox.faces.okx.words import Row, milliseconds
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import BookChanged, MarketNews, QuoteChanged, Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.okx.face import OkxFace

CANDLE = "candle"
WHOLE = frozenset({"books", "books-l2-tbt", "books50-l2-tbt"})
"""Channels of the whole book, told by its changes."""

PICTURES = {"books5": 5, "bbo-tbt": 1}
"""Channels that tell the best levels each time, whole."""

_DEPTH = 5000
_NO_CHECKSUM = 0

encode = msgspec.json.Encoder().encode


def topic_of(channel: str, symbol: str) -> Topic:
    return (channel, symbol)


class MarketStreams:
    """Words public news, and what comes first."""

    def __init__(self, face: OkxFace) -> None:
        self._face = face
        self._host = face.host
        self._market = Market(face)
        self._widths: dict[str, int] = {}

    def knows(self, channel: str) -> bool:
        """Tell whether there is such a channel; one of bars is remembered."""
        if channel.startswith(CANDLE):
            self._widths[channel] = width_s_of(channel.removeprefix(CANDLE))
            return True
        return channel in WHOLE or channel in PICTURES or channel in ("trades", "tickers")

    def first(self, channel: str, symbol: str) -> bytes | None:
        """Return what a new listener is told at once."""
        now_ns = self._host.now_ns()
        if channel in WHOLE:
            sequence, bids, asks = self._host.venue.book(symbol, _DEPTH)
            row = self._book(bids, asks, now_ns, sequence, -1)
            return self._said(channel, symbol, [row], action="snapshot")
        if channel in PICTURES:
            return self._picture(channel, symbol, now_ns)
        if channel == "tickers":
            return self._ticker(symbol, now_ns)
        return self._candle(channel, symbol) if channel in self._widths else None

    def of(self, news: MarketNews) -> Iterator[tuple[Topic, bytes]]:
        """Return (topic, body) pairs for what anybody hears."""
        symbol, hears = news.symbol, self._host.feed.hears
        if isinstance(news, BookChanged):
            for channel in WHOLE:
                if hears(topic_of(channel, symbol)):
                    row = self._book(
                        news.bids, news.asks, news.time_ns, news.last, news.first - 1
                    )
                    body = self._said(channel, symbol, [row], action="update")
                    yield topic_of(channel, symbol), body
            if hears(topic_of("books5", symbol)):
                body = self._picture("books5", symbol, news.time_ns)
                yield topic_of("books5", symbol), body
        elif isinstance(news, QuoteChanged):
            if hears(topic_of("bbo-tbt", symbol)):
                body = self._picture("bbo-tbt", symbol, news.time_ns)
                yield topic_of("bbo-tbt", symbol), body
            if hears(topic_of("tickers", symbol)):
                yield topic_of("tickers", symbol), self._ticker(symbol, news.time_ns)
        else:
            yield from self._trade(news)

    def _trade(self, news: Traded) -> Iterator[tuple[Topic, bytes]]:
        symbol, hears = news.symbol, self._host.feed.hears
        if hears(topic_of("trades", symbol)):
            row = self._market.trade(news) | {"count": "1", "seqId": news.number}
            yield topic_of("trades", symbol), self._said("trades", symbol, [row])
        for channel in self._widths:
            if hears(topic_of(channel, symbol)):
                body = self._candle(channel, symbol)
                if body is not None:
                    yield topic_of(channel, symbol), body

    def _book(
        self,
        bids: Sequence[tuple[Decimal, Decimal]],
        asks: Sequence[tuple[Decimal, Decimal]],
        time_ns: int,
        sequence: int,
        before: int,
    ) -> Row:
        return {
            "asks": level_rows(sorted(asks)),
            "bids": level_rows(sorted(bids, reverse=True)),
            "ts": milliseconds(time_ns),
            "checksum": _NO_CHECKSUM,
            "prevSeqId": before,
            "seqId": sequence,
        }

    def _picture(self, channel: str, symbol: str, time_ns: int) -> bytes:
        sequence, bids, asks = self._host.venue.book(symbol, PICTURES[channel])
        row = {
            "asks": level_rows(asks),
            "bids": level_rows(bids),
            "instId": self._face.names.id(symbol),
            "ts": milliseconds(time_ns),
            "seqId": sequence,
        }
        return self._said(channel, symbol, [row])

    def _ticker(self, symbol: str, time_ns: int) -> bytes:
        return self._said("tickers", symbol, [self._market.ticker_row(symbol, time_ns)])

    def _candle(self, channel: str, symbol: str) -> bytes | None:
        forming = self._host.bars.forming(symbol, self._widths[channel])
        if forming is None:
            return None
        size = self._face.names.market(symbol).multiplier
        row = bar_row(*forming, size, closed=False)
        return self._said(channel, symbol, [row])

    def _said(
        self, channel: str, symbol: str, data: Sequence[Any], *, action: str | None = None
    ) -> bytes:
        message: Row = {"arg": {"channel": channel, "instId": self._face.names.id(symbol)}}
        if action is not None:
            message["action"] = action
        message["data"] = data
        return encode(message)
