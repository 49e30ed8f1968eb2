"""Public reads.

https://www.okx.com/docs-v5/en/#order-book-trading-market-data, read 2026-11-21.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock.model import ZERO, ContractKind, Side
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.numbers import plain, plain_or_empty
from crossdock.sandbox.faces.okx.names import SPOT, TYPES
from crossdock.sandbox.faces.okx.params import Params
from crossdock.sandbox.faces.okx.refusals import invalid
from crossdock.sandbox.faces.okx.words import Row, milliseconds, side_of
from crossdock.sandbox.host import SECOND_NS
from crossdock.sandbox.market import Candle
from crossdock.sandbox.stream.news import Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.okx.face import OkxFace

_BAR = re.compile(r"([1-9]\d?)([mHDW])(utc)?")
_UNITS_S = {"m": 60, "H": 3600, "D": 86_400, "W": 604_800}
_DAY_NS = 86_400 * SECOND_NS
_MOST_BARS = 300
_MOST_LEVELS = 400
_MOST_TRADES = 500
_LISTED_MS = "1600000000000"


def width_s_of(bar: str) -> int:
    """Return the width of bars in seconds. Raises Refusal."""
    found = _BAR.fullmatch(bar)
    if found is None:
        raise invalid("bar")
    return int(found[1]) * _UNITS_S[found[2]]


def bar_row(
    start_s: int, candle: Candle, contract_size: Decimal, *, closed: bool
) -> list[str]:
    """Return a bar: volume in contracts, in base and in quote."""
    volume, base = candle.volume, candle.volume * contract_size
    return [
        str(start_s * 1000),
        plain(candle.open),
        plain(candle.high),
        plain(candle.low),
        plain(candle.close),
        plain(volume),
        plain(base),
        plain(base * candle.close),
        "1" if closed else "0",
    ]


def level_rows(levels: list[tuple[Decimal, Decimal]]) -> list[list[str]]:
    """Return levels: price, quantity, a retired number, and a count of orders."""
    return [
        [plain(price), plain(quantity), "0", "1" if quantity else "0"]
        for price, quantity in levels
    ]


class Market:
    """Public reads of one venue. Each returns the rows of a reply."""

    def __init__(self, face: OkxFace) -> None:
        self._face = face
        self._host = face.host
        self._names = face.names

    def time(self, params: Params, account: str) -> Act:
        return lambda now_ns: [{"ts": milliseconds(now_ns)}]

    def status(self, params: Params, account: str) -> Act:
        """Return no maintenance."""
        return lambda _now_ns: []

    def instruments(self, params: Params, account: str) -> Act:
        kind = params.choice("instType", TYPES)
        name = params.maybe("instId")

        def act(_now_ns: int) -> list[Row]:
            symbols = self._names.of(kind, name)
            return [self._instrument(it) for it in symbols]

        return act

    def books(self, params: Params, account: str) -> Act:
        symbol = self._names.find(params.text("instId"))
        depth = params.whole("sz", 1, most=_MOST_LEVELS)

        def act(now_ns: int) -> list[Row]:
            sequence, bids, asks = self._host.venue.book(symbol, depth)
            return [
                {
                    "asks": level_rows(asks),
                    "bids": level_rows(bids),
                    "ts": milliseconds(now_ns),
                    "seqId": sequence,
                }
            ]

        return act

    def trades(self, params: Params, account: str) -> Act:
        symbol = self._names.find(params.text("instId"))
        limit = params.whole("limit", 100, most=_MOST_TRADES)

        def act(_now_ns: int) -> list[Row]:
            return [self.trade(it) for it in self._host.feed.trades(symbol, limit)[::-1]]

        return act

    def candles(self, params: Params, account: str) -> Act:
        """Return bars behind `before` and before `after`, the newest first."""
        symbol = self._names.find(params.text("instId"))
        width_s = width_s_of(params.maybe("bar") or "1m")
        limit = params.whole("limit", 100, most=_MOST_BARS)
        since_ns, until_ns = params.time_ns("before"), params.time_ns("after")
        size = self._names.market(symbol).multiplier

        def act(_now_ns: int) -> list[list[str]]:
            now_ns = self._host.clock.time_ns()
            width_ns = width_s * SECOND_NS
            end_ns = now_ns if until_ns is None else min(until_ns, now_ns)
            first_ns = (end_ns // width_ns - limit) * width_ns
            start_ns = first_ns if since_ns is None else max(since_ns + 1, first_ns)
            found = self._host.bars.closed(
                symbol, width_s, start_ns=start_ns, end_ns=end_ns, limit=limit
            )
            rows = [bar_row(*it, size, closed=True) for it in found]
            forming = self._host.bars.forming(symbol, width_s)
            if forming is not None and start_ns <= forming[0] * SECOND_NS < end_ns:
                rows.append(bar_row(*forming, size, closed=False))
            return rows[::-1][:limit]

        return act

    def ticker(self, params: Params, account: str) -> Act:
        symbol = self._names.find(params.text("instId"))
        return lambda now_ns: [self.ticker_row(symbol, now_ns)]

    def tickers(self, params: Params, account: str) -> Act:
        symbols = self._names.of(params.choice("instType", TYPES), None)
        return lambda now_ns: [self.ticker_row(it, now_ns) for it in symbols]

    def funding_rate(self, params: Params, account: str) -> Act:
        symbol = self._names.find(params.text("instId"))
        if self._names.type(symbol) == SPOT:
            raise invalid("instId")

        def act(now_ns: int) -> list[Row]:
            eight_hours_ns = 8 * 3600 * SECOND_NS
            next_ns = (now_ns // eight_hours_ns + 1) * eight_hours_ns
            return [
                {
                    "instType": self._names.type(symbol),
                    "instId": self._names.id(symbol),
                    "fundingRate": "0",
                    "nextFundingRate": "",
                    "fundingTime": milliseconds(next_ns),
                    "nextFundingTime": milliseconds(next_ns + eight_hours_ns),
                    "ts": milliseconds(now_ns),
                }
            ]

        return act

    def trade(self, trade: Traded) -> Row:
        return {
            "instId": self._names.id(trade.symbol),
            "tradeId": str(trade.number),
            "px": plain(trade.price),
            "sz": plain(trade.quantity),
            "side": side_of(Side(trade.side)),
            "ts": milliseconds(trade.time_ns),
        }

    def ticker_row(self, symbol: str, now_ns: int) -> Row:
        _, bid, ask = self._host.venue.top(symbol)
        last = self._host.feed.trades(symbol, 1)
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
        size = self._names.market(symbol).multiplier
        volume = sum((it.volume for it in day), ZERO)
        return {
            "instType": self._names.type(symbol),
            "instId": self._names.id(symbol),
            "last": plain_or_empty(self._host.venue.last_price(symbol)),
            "lastSz": plain(last[-1].quantity) if last else "0",
            "askPx": "" if ask is None else plain(ask[0]),
            "askSz": "0" if ask is None else plain(ask[1]),
            "bidPx": "" if bid is None else plain(bid[0]),
            "bidSz": "0" if bid is None else plain(bid[1]),
            "open24h": plain(day[0].open) if day else "",
            "high24h": plain(max(it.high for it in day)) if day else "",
            "low24h": plain(min(it.low for it in day)) if day else "",
            "vol24h": plain(volume),
            "volCcy24h": plain(volume * size),
            "ts": milliseconds(now_ns),
        }

    def _instrument(self, symbol: str) -> Row:
        market = self._names.market(symbol)
        is_spot = market.kind is ContractKind.SPOT
        pair = f"{market.base}-{market.quote}"
        is_inverse = market.kind is ContractKind.INVERSE
        most = plain_or_empty(market.max_quantity) or "99999999"
        return {
            "instType": self._names.type(symbol),
            "instId": self._names.id(symbol),
            "instIdCode": self._names.code(symbol),
            "uly": "" if is_spot else pair,
            "instFamily": "" if is_spot else pair,
            "baseCcy": market.base if is_spot else "",
            "quoteCcy": market.quote if is_spot else "",
            "settleCcy": "" if is_spot else market.settle,
            "ctVal": "" if is_spot else plain(market.multiplier),
            "ctMult": "" if is_spot else "1",
            "ctValCcy": "" if is_spot else (market.quote if is_inverse else market.base),
            "ctType": "" if is_spot else ("inverse" if is_inverse else "linear"),
            "optType": "",
            "stk": "",
            "alias": "",
            "category": "1",
            "lever": "" if is_spot else "10",
            "tickSz": plain(market.ticks[0][1]),
            "lotSz": plain(market.quantity_step),
            "minSz": plain(market.min_quantity or market.quantity_step),
            "maxLmtSz": most,
            "maxMktSz": most,
            "listTime": _LISTED_MS,
            "contTdSwTime": "",
            "expTime": "",
            "state": "live",
            "ruleType": "normal",
        }
