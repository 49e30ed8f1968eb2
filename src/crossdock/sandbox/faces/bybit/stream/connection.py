"""One WebSocket: public topics of a category, or an account's.

https://bybit-exchange.github.io/docs/v5/ws/connect, read 2026-11-21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.sandbox.faces.bybit.auth import log_in
from crossdock.sandbox.faces.bybit.params import read_json
from crossdock.sandbox.faces.bybit.refusals import Said, spoken
from crossdock.sandbox.faces.bybit.stream.reports import TOPICS
from crossdock.sandbox.faces.bybit.words import Row
from crossdock.sandbox.faces.connection import Connection
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bybit.face import BybitFace

encode = msgspec.json.Encoder().encode


class BybitConnection(Connection):
    """A client of one path; an empty category is the private one."""

    def __init__(self, face: BybitFace, wire: Wire, category: str) -> None:
        super().__init__(face, wire)
        self._face = face
        self._category = category
        self._holder: Holder | None = None
        self._topics: set[str] = set()

    @property
    def is_signed_in(self) -> bool:
        return self._holder is not None

    def received(self, text: str) -> None:
        frame = read_json(text)
        args = frame.get("args")
        ticket: Row = {"op": frame.get("op")}
        if frame.get("req_id") is not None:
            ticket["req_id"] = frame["req_id"]
        self.host.flush()
        try:
            self._ask(ticket, args if isinstance(args, list) else [])
        except Refusal as refusal:
            self.refuse(ticket, refusal)
            if ticket["op"] == "auth":
                self.wire.close()

    def answer(self, ticket: Any, result: Any) -> bytes:
        row = {"success": True, "ret_msg": result, "conn_id": self._id}
        return encode(row | (ticket or {}))

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        _, words = spoken(refusal, self._category)
        row = {"success": False, "ret_msg": words, "conn_id": self._id}
        return encode(row | (ticket or {}))

    def hears(self, channel: str) -> bool:
        return channel in self._topics

    def expire_session(self, account: str | None) -> bool:
        if self._holder is None or account not in (None, self._holder.account):
            return False
        self._holder = None
        self.wire.close()
        return True

    @property
    def _id(self) -> str:
        return f"{id(self) & 0xFFFFFFFF:08x}"

    def _ask(self, ticket: Row, args: list[Any]) -> None:
        match ticket["op"]:
            case "ping":
                self._pong(ticket)
            case "auth":
                if self._category:
                    raise Said(10001, "error:auth is for the private path")
                holder = log_in(self.host, args)
                self.passage.check_key(holder, Operation.READ)
                self._holder = holder
                self.reply(ticket, "")
            case "subscribe" | "unsubscribe":
                self._subscribe(ticket, [str(it) for it in args])
            case _:
                raise Said(10001, "error:unknown op")

    def _pong(self, ticket: Row) -> None:
        if self._category:
            self.reply(ticket, "pong")
            return
        now_ms = str(self.host.now_ns() // 1_000_000)
        pong = ticket | {"op": "pong", "args": [now_ms], "conn_id": self._id}
        self.send(encode(pong))

    def _subscribe(self, ticket: Row, topics: list[str]) -> None:
        begins = ticket["op"] == "subscribe"
        if not self._category:
            self._hear_account(topics, begins=begins)
            self.reply(ticket, "")
            return
        wanted = [self._public(it) for it in topics]
        self.reply(ticket, "" if begins else "subscribe")
        for channel, symbol in wanted:
            topic: Topic = (channel, symbol)
            if not begins:
                self.host.feed.unsubscribe_market(topic, self)
                continue
            # What it was told before is where others stand: it begins with the present.
            self.host.feed.subscribe_market(topic, self)
            body = self._face.streams.first(channel, symbol)
            if body is not None:
                self.send(body)

    def _public(self, topic: str) -> tuple[str, str]:
        """Return the channel and the symbol of a topic. Raises Refusal."""
        channel, _, name = topic.rpartition(".")
        if not self._face.streams.knows(channel):
            raise Said(10001, f"error:handler not found,topic:{topic}")
        try:
            return channel, self._face.names.find(self._category, name)
        except Said:
            words = f"error:handler not found,topic:{topic}"
            raise Said(10001, words) from None

    def _hear_account(self, topics: list[str], *, begins: bool) -> None:
        if self._holder is None:
            raise Said(10005, "Request not authorized")
        named = {it.partition(".")[0] for it in topics}
        if not named <= TOPICS:
            raise Said(10001, f"error:handler not found,topic:{','.join(topics)}")
        account = self._holder.account
        if not begins:
            self._topics -= named
            if not self._topics:
                self.host.feed.leave_account(self)
            return
        if not self._topics:
            rows = self.host.venue.balances(account)
            self.host.feed.subscribe_account(account, self, rows)
        self._topics |= named
