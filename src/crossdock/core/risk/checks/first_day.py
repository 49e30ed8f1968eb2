"""Small limits on the day an account first trades real money: mistakes show early.

They fall away with the UTC day. Only a setting raises them.
"""

from __future__ import annotations

from crossdock.core.amounts import telling
from crossdock.core.risk.case import Case, Finding
from crossdock.model import ZERO


def order_notional(case: Case) -> Finding | None:
    most = case.limits.first_day_order_max
    if most is None or case.account.first_day_notional is None:
        return None
    unit = case.unit
    if unit is None:
        return Finding("first_day", "what the order is worth is not known")
    worth = case.worst_leaves * unit
    if worth <= most:
        return None
    value, limit = telling(worth, most)
    return Finding(
        "first_day",
        f"worth {value}, at most {limit} in one order on the account's first day of real "
        "money (first_day_order_max)",
        case.fitting(case.affordable(most, unit)),
    )


def total_notional(case: Case) -> Finding | None:
    most, ordered = case.limits.first_day_total_max, case.account.first_day_notional
    unit = case.unit
    if most is None or ordered is None or unit is None:
        return None  # `order_notional` refuses what has no price
    added = max(case.worst_leaves - case.counted, ZERO) * unit
    if ordered + added <= most:
        return None
    left = max(most - ordered, ZERO)
    before, more, limit = telling(ordered, added, most, claim=lambda a, b, c: a + b > c)
    return Finding(
        "first_day",
        f"{before} ordered and {more} more, at most {limit} on the "
        "account's first day of real money (first_day_total_max)",
        case.fitting(case.affordable(left, unit) + case.counted),
    )
