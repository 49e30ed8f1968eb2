"""What an order must find in the market and in the account to be taken in."""

from __future__ import annotations

from decimal import Decimal

from crossdock.adapters.venues.paper.funds.account import Account
from crossdock.adapters.venues.paper.funds.exact import add
from crossdock.adapters.venues.paper.matching.market import Market
from crossdock.adapters.venues.paper.orders import AT_ONCE, Order, check_notional, refused
from crossdock.model import ZERO, OrderType, Side, TimeInForce


def check_entry(account: Account, market: Market, order: Order) -> None:
    """Check an order against market and position. Raises Rejected."""
    assert market.instrument is not None
    if order.reduce_only:
        if not account.reducible(order):
            raise refused("reduce_only", "there is no position that it could reduce")
    elif market.instrument.min_notional:
        price = order.limit_price or order.stop_price or market.reference(order.side)
        check_notional(market.instrument, order.quantity, price)
    if order.waits or not order.is_fresh:
        return
    if order.type is OrderType.MARKET or order.time_in_force in AT_ONCE:
        is_offered = next(market.offers(order.side), None) is not None
        if not market.was_seen or (market.offers_depth and not is_offered):
            raise refused("no_market", f"nothing is offered in {market.id}")
    if market.is_readable:
        if order.post_only and crosses(market, order):
            raise refused("would_cross", "it would take, and is post-only")
        if order.time_in_force is TimeInForce.FOK and not fills_whole(market, order):
            raise refused("fok_unfillable", "not all of it can be filled at once")


def crosses(market: Market, order: Order) -> bool:
    """Tell whether an order would take something that is offered now."""
    best = next(market.offers(order.side), None)
    return best is not None and reaches(order.side, order.limit_price, best[0])


def fills_whole(market: Market, order: Order) -> bool:
    """Tell whether what is offered now within the limit is enough for all that is left."""
    found = ZERO
    for price, offered in market.offers(order.side):
        if not reaches(order.side, order.limit_price, price):
            break
        if offered is None:
            return True
        found = add(found, offered)
    return found >= order.leaves


def reaches(side: Side, limit: Decimal | None, price: Decimal) -> bool:
    """Tell whether an order with this limit accepts a price."""
    if limit is None:
        return True
    return price <= limit if side is Side.BUY else price >= limit
