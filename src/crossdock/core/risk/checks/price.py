"""Whether prices are known, fresh and sane."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal

from crossdock.core.amounts import money
from crossdock.core.risk.case import Case, Finding
from crossdock.model import OrderType

_BPS = Decimal(10_000)
_TENTH = Decimal("0.1")
_MS = 1_000_000
_UP = Context(prec=1000, rounding=ROUND_CEILING)  # what breaches a limit reads above it


def stale_data(case: Case) -> Finding | None:
    mark = case.mark
    if mark is None or case.unit is None:
        if mark is None:
            words = f"there is no price of {case.request.instrument}"
        elif case.rate is None:
            settle = case.instrument.settle
            words = (
                f"there is no rate from {settle} to the reporting currency: with "
                f'desk.currency = "{settle}" none is needed'
            )
        else:
            words = f"{case.request.instrument} is worth nothing at {money(mark.price)}"
        return Finding("stale_data", words)
    limit_ns = case.limits.stale_after_ns
    age_ns = case.now_ns - mark.received_time_ns
    if case.limits.stale_after_s is not None and age_ns > limit_ns:
        return Finding(
            "stale_data",
            f"the price of {case.request.instrument} is {-(-age_ns // _MS) / 1e3:.3f} s old, the limit is "
            f"{case.limits.stale_after_s} s",
        )
    return None


def collar(case: Case) -> Finding | None:
    """Refuse a limit price far from the mark, both ways; of a stop-limit, from its stop.

    A plain stop names no price to compare. Without a mark, staleness speaks instead.
    """
    limit = case.limits.price_collar_bps
    price = case.request.limit_price
    if limit is None or price is None or case.mark is None:
        return None
    reference = case.request.stop_price
    if reference is None:
        reference = case.mark.price
    off = abs(price - reference)
    if not reference or off * _BPS <= limit * abs(reference):
        return None
    return _off(price, off, reference, limit, None)


def slippage(case: Case) -> Finding | None:
    """Refuse a market order whose last level would lie outside the collar."""
    limit = case.limits.price_collar_bps
    if limit is None or case.mark is None or case.request.type is not OrderType.MARKET:
        return None
    price = case.price
    if price is None:
        return Finding(
            "price_collar",
            f"the book is too thin to say what {case.leaves} at market would cost",
        )
    reference = case.mark.price
    off = abs(price - reference)
    if not reference or off * _BPS <= limit * abs(reference):
        return None
    allowed = _within(case, limit * abs(reference) / _BPS, reference)
    return _off(price, off, reference, limit, allowed)


def _off(
    price: Decimal,
    off: Decimal,
    reference: Decimal,
    limit: Decimal,
    allowed: Decimal | None,
) -> Finding:
    bps = _UP.divide(off * _BPS, abs(reference)).quantize(_TENTH, context=_UP)
    words = f"{price} is {bps:f} bps from {money(reference)}, the limit is {limit}"
    return Finding("price_collar", words, allowed)


def _within(case: Case, distance: Decimal, reference: Decimal) -> Decimal | None:
    """Return the largest market order whose last level stays within the distance."""
    step = case.instrument.quantity_step
    fits, fails = 0, int(case.leaves // step)
    while fails - fits > 1:
        middle = (fits + fails) // 2
        price = case.view.worst_price(
            case.request.instrument, case.request.side, middle * step
        )
        if price is not None and abs(price - reference) <= distance:
            fits = middle
        else:
            fails = middle
    return case.fitting(fits * step)
