"""Public reads over REST.

https://docs.kraken.com/api-reference/market-data, read 2026-11-21.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, Side
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.kraken.names import altname, asset_id
from crossdock.sandbox.faces.kraken.params import Params
from crossdock.sandbox.faces.kraken.reads.day import day_of
from crossdock.sandbox.faces.kraken.refusals import invalid
from crossdock.sandbox.faces.kraken.words import Row, moment, number, padded, seconds
from crossdock.sandbox.host import SECOND_NS
from crossdock.sandbox.stream.news import Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kraken.face import KrakenFace

INTERVALS = (1, 5, 15, 30, 60, 240, 1440, 10080, 21600)
_MOST_BARS = 720
_MOST_LEVELS = 500
_MOST_TRADES = 1000


class Market:
    """Public reads of one venue."""

    def __init__(self, face: KrakenFace) -> None:
        self._face = face
        self._host = face.host
        self._names = face.names

    def time(self, params: Params, call: Call) -> Act:
        def act(now_ns: int) -> Row:
            return {"unixtime": now_ns // SECOND_NS, "rfc1123": moment(now_ns)}

        return act

    def status(self, params: Params, call: Call) -> Act:
        return lambda now_ns: {
            "status": "online",
            "timestamp": f"{moment(now_ns)[:19]}Z",
        }

    def assets(self, params: Params, call: Call) -> Act:
        named = [self._names.asset(name) for name in params.words("asset")]

        def act(_now_ns: int) -> Row:
            return {asset_id(it): _asset(it) for it in named or self._names.assets}

        return act

    def pairs(self, params: Params, call: Call) -> Act:
        symbols = self._pairs(params)

        def act(_now_ns: int) -> Row:
            return {self._names.id(it): self._pair(it) for it in symbols}

        return act

    def ticker(self, params: Params, call: Call) -> Act:
        symbols = self._pairs(params)

        def act(now_ns: int) -> Row:
            return {self._names.id(it): self._ticker(it, now_ns) for it in symbols}

        return act

    def ohlc(self, params: Params, call: Call) -> Act:
        symbol = self._names.of_pair(params.text("pair"))
        interval = params.whole("interval", 1)
        if interval not in INTERVALS:
            raise invalid("interval")
        since_s = params.whole("since", 0)
        width_s = interval * 60

        def act(_now_ns: int) -> Row:
            bars = self._host.bars
            now_ns = self._host.clock.time_ns()
            first_ns = (now_ns // SECOND_NS // width_s - _MOST_BARS) * width_s * SECOND_NS
            start_ns = max(first_ns, since_s * SECOND_NS + 1)
            rows = bars.closed(
                symbol, width_s, start_ns=start_ns, end_ns=now_ns, limit=_MOST_BARS
            )
            last = rows[-1][0] if rows else since_s
            forming = bars.forming(symbol, width_s)
            if forming is not None:
                rows = [*rows, forming]
            return {
                self._names.id(symbol): [self._bar(symbol, *row) for row in rows],
                "last": last,
            }

        return act

    def depth(self, params: Params, call: Call) -> Act:
        symbol = self._names.of_pair(params.text("pair"))
        count = params.whole("count", 100, least=1, most=_MOST_LEVELS)

        def act(now_ns: int) -> Row:
            _, bids, asks = self._host.venue.book(symbol, count)
            now_s = now_ns // SECOND_NS
            words = self._face.words

            def rows(levels: list[tuple[Decimal, Decimal]]) -> list[list[Any]]:
                return [
                    [words.price(symbol, price), padded(quantity, 3), now_s]
                    for price, quantity in levels
                ]

            return {self._names.id(symbol): {"asks": rows(asks), "bids": rows(bids)}}

        return act

    def trades(self, params: Params, call: Call) -> Act:
        symbol = self._names.of_pair(params.text("pair"))
        since_ns = params.whole("since", 0)
        if since_ns < 10**12:
            since_ns *= SECOND_NS
        count = params.whole("count", _MOST_TRADES, least=1, most=_MOST_TRADES)

        def act(_now_ns: int) -> Row:
            kept = self._host.feed.trades(symbol, _MOST_TRADES)
            found = [it for it in kept if it.time_ns > since_ns]
            rows = found[:count] if since_ns else found[-count:]
            last = rows[-1].time_ns if rows else since_ns
            return {
                self._names.id(symbol): [self._trade(it) for it in rows],
                "last": str(last),
            }

        return act

    def _pairs(self, params: Params) -> list[str]:
        named = [self._names.of_pair(name) for name in params.words("pair")]
        return named or self._names.symbols

    def _pair(self, symbol: str) -> Row:
        market = self._names.market(symbol)
        places = self._names.price_places(symbol)
        return {
            "altname": self._names.altname(market),
            "wsname": self._names.wsname(market),
            "aclass_base": "currency",
            "base": asset_id(market.base),
            "aclass_quote": "currency",
            "quote": asset_id(market.quote),
            "lot": "unit",
            "cost_decimals": places + 4,
            "pair_decimals": places,
            "lot_decimals": self._names.quantity_places(symbol),
            "lot_multiplier": 1,
            "leverage_buy": [],
            "leverage_sell": [],
            "fees": [[0, number(market.taker_fee * 100)]],
            "fees_maker": [[0, number(market.maker_fee * 100)]],
            "fee_volume_currency": "ZUSD",
            "margin_call": 80,
            "margin_stop": 40,
            "ordermin": padded(market.min_quantity or market.quantity_step, 0),
            "costmin": padded(market.min_notional, 0),
            "tick_size": padded(market.ticks[0][1], 0),
            "status": "online",
            "execution_venue": "international",
        }

    def _ticker(self, symbol: str, now_ns: int) -> Row:
        words, day = self._face.words, day_of(self._host, symbol)
        _, bid, ask = self._host.venue.top(symbol)
        trades = self._host.feed.trades(symbol, 1)
        quantity = trades[-1].quantity if trades else ZERO
        return {
            "a": self._best(symbol, ask),
            "b": self._best(symbol, bid),
            "c": [words.price(symbol, day.last), words.quantity(symbol, quantity)],
            "v": [words.quantity(symbol, day.volume)] * 2,
            "p": [words.price(symbol, day.vwap)] * 2,
            "t": [day.count] * 2,
            "l": [words.price(symbol, day.low)] * 2,
            "h": [words.price(symbol, day.high)] * 2,
            "o": words.price(symbol, day.open),
        }

    def _best(self, symbol: str, level: tuple[Decimal, Decimal] | None) -> list[str]:
        price, quantity = level or (ZERO, ZERO)
        lots = padded(quantity, 3)
        return [self._face.words.price(symbol, price), lots.partition(".")[0], lots]

    def _bar(self, symbol: str, start_s: int, candle: Any) -> list[Any]:
        price = self._face.words.price
        return [
            start_s,
            price(symbol, candle.open),
            price(symbol, candle.high),
            price(symbol, candle.low),
            price(symbol, candle.close),
            price(symbol, candle.close),
            self._face.words.quantity(symbol, candle.volume),
            1,
        ]

    def _trade(self, trade: Traded) -> list[Any]:
        return [
            self._face.words.price(trade.symbol, trade.price),
            self._face.words.quantity(trade.symbol, trade.quantity),
            seconds(trade.time_ns),
            "b" if trade.side is Side.BUY else "s",
            "l",
            "",
            trade.number,
        ]


def _asset(asset: str) -> Row:
    is_money = asset_id(asset).startswith("Z") and len(asset) == 3
    return {
        "aclass": "currency",
        "altname": altname(asset),
        "decimals": 4 if is_money else 10,
        "display_decimals": 2 if is_money else 5,
        "status": "enabled",
    }
