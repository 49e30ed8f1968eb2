"""The prices at which waiting orders wake."""

from __future__ import annotations

from decimal import Decimal

from crossdock.model import OrderType, Side
from crossdock.sandbox.engine.records import VenueOrder
from crossdock.sandbox.engine.specs import MarketSpec

_TOUCHED = (OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED)


def is_reached(order: VenueOrder, price: Decimal) -> bool:
    """Tell whether a trade at a price wakes an order.

    A buy stop wakes on the way up, a buy if-touched on the way down; sells the other way.
    """
    assert order.stop_price is not None, "what waits has a stop price"
    if (order.side is Side.BUY) != (order.type in _TOUCHED):
        return price >= order.stop_price
    return price <= order.stop_price


def follow(order: VenueOrder, market: MarketSpec, price: Decimal) -> None:
    """Draw a trailing stop after a trade price; it never moves away from the market."""
    stop = trailed(order, market, price)
    before = order.stop_price
    if before is None or (stop < before if order.side is Side.BUY else stop > before):
        order.stop_price = stop


def trailed(order: VenueOrder, market: MarketSpec, price: Decimal) -> Decimal:
    """Return the stop price of a trailing stop at an extreme of the market.

    On the tick, the next one further away from the market.
    """
    if order.trail_amount is not None:
        distance = order.trail_amount
    else:
        assert order.trail_percent is not None, "a trailing stop trails by something"
        distance = abs(price) * order.trail_percent / 100
    stop = price + distance * order.side.sign
    tick = market.tick_at(stop)
    below = stop // tick * tick
    return below if below == stop or order.side is Side.SELL else below + tick
