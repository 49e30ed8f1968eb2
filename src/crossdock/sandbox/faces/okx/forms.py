"""New orders and changes as clients ask for them, as the engine's forms.

https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-place-order and
https://www.okx.com/docs-v5/en/#order-book-trading-algo-trading-post-place-algo-order, read
2026-11-21.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from crossdock.model import ContractKind, OrderType, PositionSide, Side, TimeInForce
from crossdock.sandbox.engine import LegForm, MarketSpec, OrderForm
from crossdock.sandbox.faces.okx.params import Params
from crossdock.sandbox.faces.okx.refusals import Said, invalid

TRAILING = "move_order_stop"
CONDITIONAL = "conditional"
TRIGGER = "trigger"

_PLAIN = {
    "market": (OrderType.MARKET, TimeInForce.GTC),
    "limit": (OrderType.LIMIT, TimeInForce.GTC),
    "post_only": (OrderType.LIMIT, TimeInForce.GTC),
    "fok": (OrderType.LIMIT, TimeInForce.FOK),
    "ioc": (OrderType.LIMIT, TimeInForce.IOC),
    "optimal_limit_ioc": (OrderType.MARKET, TimeInForce.GTC),
}
_ALGOS = (CONDITIONAL, TRIGGER, TRAILING)
_MODES = ("cash", "cross", "isolated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What clients said of an order that means nothing to the engine."""

    ord_type: str
    td_mode: str = "cash"
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A new order. Its form has no client order id yet.

    `in_quote` says that the form's quantity is an amount of quote to spend.
    """

    form: OrderForm
    terms: Terms
    client_id: str | None
    in_quote: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """New values for an order; None keeps the old one."""

    quantity: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None


def read_order(params: Params, market: MarketSpec) -> Wanted:
    """Read an order that matches at once or rests. Raises Refusal."""
    ord_type = params.choice("ordType", _PLAIN)
    kind, time_in_force = _PLAIN[ord_type]
    side = _side(params)
    is_spot = market.kind is ContractKind.SPOT
    unit = "base_ccy"
    if is_spot and kind is OrderType.MARKET:
        usual = "quote_ccy" if side is Side.BUY else "base_ccy"
        unit = params.choice("tgtCcy", ("base_ccy", "quote_ccy"), usual)
    form = OrderForm(
        client_order_id="",
        symbol=market.symbol,
        side=side,
        type=kind,
        quantity=params.decimal("sz"),
        limit_price=params.decimal("px") if kind is OrderType.LIMIT else None,
        time_in_force=time_in_force,
        post_only=ord_type == "post_only",
        reduce_only=not is_spot and params.flag("reduceOnly"),
        position_side=_position_side(params, market),
        attached=_attached(params),
    )
    return Wanted(
        form=form,
        terms=_terms(params, ord_type, market),
        client_id=params.client_id("clOrdId"),
        in_quote=unit == "quote_ccy",
    )


def read_algo(params: Params, market: MarketSpec, last: Decimal | None) -> Wanted:
    """Read an order that waits for a price. Raises Refusal."""
    ord_type = params.choice("ordType", _ALGOS)
    side = _side(params)
    trigger = limit = amount = percent = None
    if ord_type == TRAILING:
        kind = OrderType.TRAILING_STOP
        amount = params.decimal_or_none("callbackSpread")
        ratio = params.decimal_or_none("callbackRatio")
        if (amount is None) is (ratio is None) or params.maybe("activePx"):
            raise invalid("callbackRatio")
        percent = None if ratio is None else ratio * 100
    elif ord_type == TRIGGER:
        trigger = params.decimal("triggerPx")
        limit = params.price_or_market("orderPx")
        rises = last is None or trigger > last
        kind = _kind(is_stop=rises is (side is Side.BUY), is_limit=limit is not None)
    else:
        is_stop = params.maybe("slTriggerPx") is not None
        if is_stop is (params.maybe("tpTriggerPx") is not None):
            raise Said("50014", "Parameter tpTriggerPx or slTriggerPx cannot be empty.")
        name = "sl" if is_stop else "tp"
        trigger = params.decimal(f"{name}TriggerPx")
        limit = params.price_or_market(f"{name}OrdPx")
        kind = _kind(is_stop=is_stop, is_limit=limit is not None)
    form = OrderForm(
        client_order_id="",
        symbol=market.symbol,
        side=side,
        type=kind,
        quantity=params.decimal("sz"),
        limit_price=limit,
        stop_price=trigger,
        trail_amount=amount,
        trail_percent=percent,
        reduce_only=market.kind is not ContractKind.SPOT and params.flag("reduceOnly"),
        position_side=_position_side(params, market),
    )
    return Wanted(
        form=form,
        terms=_terms(params, ord_type, market),
        client_id=params.client_id("algoClOrdId"),
    )


def read_amend(params: Params) -> Amended:
    return _something(
        Amended(
            quantity=params.decimal_or_none("newSz"),
            limit_price=params.decimal_or_none("newPx"),
        )
    )


def read_amend_algo(params: Params) -> Amended:
    stop = limit = None
    for trigger, price in (
        ("newSlTriggerPx", "newSlOrdPx"),
        ("newTpTriggerPx", "newTpOrdPx"),
        ("newTriggerPx", "newOrdPx"),
    ):
        stop = stop or params.decimal_or_none(trigger)
        limit = limit or params.price_or_market(price)
    return _something(
        Amended(
            quantity=params.decimal_or_none("newSz"), limit_price=limit, stop_price=stop
        )
    )


def _something(new: Amended) -> Amended:
    if new == Amended():
        raise Said("51500", "You must enter a price, quantity, or TP/SL")
    return new


def _kind(*, is_stop: bool, is_limit: bool) -> OrderType:
    if is_stop:
        return OrderType.STOP_LIMIT if is_limit else OrderType.STOP
    return OrderType.LIMIT_IF_TOUCHED if is_limit else OrderType.MARKET_IF_TOUCHED


def _attached(params: Params) -> tuple[LegForm, ...]:
    """Read exits handed in with an order: a take-profit has to be a limit order here."""
    legs = []
    for row in params.children("attachAlgoOrds"):
        if row.maybe("tpTriggerPx") is not None:
            price = row.price_or_market("tpOrdPx")
            if row.maybe("tpOrdKind") != "limit" or price is None:
                raise invalid("tpOrdKind")
            legs.append(LegForm(limit_price=price))
        if row.maybe("slTriggerPx") is not None:
            legs.append(
                LegForm(
                    stop_price=row.decimal("slTriggerPx"),
                    limit_price=row.price_or_market("slOrdPx"),
                )
            )
    return tuple(legs)


def _terms(params: Params, ord_type: str, market: MarketSpec) -> Terms:
    mode = params.choice("tdMode", _MODES)
    if market.kind is not ContractKind.SPOT and mode == "cash":
        raise invalid("tdMode")
    return Terms(ord_type=ord_type, td_mode=mode, tag=params.maybe("tag") or "")


def _side(params: Params) -> Side:
    return Side.BUY if params.choice("side", ("buy", "sell")) == "buy" else Side.SELL


def _position_side(params: Params, market: MarketSpec) -> PositionSide:
    if market.kind is ContractKind.SPOT:
        return PositionSide.NET
    return PositionSide(params.choice("posSide", ("net", "long", "short"), "net"))
