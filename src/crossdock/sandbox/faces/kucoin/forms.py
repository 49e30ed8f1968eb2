"""New orders, as the engine's forms.

https://www.kucoin.com/docs-new/rest/spot-trading/orders/add-order and
https://www.kucoin.com/docs-new/rest/spot-trading/orders/add-stop-order, read 2026-11-21.
"""

from __future__ import annotations

from decimal import Decimal

from crossdock.model import ZERO, OrderType, Side, TimeInForce
from crossdock.sandbox.engine import OrderForm
from crossdock.sandbox.faces.kucoin_gateway.params import Params
from crossdock.sandbox.faces.kucoin_gateway.refusals import Said, bad_parameter
from crossdock.sandbox.host import SECOND_NS, Host

_TIMES = {
    "GTC": TimeInForce.GTC,
    "GTT": TimeInForce.GTD,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
}
_SPRUNG = {
    (True, True): OrderType.STOP_LIMIT,
    (True, False): OrderType.STOP,
    (False, True): OrderType.LIMIT_IF_TOUCHED,
    (False, False): OrderType.MARKET_IF_TOUCHED,
}
_DEPTH = 5000


def read_order(params: Params, symbol: str, host: Host, *, has_stop: bool) -> OrderForm:
    """Read the fields of an order. Raises Refusal."""
    side = Side.BUY if params.choice("side", ("buy", "sell")) == "buy" else Side.SELL
    limited = params.choice("type", ("limit", "market")) == "limit"
    kind = OrderType.LIMIT if limited else OrderType.MARKET
    stop_price = None
    if has_stop:
        # "entry" waits for a price at or above, "loss" for one at or below.
        rises = params.choice("stop", ("entry", "loss"), "loss") == "entry"
        kind = _SPRUNG[rises is (side is Side.BUY), limited]
        stop_price = params.decimal("stopPrice")
    time_in_force = _TIMES[params.choice("timeInForce", _TIMES, "GTC")]
    expires_ns = None
    if time_in_force is TimeInForce.GTD:
        seconds = params.whole("cancelAfter", 0, most=2_592_000)
        if not seconds:
            raise bad_parameter("cancelAfter")
        expires_ns = host.now_ns() + seconds * SECOND_NS
    price = params.decimal("price") if limited else None
    quantity = _worth(params, symbol, side, host)
    _check(host, symbol, quantity, price, stop_price)
    return OrderForm(
        client_order_id="",
        symbol=symbol,
        side=side,
        type=kind,
        quantity=quantity,
        limit_price=price,
        stop_price=stop_price,
        time_in_force=time_in_force,
        expire_time_ns=expires_ns,
        post_only=params.flag("postOnly"),
    )


def _worth(params: Params, symbol: str, side: Side, host: Host) -> Decimal:
    """Return the size, worked out of the book where `funds` are given instead."""
    if "funds" not in params:
        return params.decimal("size")
    left, quantity = params.decimal("funds"), ZERO
    _, bids, asks = host.venue.book(symbol, _DEPTH)
    for price, available in asks if side is Side.BUY else bids:
        taken = min(available, left / price)
        quantity += taken
        left -= taken * price
        if left <= 0:
            break
    step = host.venue.markets[symbol].quantity_step
    if quantity < step:
        raise Said("400100", "Order size below the minimum requirement.", status=400)
    return Decimal(quantity // step * step)


def _check(host: Host, symbol: str, size: Decimal, *prices: Decimal | None) -> None:
    """Refuse in words of their own what does not fit a step."""
    market = host.venue.markets[symbol]
    if size < market.min_quantity:
        raise Said("400100", "Order size below the minimum requirement.", status=400)
    if size % market.quantity_step:
        raise Said("600100", "Order size increment invalid.")
    if any(price is not None and price % market.tick_at(price) for price in prices):
        raise Said("600100", "Price increment invalid.")
