"""Market streams of the options exchange: trades come by underlying.

https://developers.binance.com/docs/derivatives/options-trading/websocket-market-streams, read
2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from crossdock.model import Side
from crossdock.sandbox.faces.binance_words.door import encode
from crossdock.sandbox.faces.binance_words.market_streams import MarketStreams
from crossdock.sandbox.faces.binance_words.writing import eight, levels, milliseconds
from crossdock.sandbox.faces.binanceoptions.names import underlying
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import BookChanged, MarketNews, QuoteChanged, Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binanceoptions.face import BinanceOptionsFace

PACES = {100: "@100ms", 500: "@500ms"}


class OptionStreams(MarketStreams):
    """Words market news of one venue."""

    def __init__(self, face: BinanceOptionsFace) -> None:
        super().__init__(face.host, face.symbols, face.market_data, PACES)
        self._face = face

    def messages(self, news: MarketNews) -> Iterator[tuple[Topic, bytes]]:
        yield from super().messages(news)
        if isinstance(news, Traded) and news.symbol in self._face.symbols:
            market = self.host.venue.markets[news.symbol]
            topic = f"{underlying(market).lower()}@optionTrade"
            if self.host.feed.hears(topic):
                yield topic, encode(self._option_trade(news))

    def worded_change(self, topic: str, name: str, news: BookChanged) -> dict[str, Any]:
        return self._change(name, news) | {"b": levels(news.bids), "a": levels(news.asks)}

    def worded_part(
        self, topic: str, name: str, depth: int, news: BookChanged
    ) -> dict[str, Any]:
        _, bids, asks = self.host.venue.book(news.symbol, depth)
        return self._change(name, news) | {"b": levels(bids), "a": levels(asks)}

    def worded_best(self, name: str, news: QuoteChanged) -> dict[str, Any]:
        return {
            "e": "bookTicker",
            "u": news.sequence,
            "s": name,
            "b": eight(news.bid[0]),
            "B": eight(news.bid[1]),
            "a": eight(news.ask[0]),
            "A": eight(news.ask[1]),
            "T": milliseconds(news.time_ns),
            "E": milliseconds(self.host.now_ns()),
        }

    def worded_trade(self, news: Traded) -> dict[str, Any]:
        return {"X": "MARKET"}

    def worded_ticker(self, day: dict[str, Any]) -> dict[str, Any]:
        return {}

    def _option_trade(self, news: Traded) -> dict[str, Any]:
        return {
            "e": "trade",
            "E": milliseconds(self.host.now_ns()),
            "T": milliseconds(news.time_ns),
            "s": self._face.symbols.id(news.symbol),
            "t": news.number,
            "p": plain(news.price),
            "q": plain(news.quantity),
            "X": "MARKET",
            "S": "SELL" if news.side is Side.SELL else "BUY",
            "m": news.side is Side.SELL,
        }

    def _change(self, name: str, news: BookChanged) -> dict[str, Any]:
        return {
            "e": "depthUpdate",
            "E": milliseconds(self.host.now_ns()),
            "T": milliseconds(news.time_ns),
            "s": name,
            "U": news.first,
            "u": news.last,
            "pu": news.first - 1,
        }
