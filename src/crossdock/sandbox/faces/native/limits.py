"""How many calls an account may make, and what becomes of one that makes more."""

from __future__ import annotations

from enum import StrEnum

from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

_SECOND_NS = 1_000_000_000
_SPELL_S = 1.0
_BAN_S = 10.0
_REFUSED_BEFORE_BAN = 20


class Scope(StrEnum):
    """Calls of one scope share a bucket."""

    ORDERS = "orders"
    READS = "reads"


def scope_of(operation: Operation) -> Scope:
    return Scope.READS if operation is Operation.READ else Scope.ORDERS


class _Bucket:
    def __init__(self, per_s: float) -> None:
        self.per_s = per_s
        self.tokens = per_s
        self._filled_ns = 0

    def fill(self, now_ns: int) -> None:
        gained = max(0, now_ns - self._filled_ns) / _SECOND_NS * self.per_s
        self.tokens = min(self.per_s, self.tokens + gained)
        self._filled_ns = now_ns


class Limiter:
    """Token buckets of one account, one for each scope.

    An empty bucket begins a spell of a second in which the scope is refused; a fault can
    begin one too. Twenty refused calls within a spell bring a ban of ten seconds.
    """

    def __init__(self, *, orders_per_s: float, reads_per_s: float) -> None:
        self._buckets = {
            Scope.ORDERS: _Bucket(orders_per_s),
            Scope.READS: _Bucket(reads_per_s),
        }
        self._spell_until_ns = {Scope.ORDERS: 0, Scope.READS: 0}
        self._counting_until_ns = 0
        self._refused = 0
        self._banned_until_ns = 0

    def check_ban(self, now_ns: int) -> None:
        """Raise Refusal while a ban lasts."""
        if now_ns < self._banned_until_ns:
            wait_s = (self._banned_until_ns - now_ns) / _SECOND_NS
            raise Refusal("banned", "banned for calling on", retry_after_s=wait_s)

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        """Take a call's worth. Raises Refusal when there is none, or under a ban."""
        self.check_ban(now_ns)
        scope = scope_of(operation)
        if now_ns < self._spell_until_ns[scope]:
            raise self.refuse(now_ns, self._spell_until_ns[scope], hinted=True)
        bucket = self._buckets[scope]
        bucket.fill(now_ns)
        if bucket.tokens < weight:
            until_ns = now_ns + int(_SPELL_S * _SECOND_NS)
            self._spell_until_ns[scope] = until_ns
            raise self.refuse(now_ns, until_ns, hinted=True)
        bucket.tokens -= weight

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        """Count one refused call of a spell that ends at `until_ns`; return what to say."""
        if now_ns >= self._counting_until_ns:
            self._refused = 0
        self._counting_until_ns = max(self._counting_until_ns, until_ns)
        self._refused += 1
        if self._refused >= _REFUSED_BEFORE_BAN:
            self._banned_until_ns = now_ns + int(_BAN_S * _SECOND_NS)
            self._refused = 0
        wait_s = (until_ns - now_ns) / _SECOND_NS
        return Refusal(
            "rate_limited", "too many calls", retry_after_s=wait_s if hinted else None
        )

    def headers(self, operation: Operation, now_ns: int) -> dict[str, str]:
        bucket = self._buckets[scope_of(operation)]
        bucket.fill(now_ns)
        until_full_s = (bucket.per_s - bucket.tokens) / bucket.per_s
        return {
            "X-Rate-Limit": f"{bucket.per_s:g}",
            "X-Rate-Remaining": str(int(bucket.tokens)),
            "X-Rate-Reset": f"{until_full_s:.3f}",
        }
