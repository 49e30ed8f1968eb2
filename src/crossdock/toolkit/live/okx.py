"""OKX, version 5 of its WebSocket.

https://www.okx.com/docs-v5/en/#overview-websocket (read 2026-11-21)

A connection on which nothing comes for 30 seconds is closed, so `ping` is sent, and
answered by `pong`. 480 subscriptions an hour are taken from one connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import msgspec

from crossdock.model import Instrument, venue_of
from crossdock.toolkit.decoders.okx import Okx
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

_CHANNELS = ("books", "trades", "bbo-tbt")
_A_FRAME = 100  # channels
_PING_S = 15.0


class _Event(msgspec.Struct):
    event: str = ""
    code: str = ""
    msg: str = ""


_event = msgspec.json.Decoder(_Event).decode


class OkxLine(Line):
    ping_s = None
    keep_alive_s = _PING_S
    frames_per_s = 3
    limits = HealthLimits(heartbeat_interval_s=_PING_S, least_mute_s=120.0)

    def __init__(self, origins: Origins, instruments: Sequence[Instrument]) -> None:
        super().__init__(
            "public",
            f"{origins['public']}/ws/v5/public",
            Okx(venue_of(instruments[0].id)),
            {each.venue_key: each for each in instruments},
        )

    def subscriptions(self) -> list[bytes]:
        wanted = [
            {"channel": channel, "instId": key}
            for key in self.markets
            for channel in _CHANNELS
        ]
        return [
            encode({"op": "subscribe", "args": group})
            for group in in_groups(wanted, _A_FRAME)
        ]

    def books_anew(self, keys: Sequence[str]) -> list[bytes]:
        books = [{"channel": "books", "instId": key} for key in keys]
        return [encode({"op": op, "args": books}) for op in ("unsubscribe", "subscribe")]

    def word(self, raw: bytes) -> Word | None:
        if raw == b"pong":
            return ALIVE
        if b'"event"' not in raw[:200]:
            return None
        event = _event(raw)
        if event.event in ("error", "channel-conn-count-error"):
            return Word(Kind.REFUSED, event.msg, event.code)
        if event.event == "notice":
            return Word(Kind.LEAVING, event.msg or "the venue asks to reconnect")
        return None


def _dialect(exchange: str, host: str, test_host: str) -> Dialect:
    return Dialect(
        exchange=exchange,
        docs_url="https://www.okx.com/docs-v5/en/#overview-websocket",
        origins=MappingProxyType({"public": f"wss://{host}:8443"}),
        test_origins=MappingProxyType({"public": f"wss://{test_host}:8443"}),
        lines=lambda instruments, origins: (
            [OkxLine(origins, instruments)] if instruments else []
        ),
        serves=lambda _: True,
    )


OKX = _dialect("okx", "ws.okx.com", "wspap.okx.com")
MY_OKX = _dialect("myokx", "wseea.okx.com", "wseeapap.okx.com")
OKX_US = _dialect("okxus", "wsus.okx.com", "wsuspap.okx.com")
