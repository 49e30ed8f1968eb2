"""Public reads: time, height, markets, books, trades, candles and funding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock.sandbox.faces.bars import bars_of
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.dydx.params import Params
from crossdock.sandbox.faces.dydx.refusals import unfit
from crossdock.sandbox.faces.dydx.words import (
    candle_row,
    height,
    levels,
    moment,
    trade_row,
)
from crossdock.sandbox.host import SECOND_NS

if TYPE_CHECKING:
    from crossdock.sandbox.faces.dydx.face import DydxFace

RESOLUTIONS = {
    "1MIN": 60,
    "5MINS": 300,
    "15MINS": 900,
    "30MINS": 1800,
    "1HOUR": 3600,
    "4HOURS": 14_400,
    "1DAY": 86_400,
}
_MOST_LEVELS = 100


class MarketReads:
    """What anybody may ask the indexer of one venue."""

    def __init__(self, face: DydxFace) -> None:
        self._face = face
        self._host = face.host

    def time(self, params: Params) -> Act:
        return lambda now_ns: {
            "iso": moment(now_ns),
            "epoch": now_ns // 1_000_000 / 1000,
        }

    def height(self, params: Params) -> Act:
        return lambda now_ns: {
            "height": height(now_ns),
            "time": moment(now_ns // SECOND_NS * SECOND_NS),
        }

    def markets(self, params: Params) -> Act:
        return lambda _now_ns: {"markets": self._face.markets.rows()}

    def book(self, params: Params) -> Act:
        symbol = self._face.markets.called(params.text("market")).symbol
        return lambda _now_ns: self.book_of(symbol)

    def book_of(self, symbol: str) -> dict[str, Any]:
        _, bids, asks = self._host.venue.book(symbol, _MOST_LEVELS)
        return {"bids": levels(bids), "asks": levels(asks)}

    def trades(self, params: Params) -> Act:
        symbol = self._face.markets.called(params.text("market")).symbol
        limit = params.limit()
        before_ns = params.time_ns("createdBeforeOrAt")

        def act(_now_ns: int) -> Any:
            rows = [
                it
                for it in self._host.feed.trades(symbol, limit)
                if before_ns is None or it.time_ns <= before_ns
            ]
            return {"trades": [trade_row(it) for it in reversed(rows)]}

        return act

    def candles(self, params: Params) -> Act:
        """Return the newest candles of a span, newest first; its end is left out."""
        market = self._face.markets.called(params.text("market"))
        resolution = params.text("resolution")
        width_s = RESOLUTIONS.get(resolution)
        if width_s is None:
            raise unfit("resolution must be a valid Candle Resolution")
        from_ns, to_ns = params.time_ns("fromIso"), params.time_ns("toIso")
        limit = params.limit()

        def act(_now_ns: int) -> Any:
            rows = bars_of(
                self._host,
                market.symbol,
                width_s,
                start_ns=from_ns,
                end_ns=to_ns,
                limit=limit if from_ns is None else 1_000_000,
            )
            newest = rows[-limit:][::-1]
            return {
                "candles": [
                    candle_row(market, resolution, start, it) for start, it in newest
                ]
            }

        return act

    def funding(self, params: Params) -> Act:
        """Return the rates that fell due: there are none."""
        self._face.markets.called(params.text("market"))
        return lambda _now_ns: {"historicalFunding": []}
