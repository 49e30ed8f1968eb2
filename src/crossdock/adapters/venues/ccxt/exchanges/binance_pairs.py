"""Binance's order lists: OCO, OTO and OTOCO, each one call.

https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints
(order lists, 2026-11-21). The order that is asked for carries our id, its legs the
exchange's own.
"""

from __future__ import annotations

from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.ways import OrderCall
from crossdock.adapters.venues.ccxt.wire.numbers import plain
from crossdock.errors import NotSent
from crossdock.model import Contingency, Leg, MarginMode, OrderType, Side, TimeInForce
from crossdock.ports import NewOrder

_OCO = "private_post_orderlist_oco"
_OTO = "private_post_orderlist_oto"
_OTOCO = "private_post_orderlist_otoco"


def pair_call(order: NewOrder, market: Raw, ours: str) -> OrderCall:
    """Say an order with legs as one list. Raises NotSent for what no list can hold."""
    if order.type is not OrderType.LIMIT:
        raise NotSent("Binance attaches legs to limit orders only")
    if order.margin_mode is not MarginMode.NONE:
        raise NotSent("Binance attaches legs to spot orders without margin only")
    if order.contingency is Contingency.OCO:
        return _oco(order, market, ours)
    return _oto(order, market, ours)


def placed_of(order: NewOrder, reply: Any) -> Any:
    """Return the report of the order that was asked for."""
    reports = reply.get("orderReports") if isinstance(reply, dict) else None
    for report in reports or ():
        if report.get("clientOrderId") == order.client_order_id:
            return report
    return {}


def _oco(order: NewOrder, market: Raw, ours: str) -> OrderCall:
    (leg,) = order.attached if len(order.attached) == 1 else (None,)
    if leg is None or leg.stop_price is None:
        raise NotSent("Binance pairs a limit order with one stop")
    limit = {
        "Type": "LIMIT_MAKER",
        "Price": plain(order.limit_price),
        "ClientOrderId": ours,
    }
    above, below = limit, _pending(leg)
    if order.side is Side.BUY:
        above, below = below, above
    return OrderCall(
        type="limit",
        price=None,
        method=_OCO,
        params={
            "symbol": market["id"],
            "side": order.side.value.upper(),
            "quantity": plain(order.quantity),
            **_named("above", above),
            **_named("below", below),
        },
    )


def _oto(order: NewOrder, market: Raw, ours: str) -> OrderCall:
    working = {
        "workingType": "LIMIT_MAKER" if order.post_only else "LIMIT",
        "workingSide": order.side.value.upper(),
        "workingClientOrderId": ours,
        "workingPrice": plain(order.limit_price),
        "workingQuantity": plain(order.quantity),
    }
    if not order.post_only:
        working["workingTimeInForce"] = order.time_in_force.value
    pending = {
        "pendingSide": order.side.opposite.value.upper(),
        "pendingQuantity": plain(order.quantity),
    }
    if len(order.attached) == 1:
        method, legs = _OTO, _named("pending", _pending(order.attached[0]))
    else:
        method, legs = _OTOCO, _both(order)
    return OrderCall(
        type="limit",
        price=None,
        method=method,
        params={"symbol": market["id"], **working, **pending, **legs},
    )


def _both(order: NewOrder) -> dict[str, str]:
    stops = [leg for leg in order.attached if leg.stop_price is not None]
    profits = [leg for leg in order.attached if leg.stop_price is None]
    if len(stops) != 1 or len(profits) != 1:
        raise NotSent("Binance holds one stop-loss and one take-profit")
    profit = {"Type": "LIMIT_MAKER", "Price": str(plain(profits[0].limit_price))}
    above, below = profit, _pending(stops[0])
    if order.side is Side.SELL:
        above, below = below, above
    return {**_named("pendingAbove", above), **_named("pendingBelow", below)}


def _pending(leg: Leg) -> dict[str, Any]:
    if leg.stop_price is None:
        return {
            "Type": "LIMIT",
            "Price": plain(leg.limit_price),
            "TimeInForce": TimeInForce.GTC.value,
        }
    if leg.limit_price is None:
        return {"Type": "STOP_LOSS", "StopPrice": plain(leg.stop_price)}
    return {
        "Type": "STOP_LOSS_LIMIT",
        "StopPrice": plain(leg.stop_price),
        "Price": plain(leg.limit_price),
        "TimeInForce": TimeInForce.GTC.value,
    }


def _named(prefix: str, said: dict[str, Any]) -> dict[str, Any]:
    return {f"{prefix}{name}": value for name, value in said.items()}
