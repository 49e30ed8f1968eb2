"""How many orders, how fast, and whether one of them came twice."""

from __future__ import annotations

from crossdock.core.risk.case import Case, Finding
from crossdock.core.risk.recent import MINUTE_NS

SECOND_NS = 1_000_000_000


def order_rate(case: Case) -> Finding | None:
    limits, recent = case.limits, case.recent
    account = case.request.account
    most = limits.orders_per_s
    if most is not None and recent.reaches(account, most, SECOND_NS, case.monotonic_ns):
        return Finding("order_rate", f"{account} had its {most} orders of this second")
    most = limits.orders_per_minute
    if most is not None and recent.reaches(account, most, MINUTE_NS, case.monotonic_ns):
        return Finding("order_rate", f"{account} had its {most} orders of this minute")
    return None


def duplicate(case: Case) -> Finding | None:
    window_ns = case.limits.duplicate_window_ns
    if not window_ns or case.working is not None:
        return None
    age_ns = case.recent.twin_age_ns(case.request, window_ns, case.monotonic_ns)
    if age_ns is None:
        return None
    return Finding(
        "duplicate",
        f"{case.request.strategy} sent the same order {age_ns // 1_000_000} ms ago; the same "
        f"again is refused for {case.limits.duplicate_window_s} s",
    )


def open_orders(case: Case) -> Finding | None:
    if case.working is not None:
        return None
    limit = case.limits.max_open_orders
    if limit is not None and case.account.open_orders >= limit:
        return Finding(
            "open_orders",
            f"{case.request.account} has {case.account.open_orders} open orders, the limit is "
            f"{limit}",
        )
    limit = case.limits.max_open_orders_total
    if limit is not None:
        count = case.view.open_orders()
        if count >= limit:
            return Finding(
                "open_orders", f"the desk has {count} open orders, the limit is {limit}"
            )
    return None
