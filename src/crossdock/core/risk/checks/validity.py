"""Whether the venue could take the order at all. These hold for every order."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from crossdock.core.amounts import telling
from crossdock.core.risk.case import Case, Finding
from crossdock.model import ZERO, ContractKind, Instrument, OrderRequest, Rounding

_PRICED_ABOVE_ZERO = (ContractKind.SPOT, ContractKind.INVERSE)


def numbers(request: OrderRequest, instrument: Instrument, filled: Decimal) -> str:
    """Return what is wrong with the numbers themselves, before anything is computed."""
    if wrong := _wrong("quantity", request.quantity, above=ZERO):
        return wrong
    above = ZERO if instrument.kind in _PRICED_ABOVE_ZERO else None
    for name, price in (
        ("limit price", request.limit_price),
        ("stop price", request.stop_price),
    ):
        if price is not None and (wrong := _wrong(name, price, above=above)):
            return wrong
    for name, trail in (
        ("trail amount", request.trail_amount),
        ("trail percent", request.trail_percent),
    ):
        if trail is not None and (wrong := _wrong(name, trail, above=ZERO)):
            return wrong
    for leg in request.attached:
        for price in (leg.limit_price, leg.stop_price):
            if price is not None and (
                wrong := _wrong("price of an attached leg", price, above=above)
            ):
                return wrong
    if request.quantity <= filled:
        return f"the new total {request.quantity} is not above the {filled} filled already"
    return ""


def _wrong(name: str, value: object, *, above: Decimal | None) -> str:
    if not isinstance(value, Decimal):
        return f"the {name} must be a Decimal, got {value!r}"
    if not value.is_finite():
        return f"the {name} must be a finite number, got {value}"
    if above is not None and value <= above:
        return f"the {name} must be positive, got {value}"
    return ""


def lifetime(case: Case) -> Finding | None:
    instrument = case.instrument
    now_ns = case.now_ns
    if now_ns < instrument.valid_from_ns or (
        instrument.valid_until_ns is not None and now_ns >= instrument.valid_until_ns
    ):
        return Finding(
            "instrument", f"this version of {instrument.id} is not the valid one now"
        )
    if instrument.expiry_time_ns is not None and now_ns >= instrument.expiry_time_ns:
        return Finding("instrument", f"{instrument.id} has expired")
    if not instrument.is_trading:
        return Finding("instrument", f"{instrument.id} takes no orders now")
    return None


def order_type(case: Case) -> Finding | None:
    terms = case.terms
    if case.request.type not in terms.order_types:
        return Finding("order_type", f"the venue takes no {case.request.type} orders here")
    if case.request.time_in_force not in terms.times_in_force:
        return Finding(
            "order_type", f"the venue does not take {case.request.time_in_force} here"
        )
    if case.working is not None and not terms.can_replace:
        return Finding("order_type", "the venue cannot replace an order: cancel it instead")
    return None


def attached_legs(case: Case) -> Finding | None:
    """Refuse legs the venue would not hold. A replace sends none."""
    request, terms = case.request, case.terms
    if not request.attached or case.working is not None:
        return None
    if request.contingency not in terms.contingencies:
        words = f"the venue holds no {request.contingency.name} legs here"
        return Finding("attached_legs", words)
    if len(request.attached) > terms.most_legs:
        return Finding(
            "attached_legs",
            f"{len(request.attached)} legs, the venue attaches {terms.most_legs} at most",
        )
    for leg in request.attached:
        if leg.type not in terms.order_types:
            return Finding("attached_legs", f"the venue takes no {leg.type} orders here")
    return None


def tick(case: Case) -> Finding | None:
    request = case.request
    prices = [request.limit_price, request.stop_price]
    for leg in request.attached:
        prices += [leg.limit_price, leg.stop_price]
    for price in prices:
        if price is None:
            continue
        if not _fits(price, case.instrument.tick_at(price)):
            return Finding("tick", _words(case.instrument.price, price))
    return None


def lot(case: Case) -> Finding | None:
    quantity = case.request.quantity
    instrument = case.instrument
    most = instrument.max_quantity
    if (
        _fits(quantity, instrument.quantity_step)
        and quantity >= instrument.min_quantity
        and (most is None or quantity <= most)
    ):
        return None
    words = _words(instrument.quantity, quantity)
    allowed = quantity if most is None or quantity <= most else most
    try:
        allowed = instrument.quantity(allowed, Rounding.DOWN)
    except (ValueError, InvalidOperation):
        return Finding("lot", words)
    return Finding("lot", words, case.fitting(allowed - case.filled))


def least_notional(case: Case) -> Finding | None:
    least = case.instrument.min_notional
    price = case.price
    if not least or case.request.reduce_only:
        return None
    if price is None:
        if case.mark is None:
            return None
        price = case.mark.price
    if not price:
        return None
    notional = abs(case.instrument.notional(case.request.quantity, price))
    if notional >= least:
        return None
    value, bound = telling(notional, least)
    return Finding(
        "notional", f"worth {value} {case.instrument.settle}, the venue's least is {bound}"
    )


def expire_time(case: Case) -> Finding | None:
    if case.request.expire_time_ns is None or case.request.expire_time_ns > case.now_ns:
        return None
    ago_s = (case.now_ns - case.request.expire_time_ns) / 1e9
    return Finding("expire_time", f"the expire time passed {ago_s:.3f} s ago")


def reduce_only(case: Case) -> Finding | None:
    if not case.request.reduce_only or case.reducing:
        return None
    if case.signed >= 0:
        return Finding(
            "reduce_only",
            f"the position is {case.position}: to {case.request.side} would not reduce it",
        )
    left = case.reducible
    return Finding(
        "reduce_only",
        f"{case.worst_leaves} is more than the {left} of the position {case.position} that "
        f"no open order takes away already",
        case.fitting(left),
    )


def _fits(value: Decimal, step: Decimal) -> bool:
    try:
        return value % step == ZERO
    except InvalidOperation:
        return False


def _words(quantise: object, value: Decimal) -> str:
    """Return what the instrument says against a value it does not take."""
    assert callable(quantise)
    try:
        quantise(value)
    except ValueError as error:
        return str(error)
    except InvalidOperation:
        pass
    return f"{value} is out of range"
