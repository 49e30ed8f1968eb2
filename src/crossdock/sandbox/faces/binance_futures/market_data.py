"""Public reads of a futures exchange: those all of Binance's have, and funding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, Side
from crossdock.sandbox.engine import PriceLevel
from crossdock.sandbox.faces.binance_futures.rules import symbol_info
from crossdock.sandbox.faces.binance_words.limits import order_rates, weight_rate
from crossdock.sandbox.faces.binance_words.market_reads import MarketReads, aggregate
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.writing import eight, levels, milliseconds
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.stream.news import Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance_futures.exchange import FuturesFace

_PERIOD_NS = 8 * 3600 * 10**9


class MarketData(MarketReads):
    """Public reads of one venue."""

    def __init__(self, face: FuturesFace) -> None:
        super().__init__(face.host, face.symbols)
        self._face = face

    def exchange_info(self, params: Params, account: str) -> Act:
        limits, windows = self._face.limits, self._face.order_windows

        def act(now_ns: int) -> Any:
            names = [self._symbols.id(symbol) for symbol in self._symbols.all]
            return {
                "timezone": "UTC",
                "serverTime": milliseconds(now_ns),
                "rateLimits": [*order_rates(limits, windows), weight_rate(limits)],
                "exchangeFilters": [],
                "assets": [
                    {"asset": it, "marginAvailable": True, "autoAssetExchange": "0"}
                    for it in sorted({it.settle for it in self._symbols.markets()})
                ],
                "symbols": [symbol_info(it, self._symbols.market(it)) for it in names],
            }

        return act

    def premium(self, params: Params, account: str) -> Act:
        """Return marks and funding: none falls due by itself."""

        def row(name: str, now_ns: int) -> dict[str, Any]:
            price = self._host.venue.last_price(self._symbols.symbol(name)) or ZERO
            found: dict[str, Any] = {
                "symbol": name,
                "markPrice": eight(price),
                "indexPrice": eight(price),
                "estimatedSettlePrice": eight(price),
                "lastFundingRate": eight(ZERO),
                "interestRate": eight(ZERO),
                "nextFundingTime": milliseconds((now_ns // _PERIOD_NS + 1) * _PERIOD_NS),
                "time": milliseconds(now_ns),
            }
            return found | self._face.words.pair(name)

        names = self.names(params)
        if "symbol" in params and not self._face.terms.is_inverse:
            return lambda now_ns: row(names[0], now_ns)
        return lambda now_ns: [row(name, now_ns) for name in names]

    def funding_rates(self, params: Params, account: str) -> Act:
        """Return the rates that fell due: there are none."""
        self.names(params)
        return lambda _now_ns: []

    def worded_book(
        self, name: str, last: int, bids: Sequence[PriceLevel], asks: Sequence[PriceLevel]
    ) -> dict[str, Any]:
        now_ms = milliseconds(self._host.now_ns())
        row: dict[str, Any] = {
            "lastUpdateId": last,
            "E": now_ms,
            "T": now_ms,
            "bids": levels(bids),
            "asks": levels(asks),
        }
        if self._face.terms.is_inverse:
            row |= {"symbol": name} | self._face.words.pair(name)
        return row

    def worded_trade(self, trade: Traded) -> dict[str, Any]:
        money = trade.price * trade.quantity
        if self._face.terms.is_inverse:
            market = self._host.venue.markets[trade.symbol]
            money = trade.quantity * market.multiplier / trade.price
        return {
            "id": trade.number,
            "price": plain(trade.price),
            "qty": plain(trade.quantity),
            f"{self._face.terms.unit}Qty": f"{money:.8f}",
            "time": milliseconds(trade.time_ns),
            "isBuyerMaker": trade.side is Side.SELL,
        }

    def worded_aggregate(self, trade: Traded) -> dict[str, Any]:
        return aggregate(trade)

    def worded_day(self, name: str, day: dict[str, Any]) -> dict[str, Any]:
        return day | self._face.words.pair(name)
