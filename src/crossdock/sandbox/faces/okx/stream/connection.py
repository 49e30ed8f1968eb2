"""One WebSocket: login, subscriptions, and the text that keeps it open.

https://www.okx.com/docs-v5/en/#overview-websocket, read 2026-11-21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.sandbox.faces.connection import Connection
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.okx.auth import log_in
from crossdock.sandbox.faces.okx.params import read_json
from crossdock.sandbox.faces.okx.refusals import Said, spoken
from crossdock.sandbox.faces.okx.stream.market import CANDLE, topic_of
from crossdock.sandbox.faces.okx.stream.reports import CHANNELS, ON_BUSINESS
from crossdock.sandbox.faces.okx.words import Row
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.frames import text_frame
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.okx.face import OkxFace

_PUBLIC, _PRIVATE, _BUSINESS = "public", "private", "business"

encode = msgspec.json.Encoder().encode


class OkxConnection(Connection):
    """A client of the channels of one path."""

    def __init__(self, face: OkxFace, wire: Wire, kind: str) -> None:
        super().__init__(face, wire)
        self._face = face
        self._kind = kind
        self._holder: Holder | None = None
        self._args: dict[str, Row] = {}  # of private channels, as they were asked for

    @property
    def is_signed_in(self) -> bool:
        return self._holder is not None

    def received(self, text: str) -> None:
        if text == "ping":
            self.send(b"pong")
            return
        frame = read_json(text)
        args = frame.get("args") if isinstance(frame, dict) else None
        if not isinstance(args, list) or not all(isinstance(it, dict) for it in args):
            raise Said("60012", f"Invalid request: {text[:200]}")
        self.host.flush()
        match frame.get("op"):
            case "login":
                self._log_in(args)
            case "subscribe":
                for arg in args:
                    self._subscribe(arg)
            case "unsubscribe":
                for arg in args:
                    self._unsubscribe(arg)
            case _:
                raise Said("60012", f"Invalid request: {text[:200]}")

    def answer(self, ticket: Any, result: Any) -> bytes:
        return encode(result)

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        number, words = spoken(refusal)
        return encode({"event": "error", "code": number, "msg": words, "connId": self._id})

    def hears(self, channel: str) -> bool:
        return channel in self._args

    def framed(self, topic: Topic, body: bytes) -> bytes:
        """Put the subscription to rows of a private channel."""
        if not isinstance(topic, str):
            return text_frame(body)
        return text_frame(b'{"arg":%s,"data":%s}' % (encode(self._args[topic]), body))

    def expire_session(self, account: str | None) -> bool:
        if self._holder is None or account not in (None, self._holder.account):
            return False
        self._holder = None
        self.wire.close()
        return True

    @property
    def _id(self) -> str:
        return f"{id(self) & 0xFFFFFFFF:08x}"

    def _log_in(self, args: list[Any]) -> None:
        if self._kind == _PUBLIC:
            raise Said("60018", "Wrong URL: log in to the private or the business one")
        holder = log_in(self.host, args[0] if args else {})
        self.passage.check_key(holder, Operation.READ)
        self._holder = holder
        reply = {"event": "login", "code": "0", "msg": "", "connId": self._id}
        self.send(encode(reply))

    def _subscribe(self, arg: Row) -> None:
        channel = str(arg.get("channel", ""))
        if channel in CHANNELS:
            self._hear_account(channel, arg)
            return
        symbol = self._symbol(channel, arg)
        self._acknowledge("subscribe", arg)
        self.host.feed.subscribe_market(topic_of(channel, symbol), self)
        body = self._face.streams.first(channel, symbol)
        if body is not None:
            self.send(body)

    def _unsubscribe(self, arg: Row) -> None:
        channel = str(arg.get("channel", ""))
        if channel in CHANNELS:
            self._args.pop(channel, None)
            if not self._args:
                self.host.feed.leave_account(self)
        else:
            topic = topic_of(channel, self._symbol(channel, arg))
            self.host.feed.unsubscribe_market(topic, self)
        self._acknowledge("unsubscribe", arg)

    def _symbol(self, channel: str, arg: Row) -> str:
        """Return what a public channel is about. Raises Refusal."""
        place = _BUSINESS if channel.startswith(CANDLE) else _PUBLIC
        if self._kind != place or not self._face.streams.knows(channel):
            raise Said("60018", f"Wrong URL or channel:{channel} doesn't exist.")
        name = str(arg.get("instId", ""))
        try:
            return self._face.names.find(name)
        except Said:
            words = f"channel:{channel},instId:{name} doesn't exist."
            raise Said("60018", f"Wrong URL or {words}") from None

    def _hear_account(self, channel: str, arg: Row) -> None:
        if self._kind != (_BUSINESS if channel in ON_BUSINESS else _PRIVATE):
            raise Said("60018", f"Wrong URL or channel:{channel} doesn't exist.")
        if self._holder is None:
            raise Said("60011", "Please log in")
        account = self._holder.account
        self._acknowledge("subscribe", arg)
        if not self._args:
            rows = self.host.venue.balances(account)
            self.host.feed.subscribe_account(account, self, rows)
        self._args[channel] = arg | {"uid": account}
        body = self._face.reports.first(channel, account)
        if body is not None:
            self.wire.write(self.framed(channel, body))

    def _acknowledge(self, event: str, arg: Row) -> None:
        self.send(encode({"event": event, "arg": arg, "connId": self._id}))
