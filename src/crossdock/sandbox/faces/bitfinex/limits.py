"""Calls of one endpoint within a minute; who makes too many is shut out for one.

https://docs.bitfinex.com/docs/requirements-and-limitations, read 2026-11-21.
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
        self._blocked_until_ns = 0

    def check_ban(self, now_ns: int) -> None:
        if now_ns < self._blocked_until_ns:
            raise self.refuse(now_ns, self._blocked_until_ns, hinted=False)

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        """Count a call. Raises Refusal, and shuts out for a minute."""
        while self._calls and now_ns - self._calls[0] >= _MINUTE_NS:
            self._calls.popleft()
        if len(self._calls) >= self._most:
            self._blocked_until_ns = now_ns + _MINUTE_NS
            raise self.refuse(now_ns, self._blocked_until_ns, hinted=False)
        self._calls.append(now_ns)

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        """Return what is said; no hint goes with it."""
        return Refusal("rate_limited", "ERR_RATE_LIMIT")
