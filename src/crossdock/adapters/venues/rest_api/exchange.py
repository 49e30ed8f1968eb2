"""One call of a description: the request it makes, and what its reply proves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from crossdock.adapters.venues.rest_api.described import tables
from crossdock.adapters.venues.rest_api.described.template import (
    body_of,
    path_of,
    query_of,
    template,
)
from crossdock.adapters.venues.rest_api.rows import find, word_of
from crossdock.adapters.venues.rest_api.signing import Signer
from crossdock.errors import (
    AdapterError,
    AuthFailed,
    BadPayload,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from crossdock.toolkit import AdapterContext, HttpClient, HttpReply, Secret

_FORM = "application/x-www-form-urlencoded"
_WAIT_S = 1.0  # where a body says "too many" without saying until when


class Exchange:
    """Makes the calls of one account at one broker."""

    def __init__(self, context: AdapterContext, it: tables.Description) -> None:
        self._settings: dict[str, object] = {
            name: value
            for name, value in context.settings.items()
            if not isinstance(value, Secret)
        }
        base_url = template(it.base_url).text(self._settings) or ""
        self._refusals = it.refusals
        self._clock = context.clock
        self._limiter = context.limiter(urlsplit(base_url).netloc)
        self._health = context.health.stream(f"{context.account} account")
        # A header is the client's, so forms have a client of their own.
        self._json, self._forms = (
            HttpClient(
                context.http,
                base_url,
                clock=context.clock,
                masker=context.masker,
                sign=Signer(it.auth, context.settings, context.clock).request,
                refusal=self._refusal,
                limiter=self._limiter,
                learn=lambda *_: self._health.heartbeat(),
                headers=headers,
                recorder=context.recorder,
                read_timeout_s=it.read_timeout_s,
            )
            for headers in ({}, {"Content-Type": _FORM})
        )

    async def read(
        self,
        call: tables.Call,
        values: Mapping[str, object],
    ) -> object:
        """Ask, and return the reply's JSON. Numbers in it are exact."""
        values = {**self._settings, **values}
        try:
            path = path_of(call.path, values)
        except NotSent as error:
            raise BadPayload(error.message) from None
        reply = await self._client(call).read(
            call.method,
            path,
            into=object,
            query=query_of(call.query, values),
            body=_body(call, values),
            signed=call.signed,
            scope=call.budget(writes=False),
            weight=call.weight,
        )
        code, message = self._words(reply)
        if not self._is_ok(code):
            raise self._judged(code, message) or Rejected(
                f"{code}: {message}", venue_code=code
            )
        return reply

    async def write(
        self,
        call: tables.Call,
        values: Mapping[str, object],
        deadline_ns: int,
        *,
        has_answer: bool = True,
    ) -> object:
        """Send once. Without `has_answer` the reply may be empty, if its status is good."""
        values = {**self._settings, **values}
        reply: Any = await self._client(call).write(
            call.method,
            path_of(call.path, values),
            into=object if has_answer else HttpReply,
            deadline_ns=deadline_ns,
            query=query_of(call.query, values),
            body=_body(call, values),
            signed=call.signed,
            scope=call.budget(writes=True),
            weight=call.weight,
        )
        if isinstance(reply, HttpReply):
            if not reply.body:
                return None
            reply = _json(reply)
        code, message = self._words(reply)
        if reply is None or not self._is_ok(code):
            raise self._judged(code, message) or OutcomeUnknown(
                f"{call.method} {call.path}: {code}: {message}", hint="reconcile"
            )
        return reply

    def is_unknown_order(self, refusal: Rejected) -> bool:
        return refusal.venue_code in map(str, self._refusals.unknown_order)

    def _client(self, call: tables.Call) -> HttpClient:
        return self._forms if call.form else self._json

    def _refusal(self, reply: HttpReply) -> AdapterError | None:
        if reply.status >= 500:
            return None
        code, message = self._words(_json(reply))
        if code in map(str, self._refusals.too_many):
            asked_s = reply.retry_after_s(self._clock.time_ns())
            return self._too_many(code, message, asked_s)
        return self._judged(code, message)

    def _judged(self, code: str, message: str) -> AdapterError | None:
        """Return what a code proves; None for one that proves nothing."""
        it = self._refusals
        if code in it.proven:
            return Rejected(f"{code}: {message}", venue_code=code)
        if code in map(str, it.keys):
            return AuthFailed(f"{code}: {message}", hint="check the account's keys")
        if code in map(str, it.too_many):
            self._limiter.penalise(_WAIT_S)
            return self._too_many(code, message, None)
        return None

    def _too_many(self, code: str, message: str, asked_s: float | None) -> RateLimited:
        wait_s = _WAIT_S if asked_s is None else asked_s
        return RateLimited(f"{code}: {message}", retry_after_s=wait_s)

    def _words(self, body: object) -> tuple[str, str]:
        it = self._refusals
        return _word(body, it.code), _word(body, it.message)

    def _is_ok(self, code: str) -> bool:
        return not self._refusals.ok or code in map(str, self._refusals.ok)


def _word(body: object, path: str) -> str:
    found = find(body, path) if path else None
    return "" if found is None or isinstance(found, dict | list) else word_of(found)


def _body(call: tables.Call, values: Mapping[str, object]) -> bytes:
    if call.body is None:
        return b""
    return query_of(call.body, values).encode() if call.form else body_of(call.body, values)


def _json(reply: HttpReply) -> object:
    try:
        return msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def refuse_unsaid(said: Mapping[str, object], holes: frozenset[str]) -> None:
    """Raise NotSent when an order asks for what the description has no place for."""
    for name, value in said.items():
        if value is not None and name not in holes:
            raise NotSent(f"the description has no place for {name}, which the order asks")
