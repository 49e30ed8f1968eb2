"""One HTTP request, its reply, and what a reply means."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar, cast

import msgspec

from crossdock.errors import AdapterError, AuthFailed, BadPayload, RateLimited

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """What will go out, byte for byte: `query` is already encoded, without its `?`."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def target(self) -> str:
        """The path with its query, as signatures cover it."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def with_headers(self, **headers: str) -> HttpRequest:
        """Return a copy with more headers; `_` in a name stands for `-`."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **more})

    def with_query(self, query: str) -> HttpRequest:
        """Return a copy with an encoded query, for venues that sign into it."""
        return replace(self, query=query)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """A whole reply. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_html(self) -> bool:
        start = self.body[:64].lstrip().lower()
        return start.startswith((b"<!doctype html", b"<html")) or self.headers.get(
            "content-type", ""
        ).startswith("text/html")

    def retry_after_s(self, now_ns: int) -> float | None:
        """Read `Retry-After`, a number of seconds or a date; None when there is none."""
        text = self.headers.get("retry-after", "").strip()
        if not text:
            return None
        try:
            seconds = float(text)
        except ValueError:
            try:
                seconds = parsedate_to_datetime(text).timestamp() - now_ns / 1e9
            except ValueError:
                return None
        # A comparison that NaN fails, too.
        return max(seconds, 0.0) if seconds < 1e9 else None


Sign = Callable[[HttpRequest], HttpRequest]
"""Adds what authenticates a request. Called once, just before it goes out."""

Refusal = Callable[[HttpReply], AdapterError | None]
"""Reads a reply of status 400 or more.

Returns the error that reply proves (`Rejected` with the venue's code, …), or None when it
proves nothing: then 401 and 403 are AuthFailed, 429 and 418 RateLimited, and everything else
leaves a write in doubt.
"""


def proves_nothing(reply: HttpReply) -> AdapterError | None:  # noqa: ARG001
    """Return None: the `Refusal` of an adapter that lists no codes."""
    return None


def refusal_by_status(
    reply: HttpReply, where: str, now_ns: int, estimate_s: float
) -> AuthFailed | RateLimited | None:
    """Return what the status alone proves was refused before it was looked at."""
    if reply.status in (401, 403):
        return AuthFailed(
            f"{where} refused our keys with status {reply.status}",
            hint="check key, secret, its permissions and allowed addresses",
        )
    if reply.status in (418, 429):
        asked_s = reply.retry_after_s(now_ns)
        wait_s = estimate_s if asked_s is None else asked_s
        return RateLimited(
            f"{where} answered {reply.status}: too many calls", retry_after_s=wait_s
        )
    return None


@functools.lru_cache(maxsize=512)
def _decoder(into: Any) -> msgspec.json.Decoder[Any]:
    # Numbers a type leaves open become Decimals as well: money never passes a float.
    return msgspec.json.Decoder(into, float_hook=Decimal)


def decoded(reply: HttpReply, into: type[T], where: str) -> T:
    """Parse the body, or raise BadPayload with words that do not quote it."""
    if not 200 <= reply.status < 300:
        raise BadPayload(
            f"{where} answered {reply.status}",
            hint="a redirect: check the base URL's scheme and host"
            if 300 <= reply.status < 400
            else "",
        )
    if into is HttpReply:
        return reply  # type: ignore[return-value]
    try:
        value: T = _decoder(cast("Any", into)).decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        problem = _shape_problem(error)
    else:
        return value
    if reply.is_html:
        raise BadPayload(
            f"{where} answered an HTML page instead of JSON",
            hint="a proxy or login page answers, or the base URL is not the API's",
        )
    raise BadPayload(f"{where} answered {len(reply.body)} bytes that do not fit: {problem}")


def _shape_problem(error: Exception) -> str:
    if isinstance(error, msgspec.ValidationError):
        return str(error)  # names the field and the types
    return "not JSON" if isinstance(error, msgspec.DecodeError) else "not UTF-8"
