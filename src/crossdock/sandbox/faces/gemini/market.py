"""What is told of markets to everybody, and the page of the web site that ccxt reads.

https://docs.gemini.com/rest-api/#public-apis, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.model import Side
from crossdock.sandbox.engine import MarketSpec, PriceLevel
from crossdock.sandbox.faces.contract import Act, Call, Reply
from crossdock.sandbox.faces.gemini.params import Params, Row, trade_id
from crossdock.sandbox.faces.numbers import number, plain
from crossdock.sandbox.faces.refusals import bad_request
from crossdock.sandbox.host import SECOND_NS

if TYPE_CHECKING:
    from crossdock.sandbox.faces.gemini.face import GeminiFace

_WIDTHS_S: Mapping[str, int] = {
    "1m": 60,
    "5m": 300,
    "15m": 900,
    "30m": 1800,
    "1hr": 3600,
    "6hr": 21_600,
    "1day": 86_400,
}
_BARS = 1440
_MOST_TRADES = 500
_MOST_LEVELS = 5000
_MS_NS = 1_000_000


class Market:
    def __init__(self, face: GeminiFace) -> None:
        self._face = face
        self._host = face.host

    def reads(self) -> dict[str, Callable[[Params, Call], Act]]:
        return {
            "/": self.page,
            "/v1/symbols": self.symbols,
            "/v1/symbols/details/{symbol}": self.details,
            "/v1/pubticker/{symbol}": self.ticker,
            "/v1/book/{symbol}": self.book,
            "/v1/trades/{symbol}": self.trades,
            "/v2/candles/{symbol}/{frame}": self.candles,
        }

    def page(self, params: Params, call: Call) -> Act:
        """Return what the web site says of pairs and currencies."""

        def act(_now_ns: int) -> Reply:
            markets = self._face.names.markets
            assets = sorted({name for it in markets for name in (it.base, it.quote)})
            told = msgspec.json.encode(
                {
                    "tradingPairs": [self._pair(it) for it in markets],
                    "currencies": [
                        [it, it, number_, 8, 0, 8, 8, False, None, None]
                        for number_, it in enumerate(assets)
                    ],
                    "networks": [],
                }
            )
            script = b'<script type="application/json" id="currencyData">'
            html = b"<html><body>" + script + told + b"</script></body></html>"
            return Reply(html, content_type="text/html")

        return act

    def symbols(self, params: Params, call: Call) -> Act:
        names = self._face.names
        return lambda _now_ns: [names.id(it.symbol) for it in names.markets]

    def details(self, params: Params, call: Call) -> Act:
        market = self._market(params)
        return lambda _now_ns: self._face.words.market(market)

    def ticker(self, params: Params, call: Call) -> Act:
        market = self._market(params)

        def act(now_ns: int) -> Row:
            _, bid, ask = self._host.venue.top(market.symbol)
            last = self._host.feed.trades(market.symbol, 1)
            day = self._host.bars.forming(market.symbol, _WIDTHS_S["1day"])
            volume = plain(day[1].volume) if day else "0"
            worth = plain(day[1].volume * day[1].close) if day else "0"
            return {
                "bid": plain(bid[0]) if bid else None,
                "ask": plain(ask[0]) if ask else None,
                "last": plain(last[-1].price) if last else None,
                "volume": {
                    market.base: volume,
                    market.quote: worth,
                    "timestamp": now_ns // _MS_NS,
                },
            }

        return act

    def book(self, params: Params, call: Call) -> Act:
        symbol = self._market(params).symbol
        depths = [
            params.whole(f"limit_{it}", 50) or _MOST_LEVELS for it in ("bids", "asks")
        ]

        def act(now_ns: int) -> Row:
            _, bids, asks = self._host.venue.book(symbol, max(depths))
            stamp = str(now_ns // SECOND_NS)
            return {
                "bids": [_level(it, stamp) for it in bids[: depths[0]]],
                "asks": [_level(it, stamp) for it in asks[: depths[1]]],
            }

        return act

    def trades(self, params: Params, call: Call) -> Act:
        symbol = self._market(params).symbol
        limit = params.whole("limit_trades", 50, most=_MOST_TRADES)
        since_ms = params.whole("timestamp", 0)

        def act(_now_ns: int) -> list[Row]:
            found = [
                it
                for it in self._host.feed.trades(symbol, _MOST_TRADES)
                if it.time_ns // _MS_NS >= since_ms
            ]
            return [
                {
                    "timestamp": it.time_ns // SECOND_NS,
                    "timestampms": it.time_ns // _MS_NS,
                    "tid": trade_id(it.trade_id),
                    "price": plain(it.price),
                    "amount": plain(it.quantity),
                    "exchange": "gemini",
                    "type": "buy" if it.side is Side.BUY else "sell",
                }
                for it in found[::-1][:limit]
            ]

        return act

    def candles(self, params: Params, call: Call) -> Act:
        symbol = self._market(params).symbol
        width_s = _WIDTHS_S.get(params.maybe("frame") or "")
        if width_s is None:
            raise bad_request("no such time frame")

        def act(_now_ns: int) -> list[Any]:
            now_ns = self._host.clock.time_ns()
            rows = self._host.bars.closed(
                symbol,
                width_s,
                start_ns=max(0, now_ns - _BARS * width_s * SECOND_NS),
                end_ns=now_ns,
                limit=_BARS,
            )
            forming = self._host.bars.forming(symbol, width_s)
            if forming is not None:
                rows.append(forming)
            return [
                [
                    begun_s * 1000,
                    *map(number, (bar.open, bar.high, bar.low, bar.close, bar.volume)),
                ]
                for begun_s, bar in reversed(rows)
            ]

        return act

    def _market(self, params: Params) -> MarketSpec:
        return self._face.names.market(params.maybe("symbol") or "")

    def _pair(self, market: MarketSpec) -> list[Any]:
        tick, step = market.ticks[0][1], market.quantity_step
        return [
            self._face.names.id(market.symbol).upper(),
            _decimals(plain(tick)),
            _decimals(plain(step)),
            plain(market.min_quantity or step),
            10,
            True,
        ]


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _level(level: PriceLevel, stamp: str) -> Row:
    price, amount = level
    return {"price": plain(price), "amount": plain(amount), "timestamp": stamp}
