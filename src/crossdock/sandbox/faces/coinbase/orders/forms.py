"""New orders as the protocol configures them, made into the engine's forms.

https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/orders/create-order,
read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from crossdock.model import Contingency, OrderType, Side, TimeInForce
from crossdock.sandbox.engine import LegForm, MarketSpec, OrderForm
from crossdock.sandbox.faces.coinbase.params import read_decimal, read_text, read_time_ns
from crossdock.sandbox.faces.coinbase.refusals import NotTaken, invalid
from crossdock.sandbox.faces.coinbase.values import Row

SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_RISES = {"STOP_DIRECTION_STOP_UP": True, "STOP_DIRECTION_STOP_DOWN": False}

Naming = Callable[[str], str]
"""Gives the engine's id for a client's."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a configuration is, beside the prices and sizes in it."""

    time_in_force: TimeInForce = TimeInForce.GTC
    is_market: bool = False
    is_stop: bool = False
    is_bracket: bool = False


_KINDS = {
    "market_market_ioc": _Kind(TimeInForce.IOC, is_market=True),
    "market_market_fok": _Kind(TimeInForce.FOK, is_market=True),
    "sor_limit_ioc": _Kind(TimeInForce.IOC),
    "limit_limit_gtc": _Kind(),
    "limit_limit_gtd": _Kind(TimeInForce.GTD),
    "limit_limit_fok": _Kind(TimeInForce.FOK),
    "stop_limit_stop_limit_gtc": _Kind(is_stop=True),
    "stop_limit_stop_limit_gtd": _Kind(TimeInForce.GTD, is_stop=True),
    "trigger_bracket_gtc": _Kind(is_bracket=True),
    "trigger_bracket_gtd": _Kind(TimeInForce.GTD, is_bracket=True),
}
_PRICED = ("limit_price", "stop_price", "stop_trigger_price")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One new order, read and not yet placed.

    `quote_size` is what a market buy spends, fees included, in place of a quantity. `rises`
    says of a stop that it waits for a higher price.
    """

    client_id: str
    form: OrderForm
    configuration: Row
    quote_size: Decimal | None = None
    rises: bool | None = None
    is_bracket: bool = False


def read_order(body: Row, market: MarketSpec, naming: Naming) -> Wanted:
    """Read one order. Raises Refusal, NotTaken."""
    client_id = read_text(body, "client_order_id")
    side = SIDES.get(read_text(body, "side"))
    configuration = body.get("order_configuration")
    if side is None:
        raise NotTaken("INVALID_SIDE", "PREVIEW_INVALID_SIDE", "Invalid side")
    if not isinstance(configuration, dict):
        raise invalid("order_configuration is required")
    name, fields = _only(configuration)
    kind = _KINDS.get(name)
    if kind is None:
        raise NotTaken.unsupported(f"{name} is not supported")
    base, quote = _sizes(fields, kind, side)
    limit, stop, trigger = (read_decimal(fields, it) for it in _PRICED)
    rises = None
    if kind.is_stop:
        rises = _RISES.get(str(fields.get("stop_direction")))
        if rises is None or stop is None:
            raise invalid("stop_price and stop_direction are required")
    if not kind.is_market and limit is None:
        raise invalid("limit_price is required")
    if kind.is_bracket and trigger is None:
        raise invalid("stop_trigger_price is required")
    end_ns = None
    if kind.time_in_force is TimeInForce.GTD:
        end_ns = read_time_ns("end_time", read_text(fields, "end_time"))
    legs: tuple[LegForm, ...] = ()
    contingency = Contingency.OTO
    if kind.is_bracket:
        legs = (LegForm(stop_price=trigger, client_order_id=naming(client_id)),)
        contingency = Contingency.OCO
    elif body.get("attached_order_configuration"):
        legs = _attached(body["attached_order_configuration"], client_id, naming)
    form = OrderForm(
        client_order_id=naming(client_id),
        symbol=market.symbol,
        side=side,
        type=_type(kind, side, rises=rises),
        quantity=base or market.quantity_step,
        limit_price=None if kind.is_market else limit,
        stop_price=stop if kind.is_stop else None,
        time_in_force=kind.time_in_force,
        expire_time_ns=end_ns,
        post_only=fields.get("post_only") is True,
        attached=legs,
        contingency=contingency,
    )
    return Wanted(client_id, form, configuration, quote, rises, kind.is_bracket)


def _only(configuration: Row) -> tuple[str, Row]:
    named = [(name, it) for name, it in configuration.items() if isinstance(it, dict)]
    if len(named) != 1:
        raise invalid("order_configuration must have exactly one type")
    return named[0]


def _sizes(fields: Row, kind: _Kind, side: Side) -> tuple[Decimal | None, Decimal | None]:
    base, quote = read_decimal(fields, "base_size"), read_decimal(fields, "quote_size")
    if (base is None) == (quote is None):
        raise NotTaken.unsupported("One of base_size and quote_size is needed")
    if quote is not None and not (kind.is_market and side is Side.BUY):
        raise NotTaken.unsupported("quote_size is for market orders that buy")
    return base, quote


def _type(kind: _Kind, side: Side, *, rises: bool | None) -> OrderType:
    if kind.is_market:
        return OrderType.MARKET
    if rises is None:
        return OrderType.LIMIT
    return (
        OrderType.STOP_LIMIT
        if rises == (side is Side.BUY)
        else (OrderType.LIMIT_IF_TOUCHED)
    )


def _attached(configuration: object, client_id: str, naming: Naming) -> tuple[LegForm, ...]:
    """Read the bracket that begins when the order has filled; it has no size of its own."""
    if not isinstance(configuration, dict):
        raise invalid("attached_order_configuration must be an object")
    name, fields = _only(configuration)
    limit = read_decimal(fields, "limit_price")
    trigger = read_decimal(fields, "stop_trigger_price")
    if name != "trigger_bracket_gtc" or limit is None or trigger is None:
        raise NotTaken.unsupported("only trigger_bracket_gtc can be attached")
    if fields.get("base_size"):
        raise NotTaken.unsupported("an attached order has no size of its own")
    named = f"{client_id}-attached"
    return (
        LegForm(limit_price=limit, client_order_id=naming(named)),
        LegForm(stop_price=trigger, client_order_id=naming(named)),
    )
