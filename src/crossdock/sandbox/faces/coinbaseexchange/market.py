"""Public reads: products, books, trades, candles and tickers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO
from crossdock.sandbox.faces.coinbaseexchange.params import Params
from crossdock.sandbox.faces.coinbaseexchange.products import currency, product
from crossdock.sandbox.faces.coinbaseexchange.refusals import Said
from crossdock.sandbox.faces.coinbaseexchange.words import moment
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.stream.news import Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.coinbaseexchange.face import CoinbaseExchangeFace

_WIDTHS_S = (60, 300, 900, 3600, 21_600, 86_400)
_SECOND_NS = 1_000_000_000
_MOST_CANDLES = 300
_MOST_TRADES = 1000
_DAY_S = 86_400
_DEPTHS = {"1": 1, "2": 50_000, "3": 50_000}


class MarketReads:
    """Public reads of one venue."""

    def __init__(self, face: CoinbaseExchangeFace) -> None:
        self._face = face
        self._host = face.host
        self._products = face.products

    def time(self, params: Params, account: str) -> Act:
        def act(now_ns: int) -> Any:
            whole, part = divmod(now_ns // 1_000_000, 1000)
            iso = f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{part:03d}Z"
            return {"iso": iso, "epoch": whole + part / 1000}

        return act

    def currencies(self, params: Params, account: str) -> Act:
        return lambda _now_ns: [currency(it) for it in self._products.assets()]

    def products(self, params: Params, account: str) -> Act:
        names = self._products.names
        return lambda _now_ns: [product(it, self._products.market(it)) for it in names]

    def product(self, params: Params, name: str) -> Act:
        market = self._products.market(name)
        return lambda _now_ns: product(name, market)

    def book(self, params: Params, name: str) -> Act:
        symbol = self._products.symbol(name)
        depth = _DEPTHS[params.choice("level", _DEPTHS, "1")]

        def act(now_ns: int) -> Any:
            last, bids, asks = self._host.venue.book(symbol, depth)
            return {
                "bids": [[format(p, "f"), format(q, "f"), 1] for p, q in bids],
                "asks": [[format(p, "f"), format(q, "f"), 1] for p, q in asks],
                "sequence": last,
                "auction_mode": False,
                "auction": None,
                "time": moment(now_ns),
            }

        return act

    def trades(self, params: Params, name: str) -> Act:
        """Return the newest trades, newest first."""
        symbol = self._products.symbol(name)
        limit = min(params.whole("limit", _MOST_TRADES), _MOST_TRADES)

        def act(_now_ns: int) -> Any:
            rows = self._host.feed.trades(symbol, limit)
            return [trade(it) for it in reversed(rows)]

        return act

    def candles(self, params: Params, name: str) -> Act:
        """Return bars from start to end, both included, newest first."""
        symbol = self._products.symbol(name)
        width_s = params.whole("granularity", 60)
        if width_s not in _WIDTHS_S:
            raise Said("Unsupported granularity")
        width_ns = width_s * _SECOND_NS
        start_ns, end_ns = params.time_ns("start"), params.time_ns("end")
        if start_ns is not None and end_ns is not None:
            count = end_ns // width_ns - start_ns // width_ns + 1
            if count > _MOST_CANDLES:
                raise Said(
                    "granularity too small for the requested time range. Count of "
                    f"aggregations requested exceeds {_MOST_CANDLES}"
                )

        def act(_now_ns: int) -> Any:
            until_ns = self._host.clock.time_ns() if end_ns is None else end_ns + 1
            from_ns = start_ns
            if from_ns is None:
                from_ns = max(0, until_ns - _MOST_CANDLES * width_ns)
            bars = self._host.bars.closed(
                symbol, width_s, start_ns=from_ns, end_ns=until_ns, limit=_MOST_CANDLES
            )
            forming = self._host.bars.forming(symbol, width_s)
            if forming is not None and from_ns <= forming[0] * _SECOND_NS < until_ns:
                bars.append(forming)
            return [
                [it, *map(float, (bar.low, bar.high, bar.open, bar.close, bar.volume))]
                for it, bar in reversed(bars)
            ]

        return act

    def ticker(self, params: Params, name: str) -> Act:
        symbol = self._products.symbol(name)

        def act(now_ns: int) -> Any:
            _, bid, ask = self._host.venue.top(symbol)
            trades = self._host.feed.trades(symbol, 1)
            day = self.day(symbol)
            return {
                "ask": format((ask or (ZERO, ZERO))[0], "f"),
                "bid": format((bid or (ZERO, ZERO))[0], "f"),
                "volume": day["volume"],
                "trade_id": trades[-1].number if trades else 0,
                "price": day["last"],
                "size": format(trades[-1].quantity if trades else ZERO, "f"),
                "time": moment(trades[-1].time_ns if trades else now_ns),
            }

        return act

    def stats(self, params: Params, name: str) -> Act:
        symbol = self._products.symbol(name)
        return lambda _now_ns: self.day(symbol)

    def day(self, symbol: str) -> dict[str, str]:
        """Return what the last 24 hours were, from bars of minutes."""
        start_ns = self._host.clock.time_ns() - _DAY_S * _SECOND_NS
        bars = self._host.bars.closed(
            symbol, 60, start_ns=start_ns, end_ns=2**62, limit=_DAY_S // 60
        )
        candles = [it for _, it in bars]
        last = self._host.venue.last_price(symbol) or ZERO
        return {
            "open": format(candles[0].open if candles else last, "f"),
            "high": format(max((it.high for it in candles), default=last), "f"),
            "low": format(min((it.low for it in candles), default=last), "f"),
            "last": format(last, "f"),
            "volume": format(sum((it.volume for it in candles), ZERO), "f"),
        }


def trade(news: Traded) -> dict[str, Any]:
    """Return a public trade. Its side is the maker's."""
    return {
        "trade_id": news.number,
        "side": news.side.opposite.value,
        "size": format(news.quantity, "f"),
        "price": format(news.price, "f"),
        "time": moment(news.time_ns),
    }
