"""New orders as Binance takes them, made into the engine's forms.

https://github.com/binance/binance-spot-api-docs/blob/a5e0bc3/rest-api.md#trading-endpoints, read
2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from crossdock.model import Contingency, OrderType, Side, TimeInForce
from crossdock.sandbox.engine import LegForm, MarketSpec, OrderForm
from crossdock.sandbox.faces.binance.refusals import filtered
from crossdock.sandbox.faces.binance.symbols import (
    LEAST_TRAILING_BIPS,
    MOST_TRAILING_BIPS,
)
from crossdock.sandbox.faces.binance_words.names import highest_price
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.refusals import Said, mandatory

_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_TIFS = {it.value: it for it in (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)}
_TYPES = {
    "LIMIT": OrderType.LIMIT,
    "LIMIT_MAKER": OrderType.LIMIT,
    "MARKET": OrderType.MARKET,
    "STOP_LOSS": OrderType.STOP,
    "STOP_LOSS_LIMIT": OrderType.STOP_LIMIT,
    "TAKE_PROFIT": OrderType.MARKET_IF_TOUCHED,
    "TAKE_PROFIT_LIMIT": OrderType.LIMIT_IF_TOUCHED,
}
_LIMITED = frozenset({"LIMIT", "LIMIT_MAKER", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"})
_TIMED = _LIMITED - {"LIMIT_MAKER"}
_TRIGGERED = frozenset({"STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"})
_STOPS = frozenset({"STOP_LOSS", "STOP_LOSS_LIMIT"})
_PROFITS = frozenset({"LIMIT_MAKER", "LIMIT"})
_MANNERS = ("ACK", "RESULT", "FULL")
_FULL = frozenset({"MARKET", "LIMIT"})
_UNSERVED = ("icebergQty", "pegPriceType", "pegOffsetType", "pegOffsetValue")

Naming = Callable[[str | None], str]
"""Gives the engine's id for a client's, or for one made up where none was given."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One new order, or a list of them, read and not yet placed.

    `quote_quantity` is what a market order spends or receives in place of a quantity.
    """

    form: OrderForm
    manner: str
    quote_quantity: Decimal | None = None
    list_id: str | None = None


def read_order(params: Params, market: MarketSpec, naming: Naming) -> Wanted:
    """Read one order. Raises Refusal."""
    kind = params.choice("type", _TYPES)
    side = _SIDES[params.choice("side", _SIDES)]
    _check_served(params)
    quote_quantity = None
    if kind == "MARKET" and "quoteOrderQty" in params:
        if "quantity" in params:
            raise Said(-1106, "Parameter 'quantity' sent when not required.")
        quote_quantity = params.decimal("quoteOrderQty")
    part = _Part.read(params, kind, "")
    form = OrderForm(
        client_order_id=naming(params.client_id("newClientOrderId")),
        symbol=market.symbol,
        side=side,
        type=OrderType.TRAILING_STOP if part.trail_percent else _TYPES[kind],
        quantity=market.quantity_step if quote_quantity else params.decimal("quantity"),
        limit_price=part.limit_price,
        stop_price=part.stop_price,
        trail_percent=part.trail_percent,
        time_in_force=part.time_in_force,
        post_only=kind == "LIMIT_MAKER",
    )
    _check_price(market, form.limit_price, form.stop_price)
    return Wanted(form, _manner(params, kind), quote_quantity)


def read_oco(params: Params, market: MarketSpec, naming: Naming) -> Wanted:
    """Read a pair of which one cancels the other: a resting limit order and a stop."""
    side = _SIDES[params.choice("side", _SIDES)]
    above, below = _kind(params, "above"), _kind(params, "below")
    profit, stop = ("above", "below") if side is Side.SELL else ("below", "above")
    kinds = {"above": above, "below": below}
    if kinds[stop] not in _STOPS or kinds[profit] != "LIMIT_MAKER":
        raise Said(-1158, "Order type not supported in OCO.")
    resting = _Part.read(params, kinds[profit], profit)
    leg = _Part.read(params, kinds[stop], stop)
    _check_price(market, resting.limit_price, leg.limit_price, leg.stop_price)
    form = OrderForm(
        client_order_id=naming(params.client_id(f"{profit}ClientOrderId")),
        symbol=market.symbol,
        side=side,
        type=OrderType.LIMIT,
        quantity=params.decimal("quantity"),
        limit_price=resting.limit_price,
        post_only=True,
        attached=(leg.form(naming(params.client_id(f"{stop}ClientOrderId"))),),
        contingency=Contingency.OCO,
    )
    return Wanted(form, _list_manner(params), list_id=params.client_id("listClientOrderId"))


def read_oto(params: Params, market: MarketSpec, naming: Naming) -> Wanted:
    """Read a limit order and the exit that is placed once it has filled."""
    return _read_working(params, market, naming, ("pending",))


def read_otoco(params: Params, market: MarketSpec, naming: Naming) -> Wanted:
    """Read a limit order and the two exits, of which one cancels the other."""
    return _read_working(params, market, naming, ("pendingAbove", "pendingBelow"))


@dataclass(frozen=True, slots=True)
class _Part:
    """Prices and lifetime of one order, by the prefix its parameters have in a list."""

    limit_price: Decimal | None
    stop_price: Decimal | None
    trail_percent: Decimal | None
    time_in_force: TimeInForce

    @classmethod
    def read(cls, params: Params, kind: str, prefix: str) -> _Part:
        def name(of: str) -> str:
            return prefix + of[0].upper() + of[1:] if prefix else of

        trail = None
        if kind in _TRIGGERED and name("trailingDelta") in params:
            trail = _trail_percent(params, kind, name("trailingDelta"), name("stopPrice"))
        limited = kind in _LIMITED
        if not limited and name("price") in params:
            raise Said(-1106, f"Parameter '{name('price')}' sent when not required.")
        triggered = kind in _TRIGGERED and trail is None
        if kind not in _TRIGGERED and name("stopPrice") in params:
            raise Said(-1106, f"Parameter '{name('stopPrice')}' sent when not required.")
        tif = TimeInForce.GTC
        if kind in _TIMED:
            tif = _TIFS[
                params.choice(name("timeInForce"), _TIFS, "GTC" if prefix else None)
            ]
        elif name("timeInForce") in params:
            raise Said(-1106, f"Parameter '{name('timeInForce')}' sent when not required.")
        return cls(
            limit_price=params.decimal(name("price")) if limited else None,
            stop_price=params.decimal(name("stopPrice")) if triggered else None,
            trail_percent=trail,
            time_in_force=tif,
        )

    def form(self, client_order_id: str) -> LegForm:
        if self.trail_percent is not None:
            raise Said(-2010, "Trailing stop orders are not supported for this symbol.")
        return LegForm(
            limit_price=self.limit_price,
            stop_price=self.stop_price,
            client_order_id=client_order_id,
        )


def _read_working(
    params: Params, market: MarketSpec, naming: Naming, prefixes: tuple[str, ...]
) -> Wanted:
    kind = params.choice("workingType", ("LIMIT", "LIMIT_MAKER"))
    side = _SIDES[params.choice("workingSide", _SIDES)]
    working = _Part.read(params, kind, "working")
    quantity = params.decimal("workingQuantity")
    if _SIDES[params.choice("pendingSide", _SIDES)] is side:
        raise Said(-1014, "Unsupported order combination.")
    if params.decimal("pendingQuantity") != quantity:
        raise Said(-1014, "Unsupported order combination.")
    legs = []
    for prefix in prefixes:
        pending = _kind(params, prefix)
        if pending not in _STOPS | _PROFITS:
            raise Said(-1158, "Order type not supported in OCO.")
        leg = _Part.read(params, pending, prefix)
        _check_price(market, leg.limit_price, leg.stop_price)
        legs.append(leg.form(naming(params.client_id(f"{prefix}ClientOrderId"))))
    _check_price(market, working.limit_price)
    form = OrderForm(
        client_order_id=naming(params.client_id("workingClientOrderId")),
        symbol=market.symbol,
        side=side,
        type=OrderType.LIMIT,
        quantity=quantity,
        limit_price=working.limit_price,
        time_in_force=working.time_in_force,
        post_only=kind == "LIMIT_MAKER",
        attached=tuple(legs),
        contingency=Contingency.OTO,
    )
    return Wanted(form, _list_manner(params), list_id=params.client_id("listClientOrderId"))


def _kind(params: Params, prefix: str) -> str:
    return params.choice(f"{prefix}Type", _TYPES)


def _manner(params: Params, kind: str) -> str:
    usual = "FULL" if kind in _FULL else "ACK"
    return params.choice("newOrderRespType", _MANNERS, usual)


def _list_manner(params: Params) -> str:
    return params.choice("newOrderRespType", _MANNERS, "RESULT")


def _trail_percent(params: Params, kind: str, trail: str, stop: str) -> Decimal:
    if kind != "STOP_LOSS" or stop in params:
        raise Said(-2010, "Trailing stop orders are not supported for this symbol.")
    delta = params.whole(trail)
    if not LEAST_TRAILING_BIPS <= delta <= MOST_TRAILING_BIPS:
        raise filtered("TRAILING_DELTA")
    return Decimal(delta) / 100


def _check_served(params: Params) -> None:
    for name in _UNSERVED:
        if name in params:
            raise Said(-1106, f"Parameter '{name}' sent when not required.")
    if params.maybe("selfTradePreventionMode") not in (None, "EXPIRE_MAKER"):
        raise mandatory("selfTradePreventionMode")


def _check_price(market: MarketSpec, *prices: Decimal | None) -> None:
    for price in prices:
        if price is not None and price > highest_price(market):
            raise filtered("PRICE_FILTER")
