"""WebSockets of any face: what faults do to frames that ask for something."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from crossdock.sandbox.faces.contract import Act, Face, Socket, SocketRoute
from crossdock.sandbox.faces.keys import Window
from crossdock.sandbox.faces.passage import HTML
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Armed, FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.frames import pong_frame, text_frame
from crossdock.sandbox.stream.wire import Wire

_MOST_FRAME_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """A frame's work, let in but not done yet."""

    account: str | None
    window: Window | None
    act: Act


class Connection(Socket):
    """One WebSocket of a face. Frames are handled, and answered, as they are read.

    A subclass reads frames in `received`, hands those that a venue may be hostile to on to
    `enter`, and words what comes of them in `answer` and `refused`. `ticket` is whatever
    it takes to word them: a frame's id, as a rule.
    """

    def __init__(self, face: Face, wire: Wire) -> None:
        self.wire = wire
        self.host = face.host
        self.passage = face.passage

    @abstractmethod
    def received(self, text: str) -> None:
        """Do what a frame asks. May raise Refusal, worded without a ticket."""

    @abstractmethod
    def answer(self, ticket: Any, result: Any) -> bytes:
        """Word the result of a frame's work."""

    @abstractmethod
    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        """Word a refusal."""

    def handle(self, text: str) -> None:
        if self.wire.is_silent:
            return
        try:
            self.received(text)
        except Refusal as refusal:
            self.refuse(None, refusal)

    def opened(self) -> None:
        return

    def check_session(self) -> None:
        return

    def expire_session(self, account: str | None) -> bool:
        return False

    def beat(self, now_ns: int) -> None:
        return

    @property
    def is_signed_in(self) -> bool:
        return False

    def close(self) -> None:
        self.host.feed.leave(self)
        self.host.connections.remove(self)

    # What the feed asks.

    def hears(self, channel: str) -> bool:
        return True

    def framed(self, topic: Topic, body: bytes) -> bytes:
        return text_frame(body)

    # What a subclass calls.

    def send(self, body: bytes) -> None:
        """Write a message now."""
        self.wire.write(text_frame(body))

    def reply(self, ticket: Any, result: Any) -> None:
        self.send(self.answer(ticket, result))

    def refuse(self, ticket: Any, refusal: Refusal) -> None:
        self.send(self.refused(ticket, refusal))

    def enter(
        self, ticket: Any, operation: Operation, key: str, admit: Callable[[], Entry]
    ) -> None:
        """Take a frame's work in: at once, or after a fault held it back.

        `key` is whose the frame claims to be; `admit` checks it and returns its work.
        """
        lost = self.passage.lost(operation, key)
        if lost is not None:
            self.wire.silence()
            self.host.spawn(self._close_after(lost.seconds))
            return
        try:
            entry = admit()
            self.passage.check_health(operation, entry.account)
        except Refusal as refusal:
            self.refuse(ticket, refusal)
            return
        held_s = self.passage.hold_s(operation, entry.account)
        if held_s is None:
            self._execute(ticket, operation, entry)
        else:
            self.host.spawn(self._execute_after(held_s, ticket, operation, entry))

    def _execute(self, ticket: Any, operation: Operation, entry: Entry) -> None:
        try:
            result = self.passage.run(entry.window, entry.act)
        except Refusal as refusal:
            self.refuse(ticket, refusal)
            self.host.flush()
            return
        fault = self.passage.afterwards(operation, entry.account)
        if fault is None:
            self.reply(ticket, result)
            self.host.flush()
            return
        self.host.flush()
        self._befall(fault, ticket, result)

    def _befall(self, fault: Armed, ticket: Any, result: Any) -> None:
        """Do to the reply of an executed frame what the fault says."""
        kind = fault.kind
        if kind is FaultKind.REPLY_CUT:
            self.wire.cut(text_frame(self.answer(ticket, result)))
        elif kind is FaultKind.SERVER_ERROR_AFTER:
            self.refuse(ticket, Refusal("internal", "something went wrong"))
        elif kind is FaultKind.HTML:
            self.wire.write(text_frame(HTML))
        elif kind is FaultKind.REPLY_LOST_AFTER:
            if fault.seconds:
                self.host.spawn(self._close_after(fault.seconds))
            else:
                self.wire.close()
        else:
            self.host.spawn(self._reply_after(fault.seconds, ticket, result))

    async def _execute_after(
        self, seconds: float, ticket: Any, operation: Operation, entry: Entry
    ) -> None:
        await self.host.wait(seconds)
        self._execute(ticket, operation, entry)

    async def _reply_after(self, seconds: float, ticket: Any, result: Any) -> None:
        await self.host.wait(seconds)
        self.reply(ticket, result)

    async def _close_after(self, seconds: float) -> None:
        await self.host.wait(seconds)
        self.wire.close()


async def serve(host: Host, route: SocketRoute, request: web.Request) -> web.StreamResponse:
    """Run one WebSocket until either side ends it."""
    response = web.WebSocketResponse(
        compress=False, autoping=False, max_msg_size=_MOST_FRAME_BYTES
    )
    await response.prepare(request)
    transport = request.transport
    if not isinstance(transport, asyncio.Transport):
        return response
    socket = route.open(request, Wire(transport))
    host.connections.append(socket)
    try:
        socket.opened()
        async for message in response:
            if message.type is WSMsgType.TEXT:
                socket.handle(message.data)
            elif message.type is WSMsgType.BINARY:
                socket.handle_binary(message.data)
            elif message.type is WSMsgType.PING:
                socket.wire.write(pong_frame(bytes(message.data)))
    finally:
        socket.close()
    return response
