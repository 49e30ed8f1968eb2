"""Orders as the vendor takes them, and what it would not take.

The rules are of https://docs.alpaca.markets/docs/orders-at-alpaca and
https://docs.alpaca.markets/docs/fractional-trading, read 2026-11-21.
"""

from __future__ import annotations

from decimal import Decimal

from crossdock.adapters.venues.alpaca.refusals import UNPROCESSABLE
from crossdock.adapters.venues.alpaca.symbols import CRYPTO, OPTION, STOCK
from crossdock.adapters.venues.alpaca.wire import Exit, SubmitFields
from crossdock.errors import NotSent, Rejected
from crossdock.model import (
    Contingency,
    Leg,
    MarginMode,
    OrderType,
    PositionSide,
    TimeInForce,
)
from crossdock.ports import NewOrder

_TIMES = {
    TimeInForce.DAY: "day",
    TimeInForce.GTC: "gtc",
    TimeInForce.IOC: "ioc",
    TimeInForce.FOK: "fok",
}
_TYPES: dict[str, frozenset[OrderType]] = {
    STOCK: frozenset(
        {
            OrderType.MARKET,
            OrderType.LIMIT,
            OrderType.STOP,
            OrderType.STOP_LIMIT,
            OrderType.TRAILING_STOP,
        }
    ),
    OPTION: frozenset(
        {OrderType.MARKET, OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT}
    ),
    CRYPTO: frozenset({OrderType.MARKET, OrderType.LIMIT, OrderType.STOP_LIMIT}),
}
_IMMEDIATE = (TimeInForce.IOC, TimeInForce.FOK)
_PLAIN_TYPES = (OrderType.MARKET, OrderType.LIMIT)
_KEPT = (TimeInForce.DAY, TimeInForce.GTC)


def fields_of(
    order: NewOrder, symbol: str, asset_class: str, *, extended_hours: bool
) -> SubmitFields:
    """Return the body of a submit.

    Raises NotSent for what cannot be said to this vendor, and Rejected for what it is
    documented to refuse; nothing was sent then.
    """
    _refuse_unsayable(order)
    time_in_force = _TIMES.get(order.time_in_force)
    if time_in_force is None:
        raise NotSent(f"the venue has no {order.time_in_force} orders")
    if order.type not in _TYPES[asset_class]:
        raise _rejected(f"no {order.type} orders in {asset_class}")
    _refuse_by_class(order, asset_class)
    profit, loss = _exits(order, asset_class)
    is_oco = order.attached != () and order.contingency is Contingency.OCO
    is_extended = (
        extended_hours
        and asset_class == STOCK
        and not order.attached
        and order.type is OrderType.LIMIT
        and order.time_in_force is TimeInForce.DAY
    )
    return SubmitFields(
        symbol=symbol,
        qty=plain(order.quantity),
        side=order.side,
        type=order.type,
        time_in_force=time_in_force,
        client_order_id=order.client_order_id,
        limit_price=None if is_oco else plain_or_none(order.limit_price),
        stop_price=plain_or_none(order.stop_price),
        trail_price=plain_or_none(order.trail_amount),
        trail_percent=plain_or_none(order.trail_percent),
        extended_hours=is_extended,
        order_class=_class_of(order),
        take_profit=profit,
        stop_loss=loss,
    )


def _refuse_unsayable(order: NewOrder) -> None:
    if order.post_only:
        raise NotSent("the venue has no post-only orders")
    if order.reduce_only:
        raise NotSent("the venue has no reduce-only orders")
    if order.position_side is not PositionSide.NET:
        raise NotSent("the venue nets positions: there is no position side to choose")
    if order.margin_mode is MarginMode.ISOLATED:
        raise NotSent("the venue's margin is one for the account, never isolated")


def _refuse_by_class(order: NewOrder, asset_class: str) -> None:
    """Raise Rejected for times in force and fractions the documentation excludes."""
    tif = order.time_in_force
    if asset_class == OPTION:
        if tif is not TimeInForce.DAY:
            raise _rejected("options are traded with day orders only")
        if order.quantity % 1:
            raise _rejected("options are traded in whole contracts")
    elif asset_class == CRYPTO:
        if tif not in (TimeInForce.GTC, TimeInForce.IOC):
            raise _rejected("coins are traded with GTC and IOC orders only")
        if order.type is OrderType.STOP_LIMIT and tif is not TimeInForce.GTC:
            raise _rejected("a stop-limit order in coins is GTC")
    else:
        if order.quantity % 1 and (tif is not TimeInForce.DAY or order.attached):
            raise _rejected("fractions of a share are traded with simple day orders only")
        if order.quantity % 1 and order.type is OrderType.TRAILING_STOP:
            raise _rejected("a trailing stop takes whole shares")
        if tif in _IMMEDIATE and order.type not in _PLAIN_TYPES:
            raise _rejected(f"a {order.type} order is a day or GTC order")


def _exits(order: NewOrder, asset_class: str) -> tuple[Exit | None, Exit | None]:
    """Return take-profit and stop-loss, in the vendor's terms."""
    if not order.attached:
        return None, None
    if asset_class != STOCK:
        raise _rejected("only orders in stocks take exits with them")
    if order.time_in_force not in _KEPT:
        raise _rejected("an order with exits is a day or GTC order")
    if order.type is OrderType.TRAILING_STOP:
        raise _rejected("a trailing stop takes no exits with it")
    profits = [leg for leg in order.attached if leg.stop_price is None]
    losses = [leg for leg in order.attached if leg.stop_price is not None]
    if len(profits) > 1 or len(losses) > 1:
        raise NotSent("the venue takes one take-profit and one stop-loss with an order")
    profit = _exit(profits[0]) if profits else None
    loss = _exit(losses[0]) if losses else None
    if order.contingency is Contingency.OCO:
        if order.type is not OrderType.LIMIT or loss is None or profit is not None:
            raise NotSent(
                "the venue's one-cancels-the-other is a limit order with a stop-loss"
            )
        profit = Exit(limit_price=plain_or_none(order.limit_price))
    return profit, loss


def _exit(leg: Leg) -> Exit:
    return Exit(
        stop_price=plain_or_none(leg.stop_price),
        limit_price=plain_or_none(leg.limit_price),
    )


def _class_of(order: NewOrder) -> str | None:
    if not order.attached:
        return None
    if order.contingency is Contingency.OCO:
        return "oco"
    return "bracket" if len(order.attached) == 2 else "oto"


def _rejected(words: str) -> Rejected:
    return Rejected(
        f"{words} (refused before it was sent)",
        venue_code=UNPROCESSABLE,
        hint="see https://docs.alpaca.markets/docs/orders-at-alpaca",
    )


def plain(value: Decimal) -> str:
    """Write a number without an exponent."""
    return format(value, "f")


def plain_or_none(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
