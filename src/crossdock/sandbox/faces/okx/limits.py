"""Calls in two seconds, counted by endpoint: by account where it is signed, else by address.

https://www.okx.com/docs-v5/en/#overview-rate-limits, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

USUAL: Mapping[str, int] = {
    "writes_2s": 60,
    "reads_2s": 60,
    "slow_reads_2s": 10,
    "public_2s": 20,
}
SLOW = ("/account/", "/trade/fills-history", "/asset/", "/users/")
"""Where account reads are scarce, by how a path goes on behind `/api/v5`."""

_WINDOW_NS = 2_000_000_000


class Limiter:
    """The calls of one account or address to one endpoint, in windows of two seconds."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._window = 0
        self._count = 0

    def check_ban(self, now_ns: int) -> None:
        """Nobody is banned."""

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        window = now_ns // _WINDOW_NS
        if window != self._window:
            self._window, self._count = window, 0
        if self._count + weight > self._most:
            raise self.refuse(now_ns, 0, hinted=False)
        self._count += weight

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        """Return the refusal; OKX gives no hint when to come back."""
        return Refusal("rate_limited", "too many calls")


class Limiters:
    """One for each whom and what."""

    def __init__(self, limits: Mapping[str, int]) -> None:
        self._limits = limits
        self._known: dict[Hashable, Limiter] = {}

    def of(self, path: str, operation: Operation, account: str | None) -> Limiter:
        limiter = self._known.get((path, account))
        if limiter is None:
            limiter = Limiter(self._limits[_name(path, operation, account)])
            self._known[path, account] = limiter
        return limiter


def _name(path: str, operation: Operation, account: str | None) -> str:
    if account is None:
        return "public_2s"
    if operation is not Operation.READ:
        return "writes_2s"
    is_slow = path.removeprefix("/api/v5").startswith(SLOW)
    return "slow_reads_2s" if is_slow else "reads_2s"
