"""What is told of markets to everybody.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint/perpetuals
and …/info-endpoint/spot, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO
from crossdock.sandbox.engine import PriceLevel
from crossdock.sandbox.faces.bars import bars_of
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.hyperliquid.names import (
    milliseconds,
    plain,
    size_decimals,
    tid,
    token,
)
from crossdock.sandbox.faces.hyperliquid.params import Params
from crossdock.sandbox.faces.hyperliquid.refusals import malformed
from crossdock.sandbox.faces.hyperliquid.words import NO_HASH, Row, side_of
from crossdock.sandbox.host import SECOND_NS
from crossdock.sandbox.market import Candle
from crossdock.sandbox.stream.news import Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.hyperliquid.face import HyperliquidFace

WIDTHS_S: Mapping[str, int] = {
    "1m": 60,
    "3m": 180,
    "5m": 300,
    "15m": 900,
    "30m": 1800,
    "1h": 3600,
    "2h": 7200,
    "4h": 14_400,
    "8h": 28_800,
    "12h": 43_200,
    "1d": 86_400,
    "3d": 259_200,
    "1w": 604_800,
}
_DEPTH = 20
_BARS = 5000
_TRADES = 10
_DECIMALS = 8
LEVERAGE = 10
_MS_NS = 1_000_000


class Market:
    """Public reads of one venue."""

    def __init__(self, face: HyperliquidFace) -> None:
        self._face = face
        self._host = face.host
        self._names = face.names

    def reads(self) -> Mapping[str, Callable[[Params], Act]]:
        return {
            "exchangeStatus": self.status,
            "perpDexs": lambda _: lambda _now_ns: [None],
            "meta": lambda _: lambda _now_ns: self._meta(),
            "metaAndAssetCtxs": lambda _: lambda _now_ns: self._perpetuals(),
            "spotMeta": lambda _: lambda _now_ns: self._spot_meta(),
            "spotMetaAndAssetCtxs": lambda _: lambda _now_ns: self._spot(),
            "allMids": lambda _: lambda _now_ns: self.mids(),
            "l2Book": self.book,
            "recentTrades": self.trades,
            "candleSnapshot": self.candles,
            "fundingHistory": self.rates,
        }

    def status(self, params: Params) -> Act:
        return lambda now_ns: {"specialStatuses": None, "time": milliseconds(now_ns)}

    def book(self, params: Params) -> Act:
        market = self._names.of_coin(params.text("coin"))
        return lambda _now_ns: self.levels(market.symbol)

    def trades(self, params: Params) -> Act:
        market = self._names.of_coin(params.text("coin"))
        return lambda _now_ns: [
            self.trade(it) for it in self._host.feed.trades(market.symbol, _TRADES)[::-1]
        ]

    def candles(self, params: Params) -> Act:
        asked = params.within("req")
        market = self._names.of_coin(asked.text("coin"))
        interval = asked.text("interval")
        width_s = WIDTHS_S.get(interval)
        if width_s is None:
            raise malformed()
        start_ms, end_ms = asked.whole("startTime"), asked.maybe_whole("endTime")

        def act(now_ns: int) -> Any:
            until_ns = now_ns if end_ms is None else min(now_ns, end_ms * _MS_NS)
            width_ns = width_s * SECOND_NS
            begin_ns = max(start_ms * _MS_NS, until_ns - _BARS * width_ns, 0)
            rows = bars_of(
                self._host,
                market.symbol,
                width_s,
                start_ns=-(-begin_ns // width_ns) * width_ns,
                end_ns=until_ns + 1,
                limit=_BARS,
            )
            coin = self._names.coins[market.symbol]
            return [_candle(coin, interval, width_s, *row) for row in rows]

        return act

    def rates(self, params: Params) -> Act:
        """Return the rates of funding that fell due: none does by itself."""
        self._names.of_coin(params.text("coin"))
        params.whole("startTime")
        return lambda _now_ns: []

    def levels(self, symbol: str) -> Row:
        """Return the top of a book as reads and the stream show it."""
        _, bids, asks = self._host.venue.book(symbol, _DEPTH)
        return {
            "coin": self._names.coins[symbol],
            "time": milliseconds(self._host.now_ns()),
            "levels": [[_level(it) for it in bids], [_level(it) for it in asks]],
        }

    def trade(self, trade: Traded) -> Row:
        return {
            "coin": self._names.coins[trade.symbol],
            "side": side_of(trade.side),
            "px": plain(trade.price),
            "sz": plain(trade.quantity),
            "time": milliseconds(trade.time_ns),
            "hash": NO_HASH,
            "tid": tid(trade.trade_id),
        }

    def mids(self) -> Row:
        coins = self._names.coins.items()
        found = {coin: self.mid(symbol) for symbol, coin in coins}
        return {coin: plain(mid) for coin, mid in found.items() if mid is not None}

    def mid(self, symbol: str) -> Decimal | None:
        _, bid, ask = self._host.venue.top(symbol)
        return (bid[0] + ask[0]) / 2 if bid and ask else None

    def mark(self, symbol: str) -> Decimal:
        """Return the price that positions are valued by."""
        return self._host.venue.last_price(symbol) or self.mid(symbol) or ZERO

    def context(self, symbol: str) -> Row:
        """Return what a market stands at."""
        mid, mark = self.mid(symbol), self.mark(symbol)
        day = self._host.bars.forming(symbol, WIDTHS_S["1d"])
        volume = day[1].volume if day else ZERO
        return {
            "dayNtlVlm": plain(volume * mark),
            "dayBaseVlm": plain(volume),
            "prevDayPx": plain(day[1].open if day else mark),
            "markPx": plain(mark),
            "midPx": None if mid is None else plain(mid),
        }

    def _meta(self) -> Row:
        return {"universe": [self._perpetual(it) for it in self._names.perpetuals]}

    def _perpetual(self, symbol: str) -> Row:
        market = self._names.market(symbol)
        return {
            "name": market.base,
            "szDecimals": size_decimals(market),
            "maxLeverage": LEVERAGE,
        }

    def _perpetuals(self) -> list[Any]:
        contexts = []
        for symbol in self._names.perpetuals:
            _, bid, ask = self._host.venue.top(symbol)
            row = self.context(symbol)
            best = [plain(it[0]) for it in (bid, ask) if it]
            contexts.append(
                row
                | {
                    "funding": "0.0",
                    "openInterest": "0.0",
                    "oraclePx": row["markPx"],
                    "premium": "0.0",
                    "impactPxs": best if len(best) == 2 else None,
                }
            )
        return [self._meta(), contexts]

    def _spot_meta(self) -> Row:
        names = self._names
        universe = []
        for index, symbol in enumerate(names.pairs):
            market = names.market(symbol)
            pair = [names.tokens.index(it) for it in (market.base, market.quote)]
            coin = names.coins[symbol]
            universe.append(
                {
                    "tokens": pair,
                    "name": coin,
                    "index": index,
                    "isCanonical": coin == symbol,
                }
            )
        tokens = [self._token(index, it) for index, it in enumerate(names.tokens)]
        return {"universe": universe, "tokens": tokens}

    def _token(self, index: int, asset: str) -> Row:
        traded = [
            size_decimals(it)
            for it in map(self._names.market, self._names.pairs)
            if it.base == asset
        ]
        name = token(asset)
        return {
            "name": name,
            "szDecimals": max(traded, default=_DECIMALS),
            "weiDecimals": _DECIMALS,
            "index": index,
            "tokenId": f"0x{index:032x}",
            "isCanonical": name == asset,
            "evmContract": None,
            "fullName": None if name == asset else f"Unit {asset}",
        }

    def _spot(self) -> list[Any]:
        contexts = [
            self.context(it) | {"coin": self._names.coins[it], "circulatingSupply": "0.0"}
            for it in self._names.pairs
        ]
        return [self._spot_meta(), contexts]


def _level(level: PriceLevel) -> Row:
    return {"px": plain(level[0]), "sz": plain(level[1]), "n": 1}


def _candle(coin: str, interval: str, width_s: int, start_s: int, candle: Candle) -> Row:
    return {
        "t": start_s * 1000,
        "T": (start_s + width_s) * 1000 - 1,
        "s": coin,
        "i": interval,
        "o": plain(candle.open),
        "c": plain(candle.close),
        "h": plain(candle.high),
        "l": plain(candle.low),
        "v": plain(candle.volume),
        "n": 0,
    }
