"""Coinbase Advanced Trade, and Coinbase Exchange.

https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels
https://docs.cdp.coinbase.com/exchange/websocket-feed/authentication
https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-rate-limits
(read 2026-11-21)

Advanced Trade closes a quiet channel unless heartbeats are subscribed to. What is asked for
as BTC-USDC is told as BTC-USD, so those markets have a connection of their own. Exchange
gives its book without keys as level2_batch only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType

import msgspec

from crossdock.model import ContractKind, Instrument, venue_of
from crossdock.toolkit.decoders.coinbase import CoinbaseAdvanced, CoinbaseExchange
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

_A_FRAME = 100  # products
# They come every second; a connection is given up after ten without any.
_BEATS = HealthLimits(heartbeat_interval_s=2.5, least_mute_s=120.0)
_LARGEST_BYTES = 64 * 1024 * 1024  # a whole book in one message
_FRAMES_PER_S = 8
_OWN_USDC = frozenset({"USDT-USDC", "EURC-USDC"})


class _Message(msgspec.Struct):
    channel: str = ""
    type: str = ""
    message: str = ""
    reason: str = ""


_message = msgspec.json.Decoder(_Message).decode


class AdvancedLine(Line):
    largest_message_bytes = _LARGEST_BYTES
    frames_per_s = _FRAMES_PER_S
    limits = _BEATS

    def __init__(
        self, name: str, origins: Origins, instruments: Sequence[Instrument]
    ) -> None:
        super().__init__(
            name,
            origins["advanced"],
            CoinbaseAdvanced(venue_of(instruments[0].id)),
            {_told_as(each): each for each in instruments},
        )

    def subscriptions(self) -> list[bytes]:
        asked = [each.venue_key for each in self.markets.values()]
        return [
            encode({"type": "subscribe", "channel": "heartbeats"}),
            *(
                _frame("subscribe", channel, group)
                for group in in_groups(asked, _A_FRAME)
                for channel in ("level2", "market_trades", "ticker")
            ),
        ]

    def books_anew(self, keys: Sequence[str]) -> list[bytes]:
        asked = [self.markets[key].venue_key for key in keys]
        return [_frame(what, "level2", asked) for what in ("unsubscribe", "subscribe")]

    def word(self, raw: bytes) -> Word | None:
        message = _message(raw)
        if message.channel == "heartbeats":
            return ALIVE
        if message.type == "error":
            return Word(Kind.REFUSED, message.message)
        return None


class ExchangeLine(Line):
    largest_message_bytes = _LARGEST_BYTES
    frames_per_s = _FRAMES_PER_S
    limits = _BEATS

    def __init__(self, origins: Origins, instruments: Sequence[Instrument]) -> None:
        super().__init__(
            "exchange",
            origins["exchange"],
            CoinbaseExchange(venue_of(instruments[0].id)),
            {each.venue_key: each for each in instruments},
        )

    def subscriptions(self) -> list[bytes]:
        channels = ("level2_batch", "matches", "ticker", "heartbeat")
        return self._frames("subscribe", list(self.markets), channels)

    def books_anew(self, keys: Sequence[str]) -> list[bytes]:
        channels = ("level2_batch",)
        return self._frames("unsubscribe", keys, channels) + self._frames(
            "subscribe", keys, channels
        )

    def word(self, raw: bytes) -> Word | None:
        message = _message(raw)
        if message.type == "heartbeat":
            return ALIVE
        if message.type == "error":
            return Word(Kind.REFUSED, f"{message.message} {message.reason}".strip())
        return None

    @staticmethod
    def _frames(what: str, keys: Sequence[str], channels: Sequence[str]) -> list[bytes]:
        return [
            encode({"type": what, "product_ids": group, "channels": channels})
            for group in in_groups(keys, _A_FRAME)
        ]


def _frame(what: str, channel: str, products: Sequence[str]) -> bytes:
    return encode({"type": what, "product_ids": products, "channel": channel})


def _told_as(instrument: Instrument) -> str:
    key = instrument.venue_key
    if key in _OWN_USDC or not key.endswith("-USDC"):
        return key
    return key.removesuffix("C")


def _advanced_lines(instruments: Sequence[Instrument], origins: Origins) -> Iterator[Line]:
    renamed = [each for each in instruments if _told_as(each) != each.venue_key]
    plain = [each for each in instruments if _told_as(each) == each.venue_key]
    for name, chosen in (("advanced", plain), ("advanced usdc", renamed)):
        if chosen:
            yield AdvancedLine(name, origins, chosen)


COINBASE = Dialect(
    exchange="coinbase",
    docs_url="https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket",
    origins=MappingProxyType({"advanced": "wss://advanced-trade-ws.coinbase.com"}),
    lines=lambda instruments, origins: list(_advanced_lines(instruments, origins)),
    serves=lambda instrument: instrument.kind in (ContractKind.SPOT, ContractKind.LINEAR),
)
COINBASE_EXCHANGE = Dialect(
    exchange="coinbaseexchange",
    docs_url="https://docs.cdp.coinbase.com/exchange/websocket-feed",
    origins=MappingProxyType({"exchange": "wss://ws-feed.exchange.coinbase.com"}),
    test_origins=MappingProxyType(
        {"exchange": "wss://ws-feed-public.sandbox.exchange.coinbase.com"}
    ),
    lines=lambda instruments, origins: (
        [ExchangeLine(origins, instruments)] if instruments else []
    ),
    serves=lambda instrument: instrument.kind is ContractKind.SPOT,
)
