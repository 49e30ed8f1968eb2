"""New orders, as the engine's forms.

https://huobiapi.github.io/docs/spot/v1/en/#place-a-new-order, read 2026-11-21.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from crossdock.model import ZERO, OrderType, Side, TimeInForce
from crossdock.sandbox.engine import OrderForm, Refused
from crossdock.sandbox.faces.htx.params import Params
from crossdock.sandbox.faces.htx.refusals import bad_field
from crossdock.sandbox.host import Host

_DEPTH = 5000


@dataclass(frozen=True, slots=True)
class Kind:
    """What the second half of an order's `type` means."""

    limited: bool = True
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    has_stop: bool = False


KINDS = {
    "limit": Kind(),
    "market": Kind(limited=False),
    "ioc": Kind(time_in_force=TimeInForce.IOC),
    "limit-maker": Kind(post_only=True),
    "limit-fok": Kind(time_in_force=TimeInForce.FOK),
    "stop-limit": Kind(has_stop=True),
    "stop-limit-fok": Kind(has_stop=True, time_in_force=TimeInForce.FOK),
}


def read_order(params: Params, symbol: str, host: Host) -> OrderForm:
    """Read the fields of an order. Raises Refusal or Refused."""
    said_side, _, said_kind = params.text("type").partition("-")
    kind = KINDS.get(said_kind)
    if kind is None or said_side not in ("buy", "sell"):
        raise bad_field("type")
    side = Side.BUY if said_side == "buy" else Side.SELL
    order_type = OrderType.LIMIT if kind.limited else OrderType.MARKET
    stop_price = None
    if kind.has_stop:
        rises = params.choice("operator", ("gte", "lte")) == "gte"
        stop_price = params.decimal("stop-price")
        stops = rises is (side is Side.BUY)
        order_type = OrderType.STOP_LIMIT if stops else OrderType.LIMIT_IF_TOUCHED
    amount = params.decimal("amount")
    if not kind.limited and side is Side.BUY:
        amount = _bought(amount, symbol, host)
    return OrderForm(
        client_order_id="",
        symbol=symbol,
        side=side,
        type=order_type,
        quantity=amount,
        limit_price=params.decimal("price") if kind.limited else None,
        stop_price=stop_price,
        time_in_force=kind.time_in_force,
        post_only=kind.post_only,
    )


def _bought(money: Decimal, symbol: str, host: Host) -> Decimal:
    """Return what a sum of money buys from the book as it is."""
    left, quantity = money, ZERO
    _, _, asks = host.venue.book(symbol, _DEPTH)
    for price, available in asks:
        taken = min(available, left / price)
        quantity += taken
        left -= taken * price
        if left <= 0:
            break
    step = host.venue.markets[symbol].quantity_step
    if quantity < step:
        raise Refused("min_quantity", "the money buys less than one step")
    return Decimal(quantity // step * step)
