"""What a refusal of the venue proves: docs/reference/sandbox-protocol.md#errors."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from crossdock.adapters.venues.sandbox.wire import ErrorBody, Reply
from crossdock.errors import (
    AdapterError,
    AuthFailed,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from crossdock.toolkit import HttpReply

_KEYS = frozenset(
    {"bad_signature", "bad_key", "key_revoked", "session_expired", "not_authenticated"}
)
_TOO_MANY = {"rate_limited": 1.0, "banned": 10.0}  # seconds, where the venue gives none
_DUPLICATE = "duplicate_client_order_id"

_decode = msgspec.json.Decoder(ErrorBody).decode


class Refusals:
    """Turns the venue's codes into our errors; `proven` are those the manifest lists."""

    def __init__(self, proven: Collection[str]) -> None:
        self._proven = frozenset(proven)

    def of_frame(self, reply: Reply) -> AdapterError | None:
        """Read a reply frame that is not ok; None when it proves nothing."""
        wait_s = None if reply.retry_after is None else float(reply.retry_after)
        return self.of_code(reply.code, reply.message, wait_s)

    def of_reply(self, reply: HttpReply) -> AdapterError | None:
        """Read an HTTP reply of status 400 or more; None when it proves nothing."""
        if reply.status >= 500:
            return None
        try:
            body = _decode(reply.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        if body.code in _TOO_MANY:
            return None  # its status says it, and its headers for how long
        return self.of_code(body.code, body.message)

    def of_code(
        self, code: str, message: str, retry_after_s: float | None = None
    ) -> AdapterError | None:
        """Return the error a code stands for; None for codes that prove nothing."""
        if code in self._proven:
            return Rejected(f"{code}: {message}", venue_code=code)
        if code in _KEYS:
            return AuthFailed(f"{code}: {message}", hint="check key and key_secret")
        if code in _TOO_MANY:
            wait_s = _TOO_MANY[code] if retry_after_s is None else retry_after_s
            return RateLimited(f"{code}: {message}", retry_after_s=wait_s)
        if code == _DUPLICATE:
            return OutcomeUnknown(
                f"{code}: {message}",
                hint="the venue holds an order with this id: look it up",
            )
        return None
