"""What is told of markets to everybody.

https://www.bitstamp.net/api/#tag/Market-info, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO
from crossdock.sandbox.engine import MarketSpec, PriceLevel
from crossdock.sandbox.faces.bitstamp.params import Params, Row
from crossdock.sandbox.faces.bitstamp.refusals import malformed
from crossdock.sandbox.faces.bitstamp.words import side_of, trade_id
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.host import SECOND_NS

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bitstamp.face import BitstampFace

_STEPS_S = frozenset(
    {60, 180, 300, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 259200}
)
_SPANS_S = {"minute": 60, "hour": 3600, "day": 86400}
_MOST_BARS = 1000
_MOST_TRADES = 1000
_MOST_LEVELS = 5000


class Stamps:
    """A time in microseconds for each state of a book: a later state has a later one."""

    def __init__(self, face: BitstampFace) -> None:
        self._now_ns = face.host.clock.time_ns
        self._last: dict[str, tuple[int, int]] = {}

    def of(self, symbol: str, sequence: int) -> int:
        known, stamp = self._last.get(symbol, (-1, 0))
        if sequence > known:
            stamp = max(stamp + 1, self._now_ns() // 1000)
            self._last[symbol] = (sequence, stamp)
        return stamp


class Market:
    def __init__(self, face: BitstampFace) -> None:
        self._face = face
        self._host = face.host

    def reads(self) -> dict[str, Any]:
        return {
            "markets/": self.markets,
            "ticker/": self.tickers,
            "ticker/{pair}/": self.ticker,
            "order_book/{pair}/": self.book,
            "transactions/{pair}/": self.trades,
            "ohlc/{pair}/": self.bars,
        }

    def markets(self, params: Params, call: Call) -> Act:
        return lambda _now_ns: [self._face.words.market(it) for it in self._all()]

    def tickers(self, params: Params, call: Call) -> Act:
        return lambda now_ns: [self._ticker(it, now_ns) for it in self._all()]

    def ticker(self, params: Params, call: Call) -> Act:
        market = self._market(params)
        return lambda now_ns: self._ticker(market, now_ns)

    def book(self, params: Params, call: Call) -> Act:
        symbol = self._market(params).symbol

        def act(_now_ns: int) -> Row:
            sequence, bids, asks = self._host.venue.book(symbol, _MOST_LEVELS)
            return book_row(self._face.stamps.of(symbol, sequence), bids, asks)

        return act

    def trades(self, params: Params, call: Call) -> Act:
        symbol = self._market(params).symbol
        span_s = _SPANS_S.get(params.maybe("time") or "hour")
        if span_s is None:
            raise malformed("time")

        def act(now_ns: int) -> list[Row]:
            trades = self._host.feed.trades(symbol, _MOST_TRADES)
            return [
                {
                    "date": str(it.time_ns // SECOND_NS),
                    "tid": str(trade_id(it.trade_id)),
                    "amount": plain(it.quantity),
                    "type": str(side_of(it.side)),
                    "price": plain(it.price),
                }
                for it in reversed(trades)
                if now_ns - it.time_ns < span_s * SECOND_NS
            ]

        return act

    def bars(self, params: Params, call: Call) -> Act:
        symbol = self._market(params).symbol
        step_s = params.whole("step", 0)
        limit = params.whole("limit", 0, most=_MOST_BARS)
        if step_s not in _STEPS_S or not limit:
            raise malformed("step" if limit else "limit")
        start_s, end_s = params.whole("start", 0), params.whole("end", 0)

        def act(_now_ns: int) -> Row:
            now_s = self._host.clock.time_ns() // SECOND_NS
            until_s = min(end_s or now_s, now_s) + 1
            from_s = start_s or max(0, (until_s // step_s - limit + 1) * step_s)
            rows = self._host.bars.closed(
                symbol,
                step_s,
                start_ns=from_s * SECOND_NS,
                end_ns=until_s * SECOND_NS,
                limit=limit,
            )
            forming = self._host.bars.forming(symbol, step_s)
            if forming is not None and from_s <= forming[0] < until_s:
                rows.append(forming)
            ohlc = [
                {
                    "timestamp": str(begun_s),
                    "open": plain(bar.open),
                    "high": plain(bar.high),
                    "low": plain(bar.low),
                    "close": plain(bar.close),
                    "volume": plain(bar.volume),
                }
                for begun_s, bar in rows[:limit]
            ]
            return {"data": {"pair": symbol, "ohlc": ohlc}}

        return act

    def _all(self) -> Sequence[MarketSpec]:
        return self._face.names.markets

    def _market(self, params: Params) -> MarketSpec:
        return self._face.names.market(params.maybe("pair") or "")

    def _ticker(self, market: MarketSpec, now_ns: int) -> Row:
        _, bid, ask = self._host.venue.top(market.symbol)
        last = self._host.feed.trades(market.symbol, 1)
        day = self._host.bars.forming(market.symbol, 86400)
        price = last[-1].price if last else ZERO
        return {
            "timestamp": str(now_ns // SECOND_NS),
            "pair": market.symbol,
            "market": market.symbol,
            "last": plain(price),
            "bid": plain(bid[0] if bid else ZERO),
            "ask": plain(ask[0] if ask else ZERO),
            "open": plain(day[1].open if day else price),
            "high": plain(day[1].high if day else price),
            "low": plain(day[1].low if day else price),
            "volume": plain(day[1].volume if day else ZERO),
            "side": str(side_of(last[-1].side)) if last else "0",
        }


def book_row(stamp_us: int, bids: Sequence[PriceLevel], asks: Sequence[PriceLevel]) -> Row:
    """Word a book, or its changes: an amount of 0 is a level that is gone."""
    return {
        "timestamp": str(stamp_us // 1_000_000),
        "microtimestamp": str(stamp_us),
        "bids": [[plain(price), plain(amount)] for price, amount in bids],
        "asks": [[plain(price), plain(amount)] for price, amount in asks],
    }
