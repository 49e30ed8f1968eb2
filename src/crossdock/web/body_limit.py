"""A bound on what one request may send, told before memory is."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock.web.problems import Problem

MOST_BYTES = 4 << 20


class BodyLimit:
    def __init__(self, application: ASGIApp, most_bytes: int = MOST_BYTES) -> None:
        self._application = application
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        told = Headers(scope=scope).get("Content-Length", "0")
        if told.isdecimal() and int(told) > self._most_bytes:
            problem = self._problem()
            await problem.response(scope["path"])(scope, receive, send)
            return
        size = 0

        async def receive_counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self._most_bytes:
                raise self._problem()
            return message

        await self._application(scope, receive_counted, send)

    def _problem(self) -> Problem:
        return Problem(
            413, "too-large", f"a request holds at most {self._most_bytes >> 20} MiB"
        )
