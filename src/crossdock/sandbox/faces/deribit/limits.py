"""Credits that refill, one pool for what the matching engine does and one for the rest.

https://docs.deribit.com/articles/rate-limits, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.host import SECOND_NS

USUAL: Mapping[str, int] = {
    "calls_most": 100,
    "calls_per_s": 20,
    "orders_most": 20,
    "orders_per_s": 5,
}


class Pool:
    """Calls that may be made now; it refills evenly."""

    def __init__(self, most: int, per_s: int) -> None:
        self._most_ns = most * SECOND_NS // per_s
        self._call_ns = SECOND_NS // per_s
        self._empty_ns = 0  # when it was, or will be, empty if nobody calls

    def check_ban(self, now_ns: int) -> None:
        """Nobody is banned."""

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        begun_ns = max(self._empty_ns, now_ns - self._most_ns)
        after_ns = begun_ns + weight * self._call_ns
        if after_ns > now_ns:
            raise self.refuse(now_ns, after_ns, hinted=True)
        self._empty_ns = after_ns

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        return Refusal("rate_limited", "too many requests")


class Pools:
    """Two for each account, and one for everybody who does not say who calls."""

    def __init__(self, limits: Mapping[str, int]) -> None:
        self._limits = limits
        self._known: dict[tuple[str, str], Pool] = {}

    def of(self, account: str, operation: Operation) -> Pool:
        kind = "calls" if operation is Operation.READ else "orders"
        pool = self._known.get((account, kind))
        if pool is None:
            pool = Pool(self._limits[f"{kind}_most"], self._limits[f"{kind}_per_s"])
            self._known[account, kind] = pool
        return pool
