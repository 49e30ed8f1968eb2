"""One WebSocket. Messages are numbered over all its channels; a token says who asks.

https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-overview,
read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.sandbox.faces.coinbase.refusals import Said
from crossdock.sandbox.faces.coinbase.stream.frames import (
    CHANNELS,
    FUTURES,
    HEARTBEATS,
    OF_ACCOUNTS,
    OF_PRODUCTS,
    USER,
    encode,
    message,
    numbered,
)
from crossdock.sandbox.faces.coinbase.tokens import admit
from crossdock.sandbox.faces.coinbase.values import Row
from crossdock.sandbox.faces.connection import Connection
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.host import SECOND_NS
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.frames import text_frame
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.coinbase.face import CoinbaseFace

_PATIENCE_NS = 5 * SECOND_NS
_QUIET_NS = 90 * SECOND_NS


class _Frame(msgspec.Struct):
    type: str
    channel: str
    product_ids: list[str] = []
    jwt: str = ""


def _problem(words: str) -> Said:
    return Said(400, words)


class CoinbaseConnection(Connection):
    """A client of market and user channels alike."""

    def __init__(self, face: CoinbaseFace, wire: Wire) -> None:
        super().__init__(face, wire)
        self._face = face
        self._holder: Holder | None = None
        self._channels: dict[str, list[str]] = {}
        self._is_asked = False
        self._next = 0
        self._given: dict[Topic, int] = {}
        self._beats = 0
        self._opened_ns = self._wrote_ns = self.host.clock.time_ns()

    @property
    def is_signed_in(self) -> bool:
        return self._holder is not None

    def received(self, text: str) -> None:
        try:
            frame = msgspec.json.decode(text, type=_Frame)
        except msgspec.DecodeError:
            raise _problem("failed to parse message") from None
        if not frame.jwt:
            now_ns = self.host.clock.time_ns()
            self._face.unsigned_messages.admit(Operation.READ, 1, now_ns)
        if frame.channel not in CHANNELS:
            raise _problem(f"channel {frame.channel} is not supported")
        if frame.type == "subscribe":
            self._subscribe(frame)
        elif frame.type == "unsubscribe":
            self._unsubscribe(frame)
        else:
            raise _problem("type must be subscribe or unsubscribe")

    def answer(self, ticket: Any, result: Any) -> bytes:
        return self._numbered(message("subscriptions", self.host.now_ns(), [result]))

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        words = "authentication failure"
        if isinstance(refusal, Said):
            words = str(refusal.body)
        elif refusal.code == "rate_limited":
            words = "rate limit exceeded"
        return encode({"type": "error", "message": words})

    # What the feed asks.

    def hears(self, channel: str) -> bool:
        """Tell whether updates of a product's orders are wanted."""
        products = self._channels.get(USER)
        return products is not None and (not products or channel in products)

    def number(self, topic: Topic) -> None:
        """Give a message its number before it is known whether it will be lost."""
        if isinstance(topic, tuple) and topic[1] in self._channels.get(topic[0], ()):
            self._given[topic] = self._next
            self._next += 1

    def framed(self, topic: Topic, body: bytes) -> bytes:
        self._wrote_ns = self.host.clock.time_ns()
        given = self._given.pop(topic, None)
        if given is None:
            return text_frame(self._numbered(body))
        return text_frame(numbered(given, body))

    # What the venue asks.

    def check_session(self) -> None:
        """Hang up on who asks for nothing, or on a connection that has long been quiet."""
        now_ns = self.host.clock.time_ns()
        if self._is_asked:
            is_over = now_ns - self._wrote_ns >= _QUIET_NS
        else:
            is_over = now_ns - self._opened_ns >= _PATIENCE_NS
        if is_over:
            self.wire.close()

    def expire_session(self, account: str | None) -> bool:
        """Hang up: there is no message for a session that ends."""
        if self._holder is None or account not in (None, self._holder.account):
            return False
        self._holder = None
        self.wire.close()
        return True

    def beat(self, now_ns: int) -> None:
        """Write a heartbeat each second, to who asked for it."""
        if HEARTBEATS in self._channels:
            self._beat(now_ns)

    def _subscribe(self, frame: _Frame) -> None:
        self.host.flush()
        holder = self._signer(frame)
        channel, asked = frame.channel, list(dict.fromkeys(frame.product_ids))
        if channel in OF_PRODUCTS:
            self._subscribe_products(channel, asked)
        elif channel == HEARTBEATS:
            self._channels[HEARTBEATS] = []
            self._beat(self.host.now_ns())
        else:
            assert holder is not None, "channels of accounts are signed"
            self._subscribe_account(channel, holder, asked)
        self._is_asked = True
        self._confirm()

    def _signer(self, frame: _Frame) -> Holder | None:
        if not frame.jwt:
            if frame.channel in OF_ACCOUNTS:
                raise Refusal("not_authenticated", "a token is needed")
            return None
        holder, _ = admit(self.host, frame.jwt, None)
        self.passage.check_key(holder, Operation.READ)
        return holder

    def _subscribe_products(self, channel: str, asked: Sequence[str]) -> None:
        products = asked or [self._face.products.id(it) for it in self._face.products.all()]
        for product_id in products:
            if self._face.products.find(product_id) is None:
                raise _problem(f"{product_id} is not a valid product")
        told = self._channels.setdefault(channel, [])
        for product_id in products:
            first = self._face.streams.snapshot(channel, product_id)
            if first is not None:
                self.send(self._numbered(first))
            if product_id not in told:
                told.append(product_id)
            self.host.feed.subscribe_market((channel, product_id), self)

    def _subscribe_account(
        self, channel: str, holder: Holder, asked: Sequence[str]
    ) -> None:
        self._holder = holder
        if channel == FUTURES:
            self._channels[FUTURES] = []
            summary: Row = {"type": "snapshot", "fcm_balance_summary": {}}
            body = message(FUTURES, self.host.now_ns(), [summary])
            self.send(self._numbered(body))
            return
        for body in self._face.user_stream.snapshot(holder.account, asked):
            self.send(self._numbered(body))
        known = self._channels.get(USER)
        is_all = not asked or known == []
        self._channels[USER] = [] if is_all else sorted({*(known or ()), *asked})
        self.host.feed.subscribe_account(holder.account, self)

    def _unsubscribe(self, frame: _Frame) -> None:
        channel = frame.channel
        known = self._channels.get(channel, [])
        leaving = frame.product_ids or list(known)
        staying = [it for it in known if it not in leaving]
        if channel in OF_PRODUCTS:
            for product_id in leaving:
                self.host.feed.unsubscribe_market((channel, product_id), self)
        elif channel == USER and not staying and self._holder is not None:
            self.host.feed.leave_account(self, self._holder.account)
        if staying:
            self._channels[channel] = staying
        else:
            self._channels.pop(channel, None)
        self._confirm()

    def _confirm(self) -> None:
        """Say what is subscribed to now."""
        told: dict[str, list[str]] = {}
        for channel, products in self._channels.items():
            if channel in OF_PRODUCTS:
                told[channel] = list(products)
            elif channel == HEARTBEATS:
                told[channel] = [HEARTBEATS]
            elif self._holder is not None:
                told[channel] = [self._face.user_id(self._holder.account)]
        self.reply(None, {"subscriptions": told})

    def _beat(self, now_ns: int) -> None:
        self._beats += 1
        time = datetime.fromtimestamp(now_ns // SECOND_NS, UTC)
        told = f"{time:%Y-%m-%d %H:%M:%S}.{now_ns % SECOND_NS:09d} +0000 UTC"
        event = {"current_time": told, "heartbeat_counter": str(self._beats)}
        self.send(self._numbered(message(HEARTBEATS, now_ns, [event])))

    def _numbered(self, body: bytes) -> bytes:
        self._wrote_ns = self.host.clock.time_ns()
        number, self._next = self._next, self._next + 1
        return numbered(number, body)
