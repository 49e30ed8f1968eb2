"""What the futures exchange tells of its contracts.

https://www.kucoin.com/docs-new/rest/futures-trading/market-data/introduction,
read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, ContractKind
from crossdock.sandbox.engine import MarketSpec, PriceLevel
from crossdock.sandbox.faces.bars import bars_of
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.kucoin_gateway.face import Endpoint
from crossdock.sandbox.faces.kucoin_gateway.ids import trade_id
from crossdock.sandbox.faces.kucoin_gateway.numbers import Row, ms, side_of
from crossdock.sandbox.faces.kucoin_gateway.params import Params
from crossdock.sandbox.faces.kucoinfutures.names import currency
from crossdock.sandbox.faces.numbers import number, plain
from crossdock.sandbox.stream.news import Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kucoinfutures.face import KucoinFuturesFace

_WIDTHS_MIN = ("1", "5", "15", "30", "60", "120", "240", "480", "720", "1440", "10080")
_MOST_BARS = 200
_MOST_TRADES = 100
_MOST_LEVELS = 5000
_FUNDING_MS = 8 * 3600 * 1000


class Market:
    def __init__(self, face: KucoinFuturesFace) -> None:
        self._face = face
        self._host = face.host
        self._names = face.names

    def endpoints(self) -> Sequence[Endpoint]:
        reads: dict[str, Any] = {
            "contracts/active": (self.contracts, 3),
            "ticker": (self.ticker, 2),
            "level2/snapshot": (self.book(_MOST_LEVELS), 3),
            "level2/depth20": (self.book(20), 5),
            "level2/depth100": (self.book(100), 10),
            "trade/history": (self.trades, 5),
            "kline/query": (self.candles, 3),
            "funding-rate/{symbol}/current": (self.funding, 2),
        }
        return [
            Endpoint("GET", f"/api/v1/{path}", prepare, weight, is_signed=False)
            for path, (prepare, weight) in reads.items()
        ]

    def contracts(self, params: Params, call: Call) -> Act:
        return lambda now_ns: [self._contract(it, now_ns) for it in self._names.markets]

    def ticker(self, params: Params, call: Call) -> Act:
        symbol = self._names.symbol(params.text("symbol"))

        def act(now_ns: int) -> Row:
            sequence, bid, ask = self._host.venue.top(symbol)
            bid, ask = bid or (ZERO, ZERO), ask or (ZERO, ZERO)
            trades = self._host.feed.trades(symbol, 1)
            last = trades[-1] if trades else None
            return {
                "sequence": sequence,
                "symbol": self._names.id(symbol),
                "side": side_of(last.side) if last else "buy",
                "size": int(last.quantity) if last else 0,
                "tradeId": trade_id(last.trade_id) if last else "",
                "price": plain(last.price if last else ZERO),
                "bestBidPrice": plain(bid[0]),
                "bestBidSize": int(bid[1]),
                "bestAskPrice": plain(ask[0]),
                "bestAskSize": int(ask[1]),
                "ts": now_ns,
            }

        return act

    def book(self, depth: int) -> Any:
        def prepare(params: Params, _call: Call) -> Act:
            symbol = self._names.symbol(params.text("symbol"))

            def act(now_ns: int) -> Row:
                sequence, bids, asks = self._host.venue.book(symbol, depth)
                return {
                    "symbol": self._names.id(symbol),
                    "sequence": sequence,
                    "bids": levels(bids),
                    "asks": levels(asks),
                    "ts": now_ns,
                }

            return act

        return prepare

    def trades(self, params: Params, call: Call) -> Act:
        symbol = self._names.symbol(params.text("symbol"))
        feed = self._host.feed
        return lambda _now_ns: [trade(it) for it in feed.trades(symbol, _MOST_TRADES)]

    def candles(self, params: Params, call: Call) -> Act:
        symbol = self._names.symbol(params.text("symbol"))
        width_s = int(params.choice("granularity", _WIDTHS_MIN)) * 60

        def act(_now_ns: int) -> list[list[Any]]:
            rows = bars_of(
                self._host,
                symbol,
                width_s,
                start_ns=params.time_ns("from"),
                end_ns=params.time_ns("to"),
                limit=_MOST_BARS,
            )
            return [
                [
                    begun_s * 1000,
                    *(number(it) for it in (bar.open, bar.high, bar.low, bar.close)),
                    number(bar.volume),
                ]
                for begun_s, bar in rows
            ]

        return act

    def funding(self, params: Params, call: Call) -> Act:
        symbol = self._names.symbol(params.text("symbol"))

        def act(now_ns: int) -> Row:
            begun_ms = ms(now_ns) // _FUNDING_MS * _FUNDING_MS
            return {
                "symbol": f".{self._names.id(symbol)}FPI8H",
                "granularity": _FUNDING_MS,
                "timePoint": begun_ms,
                "value": 0,
                "predictedValue": 0,
                "fundingTime": begun_ms + _FUNDING_MS,
            }

        return act

    def _contract(self, market: MarketSpec, now_ns: int) -> Row:
        inverse = market.kind is ContractKind.INVERSE
        last = number(self._host.venue.last_price(market.symbol) or ZERO)
        return {
            "symbol": self._names.id(market.symbol),
            "rootSymbol": currency(market.settle),
            "type": "FFWCSX",
            "firstOpenDate": 1591086000000,
            "expireDate": None,
            "settleDate": None,
            "baseCurrency": currency(market.base),
            "quoteCurrency": market.quote,
            "settleCurrency": currency(market.settle),
            "maxOrderQty": int(market.max_quantity or 1_000_000),
            "maxPrice": 1000000,
            "lotSize": number(market.quantity_step),
            "tickSize": number(market.ticks[0][1]),
            "multiplier": number(-market.multiplier if inverse else market.multiplier),
            "initialMargin": 1,
            "maintainMargin": number(market.maker_fee),
            "makerFeeRate": number(market.maker_fee),
            "takerFeeRate": number(market.taker_fee),
            "isInverse": inverse,
            "isQuanto": False,
            "status": "Open",
            "fundingFeeRate": 0,
            "nextFundingRateTime": _FUNDING_MS - ms(now_ns) % _FUNDING_MS,
            "markPrice": last,
            "indexPrice": last,
            "lastTradePrice": last,
            "maxLeverage": 1,
            "supportCross": True,
        }


def levels(rows: Sequence[PriceLevel]) -> list[list[Any]]:
    return [[number(price), int(size)] for price, size in rows]


def trade(trade: Traded) -> Row:
    """Word a public trade, on REST and on the stream."""
    return {
        "sequence": trade.number,
        "side": side_of(trade.side),
        "size": int(trade.quantity),
        "price": plain(trade.price),
        "takerOrderId": "0",
        "makerOrderId": "0",
        "tradeId": trade_id(trade.trade_id),
        "ts": trade.time_ns,
    }
