"""New orders as clients ask for them, as the engine's forms.

https://docs.deribit.com/api-reference/trading/private-edit_by_label and ccxt 4.5.90,
async_support/deribit.py (`create_order`), read 2026-11-21.
"""

from __future__ import annotations

from dataclasses import replace

from crossdock.model import LIMITED, TRIGGERED, ContractKind, OrderType, Side, TimeInForce
from crossdock.sandbox.engine import MarketSpec, OrderForm
from crossdock.sandbox.faces.deribit.params import Params
from crossdock.sandbox.faces.deribit.refusals import Said, invalid

TYPES = {
    "limit": OrderType.LIMIT,
    "market": OrderType.MARKET,
    "stop_limit": OrderType.STOP_LIMIT,
    "stop_market": OrderType.STOP,
    "take_limit": OrderType.LIMIT_IF_TOUCHED,
    "take_market": OrderType.MARKET_IF_TOUCHED,
    "trailing_stop": OrderType.TRAILING_STOP,
}
TIMES = {
    "good_til_cancelled": TimeInForce.GTC,
    "good_til_day": TimeInForce.DAY,
    "fill_or_kill": TimeInForce.FOK,
    "immediate_or_cancel": TimeInForce.IOC,
}
_LONGEST_LABEL = 64
_TRIGGERS = ("last_price", "index_price", "mark_price")
_NOT_HERE = ("advanced", "linked_order_type", "valid_until", "max_show", "otoco_config")


def read_order(params: Params, side: Side, market: MarketSpec) -> OrderForm:
    """Read an order; its form has no client order id yet. Raises Refusal."""
    for name in _NOT_HERE:
        if params.maybe(name) is not None:
            raise Said(10033, "not_implemented", "not for this venue", name)
    kind = TYPES[params.choice("type", TYPES, "limit")]
    times = params.choice("time_in_force", TIMES, "good_til_cancelled")
    is_spot = market.kind is ContractKind.SPOT
    if is_spot and kind not in (OrderType.LIMIT, OrderType.MARKET):
        raise invalid("type")
    post_only = params.flag("post_only")
    if post_only and not params.flag("reject_post_only"):
        raise Said(10033, "not_implemented", "prices are not moved", "post_only")
    form = OrderForm(
        client_order_id="",
        symbol=market.symbol,
        side=side,
        type=kind,
        quantity=params.decimal("amount"),
        limit_price=params.decimal("price") if kind in LIMITED else None,
        stop_price=params.decimal("trigger_price") if kind in TRIGGERED else None,
        time_in_force=TIMES[times],
        post_only=post_only,
        reduce_only=not is_spot and params.flag("reduce_only"),
    )
    if kind in TRIGGERED or kind is OrderType.TRAILING_STOP:
        params.choice("trigger", _TRIGGERS)
    if kind is OrderType.TRAILING_STOP:
        form = replace(form, trail_amount=params.decimal("trigger_offset"))
    return form


def label_of(params: Params) -> str:
    """Read the label, which any number of orders may carry. Raises Refusal."""
    label = params.maybe("label") or ""
    if len(label) > _LONGEST_LABEL:
        raise invalid("label", "is too long")
    return label
