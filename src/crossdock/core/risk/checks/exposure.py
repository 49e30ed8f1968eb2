"""How much an order may add, measured against equity."""

from __future__ import annotations

from decimal import Decimal

from crossdock.core.amounts import telling
from crossdock.core.risk.case import Case, Finding
from crossdock.model import ZERO, Asset

_HUNDRED = Decimal(100)


def daily_loss(case: Case) -> Finding | None:
    pct = case.limits.daily_loss_pct
    if pct is None:
        return None
    start = case.account.day_start_equity
    pnl = case.account.day_pnl
    if start is None or pnl is None:
        return Finding(
            "daily_loss", f"the day's result of {case.request.account} is not known"
        )
    loss = -pnl
    if loss <= 0:
        return None
    limit = start * pct / _HUNDRED
    if loss < limit:
        return None
    lost, most, begun = telling(loss, limit, start)
    return Finding(
        "daily_loss",
        f"{case.request.account} lost {lost} today, the limit is {most} "
        f"({pct} % of {begun})",
    )


def order_quantity(case: Case) -> Finding | None:
    most = case.limits.order_quantity_max
    if most is None or case.leaves <= most:
        return None
    return Finding(
        "order_size", f"{case.leaves} is more than {most} in one order", case.fitting(most)
    )


def order_notional(case: Case) -> Finding | None:
    most = case.limits.order_notional_max
    if most is None or case.unit is None:
        return None
    notional = case.leaves * case.unit
    if notional <= most:
        return None
    worth, limit = telling(notional, most)
    return Finding(
        "order_size",
        f"the order is worth {worth}, the limit is {limit}",
        case.fitting(case.affordable(most, case.unit)),
    )


def position_size(case: Case) -> Finding | None:
    pct = case.limits.position_pct
    unit = case.exposure_unit
    if pct is None or unit is None:
        return None
    equity = case.account.equity
    if equity is None:
        return _equity_unknown("position_size", case)
    before = case.signed + case.open_same_side
    limit = equity * pct / _HUNDRED
    value = (before + case.worst_leaves) * unit
    if value <= limit:
        return None
    worth, most, whole = telling(value, limit, equity)
    return Finding(
        "position_size",
        f"the position would be worth {worth} with all that is open, the limit is "
        f"{most} ({pct} % of {whole})",
        case.fitting(case.affordable(limit, unit) - before),
    )


def correlation(case: Case) -> Finding | None:
    """Count underlyings that move together, in the direction of the order, as one.

    A short in something that moves the opposite way is the same bet, and counts too;
    so do other instruments of the same underlying.
    """
    threshold = case.limits.correlation_max
    pct = case.limits.position_pct
    unit = case.exposure_unit
    mark_unit = case.mark_unit
    if threshold is None or pct is None or unit is None or mark_unit is None:
        return None
    account, underlying = case.request.account, case.instrument.base
    exposure_of = case.view.underlying_exposure
    buys = case.sign > 0
    own = exposure_of(account, underlying)
    if own is None:
        return _unpriced(underlying, case)
    already = own.long if buys else -own.short
    together = ZERO
    moving: list[Asset] | None = None
    for other, direction in case.peers.of(underlying, threshold, case.view):
        exposure = exposure_of(account, other)
        if exposure is None:
            return _unpriced(other, case)
        same_way = exposure.long if buys is (direction > 0) else -exposure.short
        if same_way > 0:
            together += same_way
            if moving is None:
                moving = []
            moving.append(other)
    if moving is None:
        here = (case.signed + case.open_same_side + case.counted) * mark_unit
        if already <= here:
            return None
    equity = case.account.equity
    if equity is None:
        return _equity_unknown("correlation", case)
    limit = equity * pct / _HUNDRED
    before = already - case.counted * mark_unit
    value = before + case.worst_leaves * unit
    if value <= 0 or value + together <= limit:
        return None
    names = ", ".join(moving) if moving else f"other {underlying}"
    own_worth, others_worth, most, whole = telling(
        value, together, limit, equity, claim=lambda a, b, c, _: a + b > c
    )
    return Finding(
        "correlation",
        f"{underlying} would be {own_worth}, and {others_worth} of what moves with it "
        f"is held ({names}, above {threshold}): the limit for all is {most} "
        f"({pct} % of {whole})",
        case.fitting(case.affordable(limit - together - before, unit)),
    )


def leverage(case: Case) -> Finding | None:
    most = case.limits.leverage_max
    unit = case.exposure_unit
    if most is None or unit is None:
        return None
    equity = case.account.equity
    if equity is None:
        return _equity_unknown("leverage", case)
    gross = case.account.gross_exposure
    if gross is None:
        words = f"something that {case.request.account} holds or has open has no price"
        return Finding("stale_data", words)
    limit = most * equity
    before = case.signed + case.open_same_side
    after = before + case.worst_leaves
    if gross + after * unit <= limit and after >= 0:
        return None
    against = case.open_other_side - case.signed
    elsewhere = gross - max(before + case.counted, against, ZERO) * unit
    value = elsewhere + max(after, against) * unit
    if value <= limit:
        return None
    room = limit - elsewhere
    worth, whole = telling(value, equity, claim=lambda at_work, own: at_work > most * own)
    return Finding(
        "leverage",
        f"{case.request.account} would have {worth} at work on {whole}, the "
        f"limit is {most} times",
        case.fitting(case.affordable(room, unit) - before)
        if room >= against * unit
        else None,
    )


def unusual_size(case: Case) -> Finding | None:
    times = case.limits.fat_finger_multiple
    if times is None:
        return None
    request = case.request
    usual = case.view.average_quantity(
        request.account, request.instrument, request.strategy
    )
    if usual is None or case.leaves <= usual * times:
        return None
    (often,) = telling(usual, claim=lambda each: case.leaves > each * times)
    return Finding(
        "fat_finger",
        f"{case.leaves} is more than {times} times the usual {often}",
        case.fitting(usual * times),
    )


def equity_share(case: Case) -> Finding | None:
    pct = case.limits.fat_finger_equity_pct
    if pct is None or case.unit is None:
        return None
    equity = case.account.equity
    if equity is None:
        return _equity_unknown("fat_finger", case)
    limit = equity * pct / _HUNDRED
    notional = case.leaves * case.unit
    if notional <= limit:
        return None
    worth, most, whole = telling(notional, limit, equity)
    return Finding(
        "fat_finger",
        f"one order of {worth} is more than {most} ({pct} % of {whole})",
        case.fitting(case.affordable(limit, case.unit)),
    )


def _unpriced(underlying: Asset, case: Case) -> Finding:
    return Finding(
        "stale_data",
        f"some {underlying} that {case.request.account} holds or has open has no price",
    )


def _equity_unknown(check: str, case: Case) -> Finding:
    return Finding(check, f"the equity of {case.request.account} is not known")
