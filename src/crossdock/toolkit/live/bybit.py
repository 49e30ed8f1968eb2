"""Bybit, version 5 of its WebSocket: one connection for each category.

https://bybit-exchange.github.io/docs/v5/ws/connect (read 2026-11-21)

A ping every 20 seconds keeps a connection. Spot takes 10 topics a frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from types import MappingProxyType

import msgspec

from crossdock.model import ContractKind, Instrument, venue_of
from crossdock.toolkit.decoders.bybit import Bybit
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

_DEPTH = 50
_A_FRAME = 10  # topics
_PING_S = 20.0
_CATEGORIES = MappingProxyType(
    {
        "spot": ContractKind.SPOT,
        "linear": ContractKind.LINEAR,
        "inverse": ContractKind.INVERSE,
    }
)


class _Reply(msgspec.Struct):
    op: str = ""
    success: bool | None = None
    ret_msg: str = ""


_reply = msgspec.json.Decoder(_Reply).decode


class BybitLine(Line):
    ping_s = None
    keep_alive_s = _PING_S
    limits = HealthLimits(heartbeat_interval_s=_PING_S, least_mute_s=120.0)

    def __init__(
        self, category: str, origins: Origins, instruments: Sequence[Instrument]
    ) -> None:
        super().__init__(
            category,
            f"{origins['public']}/v5/public/{category}",
            Bybit(venue_of(instruments[0].id), category),
            {each.venue_key: each for each in instruments},
        )
        self._ids = count(1)

    def subscriptions(self) -> list[bytes]:
        return self._frames(
            "subscribe",
            [
                f"{channel}.{key}"
                for key in self.markets
                for channel in (f"orderbook.{_DEPTH}", "publicTrade", "orderbook.1")
            ],
        )

    def books_anew(self, keys: Sequence[str]) -> list[bytes]:
        topics = [f"orderbook.{_DEPTH}.{key}" for key in keys]
        return self._frames("unsubscribe", topics) + self._frames("subscribe", topics)

    def keep_alive(self) -> bytes:
        return encode({"op": "ping", "req_id": str(next(self._ids))})

    def word(self, raw: bytes) -> Word | None:
        if b'"op"' not in raw:
            return None
        reply = _reply(raw)
        if reply.op in ("ping", "pong") or reply.ret_msg == "pong":
            return ALIVE
        if reply.success is False and reply.op != "unsubscribe":
            return Word(Kind.REFUSED, reply.ret_msg)
        return None

    def _frames(self, op: str, topics: Sequence[str]) -> list[bytes]:
        return [
            encode({"op": op, "args": group, "req_id": str(next(self._ids))})
            for group in in_groups(topics, _A_FRAME)
        ]


def _lines_of(instruments: Sequence[Instrument], origins: Origins) -> Iterator[Line]:
    for category, kind in _CATEGORIES.items():
        if chosen := [each for each in instruments if each.kind is kind]:
            yield BybitLine(category, origins, chosen)


def _dialect(exchange: str, host: str, test_host: str) -> Dialect:
    kinds = frozenset(_CATEGORIES.values())
    return Dialect(
        exchange=exchange,
        docs_url="https://bybit-exchange.github.io/docs/v5/ws/connect",
        origins=MappingProxyType({"public": f"wss://{host}"}),
        test_origins=MappingProxyType(
            {"public": f"wss://{test_host}"} if test_host else {}
        ),
        lines=lambda instruments, origins: list(_lines_of(instruments, origins)),
        serves=lambda instrument: instrument.kind in kinds,
    )


BYBIT = _dialect("bybit", "stream.bybit.com", "stream-testnet.bybit.com")
BYBIT_EU = _dialect("bybiteu", "stream.bybit.eu", "")
