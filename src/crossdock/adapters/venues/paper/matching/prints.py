"""Orders and prices that others traded at: shared by trades and bars."""

from __future__ import annotations

from decimal import Decimal

from crossdock.adapters.venues.paper.funds.exact import subtract
from crossdock.adapters.venues.paper.matching.engine import Engine
from crossdock.adapters.venues.paper.matching.entry import reaches
from crossdock.adapters.venues.paper.matching.market import Market
from crossdock.adapters.venues.paper.matching.triggers import follow, is_triggered
from crossdock.adapters.venues.paper.orders import AT_ONCE, Order
from crossdock.model import ZERO, Liquidity, OrderStatus, TimeInForce


class Volume:
    """How much of what was traded may still be ours. None: as much as one likes."""

    __slots__ = ("left",)

    def __init__(self, left: Decimal | None) -> None:
        self.left = left

    def most(self, wanted: Decimal) -> Decimal:
        return wanted if self.left is None else max(ZERO, min(wanted, self.left))

    def spend(self, quantity: Decimal) -> None:
        if self.left is not None:
            self.left = subtract(self.left, quantity)


def meet_price(
    engine: Engine,
    market: Market,
    order: Order,
    price: Decimal,
    volume: Volume,
    *,
    on_touch: bool,
) -> None:
    """Let an order meet one price at which others trade.

    What waits for it triggers and fills at it, else a trailing stop follows it. A limit order fills at it when it is
    better than its limit, or equal and a touch is enough.
    """
    assert market.instrument is not None
    if order.waits:
        if not is_triggered(order, price):
            follow(market, order, price)
            return
        engine.trigger(order)
    limit, wanted = order.limit_price, order.leaves
    liquidity = Liquidity.TAKER if order.is_fresh else Liquidity.MAKER
    if order.time_in_force is TimeInForce.FOK and volume.most(wanted) < wanted:
        engine.end(order, OrderStatus.EXPIRED, "fok_unfillable")
        return
    if limit is None:
        price = engine.models.slippage.price(market.instrument, order.side, price)
    elif reaches(order.side, limit, price) and (on_touch or price != limit):
        if order.is_fresh and order.post_only:
            engine.end(order, OrderStatus.EXPIRED, "would_cross")
            return
    else:
        wanted = ZERO
    volume.spend(engine.fill(market, order, volume.most(wanted), price, liquidity))
    if not order.is_open:
        return
    if order.time_in_force in AT_ONCE:
        engine.end(order, OrderStatus.EXPIRED, "not_filled_at_once")
    elif limit is not None:
        order.is_fresh = False
