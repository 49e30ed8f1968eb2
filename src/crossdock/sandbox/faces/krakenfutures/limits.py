"""Costs of calls: so many in ten seconds for trading, in ten minutes for histories.

https://docs.kraken.com/api/docs/guides/futures-rate-limits, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.host import SECOND_NS

USUAL: Mapping[str, int] = {"derivatives_10s": 500, "history_10min": 100}
TEN_SECONDS_NS = 10 * SECOND_NS
TEN_MINUTES_NS = 600 * SECOND_NS


class Pool:
    """What an account may spend; it fills up again evenly."""

    def __init__(self, most: int, span_ns: int) -> None:
        self._most = most
        self._span_ns = span_ns
        self._left = float(most)
        self._since_ns = 0

    def check_ban(self, now_ns: int) -> None:
        """Nobody is banned."""

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        """Take a call's cost. Raises Refusal when there is not so much left."""
        filled = (now_ns - self._since_ns) / self._span_ns * self._most
        self._left, self._since_ns = min(self._most, self._left + filled), now_ns
        if self._left < weight:
            raise Refusal("rate_limited", "apiLimitExceeded")
        self._left -= weight

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        """Return what a fault's spell says: this protocol gives no hint."""
        return Refusal("rate_limited", "apiLimitExceeded")
