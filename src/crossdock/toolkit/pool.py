"""The connections of a desk, and the proof of what left on them."""

from __future__ import annotations

import asyncio
import os
import ssl
from types import SimpleNamespace, TracebackType
from typing import Any, Self

import aiohttp

from crossdock.errors import ConfigError, NotSent, OutcomeUnknown


class HttpPool:
    """The connections of a desk: keep-alive, verified TLS, one pool for all its clients.

    `tls` replaces the system's certificate authorities; verification stays on.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        connect_s: float = 5.0,
        keepalive_s: float = 15.0,
    ) -> None:
        if tls is not None and tls.verify_mode is not ssl.CERT_REQUIRED:
            raise ConfigError("the TLS context does not verify certificates")
        self._tls = tls
        self._keepalive_s = keepalive_s
        self.connect_s = connect_s
        self._connector: aiohttp.TCPConnector | None = None
        self._reads: aiohttp.ClientSession | None = None
        self._writes: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            ssl=self._tls or True, keepalive_timeout=self._keepalive_s, limit=0
        )
        departures = aiohttp.TraceConfig()
        departures.on_request_headers_sent.append(_mark_departure)
        self._connector = connector
        self._reads = _session(connector)
        # Tracing costs microseconds, so it has a session of its own; the pool is the same.
        self._writes = _session(connector, trace_configs=[departures])
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for session in (self._reads, self._writes):
            if session is not None:
                await session.close()
        if self._connector is not None:
            await self._connector.close()
        self._connector = self._reads = self._writes = None

    @property
    def reads(self) -> aiohttp.ClientSession:
        return _opened(self._reads)

    @property
    def writes(self) -> aiohttp.ClientSession:
        return _opened(self._writes)


def _session(connector: aiohttp.TCPConnector, **more: Any) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        connector_owner=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,  # a proxy from the environment would see every order
        **more,
    )


def _opened(session: aiohttp.ClientSession | None) -> aiohttp.ClientSession:
    if session is None:
        raise RuntimeError("the HttpPool is not open: use it as an async context manager")
    return session


class CancelledUnsent(NotSent, asyncio.CancelledError):
    """Cancelled before a byte left: NotSent to us, a cancellation to asyncio."""


class CancelledInDoubt(OutcomeUnknown, asyncio.CancelledError):
    """Cancelled with the write on its way: OutcomeUnknown to us, and to asyncio cancelled.

    It is both, so that whoever records outcomes catches it and a TaskGroup still ends.
    """


class Broken(Exception):
    """A request failed. Neither ClientError nor OSError, so that aiohttp lets it pass."""


class Departure:
    """One request's way out: lets it go once, and tells whether a byte may have left.

    aiohttp sends PUT and DELETE again when a kept-alive connection breaks: `_request`
    catches ClientOSError and ServerDisconnectedError around its middlewares. This is one
    of them, and what leaves it is neither. If it is called again all the same, it refuses.
    """

    __slots__ = ("_started", "departed")

    def __init__(self) -> None:
        self._started = False
        self.departed = False

    async def __call__(
        self, request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if self._started:
            raise Broken("refused to send it twice")
        self._started = True
        try:
            return await send(request)
        except (aiohttp.ClientError, OSError) as error:
            problem = words_of(error)
        # Outside of `except`: the library's error quotes the whole URL.
        raise Broken(problem)


async def _mark_departure(
    _session: aiohttp.ClientSession, context: SimpleNamespace, _params: object
) -> None:
    # aiohttp calls this after connecting and before it writes the first byte.
    departure = context.trace_request_ctx
    if departure is not None:
        departure.departed = True


def _reason(error: OSError) -> str:
    # asyncio writes "Connect call failed" and the address where the system's words stood.
    return os.strerror(error.errno) if error.errno else type(error).__name__


def words_of(error: BaseException) -> str:
    """Say what happened in words that help. Never `str(error)`: URLs with queries are in it."""
    match error:
        case Broken():
            return str(error)
        case aiohttp.ClientConnectorDNSError():
            return f"the name {error.host} does not resolve; is the base URL right?"
        case aiohttp.ClientConnectorCertificateError():
            return f"the certificate of {error.host} is not valid for it"
        case aiohttp.ClientConnectorSSLError():
            return f"{error.host}:{error.port} does not speak TLS; is it http, not https?"
        case aiohttp.ClientConnectorError():
            reason = _reason(error.os_error)
            return f"cannot connect to {error.host}:{error.port}: {reason}"
        case aiohttp.ConnectionTimeoutError():
            return "no connection in time"
        case TimeoutError():
            return "no whole reply in time"
        case aiohttp.ServerDisconnectedError() | ConnectionResetError():
            return "the connection closed before the reply"
        case aiohttp.ClientPayloadError():
            return "the reply was cut short"
        case aiohttp.ClientResponseError():
            return "the reply is not HTTP; is it https, not http?"
        case OSError():
            return error.strerror or type(error).__name__
        case _:
            return f"{type(error).__name__} while sending"
