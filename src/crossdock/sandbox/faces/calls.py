"""HTTP calls of any face: in by its rules, through the faults, out in its words."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from aiohttp import web

from crossdock.sandbox.faces.contract import Call, Face, Reply, Route
from crossdock.sandbox.faces.passage import HTML
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Armed, FaultKind

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Calls:
    """Serves a face's routes."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._host = face.host
        self._passage = face.passage

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """Return the handler of each method and path."""
        return {
            (route.method, route.path): self._handler(route)
            for route in self._face.routes()
        }

    def no_path(self) -> web.Response:
        refusal = Refusal("no_path", "no such method and path")
        return _response(self._face.refusal(None, refusal))

    def _handler(self, route: Route) -> Handler:
        face, host, passage = self._face, self._host, self._passage

        async def handle(request: web.Request) -> web.StreamResponse:
            call = Call(request, await request.read(), route)
            operation = face.operation(call)
            lost = passage.lost(operation, face.claimed_key(call))
            if lost is not None:
                return await self._hang_up(request, lost.seconds)
            try:
                face.enter(call)
                passage.check_health(operation, call.account or None)
                act = route.prepare(call)
                held_s = passage.hold_s(operation, call.account or None)
                if held_s is not None:
                    await host.wait(held_s)
                result = passage.run(call.window, act)
            except Refusal as refusal:
                host.flush()
                return _response(face.refusal(call, refusal))
            return await self._deliver(
                call,
                face.reply(call, result),
                passage.afterwards(operation, call.account or None),
            )

        return handle

    async def _deliver(
        self, call: Call, reply: Reply, fault: Armed | None
    ) -> web.StreamResponse:
        """Send the reply of a call that was executed, and then what it caused."""
        response = _response(reply)
        if fault is None:
            with contextlib.suppress(ConnectionError):
                await response.prepare(call.request)
                await response.write_eof()
            self._host.flush()
            return response
        self._host.flush()
        kind = fault.kind
        if kind is FaultKind.REPLY_LOST_AFTER:
            return await self._hang_up(call.request, fault.seconds)
        if kind is FaultKind.REPLY_CUT:
            return _cut(call.request, reply)
        if kind is FaultKind.SERVER_ERROR_AFTER:
            refusal = Refusal("internal", "something went wrong")
            return _response(self._face.refusal(call, refusal))
        if kind is FaultKind.HTML:
            return web.Response(status=502, body=HTML, content_type="text/html")
        await self._host.wait(fault.seconds)
        return response

    async def _hang_up(self, request: web.Request, seconds: float) -> web.StreamResponse:
        await self._host.wait(seconds)
        if request.transport is not None:
            request.transport.close()
        return web.Response()


def _response(reply: Reply) -> web.Response:
    return web.Response(
        body=reply.body,
        status=reply.status,
        headers=reply.headers,
        content_type=reply.content_type,
    )


def _cut(request: web.Request, reply: Reply) -> web.StreamResponse:
    """Send half of a reply's body and close."""
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: {reply.content_type}\r\n"
        f"Content-Length: {len(reply.body)}\r\n\r\n"
    )
    transport = request.transport
    if isinstance(transport, asyncio.Transport) and not transport.is_closing():
        transport.write(head.encode() + reply.body[: len(reply.body) // 2])
        transport.close()
    return web.Response()
