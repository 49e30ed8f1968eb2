"""How many calls may be made in a while.

https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/rest-api#rate-limiting and
https://docs.cdp.coinbase.com/coinbase-app/api-architecture/rate-limiting, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

_SECOND_NS = 1_000_000_000
HOUR_NS = 3600 * _SECOND_NS

USUAL: Mapping[str, int] = {
    "private_per_s": 30,
    "public_per_s": 10,
    "app_per_hour": 10_000,
    "unsigned_messages_per_s": 8,
}


class Allowance:
    """A number of calls in each span of time."""

    def __init__(self, most: int, span_ns: int = _SECOND_NS) -> None:
        self.most = most
        self._span_ns = span_ns
        self._since_ns = 0
        self._taken = 0
        self._refused_until_ns = 0

    def check_ban(self, now_ns: int) -> None:
        """Nobody is banned."""

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        """Count a call. Raises Refusal above the allowance."""
        self._begin(now_ns)
        if self._taken + weight > self.most:
            raise Refusal("rate_limited", "too many requests")
        self._taken += weight

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        """Return what a fault's spell says; a hint shows in the headers."""
        if hinted:
            self._refused_until_ns = until_ns
        return Refusal("rate_limited", "too many requests")

    def headers(self, now_ns: int) -> dict[str, str]:
        """Return what is left, and the seconds until all of it is there again."""
        self._begin(now_ns)
        refused_ns = self._refused_until_ns - now_ns
        left = 0 if refused_ns > 0 else self.most - self._taken
        reset_ns = max(self._since_ns + self._span_ns - now_ns, refused_ns)
        return {
            "x-ratelimit-limit": str(self.most),
            "x-ratelimit-remaining": str(left),
            "x-ratelimit-reset": str(-(-reset_ns // _SECOND_NS)),
        }

    def _begin(self, now_ns: int) -> None:
        if now_ns - self._since_ns >= self._span_ns:
            self._since_ns, self._taken = now_ns, 0
