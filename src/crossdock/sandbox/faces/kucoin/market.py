"""What spot tells of its markets.

https://www.kucoin.com/docs-new/rest/spot-trading/market-data/introduction, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO
from crossdock.sandbox.engine import MarketSpec, PriceLevel
from crossdock.sandbox.faces.bars import bars_of
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.kucoin_gateway.face import Endpoint
from crossdock.sandbox.faces.kucoin_gateway.numbers import Row, ms, side_of
from crossdock.sandbox.faces.kucoin_gateway.params import Params
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.host import SECOND_NS
from crossdock.sandbox.stream.news import Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kucoin.face import KucoinFace

_MINUTE_S = 60
WIDTHS = {
    f"{count}{unit}": count * width_s
    for unit, width_s, counts in (
        ("min", _MINUTE_S, (1, 3, 5, 15, 30)),
        ("hour", 3600, (1, 2, 4, 6, 8, 12)),
        ("day", 86_400, (1,)),
        ("week", 604_800, (1,)),
    )
    for count in counts
}
_MOST_BARS = 1500
_MOST_TRADES = 100
_MOST_LEVELS = 5000


class Market:
    def __init__(self, face: KucoinFace) -> None:
        self._face = face
        self._host = face.host
        self._names = face.names

    def endpoints(self) -> Sequence[Endpoint]:
        reads: dict[str, Any] = {
            "/api/v1/status": (self.status, 3),
            "/api/v2/symbols": (self.symbols, 4),
            "/api/v1/market/allTickers": (self.tickers, 15),
            "/api/v1/market/stats": (self.stats, 15),
            "/api/v1/market/orderbook/level1": (self.best, 2),
            "/api/v1/market/orderbook/level2_20": (self.book(20), 2),
            "/api/v1/market/orderbook/level2_100": (self.book(100), 4),
            "/api/v1/market/histories": (self.trades, 3),
            "/api/v1/market/candles": (self.candles, 3),
        }
        public = [
            Endpoint("GET", path, prepare, weight, is_signed=False)
            for path, (prepare, weight) in reads.items()
        ]
        whole = self.book(_MOST_LEVELS)
        return [*public, Endpoint("GET", "/api/v3/market/orderbook/level2", whole, 3)]

    def status(self, params: Params, call: Call) -> Act:
        return lambda _now_ns: {"status": "open", "msg": ""}

    def symbols(self, params: Params, call: Call) -> Act:
        return lambda _now_ns: [self._symbol(it) for it in self._names.markets]

    def tickers(self, params: Params, call: Call) -> Act:
        def act(now_ns: int) -> Row:
            return {
                "time": ms(now_ns),
                "ticker": [self._ticker(it) for it in self._names.markets],
            }

        return act

    def stats(self, params: Params, call: Call) -> Act:
        symbol = self._names.symbol(params.text("symbol"))
        market = self._host.venue.markets[symbol]
        return lambda now_ns: self._ticker(market) | {"time": ms(now_ns)}

    def best(self, params: Params, call: Call) -> Act:
        symbol = self._names.symbol(params.text("symbol"))

        def act(now_ns: int) -> Row:
            sequence, bid, ask = self._host.venue.top(symbol)
            bid, ask = bid or (ZERO, ZERO), ask or (ZERO, ZERO)
            last = self._host.feed.trades(symbol, 1)
            return {
                "time": ms(now_ns),
                "sequence": str(sequence),
                "price": plain(last[-1].price if last else ZERO),
                "size": plain(last[-1].quantity if last else ZERO),
                "bestBid": plain(bid[0]),
                "bestBidSize": plain(bid[1]),
                "bestAsk": plain(ask[0]),
                "bestAskSize": plain(ask[1]),
            }

        return act

    def book(self, depth: int) -> Any:
        def prepare(params: Params, _call: Call) -> Act:
            symbol = self._names.symbol(params.text("symbol"))

            def act(now_ns: int) -> Row:
                sequence, bids, asks = self._host.venue.book(symbol, depth)
                return {
                    "time": ms(now_ns),
                    "sequence": str(sequence),
                    "bids": levels(bids),
                    "asks": levels(asks),
                }

            return act

        return prepare

    def trades(self, params: Params, call: Call) -> Act:
        symbol = self._names.symbol(params.text("symbol"))
        feed = self._host.feed
        return lambda _now_ns: [_trade(it) for it in feed.trades(symbol, _MOST_TRADES)]

    def candles(self, params: Params, call: Call) -> Act:
        symbol = self._names.symbol(params.text("symbol"))
        width_s = WIDTHS[params.choice("type", WIDTHS)]
        start_s, end_s = params.whole("startAt", 0), params.whole("endAt", 0)

        def act(_now_ns: int) -> list[list[str]]:
            rows = bars_of(
                self._host,
                symbol,
                width_s,
                start_ns=start_s * SECOND_NS or None,
                end_ns=end_s * SECOND_NS or None,
                limit=_MOST_BARS,
            )
            return [
                [
                    str(begun_s),
                    plain(bar.open),
                    plain(bar.close),
                    plain(bar.high),
                    plain(bar.low),
                    plain(bar.volume),
                    plain(bar.volume * bar.close),
                ]
                for begun_s, bar in reversed(rows)
            ]

        return act

    def _symbol(self, market: MarketSpec) -> Row:
        name, step = self._names.id(market.symbol), plain(market.quantity_step)
        tick = plain(market.ticks[0][1])
        return {
            "symbol": name,
            "name": name,
            "baseCurrency": market.base,
            "quoteCurrency": market.quote,
            "feeCurrency": market.quote,
            "market": market.quote,
            "baseMinSize": plain(market.min_quantity or market.quantity_step),
            "quoteMinSize": plain(market.min_notional),
            "baseMaxSize": plain(market.max_quantity or 10**10 * market.quantity_step),
            "quoteMaxSize": "99999999999",
            "baseIncrement": step,
            "quoteIncrement": tick,
            "priceIncrement": tick,
            "priceLimitRate": "0.1",
            "minFunds": plain(market.min_notional),
            "isMarginEnabled": False,
            "enableTrading": True,
            "feeCategory": 1,
            "makerFeeCoefficient": "1.00",
            "takerFeeCoefficient": "1.00",
            "st": False,
        }

    def _ticker(self, market: MarketSpec) -> Row:
        name = self._names.id(market.symbol)
        _, bid, ask = self._host.venue.top(market.symbol)
        last = plain(self._host.venue.last_price(market.symbol) or ZERO)
        return {
            "symbol": name,
            "symbolName": name,
            "buy": plain(bid[0]) if bid else None,
            "sell": plain(ask[0]) if ask else None,
            "bestBidSize": plain(bid[1]) if bid else None,
            "bestAskSize": plain(ask[1]) if ask else None,
            "changeRate": "0",
            "changePrice": "0",
            "high": last,
            "low": last,
            "vol": "0",
            "volValue": "0",
            "last": last,
            "averagePrice": last,
            "takerFeeRate": plain(market.taker_fee),
            "makerFeeRate": plain(market.maker_fee),
            "takerCoefficient": "1",
            "makerCoefficient": "1",
        }


def levels(rows: Sequence[PriceLevel]) -> list[list[str]]:
    return [[plain(price), plain(quantity)] for price, quantity in rows]


def _trade(trade: Traded) -> Row:
    return {
        "sequence": str(trade.number),
        "price": plain(trade.price),
        "size": plain(trade.quantity),
        "side": side_of(trade.side),
        "time": trade.time_ns,
    }
