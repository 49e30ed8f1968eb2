"""Market streams of a futures exchange: each change of the book says where the last ended.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams,
read 2026-11-21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock.sandbox.faces.binance_words.market_streams import MarketStreams
from crossdock.sandbox.faces.binance_words.writing import eight, levels, milliseconds
from crossdock.sandbox.stream.news import BookChanged, QuoteChanged, Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance_futures.exchange import FuturesFace

PACES = {100: "@100ms", 250: "", 500: "@500ms"}


class FuturesStreams(MarketStreams):
    """Words market news of one venue."""

    def __init__(self, face: FuturesFace) -> None:
        super().__init__(face.host, face.symbols, face.market_data, PACES)
        self._face = face

    def worded_change(self, topic: str, name: str, news: BookChanged) -> dict[str, Any]:
        return self._change(name, news) | {"b": levels(news.bids), "a": levels(news.asks)}

    def worded_part(
        self, topic: str, name: str, depth: int, news: BookChanged
    ) -> dict[str, Any]:
        _, bids, asks = self.host.venue.book(news.symbol, depth)
        return self._change(name, news) | {"b": levels(bids), "a": levels(asks)}

    def worded_best(self, name: str, news: QuoteChanged) -> dict[str, Any]:
        row: dict[str, Any] = {
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
        return row | self._pair(name)

    def worded_trade(self, news: Traded) -> dict[str, Any]:
        return {"X": "MARKET"}

    def worded_ticker(self, day: dict[str, Any]) -> dict[str, Any]:
        return {}

    def _change(self, name: str, news: BookChanged) -> dict[str, Any]:
        row: dict[str, Any] = {
            "e": "depthUpdate",
            "E": milliseconds(self.host.now_ns()),
            "T": milliseconds(news.time_ns),
            "s": name,
            "U": news.first,
            "u": news.last,
            "pu": news.first - 1,
        }
        return row | self._pair(name)

    def _pair(self, name: str) -> dict[str, Any]:
        pair = self._face.words.pair(name)
        return {"ps": pair["pair"]} if pair else {}
