"""Every HTTP request of ccxt, on its way: budgeted, sent at most once, watched, recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NoReturn
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from crossdock.adapters.venues.ccxt.exchanges.contract import Quirks, is_public
from crossdock.adapters.venues.ccxt.wire.calls import Call, current_call
from crossdock.adapters.venues.ccxt.wire.turns import Turns
from crossdock.errors import (
    AdapterError,
    BadPayload,
    ConfigError,
    NotSent,
    OutcomeUnknown,
    Unreachable,
)
from crossdock.toolkit import (
    AdapterContext,
    CancelledInDoubt,
    CancelledUnsent,
    HttpReply,
    HttpRequest,
    Purpose,
    RateLimiter,
    purpose_of,
)
from crossdock.toolkit.exchange import refusal_by_status
from crossdock.toolkit.pool import Departure, words_of
from crossdock.toolkit.retry import refuse_repeated_write

READ_TIMEOUT_S = 10.0
_LARGEST_REPLY_BYTES = 64 * 1024 * 1024
_EXACT_TIMERS_S = 86_400.0  # aiohttp rounds longer timeouts up to whole seconds
_RETRY_AFTER_S = 1.0  # where the exchange says "too many" without saying until when
_RECONCILE = "reconcile; the exchange may have acted on it"


class Wire:
    """Sends what ccxt has signed. One for an account; its connections are the desk's pool.

    With a stand-in (the setting `url`) requests keep their paths and go there instead: what
    was signed and how ccxt reads errors still names the exchange itself.
    """

    def __init__(self, context: AdapterContext, quirks: Quirks, stand_in: str) -> None:
        self._context = context
        self._quirks = quirks
        self._clock = context.clock
        self._scrub = context.masker.scrub
        self._stand_in = _base(stand_in)
        self._health = context.health.stream(f"{context.account} account")
        self._turns = Turns()
        self._nonce = 0

    async def admit(
        self, origin: str, api: str, method: str, path: str, weight: float
    ) -> None:
        """Wait for our budget at an address, before anything with a time in it is signed."""
        call = current_call()
        limiter = self._limiter(origin)
        is_write = call is not None and call.is_write and self.changes(method, path)
        cost = self._quirks.cost(method, path, api=api, is_write=is_write, weight=weight)
        purpose = _purpose_of(call)
        if call is not None:
            call.scope = cost.scope
        if limiter.try_acquire(cost.scope, cost.weight, purpose=purpose):
            return
        deadline_ns = self._deadline_ns(call)
        if call is None or not call.is_write or call.is_going:
            await limiter.acquire(
                cost.scope, cost.weight, deadline_ns=deadline_ns, purpose=purpose
            )
            return
        await limiter.admit_write(
            cost.scope,
            cost.weight,
            where=call.what,
            deadline_ns=deadline_ns,
            purpose=purpose,
        )

    @asynccontextmanager
    async def in_turn(self, api: str, method: str, path: str) -> AsyncIterator[None]:
        """Let one signed call go at a time where the exchange counts them.

        On two connections a later call may arrive first, and would end the earlier one.
        """
        if not self._quirks.rising_nonce or is_public(api):
            yield
            return
        call = current_call()
        purpose = _purpose_of(call)
        is_write = call is not None and call.is_write and self.changes(method, path)
        async with self._turns.turn(purpose, is_write=is_write):
            yield

    def nonce(self, proposed: int) -> int:
        """Return a number above every one before it, where the exchange wants that.

        Elsewhere it is the time of a call, here and there in seconds: numbers that rise by
        one with each would lead a burst into a future that is refused.
        """
        if not (self._quirks.rising_nonce or self._quirks.distinct_nonce):
            return proposed
        self._nonce = max(proposed, self._nonce + 1)
        return self._nonce

    def changes(self, method: str, path: str) -> bool:
        """Tell whether a request within a write is the one that changes something."""
        if method == "GET":
            return f"/{path}".endswith(tuple(self._quirks.writes_by_get))
        return not f"/{path}".endswith(tuple(self._quirks.reads_by_post))

    async def send(
        self, url: str, method: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[HttpReply, dict[str, str]]:
        """Send one request; return its reply, and its headers as they were written.

        Raises Unreachable or BadPayload for reads, NotSent or OutcomeUnknown for writes.
        """
        call = current_call()
        parts = urlsplit(url)
        request = HttpRequest(
            method=method,
            path=parts.path or "/",
            query=parts.query,
            headers=headers,
            body=body,
        )
        if call is not None:
            call.url, call.path = url, request.path
            call.reply = call.parsed = call.failure = None
        try:
            if call is not None and call.is_write and self.changes(method, request.path):
                return await self._write(call, url, request)
            return await self._read(call, url, request)
        except AdapterError as error:
            # ccxt may catch it and carry on; what it was made for must still know.
            if call is not None:
                call.failure = error
            raise

    def moved(self, url: str) -> URL:
        """Return where a request or a socket really goes."""
        meant = URL(url, encoded=True)
        if self._stand_in is None:
            return meant
        scheme = self._stand_in.scheme
        if meant.scheme in ("ws", "wss"):
            scheme = "wss" if scheme == "https" else "ws"
        where = f"{scheme}://{self._stand_in.raw_authority}"
        prefix = self._stand_in.raw_path.rstrip("/")
        return URL(f"{where}{prefix}{meant.raw_path_qs}", encoded=True)

    def estimate_s(self, url: str) -> float:
        """Return how long to wait where the exchange does not say."""
        return max(_RETRY_AFTER_S, self._limiter(url).wait_s())

    def penalise(self, call: Call, retry_after_s: float) -> None:
        """Hold back every call to the address that refused one for their number.

        Where calls such as the refused one are counted apart, only those.
        """
        self._limiter(call.url).penalise(retry_after_s, call.scope)

    def _limiter(self, url: str) -> RateLimiter:
        """Return the budget at an address, which our own streams of it share."""
        return self._context.limiter(self.moved(url).authority)

    async def _read(
        self, call: Call | None, url: str, request: HttpRequest
    ) -> tuple[HttpReply, dict[str, str]]:
        where = self._where(request, url)
        problem = ""
        try:
            reply, headers = await self._exchange(
                url, request, self._deadline_ns(call), None
            )
        except (aiohttp.ClientError, OSError) as error:
            problem = words_of(error)
        if not problem and reply.status in (408, *range(500, 600)):
            problem = f"it answered {reply.status}"
        if problem:
            raise Unreachable(self._scrub(f"{where}: {problem}"))
        if call is not None:
            call.reply = reply
        if 300 <= reply.status < 400:
            raise BadPayload(
                f"{where} answered {reply.status}", hint="a redirect: it is not followed"
            )
        # 403, 418 and 429 speak for themselves, whatever words come with them.
        refused = refusal_by_status(
            reply, where, self._clock.time_ns(), self.estimate_s(url)
        )
        if refused is not None and reply.status in (418, 429):
            # A ban is of the address, no matter what is counted apart.
            scope = "" if call is None or reply.status == 418 else call.scope
            wait_s = refused.retry_after_s  # type: ignore[union-attr]
            self._limiter(url).penalise(wait_s, scope)
            raise refused
        return reply, headers

    async def _write(
        self, call: Call, url: str, request: HttpRequest
    ) -> tuple[HttpReply, dict[str, str]]:
        refuse_repeated_write()
        where = self._where(request, url)
        if call.is_going:
            raise OutcomeUnknown(
                f"{where}: refused to send a second write", hint=_RECONCILE
            )
        if self._clock.monotonic_ns() >= call.deadline_ns:
            raise NotSent(f"{where}: its deadline had passed")
        call.is_going = True
        cancelled = False
        problem = ""
        try:
            reply, headers = await self._exchange(
                url, request, call.deadline_ns, call.departure
            )
        except asyncio.CancelledError:
            cancelled, problem = True, "cancelled"
        except Exception as error:  # noqa: BLE001 - whatever it was, the write may be out
            problem = words_of(error)
        # Raised outside of `except`, so that no library error with a URL in it hangs on.
        if problem:
            self._raise_failed(
                call, self._scrub(f"{where}: {problem}"), cancelled=cancelled
            )
        call.reply = call.answer = reply
        if 300 <= reply.status < 400:
            raise OutcomeUnknown(f"{where} answered {reply.status}", hint=_RECONCILE)
        return reply, headers

    def _raise_failed(self, call: Call, text: str, *, cancelled: bool) -> NoReturn:
        if call.departed:
            kind = CancelledInDoubt if cancelled else OutcomeUnknown
            raise kind(text, hint=_RECONCILE)
        raise (CancelledUnsent if cancelled else NotSent)(text)

    async def _exchange(
        self,
        url: str,
        request: HttpRequest,
        deadline_ns: int,
        departure: Departure | None,
    ) -> tuple[HttpReply, dict[str, str]]:
        limiter = self._limiter(url)
        begun_ns = self._clock.monotonic_ns()
        answered: tuple[HttpReply, dict[str, str]] | None = None
        problem = "cancelled"
        try:
            answered = await self._sent(url, request, deadline_ns - begun_ns, departure)
            problem = _problem_of(answered[0].status)
        except Exception:
            problem = "unreachable"
            raise
        finally:
            took_s = (self._clock.monotonic_ns() - begun_ns) / 1e9
            limiter.usage.ended(took_s if answered else None, problem)
        reply, headers = answered
        self._health.heartbeat()
        limiter.observe_headers(reply.headers)
        if self._context.recorder is not None:
            self._context.recorder.exchange(request, reply)
        return reply, headers

    async def _sent(
        self, url: str, request: HttpRequest, left_ns: int, departure: Departure | None
    ) -> tuple[HttpReply, dict[str, str]]:
        pool = self._context.http
        session = pool.reads if departure is None else pool.writes
        async with session.request(
            request.method,
            self.moved(url),
            data=request.body or None,
            headers=request.headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(
                total=max(0.001, left_ns / 1e9),
                connect=pool.connect_s,
                ceil_threshold=_EXACT_TIMERS_S,
            ),
            middlewares=None if departure is None else (departure,),
            trace_request_ctx=departure,
        ) as response:
            chunks: list[bytes] = []
            size = 0
            while chunk := await response.content.readany():
                size += len(chunk)
                if size > _LARGEST_REPLY_BYTES:
                    raise aiohttp.ClientPayloadError
                chunks.append(chunk)
            headers = {str(name): value for name, value in response.headers.items()}
        told = {name.lower(): value for name, value in headers.items()}
        if request.path.startswith(tuple(self._quirks.retry_after_ms)):
            _tell_seconds(told)
        reply = HttpReply(status=response.status, headers=told, body=b"".join(chunks))
        return reply, headers

    def _deadline_ns(self, call: Call | None) -> int:
        if call is not None:
            return call.deadline_ns
        return self._clock.monotonic_ns() + round(READ_TIMEOUT_S * 1e9)

    def _where(self, request: HttpRequest, url: str) -> str:
        return self._scrub(f"{request.method} {self.moved(url).host}{request.path}")


def _purpose_of(call: Call | None) -> Purpose:
    """Return what a request is for; streams make some that belong to no call."""
    return purpose_of(Purpose.READING) if call is None else call.purpose


def _tell_seconds(headers: dict[str, str]) -> None:
    """Put right a `Retry-After` that is in milliseconds."""
    told = headers.get("retry-after", "")
    if told.isdecimal():
        headers["retry-after"] = str(int(told) / 1000)


def _problem_of(status: int) -> str:
    """Return the code of the error that a status usually means, "" for none."""
    if status < 400:
        return ""
    if status in (401, 403):
        return "auth-failed"
    if status in (418, 429):
        return "rate-limited"
    return "unreachable" if status == 408 or status >= 500 else "rejected"


def _base(text: str) -> URL | None:
    if not text:
        return None
    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigError(
            "url is not an address", hint="it looks like http://127.0.0.1:8080"
        )
    if url.user or url.password or url.query_string or url.fragment:
        raise ConfigError(
            f"the url at {url.host} must be scheme, host and path only",
            hint="keys belong in secret settings",
        )
    return url
