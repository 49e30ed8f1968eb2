"""Price-time matching: what an order takes, what rests, what one does that wakes."""

from __future__ import annotations

from decimal import Decimal

from crossdock.model import ZERO, OrderStatus, PositionSide, TimeInForce
from crossdock.sandbox.engine import funds
from crossdock.sandbox.engine.book import Book, reaches
from crossdock.sandbox.engine.floor import Floor
from crossdock.sandbox.engine.records import PriceLevel, Refused, VenueOrder

_AT_ONCE = (TimeInForce.IOC, TimeInForce.FOK)


def preview(floor: Floor, book: Book, taker: VenueOrder) -> list[PriceLevel]:
    """Return what an order would take now, best first, as `execute` would take it."""
    left = taker.leaves
    if taker.reduces:
        left = min(left, reducible(floor, taker))
    closable: dict[tuple[str, PositionSide], Decimal] = {}
    taken: list[PriceLevel] = []
    ladder = book.opposite(taker.side)
    for price in ladder:
        if not reaches(taker.side, taker.limit_price, price):
            break
        for maker in ladder.levels[price].orders.values():
            if left <= 0:
                return taken
            if maker.account == taker.account:
                if floor.spec.self_trade_prevention == "cancel_resting":
                    continue
                return taken
            quantity = min(left, maker.leaves)
            if maker.reduces:
                key = (maker.account, maker.position_side)
                rest = closable.setdefault(key, reducible(floor, maker))
                quantity = min(quantity, rest)
                closable[key] = rest - quantity
            if quantity > 0:
                left -= quantity
                taken.append((price, quantity))
    return taken


def would_cross(book: Book, order: VenueOrder) -> bool:
    best = book.opposite(order.side).best
    return best is not None and reaches(order.side, order.limit_price, best)


def execute(floor: Floor, book: Book, taker: VenueOrder, now_ns: int) -> None:
    """Match an order that does not rest, then let it rest or end it."""
    ladder = book.opposite(taker.side)
    while not taker.is_done:
        price = ladder.best
        if price is None or not reaches(taker.side, taker.limit_price, price):
            break
        maker = ladder.first(price)
        if maker.account == taker.account:
            _prevent_self_trade(floor, maker, taker, now_ns)
            continue
        quantity = min(taker.leaves, maker.leaves)
        if maker.reduces:
            quantity = min(quantity, reducible(floor, maker))
            if quantity == 0:
                floor.end(maker, OrderStatus.CANCELED, "reduce_only", now_ns)
                continue
        if taker.reduces:
            quantity = min(quantity, reducible(floor, taker))
            if quantity == 0:
                floor.end(taker, OrderStatus.CANCELED, "reduce_only", now_ns)
                return
        floor.trade(maker, taker, price, quantity, now_ns)
    if taker.is_done:
        return
    if taker.limit_price is None:
        floor.end(taker, OrderStatus.EXPIRED, "no_liquidity", now_ns)
    elif taker.time_in_force in _AT_ONCE:
        floor.end(taker, OrderStatus.EXPIRED, "not_filled_at_once", now_ns)
    else:
        book.own(taker.side).add(taker)


def reducible(floor: Floor, order: VenueOrder) -> Decimal:
    return floor.accounts[order.account].reducible(
        order.symbol, order.position_side, order.side
    )


def wake(floor: Floor, book: Book, order: VenueOrder, now_ns: int) -> None:
    """Let an order whose trigger was reached do what it waited for."""
    order.is_waiting = False
    floor.link(order)
    if order.reduces and reducible(floor, order) == 0:
        floor.end(order, OrderStatus.EXPIRED, "reduce_only", now_ns)
    elif order.post_only and would_cross(book, order):
        floor.end(order, OrderStatus.EXPIRED, "would_cross", now_ns)
    elif order.time_in_force is TimeInForce.FOK and not fills_whole(floor, book, order):
        floor.end(order, OrderStatus.EXPIRED, "fok_unfillable", now_ns)
    elif order.limit_price is None and not _can_pay(floor, book, order):
        floor.end(order, OrderStatus.EXPIRED, "insufficient_funds", now_ns)
    else:
        execute(floor, book, order, now_ns)


def fills_whole(floor: Floor, book: Book, order: VenueOrder) -> bool:
    return sum((took for _, took in preview(floor, book, order)), ZERO) == order.leaves


def _can_pay(floor: Floor, book: Book, order: VenueOrder) -> bool:
    account = floor.accounts[order.account]
    try:
        funds.check_taking(account, book.spec, order, preview(floor, book, order))
    except Refused:
        return False
    return True


def _prevent_self_trade(
    floor: Floor, maker: VenueOrder, taker: VenueOrder, now_ns: int
) -> None:
    rule = floor.spec.self_trade_prevention
    if rule != "cancel_taking":
        floor.end(maker, OrderStatus.CANCELED, "self_trade_prevention", now_ns)
    if rule != "cancel_resting":
        floor.end(taker, OrderStatus.CANCELED, "self_trade_prevention", now_ns)
