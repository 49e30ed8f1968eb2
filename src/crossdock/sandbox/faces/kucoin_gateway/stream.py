"""One WebSocket: a token lets it in, JSON pings keep it, topics are subscribed by name.

https://www.kucoin.com/docs-new/websocket-api/base-info/introduction, read 2026-11-21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.sandbox.faces.connection import Connection
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kucoin_gateway.face import KucoinGateway

_CODES = {"not_authenticated": 401, "login": 403, "no_topic": 404, "no_type": 415}
_MICROSECOND_NS = 1_000

encode = msgspec.json.Encoder().encode


class KucoinConnection(Connection):
    """A client of public topics, and of private ones where its token is an account's."""

    def __init__(self, face: KucoinGateway, wire: Wire, *, token: str, name: str) -> None:
        super().__init__(face, wire)
        self._face = face
        self._token = token
        self._name = name
        self._holder: Holder | None = None
        self._topics: set[Topic] = set()
        self._channels: set[str] = set()

    @property
    def is_signed_in(self) -> bool:
        return self._holder is not None

    def opened(self) -> None:
        try:
            self._holder = self._face.tokens.find(self._token)
        except Refusal as refusal:
            self.refuse(None, refusal)
            self.wire.close()
            return
        self.send(encode({"id": self._name, "type": "welcome"}))

    def received(self, text: str) -> None:
        try:
            frame = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError:
            raise Refusal("no_type", "type is not supported") from None
        ticket, kind = frame.get("id"), frame.get("type")
        if kind == "ping":
            now_us = self.host.now_ns() // _MICROSECOND_NS
            self.send(encode({"id": ticket, "type": "pong", "timestamp": now_us}))
            return
        try:
            self._ask(str(kind), str(frame.get("topic", "")))
        except Refusal as refusal:
            self.refuse(ticket, refusal)
            return
        if frame.get("response"):
            self.reply(ticket, None)

    def answer(self, ticket: Any, result: Any) -> bytes:
        return encode({"id": ticket, "type": "ack"})

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        code = _CODES.get(refusal.code, 400)
        body = {"id": ticket, "type": "error", "code": code, "data": refusal.message}
        return encode(body)

    def hears(self, channel: str) -> bool:
        return channel in self._channels

    def expire_session(self, account: str | None) -> bool:
        """Close the connection: a session is one."""
        if self._holder is None or account not in (None, self._holder.account):
            return False
        self._holder = None
        self.wire.close()
        return True

    def _ask(self, kind: str, topic: str) -> None:
        if kind not in ("subscribe", "unsubscribe"):
            raise Refusal("no_type", "type is not supported")
        self.host.flush()
        if topic in self._face.private_topics:
            self._private(topic, begins=kind == "subscribe")
            return
        for each in self._face.market_topics(topic):
            if kind == "subscribe":
                self._topics.add(each)
                self.host.feed.subscribe_market(each, self)
            else:
                self._topics.discard(each)
                self.host.feed.unsubscribe_market(each, self)

    def _private(self, topic: str, *, begins: bool) -> None:
        if self._holder is None:
            raise Refusal("login", "login is required")
        if not begins:
            self._channels.discard(topic)
            return
        if not self._channels:
            account = self._holder.account
            balances = self.host.venue.balances(account)
            self.host.feed.subscribe_account(account, self, balances)
        self._channels.add(topic)
