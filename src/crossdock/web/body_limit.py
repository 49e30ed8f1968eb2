"""Bounds on what one request may send: its size, told before memory is, and its time."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock.web.problems import Problem

MOST_BYTES = 4 << 20
PATIENCE_S = 30.0  # for all of a body: whoever drips it holds a connection and memory


class BodyLimit:
    def __init__(
        self,
        application: ASGIApp,
        most_bytes: int = MOST_BYTES,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._application = application
        self._most_bytes = most_bytes
        self._patience_s = patience_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        told = Headers(scope=scope).get("Content-Length", "0")
        if told.isdecimal() and int(told) > self._most_bytes:
            problem = _too_large(self._most_bytes)
            await problem.response(scope["path"])(scope, receive, send)
            return
        body = _Body(receive, self._most_bytes, self._patience_s)
        has_begun = is_refused = False

        async def refuse(problem: Problem) -> None:
            nonlocal is_refused
            is_refused = True
            reply = problem.response(scope["path"])
            reply.headers["Connection"] = "close"  # the rest of the body is on its way
            await reply(scope, receive, send)

        async def send_or_refuse(message: Message) -> None:
            # Whoever reads the body may take what is raised there for a body that is broken.
            nonlocal has_begun
            if is_refused:
                return
            if not has_begun and body.problem is not None:
                await refuse(body.problem)
                return
            has_begun = True
            await send(message)

        try:
            await self._application(scope, body.receive, send_or_refuse)
        except Problem as problem:
            if problem is not body.problem or has_begun:
                raise
            if not is_refused:
                await refuse(problem)


class _Body:
    """Hands on the body of one request. `problem` is what is wrong with it, once it is."""

    def __init__(self, receive: Receive, most_bytes: int, patience_s: float) -> None:
        self.problem: Problem | None = None
        self._receive = receive
        self._most_bytes = most_bytes
        self._patience_s = patience_s
        self._until_s: float | None = None
        self._size = 0
        self._is_whole = False

    async def receive(self) -> Message:
        if self._is_whole:  # then it waits for whoever asked to leave
            return await self._receive()
        if self._until_s is None:
            self._until_s = asyncio.get_running_loop().time() + self._patience_s
        try:
            async with asyncio.timeout_at(self._until_s):
                message = await self._receive()
        except TimeoutError:
            self.problem = _too_slow(self._patience_s)
            raise self.problem from None
        self._size += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._size > self._most_bytes:
            self.problem = _too_large(self._most_bytes)
            raise self.problem
        return message


def _too_large(most_bytes: int) -> Problem:
    return Problem(413, "too-large", f"a request holds at most {most_bytes >> 20} MiB")


def _too_slow(patience_s: float) -> Problem:
    return Problem(408, "too-slow", f"the request took more than {patience_s:g} s to come")
