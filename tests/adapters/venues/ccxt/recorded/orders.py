"""Recorded orders said as ours."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.adapters.venues.ccxt.recorded.exchange import Opened
from tests.adapters.venues.ccxt.recorded.reasons import NotOurs
from tests.adapters.venues.ccxt.recorded.terms import (
    Run,
    client_id,
    instrument_in,
    params_at,
)

from crossdock.model import (
    Contingency,
    Leg,
    MarginMode,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
)
from crossdock.ports import NewOrder

_TIMES = {"PO": TimeInForce.GTC}
_ORDER_PARAMS = {
    *("triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice", "triggerDirection"),
    *("trailingPercent", "trailingAmount", "stopLossOrTakeProfit"),
    *("timeInForce", "postOnly", "reduceOnly", "marginMode", "hedged"),
    *("stopLoss", "takeProfit", "clientOrderId", "posSide"),
}
_REDUCING = ("bybit", "krakenfutures", "kucoinfutures")
_WITHIN = {"triggerPrice", "stopPrice", "price", "type"}


def _exact(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def order(opened: Opened, given: list[Any]) -> Run:
    symbol, kind, side, amount, *rest = given
    price = rest[0] if rest else None
    instrument = instrument_in(opened, symbol)
    params = params_at(given, 5, *_ORDER_PARAMS)
    exchange, market = opened.manifest.id, opened.adapter.driver.markets[symbol]
    quantity = _exact(amount)
    if kind not in ("limit", "market"):
        raise NotOurs(f"an order type of the exchange's own: {kind}")
    if quantity is None or quantity <= 0 or quantity % instrument.quantity_step:
        raise NotOurs("a quantity off its step is refused before it is sent")
    limit = _exact(price) if kind == "limit" else None
    if limit is not None and limit % instrument.tick_at(limit):
        raise NotOurs("a price off its tick is refused before it is sent")
    if kind == "market" and price is not None:
        raise NotOurs("a market order for a sum of money")
    triggers = [it for it in ("triggerPrice", "stopPrice") if it in params]
    conditions = [it for it in ("stopLossPrice", "takeProfitPrice") if it in params]
    if len(triggers) + len(conditions) > 1:
        raise NotOurs("two conditions in one order")
    stop: Decimal | None = None
    order_type = OrderType.LIMIT if limit is not None else OrderType.MARKET
    if triggers or conditions:
        name = (triggers + conditions)[0]
        stop = _exact(params[name])
        if triggers and exchange == "okx":
            raise NotOurs("a trigger that does not say from where the price comes")
        if conditions and exchange == "bybit" and market["spot"]:
            raise NotOurs("a stop that sets nothing aside until it triggers")
        if conditions and exchange in _REDUCING:
            params["reduceOnly"] = True  # ccxt adds it by itself, we do not
        touched = name == "takeProfitPrice" or _touches(params, side)
        touched |= bool(triggers) and exchange == "coinbase"  # ccxt's default direction
        order_type = {
            (False, False): OrderType.STOP,
            (True, False): OrderType.STOP_LIMIT,
            (False, True): OrderType.MARKET_IF_TOUCHED,
            (True, True): OrderType.LIMIT_IF_TOUCHED,
        }[limit is not None, touched]
    trail, percent = _exact(params.get("trailingAmount")), None
    if params.get("trailingPercent") is not None:
        percent = _exact(str(params["trailingPercent"]).rstrip("%"))
    if trail is not None or percent is not None:
        if limit is not None or params.get("stopLossOrTakeProfit") == "takeProfit":
            raise NotOurs("a trailing order with a limit, or on the other side")
        order_type = OrderType.TRAILING_STOP
    offered = instrument.order_types or ()
    if order_type not in offered:
        raise NotOurs(f"not offered on this market: {order_type}")
    said = str(params.get("timeInForce", "GTC")).upper()
    post_only = bool(params.get("postOnly")) or said == "PO"
    reduce_only = params.get("reduceOnly") is True
    position = PositionSide.NET
    if params.get("hedged"):
        is_long = (side == "buy") is not reduce_only
        position = PositionSide.LONG if is_long else PositionSide.SHORT
    if params.get("posSide"):
        position = PositionSide(params["posSide"])
    new = NewOrder(
        client_order_id=client_id(opened, params.get("clientOrderId")),
        instrument=instrument,
        side=Side(side),
        type=order_type,
        quantity=quantity,
        limit_price=limit,
        stop_price=stop,
        trail_amount=trail,
        trail_percent=percent,
        time_in_force=_TIMES.get(said) or TimeInForce(said),
        post_only=post_only,
        reduce_only=reduce_only,
        position_side=position,
        margin_mode=MarginMode(params.get("marginMode", "none")),
        attached=_legs(params),
        contingency=Contingency.OTO,
        deadline_ns=opened.deadline(),
    )

    async def run(it: Opened) -> Any:
        return await it.adapter.submit(new)

    return run


def _touches(params: Mapping[str, Any], side: str) -> bool:
    direction = params.get("triggerDirection")
    if direction is None:
        return False
    rises = str(direction) in ("ascending", "above", "up", "1")
    return rises is (side == "sell")


def _legs(params: Mapping[str, Any]) -> tuple[Leg, ...]:
    legs = []
    for name in ("stopLoss", "takeProfit"):
        leg = params.get(name)
        if leg is None:
            continue
        if not isinstance(leg, dict) or set(leg) - _WITHIN:
            raise NotOurs("a leg with parameters of its own")
        trigger = _exact(leg.get("triggerPrice", leg.get("stopPrice")))
        limit = _exact(leg.get("price"))
        if name == "takeProfit":
            if limit is None or limit != trigger:
                raise NotOurs("a take-profit at market: ours is a limit order")
            legs.append(Leg(limit_price=limit))
        else:
            legs.append(Leg(stop_price=trigger, limit_price=limit))
    return tuple(legs)


def trailing_amount_order(opened: Opened, given: list[Any]) -> Run:
    symbol, kind, side, amount, price, trail, activation, *rest = [*given, None, None][:8]
    if activation is not None:
        raise NotOurs("a trailing order that waits for a price")
    params = {**(rest[0] or {}), "trailingAmount": trail}
    return order(opened, [symbol, kind, side, amount, price, params])


def triggered_order(opened: Opened, given: list[Any]) -> Run:
    symbol, kind, side, amount, price, trigger, *rest = given
    params = {**((rest[0] if rest else None) or {}), "triggerPrice": trigger}
    return order(opened, [symbol, kind, side, amount, price, params])
