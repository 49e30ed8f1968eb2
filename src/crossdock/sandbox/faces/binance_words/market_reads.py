"""Public reads that Binance's exchanges have in common: books, trades, bars, tickers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from crossdock.model import ZERO, Side
from crossdock.sandbox.engine import PriceLevel
from crossdock.sandbox.faces.binance_words.names import Names
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.refusals import Said
from crossdock.sandbox.faces.binance_words.writing import eight, milliseconds
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.host import Host
from crossdock.sandbox.market import Candle
from crossdock.sandbox.stream.news import Traded

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


class MarketReads(ABC):
    """Public reads of one venue. A subclass words what its exchange words by itself."""

    def __init__(self, host: Host, symbols: Names) -> None:
        self._host = host
        self._symbols = symbols

    @abstractmethod
    def worded_book(
        self, name: str, last: int, bids: Sequence[PriceLevel], asks: Sequence[PriceLevel]
    ) -> dict[str, Any]:
        """Return a snapshot of the book, `last` being the last update in it."""

    @abstractmethod
    def worded_trade(self, trade: Traded) -> dict[str, Any]: ...

    @abstractmethod
    def worded_aggregate(self, trade: Traded) -> dict[str, Any]: ...

    @abstractmethod
    def worded_day(self, name: str, day: dict[str, Any]) -> dict[str, Any]:
        """Return the ticker of a day, whose common fields are given."""

    def ping(self, params: Params, account: str) -> Act:
        return lambda _now_ns: {}

    def time(self, params: Params, account: str) -> Act:
        return lambda now_ns: {"serverTime": milliseconds(now_ns)}

    def depth(self, params: Params, account: str) -> Act:
        name = params.text("symbol")
        symbol = self._symbols.symbol(name)
        limit = params.whole("limit", 100, most=_MOST_LEVELS)

        def act(_now_ns: int) -> Any:
            return self.worded_book(name, *self._host.venue.book(symbol, limit))

        return act

    def trades(self, params: Params, account: str) -> Act:
        symbol = self._symbols.symbol(params.text("symbol"))
        limit = params.whole("limit", 500, most=_MOST_ROWS)

        def act(_now_ns: int) -> Any:
            return [self.worded_trade(it) for it in self._host.feed.trades(symbol, limit)]

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
            told = rows[:limit] if begins else rows[-limit:]
            return [self.worded_aggregate(it) for it in told]

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

    def ticker(self, params: Params, account: str) -> Act:
        return self.each(params, self.day)

    def price(self, params: Params, account: str) -> Act:
        def row(name: str) -> dict[str, Any]:
            price = self._host.venue.last_price(self._symbols.symbol(name)) or ZERO
            return {"symbol": name, "price": eight(price)}

        return self.each(params, row)

    def best(self, params: Params, account: str) -> Act:
        return self.each(params, lambda name: {"symbol": name} | self.top(name))

    def top(self, name: str) -> dict[str, str]:
        """Return the best prices, zeros where a side is empty."""
        _, bid, ask = self._host.venue.top(self._symbols.symbol(name))
        bid, ask = bid or (ZERO, ZERO), ask or (ZERO, ZERO)
        return {
            "bidPrice": eight(bid[0]),
            "bidQty": eight(bid[1]),
            "askPrice": eight(ask[0]),
            "askQty": eight(ask[1]),
        }

    def day(self, name: str) -> dict[str, Any]:
        """Return what the last 24 hours were, from bars of minutes."""
        symbol = self._symbols.symbol(name)
        now_ns = self._host.clock.time_ns()
        start_ns = now_ns - _DAY_S * _SECOND_NS
        candles = [it for _, it in self._bars(symbol, _MINUTE_S, start_ns, None, 1500)]
        volume = sum((it.volume for it in candles), ZERO)
        quote = sum((it.volume * it.close for it in candles), ZERO)
        opened = candles[0].open if candles else ZERO
        closed = candles[-1].close if candles else ZERO
        trades = self._host.feed.trades(symbol, 1)
        last = trades[-1].number if trades else -1
        day = {
            "symbol": name,
            "priceChange": eight(closed - opened),
            "priceChangePercent": f"{(closed - opened) / opened * 100 if opened else 0:.3f}",
            "weightedAvgPrice": f"{quote / volume if volume else 0:.8f}",
            "lastPrice": eight(closed),
            "lastQty": eight(trades[-1].quantity if trades else ZERO),
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
        return self.worded_day(name, day)

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

    def each(self, params: Params, row: Any) -> Act:
        """Return one row for a symbol, or a list of them for several."""
        names = self.names(params)
        if "symbol" in params:
            return lambda _now_ns: row(names[0])
        return lambda _now_ns: [row(name) for name in names]

    def names(self, params: Params) -> list[str]:
        names = params.symbols()
        if names is None:
            return [self._symbols.id(symbol) for symbol in self._symbols.all]
        for name in names:
            self._symbols.symbol(name)
        return names


def aggregate(trade: Traded) -> dict[str, Any]:
    """Return an aggregate of the one trade."""
    return {
        "a": trade.number,
        "p": eight(trade.price),
        "q": eight(trade.quantity),
        "f": trade.number,
        "l": trade.number,
        "T": milliseconds(trade.time_ns),
        "m": trade.side is Side.SELL,
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
