"""Calls of one kind within two seconds.

https://huobiapi.github.io/docs/spot/v1/en/#rate-limiting-rule, read 2026-11-21.
"""

from __future__ import annotations

from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

_PERIOD_NS = 2_000_000_000
_SECOND_NS = 1_000_000_000
_MS_NS = 1_000_000


class CallLimiter:
    """How often one key may call, or everybody where none is needed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0
        self._begun_ns = -_PERIOD_NS

    def check_ban(self, now_ns: int) -> None:
        """Nobody is banned."""

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        if now_ns - self._begun_ns >= _PERIOD_NS:
            self._begun_ns, self._count = now_ns, 0
        if self._count + weight > self._most:
            raise self.refuse(now_ns, self._begun_ns + _PERIOD_NS, hinted=True)
        self._count += weight

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        wait_s = max(0, until_ns - now_ns) / _SECOND_NS if hinted else None
        return Refusal("rate_limited", "too many requests", retry_after_s=wait_s)

    def headers(self, now_ns: int) -> dict[str, str]:
        expires_ms = (self._begun_ns + _PERIOD_NS) // _MS_NS
        return {
            "X-HB-RateLimit-Requests-Remain": str(max(0, self._most - self._count)),
            "X-HB-RateLimit-Requests-Expire": str(max(expires_ms, now_ns // _MS_NS)),
        }
