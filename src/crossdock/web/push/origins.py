"""Refuses a socket that a page of another site opens: a cookie alone is no consent."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock.web.problems import Problem

POLICY_VIOLATION = 1008


class OwnOrigin:
    """Lets through what names no origin, as programs do, or this dashboard's own.

    `public_url` is the address people type, where that is another than what comes here.
    """

    def __init__(self, application: ASGIApp, public_url: str) -> None:
        self._application = application
        self._public_host = urlsplit(public_url).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        origin = headers.get("Origin")
        own = {headers.get("Host", ""), self._public_host} - {""}
        if origin is None or urlsplit(origin).netloc in own:
            await self._application(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            problem = Problem(403, "csrf", "this came from a page of another site")
            await problem.response(scope["path"])(scope, receive, send)
