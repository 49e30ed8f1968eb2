"""Pools of weight that are full again every thirty seconds.

https://www.kucoin.com/docs-new/rate-limit, read 2026-11-21.
"""

from __future__ import annotations

from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

_PERIOD_NS = 30_000_000_000
_SECOND_NS = 1_000_000_000
_MS_NS = 1_000_000


class Pool:
    """What one account, or everybody at one address, may spend. It begins with a call."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._spent = 0
        self._begun_ns: int | None = None

    def check_ban(self, now_ns: int) -> None:
        """Nobody is banned: an empty pool refuses until it is full again."""

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        """Spend a call's weight. Raises Refusal."""
        if self._begun_ns is None or now_ns - self._begun_ns >= _PERIOD_NS:
            self._begun_ns, self._spent = now_ns, 0
        if self._spent + weight > self._most:
            raise self.refuse(now_ns, self._begun_ns + _PERIOD_NS, hinted=True)
        self._spent += weight

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        wait_s = max(0, until_ns - now_ns) / _SECOND_NS if hinted else None
        return Refusal("rate_limited", "Too many requests", retry_after_s=wait_s)

    def headers(self, now_ns: int, refusal: Refusal | None) -> dict[str, str]:
        """Return what a reply tells of the pool; the reset is in milliseconds."""
        left_ns = _PERIOD_NS
        if self._begun_ns is not None:
            left_ns = max(0, self._begun_ns + _PERIOD_NS - now_ns)
        told = {
            "gw-ratelimit-limit": str(self._most),
            "gw-ratelimit-remaining": str(max(0, self._most - self._spent)),
            "gw-ratelimit-reset": str(left_ns // _MS_NS),
        }
        if refusal is None or refusal.code != "rate_limited":
            return told
        if refusal.retry_after_s is None:
            return {}
        reset = str(max(1, round(refusal.retry_after_s * 1000)))
        return told | {"gw-ratelimit-remaining": "0", "gw-ratelimit-reset": reset}
