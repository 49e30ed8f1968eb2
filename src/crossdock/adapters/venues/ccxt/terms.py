"""Our orders in ccxt's unified words, before an exchange's quirks change them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Quirks, Raw
from crossdock.adapters.venues.ccxt.exchanges.ways import OrderCall
from crossdock.adapters.venues.ccxt.wire.numbers import milliseconds, plain
from crossdock.adapters.venues.ccxt.wire.unified import unshared
from crossdock.errors import NotSent
from crossdock.model import (
    LIMITED,
    Contingency,
    Leg,
    MarginMode,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
)
from crossdock.ports import Manifest, NewOrder

# https://docs.ccxt.com/#/README?id=stop-loss-take-profit-and-trigger-orders (2026-11-21)
_TRIGGER_PARAM = {
    OrderType.STOP: "stopLossPrice",
    OrderType.STOP_LIMIT: "stopLossPrice",
    OrderType.MARKET_IF_TOUCHED: "takeProfitPrice",
    OrderType.LIMIT_IF_TOUCHED: "takeProfitPrice",
}
_DEMANDS = (
    *("stopLossPrice", "takeProfitPrice", "trailingAmount", "trailingPercent"),
    *("marginMode", "stopLoss", "takeProfit"),
)
"""Params that make another order of it: sent as they are, an exchange may ignore them."""

_CLOSING = {
    (PositionSide.LONG, Side.SELL),
    (PositionSide.SHORT, Side.BUY),
}


def order_call(
    order: NewOrder, market: Raw, *, quirks: Quirks, manifest: Manifest
) -> OrderCall:
    """Say an order as the exchange takes it. Raises NotSent for what it cannot be."""
    offered = order.instrument.order_types or manifest.order_types
    if order.type not in offered:
        raise NotSent(f"{order.instrument.id} takes no {order.type} orders")
    if order.time_in_force not in manifest.times_in_force:
        raise NotSent(f"{manifest.name} takes no {order.time_in_force} orders")
    if order.attached and order.contingency not in manifest.contingencies:
        raise NotSent(f"{manifest.name} holds no {order.contingency} legs")
    call = OrderCall(
        type="limit" if order.type in LIMITED else "market",
        price=plain(order.limit_price),
        params=_params(order, quirks),
    )
    unified = call.params
    call = quirks.order_call(order, call, market)
    left = {it: unified[it] for it in _DEMANDS if it in unified}
    left = {name: it for name, it in left.items() if call.params.get(name) is it}
    call = replace(call, unified=left)
    if order.attached and order.contingency is Contingency.OCO and not call.method:
        raise NotSent(f"{manifest.name}: this pair of orders has no single call")
    return call


def _params(order: NewOrder, quirks: Quirks) -> dict[str, Any]:
    params: dict[str, Any] = {}
    if order.client_order_id:
        params[quirks.client_id_param] = quirks.client_id(order.client_order_id)
    trigger = _TRIGGER_PARAM.get(order.type)
    if trigger is not None:
        params[trigger] = plain(order.stop_price)
    if order.trail_amount is not None:
        params["trailingAmount"] = plain(order.trail_amount)
    if order.trail_percent is not None:
        params["trailingPercent"] = plain(order.trail_percent)
    if order.time_in_force is not TimeInForce.GTC:
        params["timeInForce"] = order.time_in_force.value
    if order.expire_time_ns is not None and quirks.expire_param:
        params[quirks.expire_param] = milliseconds(order.expire_time_ns)
    if order.post_only:
        params["postOnly"] = True
    if order.margin_mode is not MarginMode.NONE:
        params["marginMode"] = unshared(order.margin_mode.value)
    if order.position_side is not PositionSide.NET:
        params["hedged"] = True
    if order.reduce_only or (order.position_side, order.side) in _CLOSING:
        params["reduceOnly"] = True
    if order.contingency is Contingency.OTO:
        for leg in order.attached:
            stop = leg.stop_price is not None
            params["stopLoss" if stop else "takeProfit"] = _leg(leg)
    return params


def _leg(leg: Leg) -> dict[str, Any]:
    trigger = leg.limit_price if leg.stop_price is None else leg.stop_price
    said: dict[str, Any] = {"triggerPrice": plain(trigger), "type": "market"}
    if leg.limit_price is not None:
        said |= {"price": plain(leg.limit_price), "type": "limit"}
    return said
