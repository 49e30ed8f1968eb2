"""Public reads: rules, books, trades, bars and tickers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, Side
from crossdock.sandbox.engine import PriceLevel
from crossdock.sandbox.faces.binance.limits import rate_limits
from crossdock.sandbox.faces.binance.params import Params
from crossdock.sandbox.faces.binance.refusals import Said
from crossdock.sandbox.faces.binance.symbols import eight, symbol_info
from crossdock.sandbox.faces.binance.words import milliseconds
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.market import Candle
from crossdock.sandbox.stream.news import Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance.face import BinanceFace

INTERVALS = {
    "1s": 1,
    "1m": 60,
    "3m": 180,
    "5m": 300,
    "15m": 900,
    "30m": 1800,
    "1h": 3600,
    "2h": 7200,
    "4h": 14_400,
    "6h": 21_600,
    "8h": 28_800,
    "12h": 43_200,
    "1d": 86_400,
}
_SECOND_NS = 1_000_000_000
_MINUTE_S = 60
_DAY_S = 86_400
_MOST_LEVELS = 5000
_MOST_ROWS = 1000


class MarketData:
    """Public reads of one venue."""

    def __init__(self, face: BinanceFace) -> None:
        self._face = face
        self._host = face.host
        self._symbols = face.symbols

    def ping(self, params: Params, account: str) -> Act:
        return lambda _now_ns: {}

    def time(self, params: Params, account: str) -> Act:
        return lambda now_ns: {"serverTime": milliseconds(now_ns)}

    def status(self, params: Params, account: str) -> Act:
        return lambda _now_ns: {"status": 0, "msg": "normal"}

    def no_margin(self, params: Params, account: str) -> Act:
        """Return the pairs traded on margin: there are none."""
        return lambda _now_ns: []

    def exchange_info(self, params: Params, account: str) -> Act:
        names = self._names(params)

        def act(now_ns: int) -> Any:
            return {
                "timezone": "UTC",
                "serverTime": milliseconds(now_ns),
                "rateLimits": rate_limits(self._face.limits, orders=None),
                "exchangeFilters": [],
                "symbols": [symbol_info(it, self._symbols.market(it)) for it in names],
            }

        return act

    def depth(self, params: Params, account: str) -> Act:
        symbol = self._symbols.symbol(params.text("symbol"))
        limit = params.whole("limit", 100, most=_MOST_LEVELS)

        def act(_now_ns: int) -> Any:
            last, bids, asks = self._host.venue.book(symbol, limit)
            return {"lastUpdateId": last, "bids": levels(bids), "asks": levels(asks)}

        return act

    def trades(self, params: Params, account: str) -> Act:
        symbol = self._symbols.symbol(params.text("symbol"))
        limit = params.whole("limit", 500, most=_MOST_ROWS)

        def act(_now_ns: int) -> Any:
            return [_trade(it) for it in self._host.feed.trades(symbol, limit)]

        return act

    def aggregates(self, params: Params, account: str) -> Act:
        """Return trades, each an aggregate of one."""
        symbol = self._symbols.symbol(params.text("symbol"))
        limit = params.whole("limit", 500, most=_MOST_ROWS)
        first = params.whole_or_none("fromId")
        start_ns, end_ns = params.time_ns("startTime"), params.time_ns("endTime")

        def act(_now_ns: int) -> Any:
            rows = [
                it
                for it in self._host.feed.trades(symbol, _MOST_ROWS)
                if (first is None or it.number >= first)
                and (start_ns is None or it.time_ns >= start_ns)
                and (end_ns is None or it.time_ns <= end_ns)
            ]
            begins = first is not None or start_ns is not None
            return [aggregate(it) for it in (rows[:limit] if begins else rows[-limit:])]

        return act

    def klines(self, params: Params, account: str) -> Act:
        symbol = self._symbols.symbol(params.text("symbol"))
        width_s = INTERVALS.get(params.text("interval"))
        if width_s is None:
            raise Said(-1120, "Invalid interval.")
        limit = params.whole("limit", 500, most=_MOST_ROWS)
        start_ns, end_ns = params.time_ns("startTime"), params.time_ns("endTime")

        def act(_now_ns: int) -> Any:
            rows = self._bars(symbol, width_s, start_ns, end_ns, limit)
            return [_kline(start_s, width_s, candle) for start_s, candle in rows]

        return act

    def average(self, params: Params, account: str) -> Act:
        symbol = self._symbols.symbol(params.text("symbol"))

        def act(now_ns: int) -> Any:
            price = self._host.venue.last_price(symbol) or ZERO
            return {"mins": 5, "price": eight(price), "closeTime": milliseconds(now_ns)}

        return act

    def ticker(self, params: Params, account: str) -> Act:
        return self._each(params, self.day)

    def price(self, params: Params, account: str) -> Act:
        def row(name: str) -> dict[str, Any]:
            price = self._host.venue.last_price(self._symbols.symbol(name)) or ZERO
            return {"symbol": name, "price": eight(price)}

        return self._each(params, row)

    def best(self, params: Params, account: str) -> Act:
        def row(name: str) -> dict[str, Any]:
            _, bid, ask = self._host.venue.top(self._symbols.symbol(name))
            bid, ask = bid or (ZERO, ZERO), ask or (ZERO, ZERO)
            return {
                "symbol": name,
                "bidPrice": eight(bid[0]),
                "bidQty": eight(bid[1]),
                "askPrice": eight(ask[0]),
                "askQty": eight(ask[1]),
            }

        return self._each(params, row)

    def day(self, name: str) -> dict[str, Any]:
        """Return what the last 24 hours were, from bars of minutes."""
        symbol = self._symbols.symbol(name)
        now_ns = self._host.clock.time_ns()
        start_ns = now_ns - _DAY_S * _SECOND_NS
        candles = [it for _, it in self._bars(symbol, _MINUTE_S, start_ns, None, 1500)]
        _, bid, ask = self._host.venue.top(symbol)
        bid, ask = bid or (ZERO, ZERO), ask or (ZERO, ZERO)
        volume = sum((it.volume for it in candles), ZERO)
        quote = sum((it.volume * it.close for it in candles), ZERO)
        opened = candles[0].open if candles else ZERO
        closed = candles[-1].close if candles else ZERO
        trades = self._host.feed.trades(symbol, 1)
        last = trades[-1].number if trades else -1
        return {
            "symbol": name,
            "priceChange": eight(closed - opened),
            "priceChangePercent": f"{(closed - opened) / opened * 100 if opened else 0:.3f}",
            "weightedAvgPrice": f"{quote / volume if volume else 0:.8f}",
            "prevClosePrice": eight(opened),
            "lastPrice": eight(closed),
            "lastQty": eight(trades[-1].quantity if trades else ZERO),
            "bidPrice": eight(bid[0]),
            "bidQty": eight(bid[1]),
            "askPrice": eight(ask[0]),
            "askQty": eight(ask[1]),
            "openPrice": eight(opened),
            "highPrice": eight(max((it.high for it in candles), default=ZERO)),
            "lowPrice": eight(min((it.low for it in candles), default=ZERO)),
            "volume": eight(volume),
            "quoteVolume": f"{quote:.8f}",
            "openTime": milliseconds(start_ns),
            "closeTime": milliseconds(now_ns),
            "firstId": 1 if trades else -1,
            "lastId": last,
            "count": max(last, 0),
        }

    def _bars(
        self,
        symbol: str,
        width_s: int,
        start_ns: int | None,
        end_ns: int | None,
        limit: int,
    ) -> list[tuple[int, Candle]]:
        """Return bars, the one not closed yet last."""
        now_ns = self._host.clock.time_ns()
        until_ns = now_ns if end_ns is None else end_ns + 1
        width_ns = width_s * _SECOND_NS
        if start_ns is None:
            start_ns = max(0, (until_ns // width_ns - limit + 1) * width_ns)
        bars = self._host.bars.closed(
            symbol, width_s, start_ns=start_ns, end_ns=until_ns, limit=limit
        )
        forming = self._host.bars.forming(symbol, width_s)
        if forming is not None and start_ns <= forming[0] * _SECOND_NS < until_ns:
            bars.append(forming)
        return bars[:limit]

    def _each(self, params: Params, row: Any) -> Act:
        """Return one row for a symbol, or a list of them for several."""
        names = self._names(params)
        if "symbol" in params:
            return lambda _now_ns: row(names[0])
        return lambda _now_ns: [row(name) for name in names]

    def _names(self, params: Params) -> list[str]:
        names = params.symbols()
        if names is None:
            return [self._symbols.id(symbol) for symbol in self._symbols.all]
        for name in names:
            self._symbols.symbol(name)
        return names


def levels(rows: Sequence[PriceLevel]) -> list[list[str]]:
    return [[eight(price), eight(quantity)] for price, quantity in rows]


def aggregate(trade: Traded) -> dict[str, Any]:
    return {
        "a": trade.number,
        "p": eight(trade.price),
        "q": eight(trade.quantity),
        "f": trade.number,
        "l": trade.number,
        "T": milliseconds(trade.time_ns),
        "m": trade.side is Side.SELL,
        "M": True,
    }


def _trade(trade: Traded) -> dict[str, Any]:
    return {
        "id": trade.number,
        "price": eight(trade.price),
        "qty": eight(trade.quantity),
        "quoteQty": eight(trade.price * trade.quantity),
        "time": milliseconds(trade.time_ns),
        "isBuyerMaker": trade.side is Side.SELL,
        "isBestMatch": True,
    }


def _kline(start_s: int, width_s: int, candle: Candle) -> list[Any]:
    return [
        start_s * 1000,
        eight(candle.open),
        eight(candle.high),
        eight(candle.low),
        eight(candle.close),
        eight(candle.volume),
        (start_s + width_s) * 1000 - 1,
        eight(candle.volume * candle.close),
        0,
        eight(ZERO),
        eight(ZERO),
        "0",
    ]
