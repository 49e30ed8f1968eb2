"""Binance spot, USD-M and COIN-M futures, and Binance US.

https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Important-WebSocket-Change-Notice
https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/How-to-manage-a-local-order-book-correctly
(read 2026-11-21)

The stream brings changes only: a book is asked for by REST once its first change has come,
and begins where both meet. Levels farther from the best than the GET reaches are known
only once they change, so as many are asked for as it has. Since 2026-04-23 USD-M has two
paths, /public for books and best prices and /market for trades. Every connection ends
after 24 hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType

import msgspec

from crossdock.model import ContractKind, Instrument, venue_of
from crossdock.toolkit.decoders.binance import Binance
from crossdock.toolkit.live.dialect import (
    Dialect,
    Kind,
    Line,
    Origins,
    SnapshotRequest,
    Word,
    encode,
    in_groups,
)

_A_FRAME = 100  # streams
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Market:
    """One of Binance's markets: where it is, and what is asked for by what path."""

    role: str
    kind: ContractKind
    channels: Mapping[str, tuple[str, ...]]  # by the path of the connection
    depth_path: str
    most_levels: int  # that a GET of a book returns
    depth_weight: int  # of that GET
    most_streams: int  # on one connection
    frames_per_s: int


_SPOT = _Market(
    role="spot",
    kind=ContractKind.SPOT,
    channels=MappingProxyType({"/stream": ("depth@100ms", "trade", "bookTicker")}),
    depth_path="/api/v3/depth",
    most_levels=5000,
    depth_weight=250,
    most_streams=1024,
    frames_per_s=4,  # of 5 that are taken, pings and pongs included
)
_USD_M = _Market(
    role="usdm",
    kind=ContractKind.LINEAR,
    channels=MappingProxyType(
        {
            "/public/stream": ("depth@100ms", "bookTicker"),
            "/market/stream": ("aggTrade",),
        }
    ),
    depth_path="/fapi/v1/depth",
    most_levels=1000,
    depth_weight=20,
    most_streams=200,
    frames_per_s=8,  # of 10
)
_COIN_M = _Market(
    role="coinm",
    kind=ContractKind.INVERSE,
    channels=MappingProxyType({"/stream": ("depth@100ms", "bookTicker", "aggTrade")}),
    depth_path="/dapi/v1/depth",
    most_levels=1000,
    depth_weight=20,
    most_streams=200,
    frames_per_s=8,
)


class _Error(msgspec.Struct):
    code: int = 0
    msg: str = ""


class _Reply(msgspec.Struct):
    error: _Error | None = None
    e: str = ""


_reply = msgspec.json.Decoder(_Reply).decode


class BinanceLine(Line):
    lifetime_s = _DAY_S

    def __init__(
        self,
        name: str,
        market: _Market,
        path: str,
        origins: Origins,
        instruments: Sequence[Instrument],
    ) -> None:
        super().__init__(
            name,
            f"{origins[market.role]}{path}",
            Binance(venue_of(instruments[0].id)),
            {each.venue_key: each for each in instruments},
        )
        self.frames_per_s = market.frames_per_s
        self.rest_origin = origins[f"{market.role}_rest"]
        self._market = market
        self._channels = market.channels[path]
        self.has_books = any(each.startswith("depth") for each in self._channels)
        self._ids = count(1)

    def subscriptions(self) -> list[bytes]:
        streams = [
            f"{key.lower()}@{channel}" for key in self.markets for channel in self._channels
        ]
        return [
            encode({"method": "SUBSCRIBE", "params": group, "id": next(self._ids)})
            for group in in_groups(streams, _A_FRAME)
        ]

    def snapshot(self, key: str) -> SnapshotRequest:
        market = self._market
        query = f"symbol={key}&limit={market.most_levels}"
        return SnapshotRequest(market.depth_path, query, market.depth_weight)

    def word(self, raw: bytes) -> Word | None:
        if b'"error"' in raw[:200]:
            error = _reply(raw).error
            if error is not None:
                return Word(Kind.REFUSED, error.msg, str(error.code))
        if b'"serverShutdown"' in raw[:200] and _reply(raw).e == "serverShutdown":
            return Word(Kind.LEAVING, "the venue shuts this connection down")
        return None


def _lines_of(
    markets: Sequence[_Market], instruments: Sequence[Instrument], origins: Origins
) -> Iterator[Line]:
    for market in markets:
        chosen = [each for each in instruments if each.kind is market.kind]
        for path, channels in market.channels.items():
            groups = in_groups(chosen, market.most_streams // len(channels))
            for number, group in enumerate(groups):
                purpose = path.strip("/").partition("/")[0].replace("stream", "")
                parts = (market.role, purpose, str(number + 1) if number else "")
                yield BinanceLine(
                    " ".join(filter(None, parts)), market, path, origins, group
                )


def _dialect(
    exchange: str,
    markets: Sequence[_Market],
    origins: Mapping[str, str],
    test_origins: Mapping[str, str],
) -> Dialect:
    kinds = {market.kind for market in markets}
    return Dialect(
        exchange=exchange,
        docs_url="https://developers.binance.com/docs",
        origins=MappingProxyType(dict(origins)),
        test_origins=MappingProxyType(dict(test_origins)),
        lines=lambda instruments, where: list(_lines_of(markets, instruments, where)),
        serves=lambda instrument: instrument.kind in kinds,
    )


_SPOT_ORIGINS = {
    "spot": "wss://stream.binance.com:9443",
    "spot_rest": "https://api.binance.com",
}
_USD_M_ORIGINS = {
    "usdm": "wss://fstream.binance.com",
    "usdm_rest": "https://fapi.binance.com",
}
_COIN_M_ORIGINS = {
    "coinm": "wss://dstream.binance.com",
    "coinm_rest": "https://dapi.binance.com",
}
_SPOT_TEST = {
    "spot": "wss://stream.testnet.binance.vision",
    "spot_rest": "https://testnet.binance.vision",
}
_USD_M_TEST = {
    "usdm": "wss://fstream.binancefuture.com",
    "usdm_rest": "https://testnet.binancefuture.com",
}
_COIN_M_TEST = {
    "coinm": "wss://dstream.binancefuture.com",
    "coinm_rest": "https://testnet.binancefuture.com",
}

BINANCE = _dialect(
    "binance",
    (_SPOT, _USD_M, _COIN_M),
    _SPOT_ORIGINS | _USD_M_ORIGINS | _COIN_M_ORIGINS,
    _SPOT_TEST | _USD_M_TEST | _COIN_M_TEST,
)
BINANCE_USD_M = _dialect("binanceusdm", (_USD_M,), _USD_M_ORIGINS, _USD_M_TEST)
BINANCE_COIN_M = _dialect("binancecoinm", (_COIN_M,), _COIN_M_ORIGINS, _COIN_M_TEST)
BINANCE_US = _dialect(
    "binanceus",
    (_SPOT,),
    {"spot": "wss://stream.binance.us:9443", "spot_rest": "https://api.binance.us"},
    {},
)
