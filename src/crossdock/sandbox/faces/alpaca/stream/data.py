"""One connection to market data: `/v2/iex`, `/v2/sip`, `/v1beta3/crypto/us`.

https://docs.alpaca.markets/docs/streaming-market-data, read 2026-11-21. Who opens it with
`Content-Type: application/msgpack` writes and reads msgpack in binary frames.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from crossdock.sandbox.faces.alpaca.assets import Asset
from crossdock.sandbox.faces.alpaca.stream.market import (
    BARS_S,
    BOOKS,
    JSON,
    MSGPACK,
    QUOTES,
    TRADES,
    Codec,
)
from crossdock.sandbox.faces.connection import Connection
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.frames import binary_frame, text_frame
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.alpaca.face import AlpacaFace

STOCK_PATHS = ("/v2/iex", "/v2/sip", "/v2/delayed_sip")
COIN_PATH = "/v1beta3/crypto/us"

_SERVED = (TRADES, QUOTES, *BARS_S)
_STOCK_CHANNELS = (
    *_SERVED,
    "updatedBars",
    "statuses",
    "lulds",
    "corrections",
    "cancelErrors",
)
_COIN_CHANNELS = (*_SERVED, "updatedBars", BOOKS)
_EVERY = "*"
_ERRORS = {
    400: "invalid syntax",
    401: "not authenticated",
    402: "auth failed",
    403: "already authenticated",
    405: "symbol limit exceeded",
    406: "connection limit exceeded",
    410: "invalid subscribe action for this feed",
}


class DataConnection(Connection):
    """A client of one feed of market data."""

    def __init__(self, face: AlpacaFace, wire: Wire, request: web.Request) -> None:
        super().__init__(face, wire)
        self._face = face
        self._path = request.path
        self._is_coin = self._path == COIN_PATH
        self._headers = request.headers
        kind = request.headers.get("Content-Type", "")
        self._codec: Codec = MSGPACK if "msgpack" in kind else JSON
        self._subscribed: dict[str, dict[str, None]] = {
            channel: {}
            for channel in (_COIN_CHANNELS if self._is_coin else _STOCK_CHANNELS)
        }
        self.holder: Holder | None = None

    def opened(self) -> None:
        self._say({"T": "success", "msg": "connected"})
        key = self._headers.get("APCA-API-KEY-ID", "")
        if key:
            self._sign_in(key, self._headers.get("APCA-API-SECRET-KEY", ""))

    def handle_binary(self, data: bytes) -> None:
        if self.wire.is_silent:
            return
        decode = msgspec.msgpack.decode if self._codec is MSGPACK else msgspec.json.decode
        try:
            self._take(decode(data))
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._fail(400)

    def received(self, text: str) -> None:
        try:
            self._take(msgspec.json.decode(text))
        except msgspec.DecodeError:
            self._fail(400)

    def answer(self, ticket: Any, result: Any) -> bytes:
        return self._codec.encode([result])

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        return self._codec.encode([{"T": "error", "code": 400, "msg": refusal.message}])

    def send(self, body: bytes) -> None:
        self.wire.write(self._frame(body))

    def framed(self, topic: Topic, body: bytes) -> bytes:
        return self._frame(body)

    def is_alive(self, path: str, holder: Holder) -> bool:
        """Tell whether it takes a place among the connections of a key to a feed."""
        return (
            self.holder is holder
            and self._path == path
            and self.wire.is_open
            and not self.wire.is_silent
        )

    def _frame(self, body: bytes) -> bytes:
        return binary_frame(body) if self._codec is MSGPACK else text_frame(body)

    def _say(self, message: dict[str, Any]) -> None:
        self.send(self._codec.encode([message]))

    def _fail(self, code: int) -> None:
        self._say({"T": "error", "code": code, "msg": _ERRORS[code]})

    def _take(self, frame: Any) -> None:
        action = frame.get("action") if isinstance(frame, dict) else None
        if action == "auth":
            if self.holder is not None:
                self._fail(403)
            else:
                self._sign_in(str(frame.get("key", "")), str(frame.get("secret", "")))
        elif action not in ("subscribe", "unsubscribe"):
            self._fail(400)
        elif self.holder is None:
            self._fail(401)
        else:
            self._change(frame, is_more=action == "subscribe")

    def _sign_in(self, key: str, secret: str) -> None:
        holder = self.host.keys.find(key)
        if holder is None or not hmac.compare_digest(holder.secret, secret.encode()):
            self._fail(402)
            return
        try:
            self.passage.check_key(holder, Operation.READ)
        except Refusal:
            self._fail(402)
            return
        others = [it for it in self.host.connections if isinstance(it, DataConnection)]
        alive = sum(it.is_alive(self._path, holder) for it in others)
        if alive >= self._face.limits["data_connections"]:
            self._fail(406)
            return
        self.holder = holder
        self._say({"T": "success", "msg": "authenticated"})

    def _change(self, frame: dict[str, Any], *, is_more: bool) -> None:
        """Subscribe to more or to less; say to what, and then what it is now."""
        asked: list[tuple[str, Asset | None, str]] = []
        for channel, symbols in frame.items():
            if channel == "action":
                continue
            if channel not in self._subscribed or not isinstance(symbols, list):
                self._fail(410 if channel not in self._subscribed else 400)
                return
            asked += [(channel, self._find(str(it)), str(it)) for it in symbols]
        known = {symbol for channel in self._subscribed.values() for symbol in channel}
        if is_more and len(known | {it[2] for it in asked}) > self._most_symbols():
            self._fail(405)
            return
        self.host.flush()
        for channel, _, symbol in asked:
            if is_more:
                self._subscribed[channel][symbol] = None
            else:
                self._subscribed[channel].pop(symbol, None)
        self._say({"T": "subscription"} | {k: list(v) for k, v in self._subscribed.items()})
        for channel, asset, symbol in asked:
            for each in self._assets() if symbol == _EVERY else [asset]:
                if each is not None:
                    self._hear(channel, each, is_more=is_more)

    def _hear(self, channel: str, asset: Asset, *, is_more: bool) -> None:
        feed, topic = self.host.feed, (self._codec.name, channel, asset.market.symbol)
        if not is_more:
            feed.unsubscribe_market(topic, self)
            return
        feed.subscribe_market(topic, self)
        first = self._face.streams.first(channel, asset, self._codec)
        if first is not None:
            self.send(first)

    def _most_symbols(self) -> int:
        return self._face.limits["data_symbols"]

    def _assets(self) -> list[Asset]:
        return [it for it in self._face.assets.all() if it.is_coin == self._is_coin]

    def _find(self, symbol: str) -> Asset | None:
        found = self._face.assets.find(symbol)
        return found if found is not None and found.is_coin == self._is_coin else None
