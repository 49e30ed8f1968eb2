"""What people switched off or bounded for the whole desk while it runs."""

from __future__ import annotations

from crossdock.core.amounts import telling
from crossdock.core.risk.case import Case, Finding


def switches(case: Case) -> Finding | None:
    steering, request = case.steering, case.request
    if not steering.flags.trading:
        return Finding("trading", "trading is switched off: only what reduces goes out")
    if steering.flags.paper_only and case.account.live:
        words = f"{request.account} is live, and the desk is switched to paper only"
        return Finding("paper_only", words)
    if request.strategy in steering.paused:
        return Finding("paused", f"{request.strategy} is paused: it may only reduce")
    return None


def largest_order(case: Case) -> Finding | None:
    most = case.steering.flags.max_order_size
    if most is None:
        return None
    unit = case.unit
    if unit is None:
        return Finding("max_order_size", "what the order is worth is not known")
    worth = case.leaves * unit
    if worth <= most:
        return None
    value, limit = telling(worth, most)
    return Finding(
        "max_order_size",
        f"the order is worth {value}, people set the most to {limit}",
        case.fitting(case.affordable(most, unit)),
    )
