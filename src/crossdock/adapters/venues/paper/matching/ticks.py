"""What quotes, books and trades fill."""

from __future__ import annotations

from decimal import Decimal

from crossdock.adapters.venues.paper.funds.exact import add, subtract
from crossdock.adapters.venues.paper.matching.engine import Engine
from crossdock.adapters.venues.paper.matching.entry import reaches
from crossdock.adapters.venues.paper.matching.market import Market
from crossdock.adapters.venues.paper.matching.prints import Volume, meet_price
from crossdock.adapters.venues.paper.matching.triggers import follow, is_triggered
from crossdock.adapters.venues.paper.orders import Order
from crossdock.model import ZERO, BookChange, Liquidity, Side, Trade


def match_offers(engine: Engine, market: Market) -> None:
    """Let every order meet what a new quote or book shows.

    A resting order fills at its own price when the other side comes to it. Stops go by
    trades; where none are streamed, by the offers.
    """
    for order in tuple(market.orders):
        if not order.is_open:
            continue
        if order.waits:
            if market.trade is not None:
                continue
            best = next(market.offers(order.side), None)
            if best is None:
                continue
            if not is_triggered(order, best[0]):
                follow(market, order, best[0])
                continue
            engine.trigger(order)
        if order.is_fresh:
            engine.meet(market, order)
        else:
            _be_taken(engine, market, order)


def _be_taken(engine: Engine, market: Market, order: Order) -> None:
    limit = order.limit_price
    assert limit is not None
    on_touch = market.book is not None or engine.models.queue.fills_on_touch
    for price, offered in market.offers(order.side):
        if not reaches(order.side, limit, price) or (price == limit and not on_touch):
            break
        wanted = order.leaves if offered is None else min(order.leaves, offered)
        got = engine.fill(market, order, wanted, limit, Liquidity.MAKER)
        if got and offered is not None:
            market.take(order.side, price, got)
        if not order.is_open or got < wanted:
            break


def follow_queue(market: Market, change: BookChange) -> None:
    """Move orders forward where the quantity displayed at their price fell below theirs.

    What was cancelled is taken to have stood behind, until no more is left than was ahead.
    """
    for order in market.orders:
        if order.limit_price is None or order.waits or order.is_fresh:
            continue
        levels = change.bids if order.side is Side.BUY else change.asks
        key = float(order.limit_price)
        if not change.snapshot and not any(float(price) == key for price, _ in levels):
            continue
        shown = market.displayed(order.side, order.limit_price)
        if shown is not None:
            order.ahead = shown if order.ahead is None else min(order.ahead, shown)


def match_trade(engine: Engine, market: Market, trade: Trade) -> None:
    """Let orders have their part in a public trade: better prices first, then older ones."""
    instrument = market.instrument
    assert instrument is not None
    volume = Volume(engine.models.trade_volume.of(trade.quantity, instrument.quantity_step))
    on_touch = engine.models.queue.fills_on_touch
    at_price: dict[Side, Decimal] = {Side.BUY: ZERO, Side.SELL: ZERO}
    for order in sorted(market.orders, key=_priority):
        if not order.is_open:
            continue
        if market.offers_depth and (order.waits or order.is_fresh):
            if order.waits and is_triggered(order, trade.price):
                engine.trigger(order)
                engine.meet(market, order)
            elif order.waits:
                follow(market, order, trade.price)
        elif order.waits or order.is_fresh:
            meet_price(engine, market, order, trade.price, volume, on_touch=on_touch)
        else:
            _share_in(engine, market, order, trade, volume, at_price)


def _share_in(
    engine: Engine,
    market: Market,
    order: Order,
    trade: Trade,
    volume: Volume,
    at_price: dict[Side, Decimal],
) -> None:
    """Fill a resting order at its limit, as far as this trade gets to it."""
    limit, side = order.limit_price, order.side
    assert limit is not None
    if not reaches(side, limit, trade.price):
        return
    most = volume.most(order.leaves)
    if trade.price != limit:
        order.ahead = None if order.ahead is None else ZERO
    elif not engine.models.queue.fills_on_touch:
        if order.ahead is None or trade.side is side:
            return
        rest = subtract(trade.quantity, order.ahead)
        order.ahead = max(ZERO, rest.copy_negate())
        most = min(most, subtract(rest, at_price[side]))
    got = engine.fill(market, order, most, limit, Liquidity.MAKER)
    volume.spend(got)
    if trade.price == limit:
        at_price[side] = add(at_price[side], got)


def _priority(order: Order) -> tuple[Decimal, int]:
    limit = order.limit_price
    if limit is None:
        return Decimal("-Infinity"), order.number
    return (limit.copy_negate() if order.side is Side.BUY else limit), order.number
