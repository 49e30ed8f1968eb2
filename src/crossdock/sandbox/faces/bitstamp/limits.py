"""Calls of one key in a second and in ten minutes, or of everybody without one.

https://www.bitstamp.net/api/#section/Request-limits, read 2026-11-21.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

USUAL: Mapping[str, int] = {"calls_1s": 400, "calls_600s": 10_000}
_SECOND_NS = 1_000_000_000


class Limiter:
    def __init__(self, limits: Mapping[str, int]) -> None:
        self._spans = (
            (_SECOND_NS, limits["calls_1s"]),
            (600 * _SECOND_NS, limits["calls_600s"]),
        )
        self._calls: deque[int] = deque()

    def check_ban(self, now_ns: int) -> None:
        """Nobody is banned here: what is too much is refused until it is not."""

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        """Count a call. Raises Refusal."""
        longest_ns = self._spans[-1][0]
        while self._calls and now_ns - self._calls[0] >= longest_ns:
            self._calls.popleft()
        for span_ns, most in self._spans:
            if len(self._calls) >= most and now_ns - self._calls[-most] < span_ns:
                raise self.refuse(now_ns, now_ns, hinted=False)
        self._calls.append(now_ns)

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        """Return what is said; Bitstamp gives no hint when to come back."""
        return Refusal("rate_limited", "too many requests")
