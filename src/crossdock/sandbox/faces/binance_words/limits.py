"""Request weight by address and orders by account, as Binance counts them.

https://github.com/binance/binance-spot-api-docs/blob/a5e0bc3/rest-api.md#limits, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.sandbox.faces.binance_words.refusals import Said
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
_LONGEST_BAN_S = 3 * 24 * 3600


@dataclass(frozen=True, slots=True)
class OrderWindow:
    """How many orders an account may place within a time.

    `limit` is its name among a face's limits; `interval` and `number` are the
    documentation's words for the time, `header` where the count is shown.
    """

    limit: str
    interval: str
    number: int
    width_ns: int
    header: str


TEN_SECONDS = OrderWindow(
    "orders_10s", "SECOND", 10, 10 * SECOND_NS, "X-MBX-ORDER-COUNT-10S"
)
A_MINUTE = OrderWindow("orders_1m", "MINUTE", 1, MINUTE_NS, "X-MBX-ORDER-COUNT-1M")
A_DAY = OrderWindow("orders_1d", "DAY", 1, 24 * 3600 * SECOND_NS, "X-MBX-ORDER-COUNT-1D")


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

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool, most: int = 0) -> Refusal:
        """Say that there was one call too many of `most`, or of the address's own limit."""
        if now_ns >= self._counting_until_ns:
            self._refused = 0
        self._counting_until_ns = max(self._counting_until_ns, until_ns)
        self._refused += 1
        if self._refused > self._limits["refused_before_ban"]:
            self._refused = 0
            self._banned_until_ns = now_ns + self._ban_s * SECOND_NS
            self._ban_s = min(2 * self._ban_s, _LONGEST_BAN_S)
            return self._banned(now_ns)
        return Refusal(
            "rate_limited",
            "Too much request weight used; current limit is "
            f"{most or self._limits['request_weight_1m']} request weight per 1 MINUTE. Please use "
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


class ApartLimiter:
    """A weight that is counted apart from the address's, and refused and banned with it.

    https://dev.binance.vision/t/request-limit-on-the-api-endpoints/9275, read 2026-11-22:
    each call around trading has 12 000 a minute of its own by address, or 180 000 by user.
    """

    def __init__(self, weights: WeightLimiter, most: int) -> None:
        self._weights = weights
        self._most = most
        self._count = _Count(MINUTE_NS)

    def check_ban(self, now_ns: int) -> None:
        self._weights.check_ban(now_ns)

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        self._count.add(weight, now_ns)
        if self._count.used(now_ns) > self._most:
            raise self.refuse(now_ns, self._count.until_ns(now_ns), hinted=True)

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        return self._weights.refuse(now_ns, until_ns, hinted=hinted, most=self._most)

    def used(self, now_ns: int) -> int:
        return self._count.used(now_ns)


class OrderCounts:
    """How many orders one account placed."""

    def __init__(self, limits: Mapping[str, int], windows: Sequence[OrderWindow]) -> None:
        self._limits = limits
        self._counts = [(it, _Count(it.width_ns)) for it in windows]

    def admit(self, orders: int, now_ns: int) -> None:
        """Count orders about to be placed. Raises Refusal above a limit."""
        for window, count in self._counts:
            most = self._limits[window.limit]
            if count.used(now_ns) + orders > most:
                per = f"{window.number} {window.interval}"
                refusal = Said(
                    -1015,
                    f"Too many new orders; current limit is {most} orders per {per}.",
                    status=429,
                )
                refusal.retry_after_s = (count.until_ns(now_ns) - now_ns) / SECOND_NS
                raise refusal
        for _, count in self._counts:
            count.add(orders, now_ns)

    def used(self, now_ns: int) -> list[tuple[OrderWindow, int]]:
        """Return how many in each window that lasts."""
        return [(window, count.used(now_ns)) for window, count in self._counts]


def order_rates(
    limits: Mapping[str, int], windows: Sequence[OrderWindow]
) -> list[dict[str, Any]]:
    """Return the limits on orders as the protocol lists them."""
    return [_row("ORDERS", it, limits[it.limit], None) for it in windows]


def order_counts(
    limits: Mapping[str, int], used: Sequence[tuple[OrderWindow, int]]
) -> list[dict[str, Any]]:
    """Return the limits on orders with what is used of them."""
    return [_row("ORDERS", it, limits[it.limit], count) for it, count in used]


def weight_rate(limits: Mapping[str, int], weight: int | None = None) -> dict[str, Any]:
    return _row("REQUEST_WEIGHT", A_MINUTE, limits["request_weight_1m"], weight)


def _row(kind: str, window: OrderWindow, limit: int, count: int | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "rateLimitType": kind,
        "interval": window.interval,
        "intervalNum": window.number,
        "limit": limit,
    }
    return row if count is None else row | {"count": count}
