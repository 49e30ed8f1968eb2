"""Reads of products: books, trades, candles."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock.model import Side
from crossdock.sandbox.engine import PriceLevel
from crossdock.sandbox.faces.coinbase.params import Query
from crossdock.sandbox.faces.coinbase.refusals import invalid
from crossdock.sandbox.faces.coinbase.values import Row, moment, quotient
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.host import SECOND_NS
from crossdock.sandbox.market.history import Candle
from crossdock.sandbox.stream.news import Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.coinbase.face import CoinbaseFace

_MINUTE_S = 60
GRANULARITIES = {
    "ONE_MINUTE": _MINUTE_S,
    "FIVE_MINUTE": 5 * _MINUTE_S,
    "FIFTEEN_MINUTE": 15 * _MINUTE_S,
    "THIRTY_MINUTE": 30 * _MINUTE_S,
    "ONE_HOUR": 60 * _MINUTE_S,
    "TWO_HOUR": 120 * _MINUTE_S,
    "FOUR_HOUR": 240 * _MINUTE_S,
    "SIX_HOUR": 360 * _MINUTE_S,
    "ONE_DAY": 1440 * _MINUTE_S,
}
_MOST_CANDLES = 350
_MOST_LEVELS = 5000
_MOST_TRADES = 1000
_BIPS = Decimal(10_000)


def levels(rows: Sequence[PriceLevel]) -> list[Row]:
    return [{"price": plain(price), "size": plain(size)} for price, size in rows]


def candle(start_s: int, bar: Candle) -> Row:
    return {
        "start": str(start_s),
        "low": plain(bar.low),
        "high": plain(bar.high),
        "open": plain(bar.open),
        "close": plain(bar.close),
        "volume": plain(bar.volume),
    }


def trade(product_id: str, news: Traded) -> Row:
    """Return a trade; its side is the resting order's."""
    return {
        "trade_id": str(news.number),
        "product_id": product_id,
        "price": plain(news.price),
        "size": plain(news.quantity),
        "time": moment(news.time_ns),
        "side": "SELL" if news.side is Side.BUY else "BUY",
    }


class Market:
    """Reads of one venue's products. Public and signed calls give the same."""

    def __init__(self, face: CoinbaseFace) -> None:
        self._face = face
        self._host = face.host
        self._products = face.products

    def time(self, call: Call) -> Act:
        def act(now_ns: int) -> Row:
            return {
                "iso": moment(now_ns),
                "epochSeconds": str(now_ns // SECOND_NS),
                "epochMillis": str(now_ns // 1_000_000),
            }

        return act

    def products(self, call: Call) -> Act:
        query = self._query(call)
        chosen = query.many("product_ids")
        limit, offset = query.whole("limit", 0), query.whole("offset", 0)
        kind = query.maybe("product_type")

        def act(_now_ns: int) -> Row:
            symbols = self._products.all()
            if kind not in ("", "SPOT", "UNKNOWN_PRODUCT_TYPE"):
                symbols = []
            rows = [self._products.row(it) for it in symbols]
            rows = [it for it in rows if not chosen or it["product_id"] in chosen]
            rows = rows[offset : offset + limit] if limit else rows[offset:]
            return {"products": rows, "num_products": len(rows)}

        return act

    def product(self, call: Call) -> Act:
        symbol = self._named(call)
        return lambda _now_ns: self._products.row(symbol)

    def book(self, call: Call) -> Act:
        query = self._query(call)
        symbol = self._products.symbol(query.text("product_id"))
        limit = query.whole("limit", _MOST_LEVELS, most=_MOST_LEVELS)

        def act(now_ns: int) -> Row:
            told: Row = {"pricebook": self._book(symbol, limit, now_ns)}
            _, bid, ask = self._host.venue.top(symbol)
            last = self._host.venue.last_price(symbol)
            told["last"] = "" if last is None else plain(last)
            if bid is not None and ask is not None:
                middle, spread = (bid[0] + ask[0]) / 2, ask[0] - bid[0]
                told["mid_market"] = plain(middle)
                told["spread_bps"] = plain(quotient(spread * _BIPS, middle))
                told["spread_absolute"] = plain(spread)
            return told

        return act

    def best(self, call: Call) -> Act:
        """Return the best bid and ask of products, or of all."""
        chosen = sorted(self._query(call).many("product_ids"))
        symbols = [self._products.symbol(it) for it in chosen] or self._products.all()

        def act(now_ns: int) -> Row:
            return {"pricebooks": [self._book(it, 1, now_ns) for it in symbols]}

        return act

    def trades(self, call: Call) -> Act:
        query, symbol = self._query(call), self._named(call)
        limit = query.whole("limit", 100, most=_MOST_TRADES)
        start_s, end_s = query.whole("start", 0), query.whole("end", 10**12)

        def act(_now_ns: int) -> Row:
            product_id = self._products.id(symbol)
            found = [
                it
                for it in self._host.feed.trades(symbol, _MOST_TRADES)
                if start_s <= it.time_ns // SECOND_NS < end_s
            ]
            rows = [
                trade(product_id, it) | {"bid": "", "ask": "", "exchange": "coinbase"}
                for it in reversed(found[-limit:] if limit else [])
            ]
            _, bid, ask = self._host.venue.top(symbol)
            return {
                "trades": rows,
                "best_bid": "" if bid is None else plain(bid[0]),
                "best_ask": "" if ask is None else plain(ask[0]),
            }

        return act

    def candles(self, call: Call) -> Act:
        """Return bars newest first, the one not closed yet among them."""
        query, symbol = self._query(call), self._named(call)
        width_s = GRANULARITIES.get(query.text("granularity"))
        if width_s is None:
            raise invalid("granularity is unknown")
        query.text("start"), query.text("end")
        start_s, end_s = query.whole("start", 0), query.whole("end", 0)
        limit = query.whole("limit", _MOST_CANDLES, most=_MOST_CANDLES)
        if (end_s - start_s) // width_s > _MOST_CANDLES:
            raise invalid(
                f"start and end argument is invalid - number of candles requested should "
                f"be less than {_MOST_CANDLES}"
            )

        def act(_now_ns: int) -> Row:
            bars = self._host.bars.closed(
                symbol,
                width_s,
                start_ns=start_s * SECOND_NS,
                end_ns=(end_s + 1) * SECOND_NS,
                limit=_MOST_CANDLES,
            )
            forming = self._host.bars.forming(symbol, width_s)
            if forming is not None and start_s <= forming[0] <= end_s:
                bars = [*bars, forming]
            return {"candles": [candle(*it) for it in reversed(bars[-limit:])]}

        return act

    def _book(self, symbol: str, depth: int, now_ns: int) -> Row:
        _, bids, asks = self._host.venue.book(symbol, depth)
        return {
            "product_id": self._products.id(symbol),
            "bids": levels(bids),
            "asks": levels(asks),
            "time": moment(now_ns),
        }

    def _named(self, call: Call) -> str:
        return self._products.symbol(call.request.match_info["product_id"])

    def _query(self, call: Call) -> Query:
        return Query(call.request.rel_url.raw_query_string)
