"""What a form must satisfy before anything is done with it. Everything raises Refused."""

from __future__ import annotations

import re
from decimal import Decimal

from crossdock.model import (
    LIMITED,
    TRIGGERED,
    Contingency,
    ContractKind,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
)
from crossdock.sandbox.engine.exact import in_range, value
from crossdock.sandbox.engine.records import OrderForm, Refused
from crossdock.sandbox.engine.specs import MarketSpec

_CLIENT_ORDER_ID = re.compile(r"[A-Za-z0-9-]{1,36}")
_WHOLE_PCT = 100
_AT_ONCE = (TimeInForce.IOC, TimeInForce.FOK)


def check_shape(form: OrderForm, now_ns: int) -> None:
    """Check that the fields agree with one another."""
    if not _CLIENT_ORDER_ID.fullmatch(form.client_order_id):
        raise _bad("client_order_id is 1 to 36 of A-Z, a-z, 0-9 and -")
    limited, stopped = form.type in LIMITED, form.type in TRIGGERED
    if limited != (form.limit_price is not None):
        raise _bad(f"a {form.type} order {'needs' if limited else 'takes no'} limit_price")
    if stopped != (form.stop_price is not None):
        raise _bad(f"a {form.type} order {'needs' if stopped else 'takes no'} stop_price")
    _check_trail(form)
    if (form.time_in_force is TimeInForce.GTD) != (form.expire_time_ns is not None):
        raise _bad("GTD needs expire_time_ns, and only GTD takes one")
    if form.expire_time_ns is not None and form.expire_time_ns <= now_ns:
        raise _bad("expire_time_ns has passed")
    if form.post_only and (not limited or form.time_in_force in _AT_ONCE):
        raise _bad("post_only is for limit orders that may rest")
    if form.attached:
        _check_attached(form)


def _check_trail(form: OrderForm) -> None:
    trails = [it for it in (form.trail_amount, form.trail_percent) if it is not None]
    if len(trails) != (form.type is OrderType.TRAILING_STOP):
        raise _bad("a trailing_stop needs one of trail_amount and trail_percent, no other")
    if any(not in_range(trail) or trail <= 0 for trail in trails):
        raise _bad("a trail is a positive number")
    if form.trail_percent is not None and form.trail_percent >= _WHOLE_PCT:
        raise _bad("trail_percent is below 100")


def _check_attached(form: OrderForm) -> None:
    """Check that the legs are exits which suit their order and one another."""
    if form.time_in_force in _AT_ONCE:
        raise _bad("an order that has legs may not be IOC or FOK")
    named = [form.client_order_id]
    for leg in form.attached:
        if leg.limit_price is None and leg.stop_price is None:
            raise _bad("a leg needs limit_price or stop_price")
        if leg.client_order_id:
            if not _CLIENT_ORDER_ID.fullmatch(leg.client_order_id):
                raise _bad("a leg's client_order_id is 1 to 36 of A-Z, a-z, 0-9 and -")
            named.append(leg.client_order_id)
    if len(set(named)) != len(named):
        raise _bad("client_order_id stands twice in the group")
    stops = [leg.stop_price for leg in form.attached if leg.stop_price is not None]
    limits = [leg.limit_price for leg in form.attached if leg.stop_price is None]
    if form.contingency is Contingency.OCO:
        if form.type is not OrderType.LIMIT or len(stops) != 1 or limits:
            raise _bad("OCO is a limit order with one stop leg")
        gains, side = [form.limit_price], form.side
    else:
        if len(stops) > 1 or len(limits) > 1:
            raise _bad("OTO takes one take-profit and one stop-loss leg")
        gains, side = limits, form.side.opposite
    prices = [gain for gain in gains if gain is not None]
    entries = [] if form.contingency is Contingency.OCO else [_entry_price(form)]
    between = [price for price in entries if price is not None]
    ladder = [*stops, *between, *prices]
    rising = sorted(ladder, reverse=side is Side.BUY)
    if ladder != rising or len(set(ladder)) != len(ladder):
        raise Refused(
            "stop_price",
            f"a {side} exit takes profit {'above' if side is Side.SELL else 'below'} and "
            f"stops {'below' if side is Side.SELL else 'above'} the price it is for",
        )


def _entry_price(form: OrderForm) -> Decimal | None:
    return form.stop_price if form.limit_price is None else form.limit_price


def check_leg(form: OrderForm, market: MarketSpec, *, hedge_mode: bool) -> None:
    """Check that the order names a position the venue keeps."""
    if market.kind is ContractKind.SPOT:
        if form.reduce_only or form.position_side is not PositionSide.NET:
            raise _bad("spot has no positions: no reduce_only, position_side net")
    elif hedge_mode == (form.position_side is PositionSide.NET):
        wanted = "long or short" if hedge_mode else "net"
        raise _bad(f"position_side here is {wanted}")


def closes_leg(side: Side, position_side: PositionSide) -> bool:
    """Tell whether an order can only make a leg of a hedge-mode account smaller."""
    if position_side is PositionSide.NET:
        return False
    return (side is Side.SELL) == (position_side is PositionSide.LONG)


def check_price(market: MarketSpec, price: Decimal) -> None:
    if not price.is_finite() or price <= 0:
        raise _bad(f"a price is a positive number, not {price}")
    tick = market.tick_at(price)
    if not in_range(price) or price % tick:
        raise Refused("bad_tick", f"price {price:f} is not a multiple of {tick:f}")


def check_quantity(market: MarketSpec, quantity: Decimal) -> None:
    if not quantity.is_finite() or quantity <= 0:
        raise _bad(f"a quantity is a positive number, not {quantity}")
    largest = market.max_quantity
    if largest is not None and quantity > largest:
        raise Refused("max_quantity", f"quantity {quantity} is above {largest:f}")
    step = market.quantity_step
    if not in_range(quantity) or quantity % step:
        raise Refused("bad_lot", f"quantity {quantity} is not a multiple of {step:f}")
    if quantity < market.min_quantity:
        raise Refused(
            "min_quantity", f"quantity {quantity:f} is below {market.min_quantity:f}"
        )


def check_notional(
    market: MarketSpec, quantity: Decimal, price: Decimal | None, *, reduces: bool
) -> None:
    """Check the least notional; what closes a position and has no price passes."""
    if price is None or reduces:
        return
    notional = value(market, quantity, price)
    if notional < market.min_notional:
        raise Refused(
            "min_notional",
            f"{notional:f} {market.settle} is below {market.min_notional:f}",
        )


def _bad(message: str) -> Refused:
    return Refused("bad_request", message)
