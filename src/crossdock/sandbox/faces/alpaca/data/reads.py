"""The Market Data API: stocks at `/v2/stocks`, coins at `/v1beta3/crypto`.

https://docs.alpaca.markets/reference/stockbars,
https://docs.alpaca.markets/reference/stocklatestquotes-1,
https://docs.alpaca.markets/reference/stocksnapshots-1 and
https://docs.alpaca.markets/reference/cryptolatestorderbooks-1, read 2026-11-21.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from crossdock.sandbox.faces.alpaca.assets import Asset
from crossdock.sandbox.faces.alpaca.data.pages import Rows, Span, page_of, span_of
from crossdock.sandbox.faces.alpaca.data.words import (
    bar_row,
    book_row,
    quote_row,
    trade_row,
)
from crossdock.sandbox.faces.alpaca.params import Query
from crossdock.sandbox.faces.alpaca.refusals import data_refusal
from crossdock.sandbox.faces.alpaca.times import SECOND_NS, text_of
from crossdock.sandbox.faces.contract import Act, Call, Route
from crossdock.sandbox.market import Candle

if TYPE_CHECKING:
    from crossdock.sandbox.faces.alpaca.face import AlpacaFace

Row = dict[str, Any]

STOCKS, COINS, OPTIONS = "/v2/stocks", "/v1beta3/crypto/us", "/v1beta1/options"

_SHAPE = re.compile(r"(\d{1,2})(T|Min|H|Hour|D|Day|W|Week)")
_UNITS_S = {"T": 60, "M": 60, "H": 3600, "D": 86_400, "W": 604_800}
_MOST_OF_UNIT = {"T": 59, "M": 59, "H": 23, "D": 1, "W": 1}
_MOST_BARS = 50_000
_MOST_TRADES = 1000
_DAY_S, _MINUTE_S = 86_400, 60
_DEPTH = 1000


class MarketData:
    """What is asked of prices, past and present."""

    def __init__(self, face: AlpacaFace) -> None:
        self._face = face
        self._host = face.host

    def routes(self) -> Iterator[Route]:
        for what in ("bars", "quotes", "trades"):
            yield _stocks(f"/{what}", self._history(what, is_coin=False))
            yield _stocks("/{symbol}/" + what, self._history(what, is_coin=False))
            yield _stocks(f"/{what}/latest", self._latest(what, is_coin=False))
            yield _stocks(
                "/{symbol}/" + f"{what}/latest", self._latest(what, is_coin=False)
            )
            yield _coins(f"/{what}", self._history(what, is_coin=True))
            yield _coins(f"/latest/{what}", self._latest(what, is_coin=True))
        yield _coins("/latest/orderbooks", self._books)
        yield _coins("/snapshots", self._snapshots(is_coin=True))
        yield _stocks("/snapshots", self._snapshots(is_coin=False))
        yield _stocks("/{symbol}/snapshot", self._snapshot)
        yield _stocks("/auctions", self._auctions)
        yield _stocks("/{symbol}/auctions", self._auctions)
        yield Route("GET", f"{OPTIONS}/snapshots", _no_options)
        yield Route("GET", f"{OPTIONS}/snapshots/{{underlying}}", _no_options)

    # Histories.

    def _history(self, what: str, *, is_coin: bool) -> Callable[[Call], Act]:
        def prepare(call: Call) -> Act:
            query, assets, single = self._asked(call, is_coin=is_coin)
            span = span_of(query, self._host.now_ns())
            width_s = _width_s(query.text("timeframe")) if what == "bars" else 0

            def act(_: int) -> Row:
                def rows_of(asset: Asset) -> Rows:
                    if what == "bars":
                        return self._bars(asset, width_s, span)
                    if what == "trades":
                        return self._trades(asset, span)
                    return self._quotes(asset, span)

                found, token = page_of(query, assets, rows_of)
                if single is None:
                    return {what: found, "next_page_token": token}
                rows = found.get(single.symbol)
                return {what: rows, "symbol": single.symbol, "next_page_token": token}

            return act

        return prepare

    def _bars(self, asset: Asset, width_s: int, span: Span) -> Rows:
        closed = self._host.bars.closed(
            asset.market.symbol,
            width_s,
            start_ns=max(span.start_ns, span.end_ns - _MOST_BARS * width_s * SECOND_NS),
            end_ns=span.end_ns + 1,
            limit=_MOST_BARS,
        )
        return [(start_s, bar_row(start_s, it, text_of)) for start_s, it in closed]

    def _trades(self, asset: Asset, span: Span) -> Rows:
        return [
            (it.number, trade_row(asset, it, text_of))
            for it in self._host.feed.trades(asset.market.symbol, _MOST_TRADES)
            if span.holds(it.time_ns)
        ]

    def _quotes(self, asset: Asset, span: Span) -> Rows:
        return [
            (it.sequence, quote_row(asset, it, text_of))
            for it in self._face.quotes.past(asset.market.symbol)
            if span.holds(it.time_ns)
        ]

    # What is now.

    def _latest(self, what: str, *, is_coin: bool) -> Callable[[Call], Act]:
        def prepare(call: Call) -> Act:
            _, assets, single = self._asked(call, is_coin=is_coin)
            word = {"bars": self._bar, "quotes": self._quote, "trades": self._trade}[what]

            def act(_: int) -> Row:
                if single is not None:
                    return {"symbol": single.symbol, what.removesuffix("s"): word(single)}
                rows = {it.symbol: word(it) for it in assets}
                return {what: {symbol: row for symbol, row in rows.items() if row}}

            return act

        return prepare

    def _bar(self, asset: Asset, width_s: int = _MINUTE_S) -> Row | None:
        """Return the newest bar, the one not closed yet if there is one."""
        symbol = asset.market.symbol
        forming = self._host.bars.forming(symbol, width_s)
        if forming is None:
            closed = self._closed(symbol, width_s, 60)
            forming = closed[-1] if closed else None
        return None if forming is None else bar_row(*forming, text_of)

    def _quote(self, asset: Asset) -> Row | None:
        quote = self._face.quotes.present(asset.market.symbol)
        return None if quote is None else quote_row(asset, quote, text_of)

    def _trade(self, asset: Asset) -> Row | None:
        trades = self._host.feed.trades(asset.market.symbol, 1)
        return trade_row(asset, trades[-1], text_of) if trades else None

    def _books(self, call: Call) -> Act:
        _, assets, _ = self._asked(call, is_coin=True)

        def act(now_ns: int) -> Row:
            rows = {}
            for asset in assets:
                _, bids, asks = self._host.venue.book(asset.market.symbol, _DEPTH)
                at_ns = self._face.streams.book_time_ns(asset.market.symbol) or now_ns
                rows[asset.symbol] = book_row(bids, asks, at_ns, text_of, is_whole=False)
            return {"orderbooks": rows}

        return act

    def _snapshots(self, *, is_coin: bool) -> Callable[[Call], Act]:
        def prepare(call: Call) -> Act:
            _, assets, _ = self._asked(call, is_coin=is_coin)

            def act(_: int) -> Row:
                rows = {it.symbol: self._told(it) for it in assets}
                return {"snapshots": rows} if is_coin else rows

            return act

        return prepare

    def _snapshot(self, call: Call) -> Act:
        _, _, single = self._asked(call, is_coin=False)
        assert single is not None, "the path names a symbol"
        return lambda _: {"symbol": single.symbol} | self._told(single)

    def _told(self, asset: Asset) -> Row:
        days = self._closed(asset.market.symbol, _DAY_S, 10)
        rows = {
            "latestTrade": self._trade(asset),
            "latestQuote": self._quote(asset),
            "minuteBar": self._bar(asset),
            "dailyBar": self._bar(asset, _DAY_S),
            "prevDailyBar": bar_row(*days[-1], text_of) if days else None,
        }
        return {name: row for name, row in rows.items() if row is not None}

    def _auctions(self, call: Call) -> Act:
        """Tell of no auctions: the sandbox holds none."""
        self._asked(call, is_coin=False)
        return lambda _: {"auctions": {}, "next_page_token": None}

    def _closed(self, symbol: str, width_s: int, count: int) -> list[tuple[int, Candle]]:
        now_ns = self._host.clock.time_ns()
        return self._host.bars.closed(
            symbol,
            width_s,
            start_ns=now_ns - count * width_s * SECOND_NS,
            end_ns=now_ns,
            limit=count,
        )

    def _asked(
        self, call: Call, *, is_coin: bool
    ) -> tuple[Query, list[Asset], Asset | None]:
        """Return the query, the assets it is about, and the one that the path names."""
        query = Query(call.request.query)
        named = call.request.match_info.get("symbol")
        symbols = query.words("symbols") if named is None else [named]
        if not symbols:
            raise data_refusal("symbols is required")
        assets = []
        for symbol in dict.fromkeys(symbols):
            asset = self._face.assets.find(symbol)
            if asset is None or asset.is_coin != is_coin:
                raise data_refusal(f"invalid symbol: {symbol}")
            assets.append(asset)
        return query, assets, None if named is None else assets[0]


def _no_options(_call: Call) -> Act:
    return lambda _: {"snapshots": {}, "next_page_token": None}


def _stocks(path: str, prepare: Callable[[Call], Act]) -> Route:
    return Route("GET", STOCKS + path, prepare)


def _coins(path: str, prepare: Callable[[Call], Act]) -> Route:
    """Return a route that anybody may take: coins' prices need no key."""
    return Route("GET", COINS + path, prepare, is_signed=False)


def _width_s(text: str) -> int:
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise data_refusal(f"invalid timeframe: {text}")
    count, unit = int(found[1]), found[2][0] if found[2] != "Min" else "M"
    if not 1 <= count <= _MOST_OF_UNIT[unit]:
        raise data_refusal(f"invalid timeframe: {text}")
    return count * _UNITS_S[unit]
