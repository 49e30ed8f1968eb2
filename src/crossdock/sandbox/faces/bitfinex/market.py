"""What is told of markets to everybody.

https://docs.bitfinex.com/reference/rest-public-conf, …/rest-public-book,
…/rest-public-trades and …/rest-public-candles, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO
from crossdock.sandbox.engine import MarketSpec, PriceLevel
from crossdock.sandbox.faces.bars import bars_of
from crossdock.sandbox.faces.bitfinex.names import currency, pair
from crossdock.sandbox.faces.bitfinex.params import Params, Row, number, trade_id
from crossdock.sandbox.faces.bitfinex.refusals import invalid
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.market import Candle
from crossdock.sandbox.stream.news import Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bitfinex.face import BitfinexFace

WIDTHS_S: Mapping[str, int] = {
    "1m": 60,
    "5m": 300,
    "15m": 900,
    "30m": 1800,
    "1h": 3600,
    "3h": 10_800,
    "6h": 21_600,
    "12h": 43_200,
    "1D": 86_400,
    "1W": 604_800,
}
LENGTHS = (1, 25, 100, 250)
PRECISIONS = ("P0", "R0")
_DAY_S = 86_400
_MOST = 10_000
_TRADES_KEPT = 1000
_MS_NS = 1_000_000


class Market:
    def __init__(self, face: BitfinexFace) -> None:
        self._face = face
        self._host = face.host

    def reads(self) -> dict[str, Callable[[Params, Call], Act]]:
        return {
            "platform/status": self.status,
            "conf/{labels}": self.conf,
            "ticker/{symbol}": self.ticker,
            "tickers": self.tickers,
            "book/{symbol}/{precision}": self.book,
            "trades/{symbol}/hist": self.trades,
            "candles/{key}/hist": self.candles,
            "status/deriv": self.derivatives,
        }

    def status(self, params: Params, call: Call) -> Act:
        return lambda _now_ns: [1]

    def derivatives(self, params: Params, call: Call) -> Act:
        """Return the state of contracts: there are none here."""
        return lambda _now_ns: []

    def conf(self, params: Params, call: Call) -> Act:
        labels = (params.maybe("labels") or "").split(",")
        return lambda _now_ns: [self._listed(label) for label in labels]

    def ticker(self, params: Params, call: Call) -> Act:
        market = self._face.names.market(params.maybe("symbol"))
        return lambda _now_ns: self.ticker_row(market.symbol)

    def tickers(self, params: Params, call: Call) -> Act:
        names = self._face.names
        wanted = (params.maybe("symbols") or "ALL").split(",")
        found = [it for it in names.markets if names.id(it.symbol) in wanted]
        markets = names.markets if wanted == ["ALL"] else found
        return lambda _now_ns: [
            [names.id(it.symbol), *self.ticker_row(it.symbol)] for it in markets
        ]

    def book(self, params: Params, call: Call) -> Act:
        """Return levels, or as R0 orders: here each level is one, with an id of its own."""
        symbol = self._face.names.market(params.maybe("symbol")).symbol
        precision, depth = params.maybe("precision"), params.whole("len", 25)
        if precision not in PRECISIONS or depth not in LENGTHS:
            raise invalid("prec" if depth in LENGTHS else "len")

        def act(_now_ns: int) -> list[Row]:
            _, bids, asks = self._host.venue.book(symbol, depth)
            rows = [*(level(it, 1) for it in bids), *(level(it, -1) for it in asks)]
            if precision == "R0":
                return [[place, row[0], row[2]] for place, row in enumerate(rows, 1)]
            return rows

        return act

    def trades(self, params: Params, call: Call) -> Act:
        symbol = self._face.names.market(params.maybe("symbol")).symbol
        span = Span(params, 120, _MOST)

        def act(_now_ns: int) -> list[Row]:
            found = self._host.feed.trades(symbol, _TRADES_KEPT)
            return [public_trade(it) for it in span.of([(it.time_ns, it) for it in found])]

        return act

    def candles(self, params: Params, call: Call) -> Act:
        kind, _, rest = (params.maybe("key") or "").partition(":")
        frame, _, name = rest.partition(":")
        market = self._face.names.market(name)
        if kind != "trade" or frame not in WIDTHS_S:
            raise invalid("key")
        start, end = params.whole("start", 0), params.whole("end", 0)
        limit = params.whole("limit", 100, most=_MOST)
        rises = params.maybe("sort") == "1"

        def act(_now_ns: int) -> list[Row]:
            told = self.bars(
                market.symbol,
                frame,
                start_ns=start * _MS_NS if start or rises else None,
                end_ns=end * _MS_NS + 1 if end else None,
                limit=limit,
            )
            return told if rises else told[::-1]

        return act

    def bars(
        self,
        symbol: str,
        frame: str,
        *,
        limit: int,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> list[Row]:
        """Return bars, the one that is not closed yet among them, oldest first."""
        rows = bars_of(
            self._host,
            symbol,
            WIDTHS_S[frame],
            start_ns=start_ns,
            end_ns=end_ns,
            limit=limit,
        )
        return [candle(begun_s, bar) for begun_s, bar in rows]

    def ticker_row(self, symbol: str) -> Row:
        _, bid, ask = self._host.venue.top(symbol)
        last = self._host.feed.trades(symbol, 1)
        day = self._host.bars.forming(symbol, _DAY_S)
        price = last[-1].price if last else ZERO
        begun = day[1].open if day else price
        change = price - begun
        return [
            *(number(it) for it in bid or (ZERO, ZERO)),
            *(number(it) for it in ask or (ZERO, ZERO)),
            number(change),
            float(change / begun) if begun else 0,
            number(price),
            number(day[1].volume if day else ZERO),
            number(day[1].high if day else price),
            number(day[1].low if day else price),
        ]

    def _listed(self, label: str) -> list[Any]:
        markets = self._face.names.markets
        assets = sorted({currency(name) for it in markets for name in (it.base, it.quote)})
        match label:
            case "pub:info:pair":
                return [[pair(it), _limits(it)] for it in markets]
            case "pub:list:pair:exchange":
                return [pair(it) for it in markets]
            case "pub:list:currency":
                return list(assets)
            case "pub:map:currency:sym":
                return [["UST", "USDt"]] if "UST" in assets else []
            case "pub:map:currency:label":
                return [[it, it] for it in assets]
        return []


class Span:
    """What part of a history is asked for: times that are both included, and how much."""

    def __init__(self, params: Params, usual: int, most: int) -> None:
        self._from_ms = params.whole("start", 0)
        self._until_ms = params.whole("end", 2**62)
        self._limit = params.whole("limit", usual, most=most)
        sort = params.maybe("sort")
        if sort not in (None, "1", "+1", "-1"):
            raise invalid("sort")
        self.rises = sort in ("1", "+1")

    def of(self, rows: list[tuple[int, Any]]) -> list[Any]:
        """Return those of (time, row), oldest first, that are asked for, in its order."""
        found = self.page(rows)
        return found if self.rises else found[::-1]

    def page(self, rows: list[tuple[int, Any]]) -> list[Any]:
        """Return the same, oldest first."""
        found = [
            row
            for time_ns, row in rows
            if self._from_ms <= time_ns // _MS_NS <= self._until_ms
        ]
        return found[: self._limit] if self.rises else found[-self._limit :]


def level(row: PriceLevel, sign: int) -> Row:
    """Word a level: its price, how many orders, their amount; asks are negative."""
    price, quantity = row
    return [number(price), 1, number(sign * quantity)]


def public_trade(trade: Traded) -> Row:
    amount = number(trade.side.sign * trade.quantity)
    return [
        trade_id(trade.trade_id),
        trade.time_ns // _MS_NS,
        amount,
        number(trade.price),
    ]


def candle(begun_s: int, bar: Candle) -> Row:
    prices = [number(it) for it in (bar.open, bar.close, bar.high, bar.low)]
    return [begun_s * 1000, *prices, number(bar.volume)]


def _limits(market: MarketSpec) -> Row:
    row: Row = [None] * 12
    row[3] = plain(market.min_quantity or market.quantity_step)
    row[4] = None if market.max_quantity is None else plain(market.max_quantity)
    return row
