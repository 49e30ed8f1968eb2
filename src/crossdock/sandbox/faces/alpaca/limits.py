"""How many calls an account may make: so many a minute, told in every reply.

https://docs.alpaca.markets/docs/getting-started-with-trading-api and
https://alpaca.markets/support/usage-limit-api-calls, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

USUAL: Mapping[str, int] = {
    "trading_per_minute": 200,
    "data_per_minute": 200,
    "data_connections": 1,
    "data_symbols": 30,
}
_SECOND_NS = 1_000_000_000
_MINUTE_NS = 60 * _SECOND_NS


class MinuteLimiter:
    """Counts calls in windows of a minute that begin with the first call in them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most
        self._until_ns = 0

    def check_ban(self, now_ns: int) -> None:
        """Nobody is banned here."""

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        """Take a call. Raises Refusal when there are no more in this minute."""
        if now_ns >= self._until_ns:
            self._until_ns = now_ns + _MINUTE_NS
            self._left = self._most
        if self._left < weight:
            raise self.refuse(now_ns, self._until_ns, hinted=True)
        self._left -= weight

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        """Return what to say of one call too many."""
        wait_s = (until_ns - now_ns) / _SECOND_NS
        return Refusal(
            "rate_limited", "rate limit exceeded", retry_after_s=wait_s if hinted else None
        )

    def headers(self, venue_ahead_ns: int) -> dict[str, str]:
        """Return what is left, and when it is all there again, by the venue's own clock."""
        reset_s = -(-(self._until_ns + venue_ahead_ns) // _SECOND_NS)
        return _headers(self._most, self._left, reset_s)


def spent(most: int, reset_ns: int) -> dict[str, str]:
    """Return the headers of a call that was refused until a time."""
    return _headers(most, 0, -(-reset_ns // _SECOND_NS))


def _headers(most: int, left: int, reset_s: int) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(most),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": str(reset_s),
    }
