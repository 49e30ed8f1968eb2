"""Calls within a minute: of a key, and of everybody without one.

https://docs.gemini.com/rest-api/#rate-limits, read 2026-11-21.
"""

from __future__ import annotations

from collections import deque

from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

_MINUTE_NS = 60_000_000_000


class Minute:
    def __init__(self, most: int) -> None:
        self._most = most
        self._calls: deque[int] = deque()

    def check_ban(self, now_ns: int) -> None:
        """Nobody is banned here."""

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        """Count a call. Raises Refusal."""
        while self._calls and now_ns - self._calls[0] >= _MINUTE_NS:
            self._calls.popleft()
        if len(self._calls) >= self._most:
            raise self.refuse(now_ns, now_ns, hinted=False)
        self._calls.append(now_ns)

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        """Return what is said; no hint goes with it."""
        return Refusal("rate_limited", "Requests were made too frequently.")
