"""HTTP for adapters: reads that may be repeated, writes that are sent at most once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NoReturn, TypeVar
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from crossdock.errors import (
    AdapterError,
    BadPayload,
    ConfigError,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unreachable,
)
from crossdock.ports import Clock
from crossdock.toolkit.breaker import CircuitBreaker
from crossdock.toolkit.exchange import (
    HttpReply,
    HttpRequest,
    Refusal,
    Sign,
    decoded,
    proves_nothing,
    refusal_by_status,
)
from crossdock.toolkit.pool import (
    CancelledInDoubt,
    CancelledUnsent,
    Departure,
    HttpPool,
    words_of,
)
from crossdock.toolkit.purpose import Purpose, purpose_of
from crossdock.toolkit.ratelimit import RateLimiter
from crossdock.toolkit.recorder import Recorder
from crossdock.toolkit.retry import refuse_repeated_write
from crossdock.toolkit.secrets import Masker

T = TypeVar("T")

_LARGEST_REPLY_BYTES = 64 * 1024 * 1024
_RETRY_AFTER_ESTIMATE_S = 1.0  # when a venue says "too many" without saying until when
_EXACT_TIMERS_S = 86_400.0  # aiohttp rounds longer timeouts up to whole seconds
_RECONCILE = "reconcile; the venue may have acted on it"
_READ_METHODS = ("GET", "HEAD", "POST")  # some venues take queries by POST
_Query = Mapping[str, str | int] | str


class HttpClient:
    """One base URL of one venue, for one account.

    Reads raise Unreachable, RateLimited, AuthFailed, Rejected or BadPayload; writes
    Rejected, RateLimited, AuthFailed, NotSent, and for everything else OutcomeUnknown.
    Errors name method, host and path, never headers, queries or bodies.
    """

    def __init__(
        self,
        pool: HttpPool,
        base_url: str,
        *,
        clock: Clock,
        masker: Masker,
        sign: Sign | None = None,
        refusal: Refusal = proves_nothing,
        limiter: RateLimiter | None = None,
        breaker: CircuitBreaker | None = None,
        learn: Callable[[HttpReply, RateLimiter], None] | None = None,
        headers: Mapping[str, str] | None = None,
        recorder: Recorder | None = None,
        read_timeout_s: float = 10.0,
    ) -> None:
        self._pool = pool
        self._base = _base_url(base_url)
        self._origin = str(self._base.origin())
        self._authority = self._base.host_port_subcomponent
        self._prefix = self._base.raw_path.rstrip("/")
        self._clock = clock
        self._masker = masker
        self._sign = sign
        self._refusal = refusal
        self._limiter = limiter
        self._breaker = breaker
        self._learn = learn
        self._headers = dict(headers or {})
        self._recorder = recorder
        self._read_timeout_s = read_timeout_s

    async def read(
        self,
        method: str,
        path: str,
        *,
        into: type[T],
        query: _Query = "",
        body: bytes = b"",
        signed: bool = False,
        scope: str = "reads",
        weight: int = 1,
        purpose: Purpose = Purpose.READING,
        timeout_s: float | None = None,
    ) -> T:
        """Ask, and return the reply decoded; `HttpReply` leaves it as it is.

        The timeout also holds in the rate limiter's queue. `purpose` says what
        of the limits it may use, and the most urgent around it says so too.
        """
        if method not in _READ_METHODS:
            raise ValueError(f"{method} is not a read: aiohttp may send it twice")
        where = self._where(method, path)
        limit_s = timeout_s or self._read_timeout_s
        deadline_ns = self._clock.monotonic_ns() + round(limit_s * 1e9)
        if self._breaker is not None:
            self._breaker.check(where)
        if self._limiter is not None:
            await self._limiter.acquire(
                scope, weight, deadline_ns=deadline_ns, purpose=purpose_of(purpose)
            )
        request = self._request(method, path, query, body, signed=signed)
        problem = ""
        try:
            reply = await self._exchange(request, deadline_ns)
        except (aiohttp.ClientError, OSError) as error:
            problem = words_of(error)
        if not problem and reply.status in (408, *range(500, 600)):
            problem = f"it answered {reply.status}"
        if self._breaker is not None:
            self._breaker.record(ok=not problem)
        if problem:
            raise Unreachable(self._masker.scrub(f"{where}: {problem}"))
        self._learned(reply)
        if reply.status < 400:
            return self._decoded(reply, into, where)
        refused = self._refused(reply, where)
        if refused is None:
            if reply.is_html:
                raise BadPayload(f"{where} answered {reply.status} with an HTML page")
            raise Rejected(f"{where} answered {reply.status}", venue_code=str(reply.status))
        raise refused

    async def write(
        self,
        method: str,
        path: str,
        *,
        into: type[T],
        deadline_ns: int,
        query: _Query = "",
        body: bytes = b"",
        signed: bool = True,
        scope: str = "orders",
        weight: int = 1,
        purpose: Purpose = Purpose.ORDER,
    ) -> T:
        """Send once, and return the reply decoded. Never sent again by anybody beneath.

        Cancelled on the way it raises CancelledInDoubt, before that CancelledUnsent.
        """
        refuse_repeated_write()
        where = self._where(method, path)
        if self._limiter is not None:
            await self._limiter.admit_write(
                scope,
                weight,
                where=where,
                deadline_ns=deadline_ns,
                purpose=purpose_of(purpose),
            )
        if self._clock.monotonic_ns() >= deadline_ns:
            raise NotSent(f"{where}: its deadline had passed")
        request = self._request(method, path, query, body, signed=signed)
        departure = Departure()
        cancelled = False
        problem = ""
        try:
            reply = await self._exchange(request, deadline_ns, departure)
        except asyncio.CancelledError:
            cancelled = True
            problem = "cancelled"
        except Exception as error:  # noqa: BLE001 - whatever it was, the write may be out
            problem = words_of(error)
        # Raised outside of `except`, so that no library error with a URL in it hangs on.
        if problem:
            self._raise_write_failure(where, problem, departure, cancelled=cancelled)
        refused: AdapterError | None = None
        try:
            self._learned(reply)
            if reply.status < 400:
                return self._decoded(reply, into, where)
            refused = self._refused(reply, where)
            problem = f"{where} answered {reply.status}"
        except BadPayload as unreadable:
            problem = unreadable.message
        except Exception as failure:  # noqa: BLE001 - the write is out, so this is doubt
            problem = f"{where}: {type(failure).__name__} while reading the reply"
        if refused is not None:
            raise refused
        if reply.is_html:
            problem += " with an HTML page"
        raise OutcomeUnknown(problem, hint=_RECONCILE)

    def _raise_write_failure(
        self, where: str, problem: str, departure: Departure, *, cancelled: bool
    ) -> NoReturn:
        text = self._masker.scrub(f"{where}: {problem}")
        if departure.departed:
            kind = CancelledInDoubt if cancelled else OutcomeUnknown
            raise kind(text, hint=_RECONCILE)
        raise (CancelledUnsent if cancelled else NotSent)(text)

    async def _exchange(
        self, request: HttpRequest, deadline_ns: int, departure: Departure | None = None
    ) -> HttpReply:
        """Send and take the whole reply; count the call, and learn what its headers tell."""
        began_ns = self._clock.monotonic_ns()
        reply: HttpReply | None = None
        problem = "cancelled"
        try:
            reply = await self._sent(request, deadline_ns, departure)
            problem = _problem_of(reply.status)
        except Exception:
            problem = "unreachable"
            raise
        finally:
            if self._limiter is not None:
                took_s = (self._clock.monotonic_ns() - began_ns) / 1e9
                self._limiter.usage.ended(took_s if reply else None, problem)
        if self._limiter is not None:
            self._limiter.observe_headers(reply.headers)
        if self._recorder is not None:
            self._recorder.exchange(request, reply)
        return reply

    async def _sent(
        self, request: HttpRequest, deadline_ns: int, departure: Departure | None
    ) -> HttpReply:
        left_s = max(0.001, (deadline_ns - self._clock.monotonic_ns()) / 1e9)
        session = self._pool.reads if departure is None else self._pool.writes
        async with session.request(
            request.method,
            URL(self._origin + request.target, encoded=True),
            data=request.body or None,
            headers=request.headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(
                total=left_s,
                connect=self._pool.connect_s,
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
            headers = {name.lower(): value for name, value in response.headers.items()}
        return HttpReply(status=response.status, headers=headers, body=b"".join(chunks))

    def _request(
        self, method: str, path: str, query: _Query, body: bytes, *, signed: bool
    ) -> HttpRequest:
        headers = self._headers
        if body and "Content-Type" not in headers:
            headers = {**headers, "Content-Type": "application/json"}
        request = HttpRequest(
            method=method,
            path=self._prefix + path,
            query=query if isinstance(query, str) else urlencode(query, quote_via=quote),
            headers=headers,
            body=body,
        )
        if not signed:
            return request
        if self._sign is None:
            raise RuntimeError(f"{method} {path} is to be signed, but there is no `sign`")
        return self._sign(request)

    def _refused(self, reply: HttpReply, where: str) -> AdapterError | None:
        """Return the error that a reply proves, or None when it proves nothing."""
        estimate_s = _RETRY_AFTER_ESTIMATE_S
        if self._limiter is not None:
            estimate_s = max(estimate_s, self._limiter.wait_s())
        error = self._refusal(reply) or refusal_by_status(
            reply, where, self._clock.time_ns(), estimate_s
        )
        if isinstance(error, RateLimited) and self._limiter is not None:
            self._limiter.penalise(error.retry_after_s)
        if error is not None:
            _scrub(error, self._masker)
        return error

    def _decoded(self, reply: HttpReply, into: type[T], where: str) -> T:
        try:
            return decoded(reply, into, where)
        except BadPayload as error:
            _scrub(error, self._masker)
            raise

    def _learned(self, reply: HttpReply) -> None:
        if self._learn is not None and self._limiter is not None:
            with suppress(ValueError, KeyError):  # a header that is not a number
                self._learn(reply, self._limiter)

    def _where(self, method: str, path: str) -> str:
        return self._masker.scrub(f"{method} {self._authority}{self._prefix}{path}")


def _problem_of(status: int) -> str:
    """Return the code of the error that a status usually means, "" for none."""
    if status < 400:
        return ""
    if status in (401, 403):
        return "auth-failed"
    if status in (418, 429):
        return "rate-limited"
    return "unreachable" if status == 408 or status >= 500 else "rejected"


def _base_url(text: str) -> URL:
    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigError(
            "the base URL is not one", hint="it looks like https://api.example.com/v1"
        )
    if url.user or url.password or url.query_string or url.fragment:
        raise ConfigError(
            f"the base URL of {url.host} must be scheme, host and path only",
            hint="keys belong in secret settings",
        )
    return url


def _scrub(error: AdapterError, masker: Masker) -> None:
    error.message = masker.scrub(error.message)
    error.args = (error.message,)
