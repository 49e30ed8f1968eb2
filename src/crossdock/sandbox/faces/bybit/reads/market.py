"""Public reads.

https://bybit-exchange.github.io/docs/v5/market/kline and its neighbours, read 2026-11-21.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock.model import ZERO, ContractKind
from crossdock.sandbox.faces.bybit.names import category_of
from crossdock.sandbox.faces.bybit.params import Params
from crossdock.sandbox.faces.bybit.refusals import invalid
from crossdock.sandbox.faces.bybit.words import Row, milliseconds, side_of
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.numbers import plain, plain_or_empty
from crossdock.sandbox.host import SECOND_NS

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bybit.face import BybitFace

INTERVALS_S = {
    **{str(it): it * 60 for it in (1, 3, 5, 15, 30, 60, 120, 240, 360, 720)},
    "D": 86_400,
    "W": 604_800,
}
_DAY_NS = 86_400 * SECOND_NS
_EIGHT_HOURS_NS = _DAY_NS // 3
_MOST_BARS = 1000
_MOST_LEVELS = 1000
_MOST_TRADES = 1000


def level_rows(levels: list[tuple[Decimal, Decimal]]) -> list[list[str]]:
    return [[plain(price), plain(quantity)] for price, quantity in levels]


class Market:
    """Public reads of one venue. Each returns a reply's result."""

    def __init__(self, face: BybitFace) -> None:
        self._face = face
        self._host = face.host
        self._names = face.names

    def time(self, params: Params, account: str) -> Act:
        return lambda now_ns: {
            "timeSecond": str(now_ns // SECOND_NS),
            "timeNano": str(now_ns),
        }

    def instruments(self, params: Params, account: str) -> Act:
        category = params.category
        symbols = self._names.of(category, params.maybe("symbol"))
        if (params.maybe("status") or "Trading") != "Trading":
            symbols = []

        def act(_now_ns: int) -> Row:
            rows = [self._instrument(it) for it in symbols]
            return {"category": category, "list": rows, "nextPageCursor": ""}

        return act

    def orderbook(self, params: Params, account: str) -> Act:
        symbol = self._names.find(params.category, params.text("symbol"))
        depth = params.whole("limit", 25, most=_MOST_LEVELS)

        def act(now_ns: int) -> Row:
            sequence, bids, asks = self._host.venue.book(symbol, depth)
            return {
                "s": self._names.id(symbol),
                "b": level_rows(bids),
                "a": level_rows(asks),
                "ts": now_ns // 1_000_000,
                "u": sequence,
                "seq": sequence,
                "cts": now_ns // 1_000_000,
            }

        return act

    def trades(self, params: Params, account: str) -> Act:
        symbol = self._names.find(params.category, params.text("symbol"))
        limit = params.whole("limit", 60, most=_MOST_TRADES)

        def act(_now_ns: int) -> Row:
            rows = [
                {
                    "execId": str(it.number),
                    "symbol": self._names.id(symbol),
                    "price": plain(it.price),
                    "size": plain(it.quantity),
                    "side": side_of(it.side),
                    "time": milliseconds(it.time_ns),
                    "isBlockTrade": False,
                }
                for it in self._host.feed.trades(symbol, limit)[::-1]
            ]
            return {"category": self._names.category(symbol), "list": rows}

        return act

    def kline(self, params: Params, account: str) -> Act:
        """Return bars that begin from `start` to `end`, both inclusive, newest first."""
        symbol = self._names.find(params.category, params.text("symbol"))
        interval = INTERVALS_S.get(params.text("interval"))
        if interval is None:
            raise invalid("interval")
        limit = params.whole("limit", 200, most=_MOST_BARS)
        start_ns, end_ns = params.time_ns("start"), params.time_ns("end")

        def act(_now_ns: int) -> Row:
            now_ns, width_ns = self._host.clock.time_ns(), interval * SECOND_NS
            until_ns = now_ns if end_ns is None else min(end_ns + 1, now_ns)
            newest_ns = -(-until_ns // width_ns) * width_ns
            first_ns = newest_ns - limit * width_ns
            if start_ns is not None:
                first_ns = max(first_ns, start_ns)
            rows = self._host.bars.closed(
                symbol, interval, start_ns=first_ns, end_ns=until_ns, limit=limit
            )
            forming = self._host.bars.forming(symbol, interval)
            if forming is not None and first_ns <= forming[0] * SECOND_NS < until_ns:
                rows.append(forming)
            told = [
                [
                    str(start_s * 1000),
                    plain(candle.open),
                    plain(candle.high),
                    plain(candle.low),
                    plain(candle.close),
                    plain(candle.volume),
                    plain(candle.volume * candle.close),
                ]
                for start_s, candle in rows[::-1][:limit]
            ]
            category, name = self._names.category(symbol), self._names.id(symbol)
            return {"category": category, "symbol": name, "list": told}

        return act

    def tickers(self, params: Params, account: str) -> Act:
        category = params.category
        symbols = self._names.of(category, params.maybe("symbol"))

        def act(now_ns: int) -> Row:
            rows = [self.ticker(it, now_ns) for it in symbols]
            return {"category": category, "list": rows}

        return act

    def ticker(self, symbol: str, now_ns: int) -> Row:
        _, bid, ask = self._host.venue.top(symbol)
        clock_ns = self._host.clock.time_ns()
        day = [
            candle
            for _, candle in self._host.bars.closed(
                symbol, 3600, start_ns=clock_ns - _DAY_NS, end_ns=clock_ns, limit=24
            )
        ]
        forming = self._host.bars.forming(symbol, 3600)
        if forming is not None:
            day.append(forming[1])
        volume = sum((it.volume for it in day), ZERO)
        row: Row = {
            "symbol": self._names.id(symbol),
            "lastPrice": plain_or_empty(self._host.venue.last_price(symbol)),
            "bid1Price": "" if bid is None else plain(bid[0]),
            "bid1Size": "" if bid is None else plain(bid[1]),
            "ask1Price": "" if ask is None else plain(ask[0]),
            "ask1Size": "" if ask is None else plain(ask[1]),
            "prevPrice24h": plain(day[0].open) if day else "",
            "highPrice24h": plain(max(it.high for it in day)) if day else "",
            "lowPrice24h": plain(min(it.low for it in day)) if day else "",
            "volume24h": plain(volume),
            "turnover24h": plain(sum((it.volume * it.close for it in day), ZERO)),
        }
        if not self._names.is_spot(symbol):
            next_ns = (now_ns // _EIGHT_HOURS_NS + 1) * _EIGHT_HOURS_NS
            row |= {
                "markPrice": row["lastPrice"],
                "indexPrice": row["lastPrice"],
                "fundingRate": "0",
                "nextFundingTime": milliseconds(next_ns),
            }
        return row

    def _instrument(self, symbol: str) -> Row:
        market = self._names.market(symbol)
        least = plain(market.min_quantity or market.quantity_step)
        most = plain_or_empty(market.max_quantity) or "99999999"
        tick, step = (
            plain(market.ticks[0][1]),
            plain(market.quantity_step),
        )
        row: Row = {
            "symbol": self._names.id(symbol),
            "baseCoin": market.base,
            "quoteCoin": market.quote,
            "status": "Trading",
        }
        if market.kind is ContractKind.SPOT:
            return row | {
                "innovation": "0",
                "marginTrading": "none",
                "lotSizeFilter": {
                    "basePrecision": step,
                    "quotePrecision": tick,
                    "minOrderQty": least,
                    "maxOrderQty": most,
                    "minOrderAmt": plain(market.min_notional),
                    "maxOrderAmt": "99999999",
                },
                "priceFilter": {"tickSize": tick},
            }
        kind = category_of(market).capitalize()
        return row | {
            "contractType": f"{kind}Perpetual",
            "settleCoin": market.settle,
            "launchTime": "1600000000000",
            "deliveryTime": "0",
            "priceFilter": {"tickSize": tick, "minPrice": tick, "maxPrice": "99999999"},
            "lotSizeFilter": {
                "qtyStep": step,
                "minOrderQty": least,
                "maxOrderQty": most,
                "maxMktOrderQty": most,
                "minNotionalValue": plain(market.min_notional),
            },
            "leverageFilter": {"minLeverage": "1", "maxLeverage": "10"},
            "fundingInterval": 480,
        }
