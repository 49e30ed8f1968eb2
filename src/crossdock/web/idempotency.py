"""A write that is sent again with its `Idempotency-Key` is answered again, not done again."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from fastapi import Request
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock.web.identity.gatekeeper import Gatekeeper
from crossdock.web.identity.roles import Caller
from crossdock.web.kept import Kept
from crossdock.web.kept.kept import KeptAway
from crossdock.web.problems import Problem, store_away

HEADER = "Idempotency-Key"
REMEMBERED_S = 24 * 3600.0
LONGEST_KEY = 128
MOST_BYTES = 1 << 20  # of an answer
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# Answers of these hold tokens, which are shown once and kept nowhere.
_APART = ("/api/v1/session", "/api/v1/users", "/api/v1/keys", "/api/v1/signals/webhook")
# What these say is that nothing was done: the same key may try again.
_UNDONE = frozenset({401, 403, 404, 405, 413, 422, 429, 501, 503})


def require_key(request: Request, caller: Caller) -> None:
    """Raise Problem 422 for a program's write that could not be told from its repetition.

    For what a repetition would do once more: an order, a strategy begun. To amend, cancel,
    stop or kill says what shall be, and the second time changes nothing.
    """
    if caller.key and not request.headers.get(HEADER):
        raise Problem(
            422,
            "idempotency-key-missing",
            f"the header {HEADER} is missing",
            hint="send a new random text with every new one, and the same text to repeat it",
        )


class Once:
    """Remembers what was answered to each key of each caller, for a day.

    What was begun is kept before it is done: where the answer was lost with the process,
    a repetition is told so, and nothing is done twice.
    """

    def __init__(self, application: ASGIApp, gatekeeper: Gatekeeper, kept: Kept) -> None:
        self._application = application
        self._gatekeeper = gatekeeper
        self._kept = kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = Headers(scope=scope).get(HEADER) if scope["type"] == "http" else None
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        if key is None or scope["method"] in _SAFE or path.startswith(_APART):
            await self._application(scope, receive, send)
            return
        try:
            caller = await self._gatekeeper.caller(HTTPConnection(scope))
            if caller is None:  # whoever that is will be refused
                await self._application(scope, receive, send)
                return
            if not 0 < len(key) <= LONGEST_KEY:
                raise Problem(
                    422, "bad-argument", f"{HEADER} has 1 to {LONGEST_KEY} characters"
                )
            body = await _whole(receive)
            name = _digest(caller.name.lower(), caller.key, key)
            said = _digest(scope["method"], path, scope["query_string"].decode(), body)
            remembered = await self._begin(f"once:{name}", said)
        except (Problem, KeptAway) as error:
            problem = error if isinstance(error, Problem) else store_away()
            await problem.response(scope["path"])(scope, receive, send)
            return
        if remembered is not None:
            await remembered(scope, receive, send)
            return
        await self._do(f"once:{name}", said, scope, _handed(body, receive), send)

    async def _begin(self, name: str, said: str) -> Response | None:
        """Return the answer that was given before, None for what is new."""
        begun = json.dumps({"said": said})
        if await self._kept.add(name, begun, ttl_s=REMEMBERED_S):
            return None
        told: dict[str, Any] = json.loads(await self._kept.get(name) or begun)
        if told["said"] != said:
            raise Problem(
                422,
                "idempotency-key-reused",
                f"this {HEADER} was sent with something else before",
                hint="send a new one with every new request",
            )
        if "status" not in told:
            raise Problem(
                409,
                "idempotency-unfinished",
                "the same was asked before and has no answer yet: it may be under way, or "
                "done without our having heard",
                hint="look at the orders before you send it under a new key",
            )
        return Response(
            told["body"],
            told["status"],
            headers={"Idempotency-Replayed": "true", "Cache-Control": "no-store"},
            media_type=told["type"],
        )

    async def _do(
        self, name: str, said: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        status, media_type, body = 500, "application/json", bytearray()

        async def send_kept(message: Message) -> None:
            nonlocal status, media_type
            if message["type"] == "http.response.start":
                status = message["status"]
                media_type = Headers(raw=message["headers"]).get("Content-Type", media_type)
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    await self._remember(name, said, status, media_type, bytes(body))
            await send(message)

        await self._application(scope, receive, send_kept)

    async def _remember(
        self, name: str, said: str, status: int, media_type: str, body: bytes
    ) -> None:
        if status in _UNDONE:
            await self._kept.drop(name)
        elif len(body) <= MOST_BYTES:
            told = {"said": said, "status": status, "type": media_type}
            told["body"] = body.decode()
            await self._kept.put(name, json.dumps(told), ttl_s=REMEMBERED_S)


async def _whole(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem(400, "disconnected", "whoever asked has left")
        body.extend(message.get("body", b""))
        if not message.get("more_body"):
            return bytes(body)


def _handed(body: bytes, then: Receive) -> Receive:
    """Return a `receive` that begins with what was read already."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return left.pop() if left else await then()

    return receive


def _digest(*parts: str | bytes) -> str:
    made = hashlib.sha256()
    for part in parts:
        each = part.encode() if isinstance(part, str) else part
        made.update(len(each).to_bytes(8, "big") + each)
    return made.hexdigest()
