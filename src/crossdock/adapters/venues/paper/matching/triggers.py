"""The prices at which waiting orders wake."""

from __future__ import annotations

from decimal import Decimal

from crossdock.adapters.venues.paper.funds.exact import add, subtract
from crossdock.adapters.venues.paper.matching.market import Market
from crossdock.adapters.venues.paper.orders import Order, refused
from crossdock.model import OrderType, Side

_TOUCHED = frozenset({OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED})


def wakes_rising(order: Order) -> bool:
    """Tell whether an order waits for the price to rise to its stop price.

    A buy stop does; a buy if-touched waits for it to fall; sells the other way.
    """
    return (order.side is Side.BUY) != (order.type in _TOUCHED)


def is_triggered(order: Order, price: Decimal) -> bool:
    """Tell whether a price reaches what an order waits for."""
    stop = order.stop_price
    assert stop is not None
    return price >= stop if wakes_rising(order) else price <= stop


def begin_trail(market: Market, order: Order) -> None:
    """Put a trailing stop where it stands at the market of this moment. Raises Rejected."""
    traded = None if market.trade is None else market.trade.price
    price = market.reference(order.side) if traded is None else traded
    if price is None:
        raise refused("no_market", f"{market.id} has no price that a stop could trail")
    follow(market, order, price)
    if order.stop_price is not None and order.stop_price <= 0:
        raise refused("bad_trail", f"it would begin at {order.stop_price:f}")


def follow(market: Market, order: Order, price: Decimal) -> None:
    """Draw a trailing stop after a price that did not trigger it; it never backs off."""
    if order.type is not OrderType.TRAILING_STOP:
        return
    stop, before = _trailed(market, order, price), order.stop_price
    if before is None or (stop < before if order.side is Side.BUY else stop > before):
        order.stop_price = stop


def _trailed(market: Market, order: Order, price: Decimal) -> Decimal:
    """Return the stop price at an extreme, on the tick that is further from the market."""
    assert market.instrument is not None
    distance = order.trail_amount
    if distance is None:
        assert order.trail_percent is not None
        distance = price.copy_abs() * order.trail_percent / 100
    stop = add(price, distance) if order.side is Side.BUY else subtract(price, distance)
    tick = market.instrument.tick_at(stop)
    below = stop // tick * tick
    return below if below == stop or order.side is Side.SELL else add(below, tick)
