"""Public reads: contracts, books, trades, candles, tickers and funding."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, Side
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.krakenfutures.params import Params
from crossdock.sandbox.faces.krakenfutures.refusals import Said
from crossdock.sandbox.faces.krakenfutures.symbols import instrument
from crossdock.sandbox.faces.krakenfutures.words import milliseconds, moment
from crossdock.sandbox.stream.news import Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.krakenfutures.face import KrakenFuturesFace

INTERVALS = {
    "1m": 60,
    "5m": 300,
    "15m": 900,
    "30m": 1800,
    "1h": 3600,
    "4h": 14_400,
    "12h": 43_200,
    "1d": 86_400,
}
_SECOND_NS = 1_000_000_000
_MOST_LEVELS = 500
_MOST_CANDLES = 2000
_MOST_TRADES = 1000
_USUAL_TRADES = 100
_DAY_S = 86_400


class MarketReads:
    """Public reads of one venue."""

    def __init__(self, face: KrakenFuturesFace) -> None:
        self._face = face
        self._host = face.host
        self._symbols = face.symbols

    def instruments(self, params: Params, account: str) -> Act:
        def act(_now_ns: int) -> Any:
            symbols = self._symbols
            rows = [instrument(symbols.id(it), symbols.market(it)) for it in symbols.all]
            return {"instruments": rows}

        return act

    def book(self, params: Params, account: str) -> Act:
        symbol = self._symbols.symbol(params.text("symbol"))

        def act(_now_ns: int) -> Any:
            _, bids, asks = self._host.venue.book(symbol, _MOST_LEVELS)
            return {"orderBook": {"bids": bids, "asks": asks}}

        return act

    def tickers(self, params: Params, account: str) -> Act:
        def act(now_ns: int) -> Any:
            return {"tickers": [self.ticker(it, now_ns) for it in self._symbols.all]}

        return act

    def one_ticker(self, params: Params, name: str) -> Act:
        symbol = self._symbols.symbol(name)
        return lambda now_ns: {"ticker": self.ticker(symbol, now_ns)}

    def trades(self, params: Params, account: str) -> Act:
        """Return the newest trades, newest first."""
        symbol = self._symbols.symbol(params.text("symbol"))
        until_ms = params.time_ms("lastTime")

        def act(_now_ns: int) -> Any:
            rows = [
                {
                    "time": moment(it.time_ns),
                    "trade_id": it.number,
                    "uid": trade_uid(it),
                    "price": it.price,
                    "size": it.quantity,
                    "side": it.side.value,
                    "type": "fill",
                }
                for it in self._host.feed.trades(symbol, _USUAL_TRADES)
                if until_ms is None or milliseconds(it.time_ns) <= until_ms
            ]
            return {"history": rows[::-1]}

        return act

    def executions(self, params: Params, name: str) -> Act:
        """Return a market's executions, newest first unless asked otherwise."""
        symbol = self._symbols.symbol(name)
        since_ms, before_ms = params.time_ms("since"), params.time_ms("before")
        count = min(params.whole("count", _MOST_TRADES), _MOST_TRADES)
        rising = params.maybe("sort") == "asc"

        def act(_now_ns: int) -> Any:
            rows = [
                it
                for it in self._host.feed.trades(symbol, _MOST_TRADES)
                if (since_ms is None or milliseconds(it.time_ns) >= since_ms)
                and (before_ms is None or milliseconds(it.time_ns) <= before_ms)
            ]
            told = rows[:count] if rising else rows[::-1][:count]
            return {"elements": [_execution(name.upper(), it) for it in told]}

        return act

    def candles(self, params: Params, kind: str, name: str, interval: str) -> Act:
        symbol = self._symbols.symbol(name)
        width_s = INTERVALS.get(interval)
        if width_s is None or kind != "trade":
            raise Said("invalidArgument: interval")
        start_s, end_s = params.whole("from", 0), params.whole("to", 0)

        def act(_now_ns: int) -> Any:
            now_ns = self._host.clock.time_ns()
            until_ns = (end_s + 1) * _SECOND_NS if end_s else now_ns
            from_ns = start_s * _SECOND_NS
            if not start_s:
                width_ns = width_s * _SECOND_NS
                from_ns = max(0, until_ns - _MOST_CANDLES * width_ns)
            bars = self._host.bars.closed(
                symbol, width_s, start_ns=from_ns, end_ns=until_ns, limit=_MOST_CANDLES
            )
            forming = self._host.bars.forming(symbol, width_s)
            if forming is not None and from_ns <= forming[0] * _SECOND_NS < until_ns:
                bars.append(forming)
            rows = [
                {
                    "time": start * 1000,
                    "open": format(it.open, "f"),
                    "high": format(it.high, "f"),
                    "low": format(it.low, "f"),
                    "close": format(it.close, "f"),
                    "volume": format(it.volume, "f"),
                }
                for start, it in bars[:_MOST_CANDLES]
            ]
            return {"candles": rows, "more_candles": len(bars) > _MOST_CANDLES}

        return act

    def funding_rates(self, params: Params, account: str) -> Act:
        """Return the rates that fell due: there are none."""
        self._symbols.symbol(params.text("symbol"))
        return lambda _now_ns: {"rates": []}

    def ticker(self, symbol: str, now_ns: int) -> dict[str, Any]:
        """Return what a contract stands at; no funding falls due by itself."""
        _, bid, ask = self._host.venue.top(symbol)
        last = self._host.venue.last_price(symbol) or ZERO
        trades = self._host.feed.trades(symbol, 1)
        start_ns = self._host.clock.time_ns() - _DAY_S * _SECOND_NS
        bars = self._host.bars.closed(
            symbol, 60, start_ns=start_ns, end_ns=2**62, limit=_DAY_S // 60
        )
        volume = sum((it.volume for _, it in bars), ZERO)
        nothing = (ZERO, ZERO)
        return {
            "tag": "perpetual",
            "pair": self._symbols.id(symbol).partition("_")[2],
            "symbol": self._symbols.id(symbol),
            "markPrice": last,
            "indexPrice": last,
            "bid": (bid or nothing)[0],
            "bidSize": (bid or nothing)[1],
            "ask": (ask or nothing)[0],
            "askSize": (ask or nothing)[1],
            "vol24h": volume,
            "openInterest": ZERO,
            "open24h": bars[0][1].open if bars else last,
            "high24h": max((it.high for _, it in bars), default=last),
            "low24h": min((it.low for _, it in bars), default=last),
            "last": last,
            "lastTime": moment(trades[-1].time_ns if trades else now_ns),
            "lastSize": trades[-1].quantity if trades else ZERO,
            "suspended": False,
            "fundingRate": ZERO,
            "fundingRatePrediction": ZERO,
            "postOnly": False,
        }


def trade_uid(trade: Traded) -> str:
    return f"{trade.number:08x}-0000-4000-a000-{trade.number:012x}"


def _execution(name: str, trade: Traded) -> dict[str, Any]:
    bought = trade.side is Side.BUY

    def order(direction: str) -> dict[str, Any]:
        return {"uid": "", "tradeable": name, "direction": direction}

    money: Decimal = trade.price * trade.quantity
    return {
        "uid": trade_uid(trade),
        "timestamp": milliseconds(trade.time_ns),
        "event": {
            "Execution": {
                "execution": {
                    "uid": trade_uid(trade),
                    "makerOrder": order("Sell" if bought else "Buy"),
                    "takerOrder": order("Buy" if bought else "Sell"),
                    "timestamp": milliseconds(trade.time_ns),
                    "quantity": format(trade.quantity, "f"),
                    "price": format(trade.price, "f"),
                    "markPrice": format(trade.price, "f"),
                    "limitFilled": False,
                    "usdValue": format(money, "f"),
                },
                "takerReducedQuantity": "",
            }
        },
    }
