"""Kraken spot, version 2 of its WebSocket.

https://docs.kraken.com/exchange/api-reference/spot-websocket (read 2026-11-21)

A book is subscribed to anew when a checksum was wrong. Heartbeats come every second in
which nothing else does.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from types import MappingProxyType

import msgspec

from crossdock.model import ContractKind, Instrument, symbol_of, venue_of
from crossdock.toolkit.decoders.kraken import Kraken
from crossdock.toolkit.health import HealthLimits
from crossdock.toolkit.live.dialect import (
    ALIVE,
    Dialect,
    Kind,
    Line,
    Origins,
    Word,
    encode,
    in_groups,
)

_BEAT_S = 2.5  # it is one second; a connection is given up after ten without any
_DEPTH = 100
_A_FRAME = 100  # symbols
_OLD_NAMES = MappingProxyType({"XBT": "BTC", "XDG": "DOGE"})
_OWN_NAMES = MappingProxyType(  # of assets that ccxt calls otherwise
    {"LUNC": "LUNA", "LUNA": "LUNA2", "USTC": "UST", "KFEE": "FEE"}
)


class _Reply(msgspec.Struct):
    channel: str = ""
    method: str = ""
    success: bool | None = None
    error: str = ""


_reply = msgspec.json.Decoder(_Reply).decode


class KrakenLine(Line):
    limits = HealthLimits(heartbeat_interval_s=_BEAT_S, least_mute_s=120.0)

    def __init__(self, origins: Origins, instruments: Sequence[Instrument]) -> None:
        super().__init__(
            "spot",
            f"{origins['spot']}/v2",
            Kraken(venue_of(instruments[0].id)),
            {_name_of(each): each for each in instruments},
        )
        self._ids = count(1)

    def subscriptions(self) -> list[bytes]:
        keys = list(self.markets)
        return [
            frame
            for group in in_groups(keys, _A_FRAME)
            for frame in (
                self._frame("subscribe", "book", group, depth=_DEPTH, snapshot=True),
                self._frame("subscribe", "trade", group, snapshot=False),
                self._frame("subscribe", "ticker", group, event_trigger="bbo"),
            )
        ]

    def books_anew(self, keys: Sequence[str]) -> list[bytes]:
        return [
            self._frame("unsubscribe", "book", keys, depth=_DEPTH),
            self._frame("subscribe", "book", keys, depth=_DEPTH, snapshot=True),
        ]

    def word(self, raw: bytes) -> Word | None:
        message = _reply(raw)
        if message.channel == "heartbeat" or message.method == "pong":
            return ALIVE
        if message.success is False and message.method == "subscribe":
            return Word(Kind.REFUSED, message.error)
        return None

    def _frame(
        self, method: str, channel: str, keys: Sequence[str], **more: object
    ) -> bytes:
        params = {"channel": channel, "symbol": keys, **more}
        return encode({"method": method, "params": params, "req_id": next(self._ids)})


def _name_of(instrument: Instrument) -> str:
    """Return the name of version 2: `BTC/USD`, where REST says XXBTZUSD and XBT/USD."""
    key = instrument.venue_key
    names = _OLD_NAMES if "/" in key else _OWN_NAMES
    base, _, quote = (key if "/" in key else symbol_of(instrument.id)).partition("/")
    return f"{names.get(base, base)}/{names.get(quote, quote)}"


KRAKEN = Dialect(
    exchange="kraken",
    docs_url="https://docs.kraken.com/exchange/api-reference/spot-websocket",
    origins=MappingProxyType({"spot": "wss://ws.kraken.com"}),
    lines=lambda instruments, origins: (
        [KrakenLine(origins, instruments)] if instruments else []
    ),
    serves=lambda instrument: instrument.kind is ContractKind.SPOT,
)
