"""WebSockets: public ones speak in compressed frames, private ones in plain text.

https://huobiapi.github.io/docs/spot/v1/en/#websocket-market-data and
…#websocket-asset-and-order, read 2026-11-21.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.sandbox.faces.connection import Connection
from crossdock.sandbox.faces.htx.auth import verify_socket
from crossdock.sandbox.faces.htx.streams import CLEARING, ORDERS
from crossdock.sandbox.faces.htx.words import Row, ms
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.host import SECOND_NS
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.frames import binary_frame, text_frame
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.htx.face import HtxFace

_PING_NS = 5 * SECOND_NS
_SIGNED_PING_NS = 20 * SECOND_NS
_NOT_SIGNED_IN = 2002
_BAD_CHANNEL = 2001

encode = msgspec.json.Encoder().encode


def _read(text: str) -> Row:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        raise Refusal("bad_request", "not an object of JSON") from None


class MarketConnection(Connection):
    """A client of public channels, at `/ws` and `/feed` alike."""

    def __init__(self, face: HtxFace, wire: Wire) -> None:
        super().__init__(face, wire)
        self._face = face
        self._pinged_ns = self.host.now_ns()

    def send(self, body: bytes) -> None:
        self.wire.write(self.framed(None, body))

    def framed(self, topic: Topic, body: bytes) -> bytes:
        return binary_frame(gzip.compress(body, 1))

    def received(self, text: str) -> None:
        frame = _read(text)
        if "pong" in frame:
            return
        streams, ticket = self._face.streams, frame.get("id")
        channel = str(frame.get("sub") or frame.get("unsub") or frame.get("req") or "")
        if not streams.knows(channel):
            self.refuse(ticket, Refusal("bad_request", f"invalid topic {channel}"))
            return
        self.host.flush()
        if "sub" in frame:
            self.host.feed.subscribe_market(channel, self)
            self.reply(ticket, {"subbed": channel})
        elif "unsub" in frame:
            self.host.feed.unsubscribe_market(channel, self)
            self.reply(ticket, {"unsubbed": channel})
        elif ".mbp." in channel:
            self.reply(ticket, {"rep": channel, "data": streams.whole(channel)})

    def answer(self, ticket: Any, result: Row) -> bytes:
        told = {"id": ticket, "status": "ok", "ts": ms(self.host.now_ns())}
        return encode(told | result)

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        return encode(
            {
                "id": ticket,
                "status": "error",
                "err-code": "bad-request",
                "err-msg": refusal.message,
                "ts": ms(self.host.now_ns()),
            }
        )

    def beat(self, now_ns: int) -> None:
        if now_ns - self._pinged_ns >= _PING_NS:
            self._pinged_ns = now_ns
            self.send(encode({"ping": ms(now_ns)}))


class AccountConnection(Connection):
    """A client of one account's channels, at `/ws/v2`."""

    def __init__(self, face: HtxFace, wire: Wire, *, path: str, address: str) -> None:
        super().__init__(face, wire)
        self._face = face
        self._path = path
        self._address = address
        self._holder: Holder | None = None
        self._names: dict[str, str] = {}
        self._pinged_ns = self.host.now_ns()

    @property
    def is_signed_in(self) -> bool:
        return self._holder is not None

    def received(self, text: str) -> None:
        frame = _read(text)
        action, channel = str(frame.get("action", "")), str(frame.get("ch", ""))
        if action == "pong":
            return
        ticket = (action, channel)
        if action == "req" and channel == "auth":
            try:
                self._sign_in(frame.get("params") or {})
            except Refusal as refusal:
                self.refuse(ticket, Refusal("not_authenticated", refusal.message))
                return
        elif self._holder is None:
            self.refuse(ticket, Refusal("not_authenticated", "invalid.auth.state"))
            return
        elif not self._subscribe(action, channel, self._holder):
            self.refuse(ticket, Refusal("bad_request", "invalid.ch"))
            return
        self.reply(ticket, {})

    def answer(self, ticket: Any, result: Row) -> bytes:
        action, channel = ticket
        return encode({"action": action, "code": 200, "ch": channel, "data": result})

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        action, channel = ticket or ("", "")
        is_stranger = refusal.code == "not_authenticated"
        code = _NOT_SIGNED_IN if is_stranger else _BAD_CHANNEL
        told = {"action": action, "code": code, "ch": channel}
        return encode(told | {"message": refusal.message})

    def hears(self, channel: str) -> bool:
        return channel in self._names

    def framed(self, topic: Topic, body: bytes) -> bytes:
        name = self._names.get(str(topic), str(topic)).encode()
        return text_frame(b'{"action":"push","ch":"%s","data":%s}' % (name, body))

    def expire_session(self, account: str | None) -> bool:
        """Close the connection: a session is one."""
        if self._holder is None or account not in (None, self._holder.account):
            return False
        self._holder = None
        self.wire.close()
        return True

    def beat(self, now_ns: int) -> None:
        if now_ns - self._pinged_ns >= _SIGNED_PING_NS:
            self._pinged_ns = now_ns
            self.send(encode({"action": "ping", "data": {"ts": ms(now_ns)}}))

    def _sign_in(self, fields: Row) -> None:
        holder = verify_socket(self.host, fields, self._path, self._address)
        self.passage.check_key(holder, Operation.READ)
        self._holder = holder

    def _subscribe(self, action: str, channel: str, holder: Holder) -> bool:
        """Hear a channel of all symbols or of one, or no more; tell whether there is one."""
        kind, _, rest = channel.partition("#")
        name = rest.partition("#")[0]
        known = name == "*" or self._face.names.knows(name)
        if kind not in (ORDERS, CLEARING) or not known:
            return False
        self.host.flush()
        if action == "unsub":
            self._names.pop(kind, None)
            return True
        if action != "sub":
            return False
        if not self._names:
            self.host.feed.subscribe_account(holder.account, self)
        self._names[kind] = channel
        return True
