"""Market streams of Binance spot.

https://github.com/binance/binance-spot-api-docs/blob/a5e0bc3/web-socket-streams.md, read
2026-11-21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock.sandbox.faces.binance_words.market_streams import MarketStreams
from crossdock.sandbox.faces.binance_words.writing import eight, levels, milliseconds
from crossdock.sandbox.stream.news import BookChanged, QuoteChanged, Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance.face import BinanceFace

PACES = {100: "@100ms", 1000: ""}


class SpotStreams(MarketStreams):
    """Words market news of one venue."""

    def __init__(self, face: BinanceFace) -> None:
        super().__init__(face.host, face.symbols, face.market_data, PACES)

    def worded_change(self, topic: str, name: str, news: BookChanged) -> dict[str, Any]:
        return {
            "e": "depthUpdate",
            "E": milliseconds(self.host.now_ns()),
            "s": name,
            "U": news.first,
            "u": news.last,
            "b": levels(news.bids),
            "a": levels(news.asks),
        }

    def worded_part(
        self, topic: str, name: str, depth: int, news: BookChanged
    ) -> dict[str, Any]:
        last, bids, asks = self.host.venue.book(news.symbol, depth)
        return {"lastUpdateId": last, "bids": levels(bids), "asks": levels(asks)}

    def worded_best(self, name: str, news: QuoteChanged) -> dict[str, Any]:
        return {
            "u": news.sequence,
            "s": name,
            "b": eight(news.bid[0]),
            "B": eight(news.bid[1]),
            "a": eight(news.ask[0]),
            "A": eight(news.ask[1]),
        }

    def worded_trade(self, news: Traded) -> dict[str, Any]:
        return {"M": True}

    def worded_ticker(self, day: dict[str, Any]) -> dict[str, Any]:
        return {
            "x": day["prevClosePrice"],
            "b": day["bidPrice"],
            "B": day["bidQty"],
            "a": day["askPrice"],
            "A": day["askQty"],
        }
