"""Requests in a second, with bursts: by account, and by address for public ones.

https://docs.cdp.coinbase.com/exchange/rest-api/rate-limits, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.host import SECOND_NS

USUAL: Mapping[str, int] = {
    "private_per_s": 15,
    "private_burst": 30,
    "public_per_s": 10,
    "public_burst": 15,
}


class Bucket:
    """Tokens that come back evenly; `words` is what is said when there are none."""

    def __init__(self, per_s: int, burst: int, words: str) -> None:
        self._per_s = per_s
        self._burst = burst
        self._words = words
        self._left = float(burst)
        self._since_ns = 0

    def check_ban(self, now_ns: int) -> None:
        """Nobody is banned."""

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        """Take a token. Raises Refusal when there is none."""
        back = (now_ns - self._since_ns) / SECOND_NS * self._per_s
        self._left, self._since_ns = min(self._burst, self._left + back), now_ns
        if self._left < weight:
            raise self._refusal()
        self._left -= weight

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        """Return what a fault's spell says: this protocol gives no hint."""
        return self._refusal()

    def _refusal(self) -> Refusal:
        return Refusal("rate_limited", self._words)
