"""Public reads of Binance spot: those all its exchanges have, and its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, Side
from crossdock.sandbox.engine import PriceLevel
from crossdock.sandbox.faces.binance.symbols import symbol_info
from crossdock.sandbox.faces.binance_words.limits import order_rates, weight_rate
from crossdock.sandbox.faces.binance_words.market_reads import MarketReads, aggregate
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.writing import eight, levels, milliseconds
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.stream.news import Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance.face import BinanceFace


class MarketData(MarketReads):
    """Public reads of one venue."""

    def __init__(self, face: BinanceFace) -> None:
        super().__init__(face.host, face.symbols)
        self._face = face

    def status(self, params: Params, account: str) -> Act:
        return lambda _now_ns: {"status": 0, "msg": "normal"}

    def no_margin(self, params: Params, account: str) -> Act:
        """Return the pairs traded on margin: there are none."""
        return lambda _now_ns: []

    def exchange_info(self, params: Params, account: str) -> Act:
        names = self.names(params)
        limits, windows = self._face.limits, self._face.order_windows

        def act(now_ns: int) -> Any:
            return {
                "timezone": "UTC",
                "serverTime": milliseconds(now_ns),
                "rateLimits": [*order_rates(limits, windows), weight_rate(limits)],
                "exchangeFilters": [],
                "symbols": [symbol_info(it, self._symbols.market(it)) for it in names],
            }

        return act

    def average(self, params: Params, account: str) -> Act:
        symbol = self._symbols.symbol(params.text("symbol"))

        def act(now_ns: int) -> Any:
            price = self._host.venue.last_price(symbol) or ZERO
            return {"mins": 5, "price": eight(price), "closeTime": milliseconds(now_ns)}

        return act

    def worded_book(
        self, name: str, last: int, bids: Sequence[PriceLevel], asks: Sequence[PriceLevel]
    ) -> dict[str, Any]:
        return {"lastUpdateId": last, "bids": levels(bids), "asks": levels(asks)}

    def worded_trade(self, trade: Traded) -> dict[str, Any]:
        return {
            "id": trade.number,
            "price": eight(trade.price),
            "qty": eight(trade.quantity),
            "quoteQty": eight(trade.price * trade.quantity),
            "time": milliseconds(trade.time_ns),
            "isBuyerMaker": trade.side is Side.SELL,
            "isBestMatch": True,
        }

    def worded_aggregate(self, trade: Traded) -> dict[str, Any]:
        return aggregate(trade) | {"M": True}

    def worded_day(self, name: str, day: dict[str, Any]) -> dict[str, Any]:
        return day | {"prevClosePrice": day["openPrice"]} | self.top(name)
