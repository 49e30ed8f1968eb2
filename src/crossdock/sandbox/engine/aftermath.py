"""What follows from an operation before the next one may begin."""

from __future__ import annotations

from crossdock.model import OrderStatus, PositionSide
from crossdock.sandbox.engine import contingencies, matching
from crossdock.sandbox.engine.book import Book
from crossdock.sandbox.engine.floor import Floor


def finish(floor: Floor, book: Book, now_ns: int) -> None:
    """End an operation: wake what was triggered, begin and end legs, publish.

    Reduce-only orders that are left with nothing to reduce are dropped.
    """
    contingencies.settle(floor, now_ns)
    while due := book.triggered():
        for order in due:
            if not order.is_done:
                matching.wake(floor, book, order, now_ns)
                contingencies.settle(floor, now_ns)
    for key in floor.traded_legs:
        _drop_pointless(floor, *key, now_ns)
    floor.traded_legs.clear()
    contingencies.settle(floor, now_ns)
    book.publish(floor.listener, now_ns)


def _drop_pointless(
    floor: Floor, account: str, symbol: str, position_side: PositionSide, now_ns: int
) -> None:
    resting = [
        order
        for order in floor.accounts[account].open.values()
        if order.reduces
        and not (order.is_waiting or order.is_pending)
        and (order.symbol, order.position_side) == (symbol, position_side)
    ]
    for order in resting:
        if matching.reducible(floor, order) == 0:
            floor.end(order, OrderStatus.CANCELED, "reduce_only", now_ns)
