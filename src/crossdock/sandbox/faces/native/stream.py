"""The protocol's WebSocket: market data, account messages and order entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.sandbox.faces.connection import Connection, Entry
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.native.auth import STREAM_PATH, verify, window
from crossdock.sandbox.faces.native.forms import (
    AuthFrame,
    OrderFrame,
    RefFrame,
    ReplaceForm,
    SubmitForm,
    SubscribeFrame,
    read_fields,
)
from crossdock.sandbox.faces.native.payloads import (
    Payload,
    book_payload,
    order_payload,
    quote_payload,
)
from crossdock.sandbox.faces.native.refusals import spoken
from crossdock.sandbox.faces.refusals import Refusal, bad_request
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.host import SECOND_NS
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.frames import text_frame
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.native.face import NativeFace

ACCOUNT = "account"

_LEVELS = 1000
_CHANNELS = frozenset({"book", "quote", "trade"})
_OPERATIONS = {
    "order.submit": Operation.SUBMIT,
    "order.replace": Operation.REPLACE,
    "order.cancel": Operation.CANCEL,
}

encode = msgspec.json.Encoder().encode

Frame = dict[str, Any]


class NativeConnection(Connection):
    """One WebSocket; a frame's `id` comes back with its reply."""

    def __init__(self, face: NativeFace, wire: Wire) -> None:
        super().__init__(face, wire)
        self._face = face
        self._holder: Holder | None = None
        self._expires_ns = 0
        self._was_signed_in = False
        self._sequence = 0
        self._operations: dict[str, Callable[[Frame], Payload | None]] = {
            "auth": self._sign_in,
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "ping": self._ping,
        }

    @property
    def is_signed_in(self) -> bool:
        return self._holder is not None

    def received(self, text: str) -> None:
        frame = _decoded(text)
        number = frame.get("id")
        name = frame.get("op")
        operation = _OPERATIONS.get(name) if isinstance(name, str) else None
        if operation is not None:
            key = "" if self._holder is None else self._holder.key
            self.enter(number, operation, key, lambda: self._admitted(operation, frame))
            return
        try:
            act = self._operations.get(name) if isinstance(name, str) else None
            if act is None:
                raise bad_request("op: one of the operations was expected")
            result = act(frame)
            if result is not None:
                self.reply(number, result)
        except Refusal as refusal:
            self.refuse(number, refusal)

    def answer(self, ticket: Any, result: Any) -> bytes:
        return encode({"type": "reply", "id": ticket, "ok": True, "result": result})

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        reply: Payload = {
            "type": "reply",
            "id": ticket,
            "ok": False,
            "code": spoken(refusal.code)[0],
            "message": refusal.message,
        }
        if refusal.code == "order_done" and refusal.order is not None:
            reply["order"] = order_payload(refusal.order)
        if refusal.retry_after_s is not None:
            reply["retry_after"] = f"{refusal.retry_after_s:.3f}"
        return encode(reply)

    def framed(self, topic: Topic, body: bytes) -> bytes:
        if topic != ACCOUNT:
            return text_frame(body)
        self._sequence += 1
        return text_frame(b'{"type":"account","sequence":%d,%s}' % (self._sequence, body))

    def check_session(self) -> None:
        if self._holder is not None and self.host.now_ns() >= self._expires_ns:
            self.expire_session(None)

    def expire_session(self, account: str | None) -> bool:
        holder = self._holder
        if holder is None or account not in (None, holder.account):
            return False
        self._holder = None
        self.host.feed.leave_account(self)
        self.send(b'{"type":"session","state":"expired"}')
        return True

    def beat(self, now_ns: int) -> None:
        self.send(encode({"type": "heartbeat", "time_ns": now_ns}))

    def _admitted(self, operation: Operation, frame: Frame) -> Entry:
        holder = self._session()
        self._face.admit(holder, operation)
        timing = read_fields(frame, OrderFrame)
        good_for = window(self.host, timing.time, timing.window)
        self.passage.check(good_for)
        act = self._prepare(operation, holder.account, frame)
        return Entry(holder.account, good_for, act)

    def _prepare(self, operation: Operation, account: str, frame: Frame) -> Act:
        gateway = self._face.gateway
        if operation is Operation.SUBMIT:
            return gateway.submit(account, read_fields(frame, SubmitForm))
        named = read_fields(frame, RefFrame)
        if named.order_id is None and named.client_order_id is None:
            raise bad_request("order_id: an id was expected, or a client_order_id")
        ref = OrderRef(named.order_id, named.client_order_id)
        if operation is Operation.CANCEL:
            return gateway.cancel(account, ref)
        if ref.order_id is None:
            raise bad_request("order_id: an id was expected")
        return gateway.replace(account, ref, read_fields(frame, ReplaceForm))

    def _session(self) -> Holder:
        self.check_session()
        if self._holder is None:
            if self._was_signed_in:
                raise Refusal("session_expired", "authenticate again")
            raise Refusal("not_authenticated", "authenticate first")
        if self._holder.is_revoked:
            raise Refusal("key_revoked", "the key is revoked")
        return self._holder

    def _sign_in(self, frame: Frame) -> Payload:
        host = self.host
        asked = read_fields(frame, AuthFrame)
        message = f"{asked.time}AUTH{STREAM_PATH}".encode()
        holder = verify(host, asked.key, message, asked.signature)
        self._face.admit(holder, Operation.READ)
        self.passage.check_health(Operation.READ, holder.account)
        self.passage.check(window(host, asked.time, asked.window))
        if self._holder is not None and self._holder is not holder:
            host.feed.leave_account(self)
        self._holder = holder
        self._was_signed_in = True
        self._expires_ns = host.now_ns() + int(host.config.session_s * SECOND_NS)
        return {"session_expires_ns": self._expires_ns}

    def _subscribe(self, frame: Frame) -> None:
        """Reply, and then begin to push: the reply comes before any snapshot."""
        asked = read_fields(frame, SubscribeFrame)
        self._check_channels(asked)
        holder = self._session() if ACCOUNT in asked.channels else None
        host = self.host
        host.flush()
        result: Payload = {}
        if holder is not None:
            result["fills_last"] = len(host.venue.fills(holder.account))
            result["ledger_last"] = len(host.venue.events(holder.account))
        self.reply(frame.get("id"), result)
        if holder is not None:
            self._sequence = 0
            host.feed.leave_account(self)
            host.feed.subscribe_account(holder.account, self)
        for symbol in asked.symbols:
            for channel in asked.channels:
                if channel in _CHANNELS:
                    host.feed.subscribe_market((channel, symbol), self)
            if "book" in asked.channels:
                self.send(encode(self._snapshot(symbol)))
            if "quote" in asked.channels:
                quote = host.feed.quote(symbol, host.venue, host.now_ns())
                if quote is not None:
                    self.send(encode(quote_payload(quote)))

    def _unsubscribe(self, frame: Frame) -> Payload:
        asked = read_fields(frame, SubscribeFrame)
        self._check_channels(asked)
        if ACCOUNT in asked.channels:
            self.host.feed.leave_account(self)
        for symbol in asked.symbols:
            for channel in asked.channels:
                self.host.feed.unsubscribe_market((channel, symbol), self)
        return {}

    def _check_channels(self, asked: SubscribeFrame) -> None:
        for channel in asked.channels:
            if channel not in _CHANNELS and channel != ACCOUNT:
                raise bad_request("channels: book, quote, trade or account was expected")
        for symbol in asked.symbols:
            if symbol not in self.host.venue.markets:
                raise Refusal("unknown_symbol", "no such symbol")
        if not asked.symbols and _CHANNELS.intersection(asked.channels):
            raise bad_request("symbols: at least one was expected")

    def _snapshot(self, symbol: str) -> Payload:
        last, bids, asks = self.host.venue.book(symbol, _LEVELS)
        return book_payload(
            symbol,
            snapshot=True,
            first=last,
            last=last,
            bids=bids,
            asks=asks,
            time_ns=self.host.now_ns(),
        )

    def _ping(self, frame: Frame) -> Payload:
        return {"time_ns": self.host.now_ns()}


def _decoded(text: str) -> Frame:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as problem:
        raise bad_request(str(problem)) from None
