"""Posts each message once; the receiver knows one that comes again by its id."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec

from crossdock.adapters.alerts.webhook.signing import Signer
from crossdock.errors import AdapterError, ConfigError, Rejected
from crossdock.ports import Alert
from crossdock.toolkit import (
    AdapterContext,
    HttpClient,
    HttpReply,
    HttpRequest,
    Secret,
)

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_FINAL = frozenset({400, 404, 410, 413, 422})
_WRONG = "url_secret is no address"

_encode = msgspec.json.Encoder(order="deterministic").encode


class WebhookNotifier:
    """One receiver."""

    def __init__(self, context: AdapterContext) -> None:
        address = _Address(
            context.secret("url_secret").reveal(),
            plain_http=context.setting("plain_http") == "true",
        )
        for part in (address.path, address.query):
            context.masker.add(Secret(part))  # either may be what lets one in
        self._address = address
        self._clock = context.clock
        self._signer = Signer(context.secret("signing_secret"))
        authorization = context.secret("authorization_secret")
        self._authorization = authorization or None
        self._http = HttpClient(
            context.http,
            address.origin,
            clock=context.clock,
            masker=context.masker,
            sign=self._sign,
            refusal=_refusal,
            limiter=context.limiter(address.origin),
            headers={"Content-Type": "application/json", "User-Agent": "crossdock"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing of its own is open: connections are the desk's pool's."""

    async def notify(self, alert: Alert, *, again: bool, deadline_ns: int) -> None:
        """Send the same bytes under the same id every time; only the signature is new."""
        await self._http.write(
            "POST",
            self._address.path,
            into=HttpReply,
            deadline_ns=deadline_ns,
            query=self._address.query,
            body=body_of(alert),
            scope="messages",
        )

    def _sign(self, request: HttpRequest) -> HttpRequest:
        time_s = self._clock.time_ns() // 1_000_000_000
        message_id = _id_of(request.body)
        headers = self._signer.headers(message_id, time_s, request.body)
        if self._authorization is not None:
            headers["Authorization"] = self._authorization.reveal()
        return replace(request, headers={**request.headers, **headers})


class _Named(msgspec.Struct):
    id: str


class _Message(msgspec.Struct):
    data: _Named


def _id_of(body: bytes) -> str:
    return msgspec.json.decode(body, type=_Message).data.id


def body_of(alert: Alert) -> bytes:
    """Return the message: `type`, `timestamp` and `data`, which is the alert itself."""
    made = datetime.fromtimestamp(alert.at // 1_000_000_000, UTC)
    told: dict[str, Any] = {
        "type": f"crossdock.{alert.kind}",
        "timestamp": made.isoformat().replace("+00:00", "Z"),
        "data": alert,
    }
    return _encode(told)


def _refusal(reply: HttpReply) -> AdapterError | None:
    """Take for final only what stays so: all else is sent again."""
    if reply.status not in _FINAL:
        return None
    return Rejected(f"the receiver answered {reply.status}", venue_code=str(reply.status))


class _Address:
    """An address in its parts. Errors do not quote it."""

    def __init__(self, text: str, *, plain_http: bool) -> None:
        try:
            parts = urlsplit(text.strip())
            host, port = parts.hostname, parts.port
        except ValueError:
            raise ConfigError(_WRONG, hint="https://host/path") from None
        if parts.scheme not in ("http", "https") or not host or parts.username:
            raise ConfigError(
                _WRONG, hint="https://host/path, without user and password in it"
            )
        if parts.scheme == "http" and host not in _LOOPBACK and not plain_http:
            raise ConfigError(
                f"messages to {host} would go without TLS",
                hint="use https, or plain_http = true within a network of your own",
            )
        name = f"[{host}]" if ":" in host else host
        self.origin = f"{parts.scheme}://{name}" + (f":{port}" if port else "")
        self.path = parts.path or "/"
        self.query = parts.query
