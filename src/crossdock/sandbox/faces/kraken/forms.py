"""New orders: what REST and WebSocket clients ask for, as the engine's forms.

https://docs.kraken.com/api-reference/trading/add-order and
https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/add_order, read 2026-11-21.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from crossdock.model import LIMITED, TRIGGERED, OrderType, Side, TimeInForce
from crossdock.sandbox.engine import LegForm, OrderForm
from crossdock.sandbox.faces.kraken.params import Params, flat
from crossdock.sandbox.faces.kraken.refusals import invalid

TYPES = {
    "market": OrderType.MARKET,
    "limit": OrderType.LIMIT,
    "stop-loss": OrderType.STOP,
    "stop-loss-limit": OrderType.STOP_LIMIT,
    "take-profit": OrderType.MARKET_IF_TOUCHED,
    "take-profit-limit": OrderType.LIMIT_IF_TOUCHED,
    "trailing-stop": OrderType.TRAILING_STOP,
}
"""By Kraken's names; `iceberg` and `trailing-stop-limit` are not for this venue."""

_TIMES = {
    "GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "GTD": TimeInForce.GTD,
}
_FLAGS = frozenset({"post", "fciq", "viqc", "nompp"})
_TRAIL = re.compile(r"[+-]?(\d{1,20}(?:\.\d{1,20})?)(%?)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A new order. Its form has no client order id yet.

    `in_quote` says that the form's quantity is an amount of quote to spend.
    """

    form: OrderForm
    cl_ord_id: str | None = None
    userref: int | None = None
    in_quote: bool = False
    validates: bool = False


@dataclass(frozen=True, slots=True)
class Amended:
    """New values for an order; `trails` says that the trigger is a distance."""

    quantity: Decimal | None
    limit_price: Decimal | None
    trigger_price: Decimal | None
    post_only: bool


def read_rest(params: Params, symbol: str, now_ns: int) -> Wanted:
    """Read the fields of AddOrder, or of one order of a batch. Raises Refusal."""
    kind = _type(params, "ordertype")
    flags = params.words("oflags")
    if not _FLAGS.issuperset(flags):
        raise invalid("oflags")
    if "leverage" in params and params.text("leverage") != "none":
        raise invalid("leverage")
    if params.flag("reduce_only"):
        raise invalid("reduce_only")
    expires_ns = params.time_ns("expiretm", now_ns)
    form = OrderForm(
        client_order_id="",
        symbol=symbol,
        side=_side(params, "type"),
        type=kind,
        quantity=params.decimal("volume"),
        limit_price=_limit(params, kind, "price2" if kind in TRIGGERED else "price"),
        stop_price=params.decimal("price") if kind in TRIGGERED else None,
        time_in_force=_time_in_force(params, "timeinforce", expires_ns),
        expire_time_ns=expires_ns,
        post_only="post" in flags,
        attached=_closing(params, "close", "ordertype", "price", "price2"),
    )
    if kind is OrderType.TRAILING_STOP:
        amount, percent = _trail(params.text("price"))
        form = replace(form, trail_amount=amount, trail_percent=percent)
    return _wanted(params, form, "userref", in_quote="viqc" in flags)


def read_socket(fields: dict[str, Any], symbol: str) -> Wanted:
    """Read the parameters of `add_order`, or of one order of a batch. Raises Refusal."""
    params = Params(flat(fields))
    kind = _type(params, "order_type")
    if params.flag("margin") or params.flag("reduce_only"):
        raise invalid("margin")
    expires_ns = params.moment_ns("expire_time")
    in_quote = "cash_order_qty" in params
    trigger, trail_amount, trail_percent = None, None, None
    price_type = params.maybe("triggers[price_type]") or "static"
    if kind is OrderType.TRAILING_STOP:
        unit = {"pct": "%", "quote": ""}.get(price_type)
        if unit is None:
            raise invalid("triggers")
        trail_amount, trail_percent = _trail(params.text("triggers[price]") + unit)
    elif kind in TRIGGERED:
        if price_type != "static":
            raise invalid("triggers")
        trigger = params.decimal("triggers[price]")
    form = OrderForm(
        client_order_id="",
        symbol=symbol,
        side=_side(params, "side"),
        type=kind,
        quantity=params.decimal("cash_order_qty" if in_quote else "order_qty"),
        limit_price=_limit(params, kind, "limit_price"),
        stop_price=trigger,
        trail_amount=trail_amount,
        trail_percent=trail_percent,
        time_in_force=_time_in_force(params, "time_in_force", expires_ns),
        expire_time_ns=expires_ns,
        post_only=params.flag("post_only"),
        attached=_closing(
            params, "conditional", "order_type", "trigger_price", "limit_price"
        ),
    )
    return _wanted(params, form, "order_userref", in_quote=in_quote)


def read_amend(params: Params) -> Amended:
    """Read what AmendOrder and `amend_order` have in common. Raises Refusal."""
    for name in ("limit_price_type", "trigger_price_type"):
        if (params.maybe(name) or "static") != "static":
            raise invalid(name)
    amended = Amended(
        quantity=params.decimal_or_none("order_qty"),
        limit_price=params.decimal_or_none("limit_price"),
        trigger_price=params.decimal_or_none("trigger_price"),
        post_only=params.flag("post_only"),
    )
    if amended == Amended(None, None, None, amended.post_only):
        raise invalid("order_qty")
    return amended


def _wanted(params: Params, form: OrderForm, reference: str, *, in_quote: bool) -> Wanted:
    if form.post_only and (
        form.type not in LIMITED or form.time_in_force is TimeInForce.IOC
    ):
        raise invalid("post_only" if reference == "order_userref" else "oflags")
    if in_quote and form.type is not OrderType.MARKET:
        raise invalid("volume")
    cl_ord_id = params.client_id()
    userref = params.whole_or_none(reference)
    if cl_ord_id is not None and userref is not None:
        raise invalid("cl_ord_id")
    return Wanted(
        form=form,
        cl_ord_id=cl_ord_id,
        userref=userref,
        in_quote=in_quote,
        validates=params.flag("validate"),
    )


def _type(params: Params, name: str) -> OrderType:
    return TYPES[params.choice(name, TYPES)]


def _side(params: Params, name: str) -> Side:
    return Side.BUY if params.choice(name, ("buy", "sell")) == "buy" else Side.SELL


def _limit(params: Params, kind: OrderType, name: str) -> Decimal | None:
    return params.decimal(name) if kind in LIMITED else None


def _time_in_force(params: Params, name: str, expires_ns: int | None) -> TimeInForce:
    text = (params.maybe(name) or ("GTD" if expires_ns else "GTC")).upper()
    found = _TIMES.get(text)
    if found is None or (found is TimeInForce.GTD) != (expires_ns is not None):
        raise invalid(name)
    return found


def _trail(text: str) -> tuple[Decimal | None, Decimal | None]:
    """Return the amount in quote or the percentage that a stop trails by."""
    found = _TRAIL.fullmatch(text)
    if found is None or not Decimal(found[1]):
        raise invalid("price")
    distance = Decimal(found[1])
    return (None, distance) if found[2] else (distance, None)


def _closing(
    params: Params, group: str, kind_name: str, first: str, second: str
) -> tuple[LegForm, ...]:
    """Read the order that closes what this one opens, if there is one."""
    text = params.maybe(f"{group}[{kind_name}]")
    if text is None:
        return ()
    trigger, limit = f"{group}[{first}]", f"{group}[{second}]"
    if text == "limit":
        name = limit if group == "conditional" else trigger
        return (LegForm(limit_price=params.decimal(name)),)
    if text == "stop-loss":
        return (LegForm(stop_price=params.decimal(trigger)),)
    if text == "stop-loss-limit":
        stop, price = params.decimal(trigger), params.decimal(limit)
        return (LegForm(stop_price=stop, limit_price=price),)
    raise invalid(f"{group}[{kind_name}]")
