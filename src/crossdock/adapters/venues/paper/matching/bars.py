"""What a bar fills.

A closed bar is the path open, nearer extreme, farther extreme, close. An order that was
there when the bar began meets all of it; one that came while it ran meets its close
alone, for nobody knows what of the rest came after the order; one that came at its end
or later meets nothing of it. An unfinished bar is the one price it stands at.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from crossdock.adapters.venues.paper.funds.exact import add, subtract
from crossdock.adapters.venues.paper.matching.engine import Engine
from crossdock.adapters.venues.paper.matching.market import Market
from crossdock.adapters.venues.paper.matching.prints import Volume, meet_price
from crossdock.adapters.venues.paper.matching.triggers import follow, wakes_rising
from crossdock.adapters.venues.paper.orders import Order
from crossdock.model import ZERO, Bar, Side


def match_bar(engine: Engine, market: Market, bar: Bar) -> None:
    orders = tuple(market.orders)
    volume = _volume_of(engine, market, bar)
    before = volume.left
    if not bar.is_closed:
        if before is None or before > 0:
            _meet_all(engine, market, orders, bar.close, volume)
    else:
        start_ns, end_ns = bar.start_time_ns, bar.end_time_ns
        whole = [order for order in orders if order.arrived_ns <= start_ns]
        late = [order for order in orders if start_ns < order.arrived_ns < end_ns]
        if whole:
            path = path_of(bar)
            _meet_all(engine, market, whole, path[0], volume)
            for begin, end in pairwise(path):
                _walk(engine, market, whole, begin, end, volume)
                for order in whole:
                    if order.is_open and order.waits:
                        follow(market, order, market.price(end, order.side))
        _meet_all(engine, market, late, bar.close, volume)
    if before is not None and volume.left is not None:
        spent = add(_ours_of(market, bar), subtract(before, volume.left))
        market.bar_volume = (bar.start_time_ns, spent)


def path_of(bar: Bar) -> tuple[float, float, float, float]:
    """Return the prices a bar is taken to have gone through, in order.

    With both extremes equally near it went against its own direction first.
    """
    up, down = bar.high - bar.open, bar.open - bar.low
    low_first = down < up if down != up else bar.close >= bar.open
    if low_first:
        return bar.open, bar.low, bar.high, bar.close
    return bar.open, bar.high, bar.low, bar.close


def _volume_of(engine: Engine, market: Market, bar: Bar) -> Volume:
    """Return what orders here may have of a bar's volume, less what they had of it."""
    model = engine.models.bar_volume
    if model.share is None:
        return Volume(None)
    assert market.instrument is not None
    most = model.of(Decimal(repr(bar.volume)), market.instrument.quantity_step)
    assert most is not None
    return Volume(subtract(most, _ours_of(market, bar)))


def _ours_of(market: Market, bar: Bar) -> Decimal:
    start_ns, ours = market.bar_volume
    return ours if start_ns == bar.start_time_ns else ZERO


def _meet_all(
    engine: Engine,
    market: Market,
    orders: tuple[Order, ...] | list[Order],
    value: float,
    volume: Volume,
) -> None:
    on_touch = engine.models.bar_fill.on_touch
    for order in orders:
        if order.is_open:
            price = market.price(value, order.side)
            meet_price(engine, market, order, price, volume, on_touch=on_touch)


def _walk(
    engine: Engine,
    market: Market,
    orders: list[Order],
    begin: float,
    end: float,
    volume: Volume,
) -> None:
    """Go from one price to another and let each order meet its own price on the way."""
    rises = end > begin
    met: set[tuple[int, bool]] = set()
    while True:
        nearest: tuple[float, Order] | None = None
        for order in orders:
            if not order.is_open or (order.number, order.waits) in met:
                continue
            at = _level(order, rises=rises)
            if at is None or not _lies_between(engine, order, at, begin, end):
                continue
            if nearest is None or abs(at - begin) < abs(nearest[0] - begin):
                nearest = (at, order)
        if nearest is None:
            return
        begin, order = nearest
        met.add((order.number, order.waits))
        price = order.stop_price if order.waits else order.limit_price
        assert price is not None
        meet_price(engine, market, order, price, volume, on_touch=True)


def _level(order: Order, *, rises: bool) -> float | None:
    """Return the price at which a rising or falling market meets an order, if any."""
    if order.waits:
        return _float(order.stop_price) if wakes_rising(order) is rises else None
    return _float(order.limit_price) if (order.side is Side.SELL) is rises else None


def _float(price: Decimal | None) -> float | None:
    return None if price is None else float(price)


def _lies_between(
    engine: Engine, order: Order, at: float, begin: float, end: float
) -> bool:
    low, high = min(begin, end), max(begin, end)
    if at == end and not order.waits and not engine.models.bar_fill.on_touch:
        return False
    return low <= at <= high
