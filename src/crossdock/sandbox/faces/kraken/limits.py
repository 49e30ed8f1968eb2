"""Counters that grow with calls and decay with time.

https://docs.kraken.com/exchange/guides/rest/ratelimits and
https://docs.kraken.com/exchange/guides/general/ratelimits, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from crossdock.sandbox.faces.kraken.refusals import Said
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

USUAL: Mapping[str, int] = {
    "calls_most": 20,
    "calls_decay_per_minute": 60,
    "orders_most": 180,
    "orders_decay_per_minute": 225,
    "open_orders_per_pair": 225,
    "public_most": 15,
    "public_decay_per_minute": 60,
}
"""Of the tier Pro. What public calls may burst to is not written down anywhere."""

_SECOND_NS = 1_000_000_000
_MINUTE_NS = 60 * _SECOND_NS
_CALLS = "EAPI:Rate limit exceeded"
_ORDERS = "EOrder:Rate limit exceeded"
_PUBLIC = "EGeneral:Too many requests"


class Transaction(Enum):
    """What a write adds to its pair's counter: always, and by the order's age in seconds."""

    ADD = "add"
    AMEND = "amend"
    EDIT = "edit"
    CANCEL = "cancel"

    def worth(self, age_ns: int) -> int:
        """Return the points for a write on an order of an age."""
        fixed, decaying = _POINTS[self]
        for below_s, points in decaying:
            if age_ns < below_s * _SECOND_NS:
                return fixed + points
        return fixed


_POINTS = {
    Transaction.ADD: (1, ()),
    Transaction.AMEND: (1, ((5, 3), (10, 2), (15, 1))),
    Transaction.EDIT: (1, ((5, 6), (10, 5), (15, 4), (45, 2), (90, 1))),
    Transaction.CANCEL: (0, ((5, 8), (10, 6), (15, 5), (45, 4), (90, 2), (300, 1))),
}


class Counter:
    """A number that never falls below zero, and falls by itself."""

    def __init__(self, most: int, decay_per_minute: int) -> None:
        self.most = most
        self._decay_per_minute = decay_per_minute
        self._value = 0.0
        self._at_ns = 0

    def value(self, now_ns: int) -> float:
        fallen = max(0, now_ns - self._at_ns) / _MINUTE_NS * self._decay_per_minute
        self._value = max(0.0, self._value - fallen)
        self._at_ns = now_ns
        return self._value

    def add(self, points: int, now_ns: int) -> None:
        self._value = self.value(now_ns) + points


class CallLimiter:
    """The counter of one key's REST calls, or of public ones. Trading has others."""

    def __init__(self, counter: Counter, *, is_public: bool = False) -> None:
        self._counter = counter
        self._words = _PUBLIC if is_public else _CALLS

    def check_ban(self, now_ns: int) -> None:
        """Nobody is banned: a counter that is full goes on refusing."""

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        """Count a call, unless that would be too many. Raises Refusal."""
        if not weight:
            return
        if self._counter.value(now_ns) + weight > self._counter.most:
            raise Said(self._words)
        self._counter.add(weight, now_ns)

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        """Return what a fault's spell says; Kraken gives no hint when to come back."""
        return Said(self._words)


class OrderLimiter(CallLimiter):
    """What a spell of refused writes says."""

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        return Said(_ORDERS)


class PairCounters:
    """The counters of every account's transactions, one for each pair."""

    def __init__(self, limits: Mapping[str, int]) -> None:
        self._limits = limits
        self._counters: dict[tuple[str, str], Counter] = {}

    def check(self, account: str, symbol: str, now_ns: int) -> None:
        """Refuse a write while the pair's counter is full. Cancels are never refused."""
        counter = self._counter(account, symbol)
        if counter.value(now_ns) >= counter.most:
            raise Said(_ORDERS)

    def add(self, account: str, symbol: str, points: int, now_ns: int) -> None:
        self._counter(account, symbol).add(points, now_ns)

    def _counter(self, account: str, symbol: str) -> Counter:
        counter = self._counters.get((account, symbol))
        if counter is None:
            counter = self._counters[account, symbol] = Counter(
                self._limits["orders_most"], self._limits["orders_decay_per_minute"]
            )
        return counter
