"""Pushing over HTTP with nothing but the standard library."""

from __future__ import annotations

import http.client
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from crossdock.errors import (
    AuthFailed,
    ConfigError,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)

TRIES = 4
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0
_AGAIN = frozenset({425, 429, 502, 503, 504})
_NOT_KEPT = frozenset({401, 403})
# Refused while the first sending is still under way: the same key asks again.
_UNFINISHED = "idempotency-unfinished"


class HttpWay:
    """One kept connection. A write is repeated only under the key it was first sent by.

    The dashboard does what comes twice under one key once, so a repetition is safe.
    """

    def __init__(
        self,
        url: str,
        key: str,
        platform: str,
        *,
        timeout_s: float = 10.0,
        sleep: Callable[[float], None] = time.sleep,
        new_key: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        where = urlsplit(url)
        if where.scheme not in ("http", "https") or not where.hostname:
            raise ConfigError(
                f"{url!r} is no address of a dashboard",
                code="config-value",
                hint="like http://127.0.0.1:5000",
            )
        secure = where.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connection = kind(where.hostname, where.port, timeout=timeout_s)
        self._path = f"{where.path.rstrip('/')}/api/v1/platforms/{quote(platform, safe='')}"
        self._address = f"{where.scheme}://{where.netloc.rpartition('@')[2]}"
        self._platform = platform
        self._key = key
        self._sleep = sleep
        self._new_key = new_key

    def __repr__(self) -> str:
        return f"{self._platform} at {self._address}"

    def close(self) -> None:
        self._connection.close()

    def push(self, subject: str, said: Mapping[str, Any]) -> None:
        try:
            body = json.dumps(said, allow_nan=False).encode()
        except (TypeError, ValueError) as error:
            raise Rejected(
                f"{subject} cannot be written as JSON: {error}",
                hint="numbers are finite, the rest is text",
            ) from None
        headers = {
            "Authorization": f"Bearer {self._key}",
            "Content-Type": "application/json",
            "Idempotency-Key": self._new_key(),
        }
        pause_s, may_have_arrived = FIRST_PAUSE_S, False
        for left in reversed(range(TRIES)):
            status, wait_s, failure = 0, 0.0, ""
            told: dict[str, Any] = {}
            try:
                status, told, wait_s = self._send(f"{self._path}/{subject}", body, headers)
            except ConnectionRefusedError:
                failure = "nothing listens there"
            except (OSError, http.client.HTTPException) as error:
                # The request may have got through before its answer was lost.
                failure = str(error) or type(error).__name__
                may_have_arrived = True
            if 200 <= status < 300:
                return
            is_passing = not status or status in _AGAIN or told.get("code") == _UNFINISHED
            if not left or not is_passing:
                raise self._error(status, told, wait_s, failure, may_have_arrived)
            self._sleep(min(max(pause_s, wait_s), LONGEST_PAUSE_S))
            pause_s *= 2

    def _send(
        self, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any], float]:
        try:
            self._connection.request("POST", path, body, dict(headers))
            answer = self._connection.getresponse()
            text = answer.read()
        except BaseException:
            self._connection.close()  # it opens again by itself
            raise
        try:
            told = json.loads(text)
        except ValueError:
            told = {}
        wait = answer.headers.get("Retry-After", "")
        return (
            answer.status,
            told if isinstance(told, dict) else {},
            float(wait) if wait.isdecimal() else 0.0,
        )

    def _error(
        self,
        status: int,
        told: Mapping[str, Any],
        wait_s: float,
        failure: str,
        may_have_arrived: bool,
    ) -> Exception:
        words = str(told.get("detail") or f"the dashboard answered {status}")
        hint = str(told.get("hint") or "")
        if not status:
            if may_have_arrived:
                return OutcomeUnknown(
                    f"{self._address} did not answer: {failure}",
                    hint="it may have been taken in; the same values may be pushed again",
                )
            return NotSent(
                f"{self._address} cannot be reached: {failure}",
                hint="is the dashboard running?",
            )
        if status in _NOT_KEPT:
            return AuthFailed(words, hint=hint or "use an API key with the scope push")
        if status == 429:
            return RateLimited(words, retry_after_s=wait_s or FIRST_PAUSE_S, hint=hint)
        return Rejected(words, venue_code=str(told.get("code") or status), hint=hint)
