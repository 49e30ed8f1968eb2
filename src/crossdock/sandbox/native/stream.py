"""The protocol's WebSocket: market data, account messages and order entry."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from crossdock.sandbox.faults import Armed, FaultKind, Operation
from crossdock.sandbox.host import SECOND_NS, Host
from crossdock.sandbox.native.auth import STREAM_PATH, Holder, Window
from crossdock.sandbox.native.feed import encode
from crossdock.sandbox.native.forms import (
    AuthFrame,
    OrderFrame,
    RefFrame,
    ReplaceForm,
    SubmitForm,
    SubscribeFrame,
    read_fields,
)
from crossdock.sandbox.native.frames import pong_frame, text_frame
from crossdock.sandbox.native.gateway import HTML, Gateway, OrderRef
from crossdock.sandbox.native.payloads import Payload, book_payload, order_payload
from crossdock.sandbox.native.refusals import Refusal, bad_request
from crossdock.sandbox.native.wire import Wire

_MOST_FRAME_BYTES = 1024 * 1024
_LEVELS = 1000
_CHANNELS = frozenset({"book", "quote", "trade"})
_OPERATIONS = {
    "order.submit": Operation.SUBMIT,
    "order.replace": Operation.REPLACE,
    "order.cancel": Operation.CANCEL,
}

Frame = dict[str, Any]
Act = Callable[[int], Payload]


class Connection:
    """One WebSocket. Frames are handled, and answered, as they are read."""

    def __init__(self, host: Host, gateway: Gateway, wire: Wire) -> None:
        self.wire = wire
        self._host = host
        self._gateway = gateway
        self._holder: Holder | None = None
        self._expires_ns = 0
        self._was_signed_in = False
        self._operations: dict[str, Callable[[Frame], Payload | None]] = {
            "auth": self._sign_in,
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "ping": self._ping,
        }

    @property
    def is_signed_in(self) -> bool:
        return self._holder is not None

    def handle(self, text: str) -> None:
        """Do what a frame asks and write the reply."""
        if self.wire.is_silent:
            return
        number: object = None
        try:
            frame = _decoded(text)
            number = frame.get("id")
            name = frame.get("op")
            operation = _OPERATIONS.get(name) if isinstance(name, str) else None
            if operation is not None:
                self._enter(operation, frame, number)
                return
            act = self._operations.get(name) if isinstance(name, str) else None
            if act is None:
                raise bad_request("op: one of the operations was expected")
            result = act(frame)
            if result is not None:
                self._reply(number, result)
        except Refusal as refusal:
            self._refuse(number, refusal)

    def check_session(self) -> None:
        if self._holder is not None and self._host.now_ns() >= self._expires_ns:
            self.expire_session(None)

    def expire_session(self, account: str | None) -> bool:
        """End the session if there is one, of this account; tell whether there was."""
        holder = self._holder
        if holder is None or account not in (None, holder.account):
            return False
        self._holder = None
        self._host.feed.leave_account(self.wire)
        self.wire.write(text_frame(b'{"type":"session","state":"expired"}'))
        return True

    def close(self) -> None:
        """Forget the connection."""
        self._host.feed.leave(self.wire)
        self._host.connections.remove(self)

    def _enter(self, operation: Operation, frame: Frame, number: object) -> None:
        """Take an order frame in: at once, or after a fault held it back."""
        host, gateway = self._host, self._gateway
        holder = self._holder
        lost = gateway.lost(operation, "" if holder is None else holder.key)
        if lost is not None:
            self.wire.silence()
            host.spawn(self._close_after(lost.seconds))
            return
        holder = self._session()
        account = holder.account
        gateway.admit(holder, operation)
        timing = read_fields(frame, OrderFrame)
        window = gateway.window(timing.time, timing.window)
        act = self._prepare(operation, account, frame)
        held_s = gateway.hold_s(operation, account)
        if held_s is None:
            self._execute(operation, account, window, act, number)
        else:
            host.spawn(self._execute_after(held_s, operation, account, window, act, number))

    def _prepare(self, operation: Operation, account: str, frame: Frame) -> Act:
        if operation is Operation.SUBMIT:
            return self._gateway.submit(account, read_fields(frame, SubmitForm))
        named = read_fields(frame, RefFrame)
        if named.order_id is None and named.client_order_id is None:
            raise bad_request("order_id: an id was expected, or a client_order_id")
        ref = OrderRef(named.order_id, named.client_order_id)
        if operation is Operation.CANCEL:
            return self._gateway.cancel(account, ref)
        if ref.order_id is None:
            raise bad_request("order_id: an id was expected")
        return self._gateway.replace(account, ref, read_fields(frame, ReplaceForm))

    def _execute(
        self,
        operation: Operation,
        account: str,
        window: Window,
        act: Act,
        number: object,
    ) -> None:
        try:
            result = self._gateway.run(window, act)
        except Refusal as refusal:
            self._refuse(number, refusal)
            self._host.flush()
            return
        fault = self._gateway.afterwards(operation, account)
        if fault is None:
            self._reply(number, result)
            self._host.flush()
            return
        self._host.flush()
        self._befall(fault, number, result)

    def _befall(self, fault: Armed, number: object, result: Payload) -> None:
        """Do to the reply of an executed frame what the fault says."""
        kind = fault.kind
        if kind is FaultKind.REPLY_CUT:
            self.wire.cut(text_frame(_reply_payload(number, result)))
        elif kind is FaultKind.SERVER_ERROR_AFTER:
            self._refuse(number, Refusal("internal", "something went wrong"))
        elif kind is FaultKind.HTML:
            self.wire.write(text_frame(HTML))
        elif kind is FaultKind.REPLY_LOST_AFTER:
            if fault.seconds:
                self._host.spawn(self._close_after(fault.seconds))
            else:
                self.wire.close()
        else:
            self._host.spawn(self._reply_after(fault.seconds, number, result))

    async def _execute_after(
        self,
        seconds: float,
        operation: Operation,
        account: str,
        window: Window,
        act: Act,
        number: object,
    ) -> None:
        await self._host.wait(seconds)
        self._execute(operation, account, window, act, number)

    async def _reply_after(self, seconds: float, number: object, result: Payload) -> None:
        await self._host.wait(seconds)
        self._reply(number, result)

    async def _close_after(self, seconds: float) -> None:
        await self._host.wait(seconds)
        self.wire.close()

    def _reply(self, number: object, result: Payload) -> None:
        self.wire.write(text_frame(_reply_payload(number, result)))

    def _refuse(self, number: object, refusal: Refusal) -> None:
        reply: Payload = {
            "type": "reply",
            "id": number,
            "ok": False,
            "code": refusal.code,
            "message": refusal.message,
        }
        if refusal.code == "order_done" and refusal.order is not None:
            reply["order"] = order_payload(refusal.order)
        if refusal.retry_after_s is not None:
            reply["retry_after"] = f"{refusal.retry_after_s:.3f}"
        self.wire.write(text_frame(encode(reply)))

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
        host = self._host
        asked = read_fields(frame, AuthFrame)
        message = f"{asked.time}AUTH{STREAM_PATH}".encode()
        holder = host.keys.verify(asked.key, message, asked.signature)
        self._gateway.admit(holder, Operation.READ)
        self._gateway.window(asked.time, asked.window)
        if self._holder is not None and self._holder is not holder:
            host.feed.leave_account(self.wire)
        self._holder = holder
        self._was_signed_in = True
        self._expires_ns = host.now_ns() + int(host.config.session_s * SECOND_NS)
        return {"session_expires_ns": self._expires_ns}

    def _subscribe(self, frame: Frame) -> None:
        """Reply, and then begin to push: the reply comes before any snapshot."""
        asked = read_fields(frame, SubscribeFrame)
        self._check_channels(asked)
        holder = self._session() if "account" in asked.channels else None
        host = self._host
        host.flush()
        result: Payload = {}
        if holder is not None:
            result["fills_last"] = len(host.venue.fills(holder.account))
            result["ledger_last"] = len(host.venue.events(holder.account))
        self._reply(frame.get("id"), result)
        if holder is not None:
            host.feed.subscribe_account(holder.account, self.wire)
        for symbol in asked.symbols:
            for channel in asked.channels:
                if channel in _CHANNELS:
                    host.feed.subscribe_market(channel, symbol, self.wire)
            if "book" in asked.channels:
                self.wire.write(text_frame(encode(self._snapshot(symbol))))
            if "quote" in asked.channels:
                quote = host.feed.quote(symbol, host.venue, host.now_ns())
                if quote is not None:
                    self.wire.write(text_frame(encode(quote)))

    def _unsubscribe(self, frame: Frame) -> Payload:
        asked = read_fields(frame, SubscribeFrame)
        self._check_channels(asked)
        if "account" in asked.channels:
            self._host.feed.leave_account(self.wire)
        for symbol in asked.symbols:
            for channel in asked.channels:
                self._host.feed.unsubscribe_market(channel, symbol, self.wire)
        return {}

    def _check_channels(self, asked: SubscribeFrame) -> None:
        for channel in asked.channels:
            if channel not in _CHANNELS and channel != "account":
                raise bad_request("channels: book, quote, trade or account was expected")
        for symbol in asked.symbols:
            if symbol not in self._host.venue.markets:
                raise Refusal("unknown_symbol", "no such symbol")
        if not asked.symbols and _CHANNELS.intersection(asked.channels):
            raise bad_request("symbols: at least one was expected")

    def _snapshot(self, symbol: str) -> Payload:
        last, bids, asks = self._host.venue.book(symbol, _LEVELS)
        return book_payload(
            symbol,
            snapshot=True,
            first=last,
            last=last,
            bids=bids,
            asks=asks,
            time_ns=self._host.now_ns(),
        )

    def _ping(self, frame: Frame) -> Payload:
        return {"time_ns": self._host.now_ns()}


async def serve(host: Host, gateway: Gateway, request: web.Request) -> web.StreamResponse:
    """Run one WebSocket until either side ends it."""
    socket = web.WebSocketResponse(
        compress=False, autoping=False, max_msg_size=_MOST_FRAME_BYTES
    )
    await socket.prepare(request)
    transport = request.transport
    if not isinstance(transport, asyncio.Transport):
        return socket
    connection = Connection(host, gateway, Wire(transport))
    host.connections.append(connection)
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                connection.handle(message.data)
            elif message.type is WSMsgType.PING:
                connection.wire.write(pong_frame(bytes(message.data)))
    finally:
        connection.close()
    return socket


def _decoded(text: str) -> Frame:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as problem:
        raise bad_request(str(problem)) from None


def _reply_payload(number: object, result: Payload) -> bytes:
    return encode({"type": "reply", "id": number, "ok": True, "result": result})
