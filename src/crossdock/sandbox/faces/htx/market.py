"""What spot tells of its markets.

https://huobiapi.github.io/docs/spot/v1/en/#market-data, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from crossdock.model import ZERO
from crossdock.sandbox.engine import MarketSpec, PriceLevel
from crossdock.sandbox.faces.bars import bars_of
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.htx.names import places
from crossdock.sandbox.faces.htx.params import Params
from crossdock.sandbox.faces.htx.words import Row, ms, side_of, trade_id
from crossdock.sandbox.faces.numbers import number
from crossdock.sandbox.host import SECOND_NS
from crossdock.sandbox.stream.news import Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.htx.face import HtxFace

WIDTHS = {
    "1min": 60,
    "5min": 300,
    "15min": 900,
    "30min": 1800,
    "60min": 3600,
    "4hour": 14_400,
    "1day": 86_400,
    "1week": 604_800,
}
_DEPTHS = {"5": 5, "10": 10, "20": 20}
_MOST_LEVELS = 150
_MOST_BARS = 1000
_MOST_TRADES = 1000
# Clients ask for contracts too, and take an empty list for a failure.
_CONTRACT: Mapping[str, object] = {
    "symbol": "BTC",
    "contract_code": "BTC-USDT",
    "contract_size": 0.001,
    "price_tick": 0.1,
    "create_date": "20201021",
    "contract_status": 0,
    "settlement_date": "0",
    "support_margin_mode": "all",
}


class Market:
    def __init__(self, face: HtxFace) -> None:
        self._face = face
        self._host = face.host
        self._names = face.names

    def reads(self) -> Mapping[str, Callable[[Params, Call], Act]]:
        return {
            "/v1/common/timestamp": self.time,
            "/v1/common/symbols": self.symbols,
            "/v2/reference/currencies": self.currencies,
            "/v2/market-status": self.status,
            "/market/depth": self.depth,
            "/market/history/trade": self.trades,
            "/market/history/candles": self.candles,
            "/market/history/kline": self.candles,
            "/market/detail/merged": self.merged,
            "/linear-swap-api/v1/swap_contract_info": _contracts(
                {"business_type": "swap", "pair": "BTC-USDT", "contract_type": "swap"}
            ),
            "/swap-api/v1/swap_contract_info": _contracts({"contract_code": "BTC-USD"}),
            "/api/v1/contract_contract_info": _contracts(
                {
                    "contract_code": "BTC240628",
                    "contract_type": "quarter",
                    "delivery_date": "20240628",
                    "delivery_time": "1719561600000",
                }
            ),
        }

    def time(self, params: Params, call: Call) -> Act:
        return lambda now_ns: {"data": ms(now_ns)}

    def status(self, params: Params, call: Call) -> Act:
        return lambda _now_ns: {"code": 200, "data": {"marketStatus": 1}}

    def symbols(self, params: Params, call: Call) -> Act:
        return lambda _now_ns: {"data": [self._symbol(it) for it in self._names.markets]}

    def currencies(self, params: Params, call: Call) -> Act:
        assets = {
            it for market in self._names.markets for it in (market.base, market.quote)
        }

        def act(_now_ns: int) -> Row:
            rows = [
                {
                    "currency": it.lower(),
                    "assetType": 1,
                    "chains": [],
                    "instStatus": "normal",
                }
                for it in sorted(assets)
            ]
            return {"code": 200, "data": rows}

        return act

    def depth(self, params: Params, call: Call) -> Act:
        name = params.text("symbol")
        symbol = self._names.symbol(name)
        kind = params.text("type")
        depth = _MOST_LEVELS
        if "depth" in params:
            depth = _DEPTHS[params.choice("depth", _DEPTHS)]

        def act(now_ns: int) -> Row:
            sequence, bids, asks = self._host.venue.book(symbol, depth)
            tick = {
                "ts": ms(now_ns),
                "version": sequence,
                "bids": levels(bids),
                "asks": levels(asks),
            }
            return {"ch": f"market.{name}.depth.{kind}", "ts": ms(now_ns), "tick": tick}

        return act

    def trades(self, params: Params, call: Call) -> Act:
        name = params.text("symbol")
        symbol = self._names.symbol(name)
        size = params.whole("size", 1, most=2000)

        def act(now_ns: int) -> Row:
            rows = self._host.feed.trades(symbol, min(size, _MOST_TRADES))
            data = [
                {
                    "id": it.number,
                    "ts": ms(it.time_ns),
                    "data": [trade(it) | {"trade-id": int(trade_id(it.trade_id))}],
                }
                for it in reversed(rows)
            ]
            return {"ch": f"market.{name}.trade.detail", "ts": ms(now_ns), "data": data}

        return act

    def candles(self, params: Params, call: Call) -> Act:
        name = params.text("symbol")
        symbol = self._names.symbol(name)
        period = params.choice("period", WIDTHS)
        start_s, end_s = params.whole("from", 0), params.whole("to", 0)
        size = params.whole("size", 150, most=2000)

        def act(now_ns: int) -> Row:
            rows = bars_of(
                self._host,
                symbol,
                WIDTHS[period],
                start_ns=start_s * SECOND_NS or None,
                end_ns=(end_s + 1) * SECOND_NS if end_s else None,
                limit=min(size, _MOST_BARS),
            )
            data = [
                {
                    "id": begun_s,
                    "open": number(bar.open),
                    "close": number(bar.close),
                    "low": number(bar.low),
                    "high": number(bar.high),
                    "amount": number(bar.volume),
                    "vol": number(bar.volume * bar.close),
                    "count": 1,
                }
                for begun_s, bar in rows
            ]
            return {"ch": f"market.{name}.kline.{period}", "ts": ms(now_ns), "data": data}

        return act

    def merged(self, params: Params, call: Call) -> Act:
        name = params.text("symbol")
        symbol = self._names.symbol(name)

        def act(now_ns: int) -> Row:
            sequence, bid, ask = self._host.venue.top(symbol)
            last = number(self._host.venue.last_price(symbol) or ZERO)
            tick = {
                "id": sequence,
                "version": sequence,
                **dict.fromkeys(("open", "close", "low", "high"), last),
                "amount": 0,
                "vol": 0,
                "count": 0,
                "bid": _level(bid or (ZERO, ZERO)),
                "ask": _level(ask or (ZERO, ZERO)),
            }
            return {"ch": f"market.{name}.detail.merged", "ts": ms(now_ns), "tick": tick}

        return act

    def _symbol(self, market: MarketSpec) -> Row:
        least = number(market.min_quantity or market.quantity_step)
        most = number(market.max_quantity or 10**9 * market.quantity_step)
        tick = market.ticks[0][1]
        return {
            "base-currency": market.base.lower(),
            "quote-currency": market.quote.lower(),
            "price-precision": places(tick),
            "amount-precision": places(market.quantity_step),
            "value-precision": places(tick) + places(market.quantity_step),
            "symbol-partition": "main",
            "symbol": self._names.id(market.symbol),
            "state": "online",
            "min-order-amt": least,
            "max-order-amt": most,
            "min-order-value": number(market.min_notional),
            "limit-order-min-order-amt": least,
            "limit-order-max-order-amt": most,
            "sell-market-min-order-amt": least,
            "sell-market-max-order-amt": most,
            "leverage-ratio": 1,
            "api-trading": "enabled",
            "tags": "",
        }


def _level(level: PriceLevel) -> list[object]:
    return [number(level[0]), number(level[1])]


def levels(rows: Sequence[PriceLevel]) -> list[list[object]]:
    return [_level(it) for it in rows]


def trade(trade: Traded) -> Row:
    """Word a public trade, on REST and on the stream."""
    return {
        "id": trade.number,
        "ts": ms(trade.time_ns),
        "amount": number(trade.quantity),
        "price": number(trade.price),
        "direction": side_of(trade.side),
    }


def _contracts(told: Mapping[str, object]) -> Callable[[Params, Call], Act]:
    return lambda _params, _call: (
        lambda now_ns: {
            "data": [{**_CONTRACT, **told}],
            "ts": ms(now_ns),
        }
    )
