"""Weights of calls of an address within a minute, and requests of an account by its volume.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/rate-limits, read
2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from crossdock.sandbox.faces.hyperliquid.refusals import Err
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.host import SECOND_NS

USUAL: Mapping[str, int] = {"weight_per_minute": 1200, "requests_at_first": 10_000}
_LIGHT = (
    "l2Book",
    "allMids",
    "clearinghouseState",
    "orderStatus",
    "spotClearinghouseState",
    "exchangeStatus",
)
_MINUTE_NS = 60 * SECOND_NS
_TRICKLE_NS = 10 * SECOND_NS
_CANCELS_MORE = 100_000


def info_weight(kind: str) -> int:
    """Return what a read takes."""
    return 2 if kind in _LIGHT else 20


def batch_weight(length: int) -> int:
    """Return what an action takes; `length` is how many orders it is about."""
    return 1 + length // 40


class Pool:
    """What an address may spend; it fills up again evenly."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = float(most)
        self._since_ns = 0

    def check_ban(self, now_ns: int) -> None:
        """Nobody is banned."""

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        """Take a call's weight. Raises Refusal when there is not so much left."""
        filled = (now_ns - self._since_ns) / _MINUTE_NS * self._most
        self._left, self._since_ns = min(self._most, self._left + filled), now_ns
        if self._left < weight:
            raise self.refuse(now_ns, now_ns, hinted=False)
        self._left -= weight

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        """Return what is said: no hint goes with it."""
        return Refusal("rate_limited", "Too Many Requests")


class Requests:
    """How many actions an account asked for: one for each dollar traded, and some at first."""

    def __init__(self, at_first: int) -> None:
        self._at_first = at_first
        self._sent = 0
        self._last_ns = 0

    def take(self, count: int, volume: Decimal, now_ns: int, *, cancels: bool) -> None:
        """Count an action; with none left one goes through every ten seconds."""
        most = self._at_first + int(volume)
        if cancels:
            most = min(most + _CANCELS_MORE, 2 * most)
        sent = self._sent + count
        if sent > most and now_ns - self._last_ns < _TRICKLE_NS:
            raise Err(
                f"Too many cumulative requests sent ({sent} > {most}) for cumulative "
                f"volume traded ${volume:.2f}. Place taker orders to free up 1 request per "
                "USDC traded."
            )
        self._sent, self._last_ns = sent, now_ns
