"""Request weight by address and orders by account, as Binance counts them.

https://github.com/binance/binance-spot-api-docs/blob/a5e0bc3/rest-api.md#limits, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.sandbox.faces.binance.refusals import Said
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
LONGEST_BAN_S = 3 * 24 * 3600

USUAL_LIMITS: Mapping[str, int] = {
    "request_weight_1m": 6000,
    "orders_10s": 100,
    "orders_1d": 200_000,
    "refused_before_ban": 10,
    "ban_s": 120,
    "stream_messages_1s": 5,
}


class _Count:
    """Counts within windows that begin at multiples of their width."""

    def __init__(self, width_ns: int) -> None:
        self._width_ns = width_ns
        self._window = 0
        self._count = 0

    def used(self, now_ns: int) -> int:
        window = now_ns // self._width_ns
        if window != self._window:
            self._window, self._count = window, 0
        return self._count

    def add(self, amount: int, now_ns: int) -> None:
        self._count = self.used(now_ns) + amount

    def until_ns(self, now_ns: int) -> int:
        return (now_ns // self._width_ns + 1) * self._width_ns


class WeightLimiter:
    """The request weight of the one address everybody calls from.

    Above the limit each call is refused with 429 until the minute is over; who calls on is
    banned with 418, twice as long each time.
    """

    def __init__(self, limits: Mapping[str, int]) -> None:
        self._limits = limits
        self._weight = _Count(MINUTE_NS)
        self._refused = 0
        self._counting_until_ns = 0
        self._banned_until_ns = 0
        self._ban_s = limits["ban_s"]

    def check_ban(self, now_ns: int) -> None:
        if now_ns < self._banned_until_ns:
            raise self._banned(now_ns)

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        most = self._limits["request_weight_1m"]
        self._weight.add(weight, now_ns)
        if self._weight.used(now_ns) > most:
            raise self.refuse(now_ns, self._weight.until_ns(now_ns), hinted=True)

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        if now_ns >= self._counting_until_ns:
            self._refused = 0
        self._counting_until_ns = max(self._counting_until_ns, until_ns)
        self._refused += 1
        if self._refused > self._limits["refused_before_ban"]:
            self._refused = 0
            self._banned_until_ns = now_ns + self._ban_s * SECOND_NS
            self._ban_s = min(2 * self._ban_s, LONGEST_BAN_S)
            return self._banned(now_ns)
        return Refusal(
            "rate_limited",
            "Too much request weight used; current limit is "
            f"{self._limits['request_weight_1m']} request weight per 1 MINUTE. Please use "
            "WebSocket Streams for live updates to avoid polling the API.",
            retry_after_s=(until_ns - now_ns) / SECOND_NS if hinted else None,
        )

    def used(self, now_ns: int) -> int:
        return self._weight.used(now_ns)

    def _banned(self, now_ns: int) -> Refusal:
        until_ms = self._banned_until_ns // 1_000_000
        return Refusal(
            "banned",
            f"Way too much request weight used; IP banned until {until_ms}. Please use "
            "WebSocket Streams for live updates to avoid bans.",
            retry_after_s=(self._banned_until_ns - now_ns) / SECOND_NS,
        )


class OrderCounts:
    """How many orders one account placed."""

    def __init__(self, limits: Mapping[str, int]) -> None:
        self._limits = limits
        self._in_10s = _Count(10 * SECOND_NS)
        self._in_day = _Count(24 * 3600 * SECOND_NS)

    def admit(self, orders: int, now_ns: int) -> None:
        """Count orders about to be placed. Raises Refusal above a limit."""
        for name, count, per in (
            ("orders_10s", self._in_10s, "10 SECOND"),
            ("orders_1d", self._in_day, "1 DAY"),
        ):
            most = self._limits[name]
            if count.used(now_ns) + orders > most:
                refusal = Said(
                    -1015,
                    f"Too many new orders; current limit is {most} orders per {per}.",
                    status=429,
                )
                refusal.retry_after_s = (count.until_ns(now_ns) - now_ns) / SECOND_NS
                raise refusal
        self._in_10s.add(orders, now_ns)
        self._in_day.add(orders, now_ns)

    def used(self, now_ns: int) -> tuple[int, int]:
        """Return how many in these ten seconds, and today."""
        return self._in_10s.used(now_ns), self._in_day.used(now_ns)


def rate_limits(
    limits: Mapping[str, int], *, weight: int | None = None, orders: tuple[int, int] | None
) -> list[dict[str, Any]]:
    """Return limits as the protocol lists them, with counts where they are given."""
    rows: list[dict[str, Any]] = []
    if orders is not None or weight is None:
        counts = (None, None) if orders is None else orders
        rows.append(_row("ORDERS", "SECOND", 10, limits["orders_10s"], counts[0]))
        rows.append(_row("ORDERS", "DAY", 1, limits["orders_1d"], counts[1]))
    most = limits["request_weight_1m"]
    rows.append(_row("REQUEST_WEIGHT", "MINUTE", 1, most, weight))
    return rows


def _row(
    kind: str, interval: str, number: int, limit: int, count: int | None
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "rateLimitType": kind,
        "interval": interval,
        "intervalNum": number,
        "limit": limit,
    }
    return row if count is None else row | {"count": count}
