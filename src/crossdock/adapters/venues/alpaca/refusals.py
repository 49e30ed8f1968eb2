"""What a refusal of the vendor proves."""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec

from crossdock.adapters.venues.alpaca.wire import ErrorBody
from crossdock.errors import (
    AdapterError,
    AuthFailed,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unreachable,
)
from crossdock.toolkit import HttpReply

UNPROCESSABLE = "42210000"
NOT_FOUND = "40410000"

_SHORTEST_WAIT_S = 0.05
_LONGEST_WAIT_S = 60.0
_NO_ENTRY = (402, 409)  # wrong keys; a feed that the plan does not include
_TOO_MANY = (405, 406, 407)  # symbols, connections; too slow

_decode = msgspec.json.Decoder(ErrorBody).decode


class Refusals:
    """Turns the vendor's codes into our errors; `proven` are those the manifest lists."""

    def __init__(self, proven: Collection[str], now_ns: Callable[[], int]) -> None:
        self._proven = frozenset(proven)
        self._now_ns = now_ns

    def of_reply(self, reply: HttpReply) -> AdapterError | None:
        """Read a reply of status 400 or more; None when it proves nothing."""
        if reply.status == 429:
            return self._throttled(reply)
        if reply.status >= 500:
            return None
        try:
            body = _decode(reply.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        code, words = str(body.code), body.message
        if "client_order_id" in words and "unique" in words:
            return OutcomeUnknown(
                f"{code}: {words}",
                hint="the venue holds an order with this id: look it up",
            )
        if code in self._proven:
            return Rejected(f"{code}: {words}", venue_code=code)
        return None

    def _throttled(self, reply: HttpReply) -> RateLimited | None:
        """Wait until the window's end where the vendor says when, else as it asks."""
        reset = reply.headers.get("x-ratelimit-reset", "")
        if reply.headers.get("retry-after") or not reset.isdecimal():
            return None  # its status says it
        wait_s = int(reset) - self._now_ns() / 1e9
        return RateLimited(
            "too many calls",
            retry_after_s=min(max(wait_s, _SHORTEST_WAIT_S), _LONGEST_WAIT_S),
        )


def of_stream(code: int, words: str) -> AdapterError:
    """Return what an error message of a data stream means.

    https://docs.alpaca.markets/docs/streaming-market-data, read 2026-11-21.
    """
    text = f"{code}: {words}"
    if code in _NO_ENTRY:
        return AuthFailed(text, hint="check keys, feed and the plan of market data")
    if code in _TOO_MANY:
        return RateLimited(text, retry_after_s=5.0)
    return Unreachable(f"the data stream says {text}")
