"""Public reads of the options exchange.

https://developers.binance.com/docs/derivatives/options-trading/market-data, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import Side
from crossdock.sandbox.engine import MarketSpec, PriceLevel
from crossdock.sandbox.faces.binance_words.limits import order_rates, weight_rate
from crossdock.sandbox.faces.binance_words.market_reads import MarketReads, aggregate
from crossdock.sandbox.faces.binance_words.names import highest_price
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.writing import eight, levels, milliseconds
from crossdock.sandbox.faces.binanceoptions.names import (
    expiry_ms,
    right,
    strike,
    underlying,
)
from crossdock.sandbox.faces.binanceoptions.words import scale
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.stream.news import Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binanceoptions.face import BinanceOptionsFace

_MOST_QUANTITY = 1_000_000
_MARGIN = {
    "initialMargin": "0.15",
    "maintenanceMargin": "0.075",
    "minInitialMargin": "0.1",
    "minMaintenanceMargin": "0.05",
}
_GREEKS = ("bidIV", "askIV", "markIV", "delta", "theta", "gamma", "vega")


class MarketData(MarketReads):
    """Public reads of one venue."""

    def __init__(self, face: BinanceOptionsFace) -> None:
        super().__init__(face.host, face.symbols)
        self._face = face

    def exchange_info(self, params: Params, account: str) -> Act:
        limits, windows = self._face.limits, self._face.order_windows
        markets = self._symbols.markets()
        pairs = {underlying(it): it for it in markets}

        def act(now_ns: int) -> Any:
            return {
                "timezone": "UTC",
                "serverTime": milliseconds(now_ns),
                "optionContracts": [
                    {
                        "baseAsset": it.base,
                        "quoteAsset": it.quote,
                        "underlying": name,
                        "settleAsset": it.settle,
                    }
                    for name, it in sorted(pairs.items())
                ],
                "optionAssets": [
                    {"name": it} for it in sorted({it.settle for it in markets})
                ],
                "optionSymbols": [
                    _listed(self._symbols.id(it.symbol), it) for it in markets
                ],
                "rateLimits": [weight_rate(limits), *order_rates(limits, windows)],
            }

        return act

    def tickers(self, params: Params, account: str) -> Act:
        """Return days: a list, though it be of one."""
        names = self.names(params)
        return lambda _now_ns: [self.day(name) for name in names]

    def marks(self, params: Params, account: str) -> Act:
        """Return marks. There is no underlying here, and so there are no Greeks."""
        names = self.names(params)

        def row(name: str) -> dict[str, Any]:
            mark = plain(self._face.words.mark(self._symbols.symbol(name)))
            limits = {"highPriceLimit": "0", "lowPriceLimit": "0", "riskFreeInterest": "0"}
            return (
                {"symbol": name, "markPrice": mark} | dict.fromkeys(_GREEKS, "0") | limits
            )

        return lambda _now_ns: [row(name) for name in names]

    def worded_book(
        self, name: str, last: int, bids: Sequence[PriceLevel], asks: Sequence[PriceLevel]
    ) -> dict[str, Any]:
        return {
            "bids": levels(bids),
            "asks": levels(asks),
            "T": milliseconds(self._host.now_ns()),
            "lastUpdateId": last,
        }

    def worded_trade(self, trade: Traded) -> dict[str, Any]:
        return {
            "id": trade.number,
            "tradeId": trade.number,
            "symbol": self._symbols.id(trade.symbol),
            "price": plain(trade.price),
            "qty": plain(trade.quantity),
            "quoteQty": f"{trade.price * trade.quantity:.8f}",
            "side": -1 if trade.side is Side.SELL else 1,
            "time": milliseconds(trade.time_ns),
        }

    def worded_aggregate(self, trade: Traded) -> dict[str, Any]:
        return aggregate(trade)

    def worded_day(self, name: str, day: dict[str, Any]) -> dict[str, Any]:
        top = self.top(name)
        return {
            "symbol": name,
            "priceChange": day["priceChange"],
            "priceChangePercent": day["priceChangePercent"],
            "lastPrice": day["lastPrice"],
            "lastQty": day["lastQty"],
            "open": day["openPrice"],
            "high": day["highPrice"],
            "low": day["lowPrice"],
            "volume": day["volume"],
            "amount": day["quoteVolume"],
            "bidPrice": top["bidPrice"],
            "askPrice": top["askPrice"],
            "openTime": day["openTime"],
            "closeTime": day["closeTime"],
            "firstTradeId": day["firstId"],
            "tradeCount": day["count"],
            "strikePrice": strike(name),
            "exercisePrice": "0",
        }


def _listed(name: str, market: MarketSpec) -> dict[str, Any]:
    least = plain(max(market.min_quantity, market.quantity_step))
    most = plain(market.max_quantity or market.quantity_step * _MOST_QUANTITY)
    tick = market.ticks[0][1]
    return {
        "expiryDate": expiry_ms(name),
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": plain(tick),
                "maxPrice": plain(highest_price(market)),
                "tickSize": plain(tick),
            },
            {
                "filterType": "LOT_SIZE",
                "minQty": least,
                "maxQty": most,
                "stepSize": plain(market.quantity_step),
            },
        ],
        "symbol": name,
        "side": right(name),
        "strikePrice": eight(Decimal(strike(name))),
        "underlying": underlying(market),
        "unit": int(market.multiplier),
        "liquidationFeeRate": "0.0019000",
        "minQty": least,
        "maxQty": most,
        **_MARGIN,
        "priceScale": scale(tick),
        "quantityScale": scale(market.quantity_step),
        "quoteAsset": market.quote,
        "contractType": "CRYPTO_OPTIONS",
        "underlyingType": "CRYPTO",
        "nakedSell": True,
        "status": "TRADING",
    }
