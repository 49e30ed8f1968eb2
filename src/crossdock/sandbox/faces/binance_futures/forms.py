"""New orders as Binance's futures exchanges take them, made into the engine's forms.

Orders that wait for a price go to the algo service, all others to the order endpoint:
https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api, read
2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from crossdock.model import OrderType, PositionSide, Side, TimeInForce
from crossdock.sandbox.engine import MarketSpec, OrderForm
from crossdock.sandbox.faces.binance_futures.refusals import (
    switch_to_algo,
    wrong_side_mode,
)
from crossdock.sandbox.faces.binance_futures.rules import LEAST_CALLBACK, MOST_CALLBACK
from crossdock.sandbox.faces.binance_words.names import highest_price
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.refusals import Said, mandatory

_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_POSITION_SIDES = {
    "BOTH": PositionSide.NET,
    "LONG": PositionSide.LONG,
    "SHORT": PositionSide.SHORT,
}
_TIFS = {
    "GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
    "GTX": TimeInForce.GTC,
    "GTD": TimeInForce.GTD,
}
_PLAIN = {"LIMIT": OrderType.LIMIT, "MARKET": OrderType.MARKET}
_WAITING = {
    "STOP": OrderType.STOP_LIMIT,
    "STOP_MARKET": OrderType.STOP,
    "TAKE_PROFIT": OrderType.LIMIT_IF_TOUCHED,
    "TAKE_PROFIT_MARKET": OrderType.MARKET_IF_TOUCHED,
    "TRAILING_STOP_MARKET": OrderType.TRAILING_STOP,
}
_LIMITED = frozenset({"LIMIT", "STOP", "TAKE_PROFIT"})
_UNSERVED = ("closePosition", "priceMatch", "activatePrice", "activationPrice")
_LEAST_AHEAD_NS = 600 * 10**9

Naming = Callable[[str | None], str]
"""Gives the engine's id for a client's, or for one made up where none was given."""


def read_order(
    params: Params, market: MarketSpec, naming: Naming, *, hedged: bool, now_ns: int
) -> OrderForm:
    """Read an order for the matching engine. Raises Refusal."""
    kind = params.choice("type", _PLAIN | _WAITING)
    if kind in _WAITING:
        raise switch_to_algo()
    name = naming(params.client_id("newClientOrderId"))
    return _read(params, market, name, kind, _PLAIN, hedged=hedged, now_ns=now_ns)


def read_algo_order(
    params: Params, market: MarketSpec, naming: Naming, *, hedged: bool, now_ns: int
) -> OrderForm:
    """Read an order for the algo service. Raises Refusal."""
    params.choice("algoType", ("CONDITIONAL",))
    kind = params.choice("type", _WAITING)
    name = naming(params.client_id("clientAlgoId"))
    return _read(params, market, name, kind, _WAITING, hedged=hedged, now_ns=now_ns)


def _read(
    params: Params,
    market: MarketSpec,
    name: str,
    kind: str,
    types: Mapping[str, OrderType],
    *,
    hedged: bool,
    now_ns: int,
) -> OrderForm:
    for unserved in _UNSERVED:
        if params.maybe(unserved) not in (None, "false", "NONE"):
            raise Said(-1106, f"Parameter '{unserved}' sent when not required.")
    limited = kind in _LIMITED
    if not limited and "price" in params:
        raise Said(-1106, "Parameter 'price' sent when not required.")
    tif = params.choice("timeInForce", _TIFS, None if kind == "LIMIT" else "GTC")
    trails = kind == "TRAILING_STOP_MARKET"
    form = OrderForm(
        client_order_id=name,
        symbol=market.symbol,
        side=_SIDES[params.choice("side", _SIDES)],
        type=types[kind],
        quantity=params.decimal("quantity"),
        limit_price=params.decimal("price") if limited else None,
        stop_price=params.decimal("triggerPrice")
        if kind in _WAITING and not trails
        else None,
        trail_percent=_callback(params, market) if trails else None,
        time_in_force=_TIFS[tif],
        expire_time_ns=_end_ns(params, now_ns) if tif == "GTD" else None,
        post_only=tif == "GTX" and limited,
        reduce_only=params.flag("reduceOnly") and not hedged,
        position_side=_position_side(params, hedged=hedged),
    )
    _check_prices(market, form)
    return form


def _position_side(params: Params, *, hedged: bool) -> PositionSide:
    side = _POSITION_SIDES[params.choice("positionSide", _POSITION_SIDES, "BOTH")]
    if hedged is (side is PositionSide.NET):
        raise wrong_side_mode()
    return side


def _callback(params: Params, market: MarketSpec) -> Decimal:
    rate = params.decimal("callbackRate")
    if not LEAST_CALLBACK <= rate <= MOST_CALLBACK[market.kind]:
        raise Said(-2007, "Invalid callBack rate.")
    return rate


def _end_ns(params: Params, now_ns: int) -> int:
    end_ns = params.time_ns("goodTillDate")
    if end_ns is None or end_ns < now_ns + _LEAST_AHEAD_NS:
        raise mandatory("goodTillDate")
    return end_ns // 10**9 * 10**9


def _check_prices(market: MarketSpec, form: OrderForm) -> None:
    for price in (form.limit_price, form.stop_price):
        if price is not None and price > highest_price(market):
            raise Said(-4016, "Price is higher than the most that is allowed.")
