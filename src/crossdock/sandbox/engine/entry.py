"""Order entry: submit, replace, cancel and time's expiries."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from crossdock.model import OrderStatus, OrderType, TimeInForce
from crossdock.sandbox.engine import aftermath, checks, contingencies, funds, matching
from crossdock.sandbox.engine.account import Account
from crossdock.sandbox.engine.book import Book
from crossdock.sandbox.engine.floor import Floor
from crossdock.sandbox.engine.records import SPRUNG, OrderForm, Refused, VenueOrder
from crossdock.sandbox.engine.triggers import is_reached, trailed

_DAY_NS = 24 * 60 * 60 * 10**9


def find(account: Account, order_id: str | None, client_order_id: str | None) -> VenueOrder:
    """Return an order by any id of its chain, else by client order id. Raises Refused."""
    if order_id is not None:
        order, what = account.orders.get(order_id), f"id {order_id!r}"
    elif client_order_id is not None:
        order = account.clients.get(client_order_id)
        what = f"client order id {client_order_id!r}"
    else:
        raise Refused("bad_request", "name the order by its id or its client order id")
    if order is None:
        raise Refused("unknown_order", f"{account.name} never had an order with {what}")
    return order


def submit(floor: Floor, account: Account, form: OrderForm, now_ns: int) -> VenueOrder:
    """Check an order with its legs, accept and match it. Raises Refused, nothing done."""
    checks.check_shape(form, now_ns)
    book = floor.book(form.symbol)
    for client_order_id in (
        form.client_order_id,
        *(leg.client_order_id for leg in form.attached),
    ):
        earlier = account.clients.get(client_order_id)
        if earlier is not None:
            raise Refused(
                "duplicate_client_order_id",
                f"{client_order_id} names order {earlier.id}",
                earlier,
            )
    market = book.spec
    if not account.is_house:
        checks.check_leg(form, market, hedge_mode=floor.spec.hedge_mode)
    checks.check_quantity(market, form.quantity)
    prices = [form.limit_price, form.stop_price]
    for leg in form.attached:
        prices += [leg.limit_price, leg.stop_price]
    for price in prices:
        if price is not None:
            checks.check_price(market, price)
    order = floor.order(form, account.name, now_ns)
    order.reduces = form.reduce_only or checks.closes_leg(form.side, form.position_side)
    order.is_waiting = form.type in SPRUNG
    order.end_time_ns = _end_time_ns(form, now_ns)
    if form.type is OrderType.TRAILING_STOP:
        order.stop_price = _first_stop(book, order)
    contingencies.attach(floor, order, form, market)
    live = [order, *(leg for leg in order.legs if not leg.is_pending)]
    reference = order.limit_price or order.stop_price or book.opposite(form.side).best
    checks.check_notional(market, form.quantity, reference, reduces=order.reduces)
    if order.reduces and matching.reducible(floor, order) == 0:
        raise Refused("reduce_only", "there is no position to reduce")
    for it in live:
        _check_now(floor, book, it)
        funds.reserve(account, market, it)
    for it in (order, *order.legs):
        _register(floor, account, it)
        floor.changed(it, now_ns)
    for it in live:
        if it.is_waiting:
            book.waiting[it.number] = it
    if not order.is_waiting:
        matching.execute(floor, book, order, now_ns)
    aftermath.finish(floor, book, now_ns)
    return order


def _first_stop(book: Book, order: VenueOrder) -> Decimal:
    """Return where a trailing stop begins. Raises Refused where that is nowhere."""
    last = book.last_price
    if last is None:
        raise Refused("stop_price", "there is no price yet that a stop could trail")
    stop = trailed(order, book.spec, last)
    if stop <= 0:
        raise Refused("stop_price", f"the trail is too long: it would begin at {stop:f}")
    return stop


@dataclass(frozen=True, slots=True)
class Amendment:
    """New values for an order; None keeps the old one. `quantity` is the new total."""

    quantity: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None


def replace(
    floor: Floor, account: Account, order_id: str, new: Amendment, now_ns: int
) -> VenueOrder:
    """Amend an order that is alive, under a new id. Raises Refused with nothing done.

    Legs that have not begun take over a new quantity of their parent. Its place in the queue stays only when its quantity shrinks and nothing else changes.
    """
    order = _alive(account, order_id)
    book = floor.book(order.symbol)
    before = Amendment(order.quantity, order.limit_price, order.stop_price)
    held = (order.held_asset, order.held_unit, order.held_limit)
    _check_amendment(book, order, new)
    rests = book.own(order.side).holds(order)
    shrinks = (
        new.quantity is not None
        and new.quantity < order.quantity
        and new.limit_price in (None, order.limit_price)
        and new.stop_price in (None, order.stop_price)
    )
    cut = order.quantity - new.quantity if new.quantity is not None else Decimal(0)
    try:
        _amend(order, new)
        if not order.is_pending:
            _check_now(floor, book, order)
            funds.reserve(account, book.spec, order)
    except Refused:
        _amend(order, before)
        order.held_asset, order.held_unit, order.held_limit = held
        raise
    if shrinks and rests:
        book.own(order.side).shrink(order, cut)
    elif rests:
        _amend(order, before)
        book.own(order.side).remove(order)
        _amend(order, new)
    order.replaces = order.id
    order.id = str(floor.number())
    order.chain.append(order.id)
    account.orders[order.id] = order
    if account.is_house:
        del account.orders[order.replaces]
    floor.changed(order, now_ns)
    contingencies.resize(floor, order, now_ns)
    stays = order.is_waiting or order.is_pending or (shrinks and rests)
    if not stays:
        matching.execute(floor, book, order, now_ns)
    aftermath.finish(floor, book, now_ns)
    return order


def cancel(floor: Floor, account: Account, order_id: str, now_ns: int) -> VenueOrder:
    order = _alive(account, order_id)
    floor.end(order, OrderStatus.CANCELED, "", now_ns)
    aftermath.finish(floor, floor.book(order.symbol), now_ns)
    return order


def cancel_all(floor: Floor, account: Account, now_ns: int) -> list[VenueOrder]:
    orders = list(account.open.values())
    for order in orders:
        floor.end(order, OrderStatus.CANCELED, "", now_ns)
    for symbol in dict.fromkeys(order.symbol for order in orders):
        aftermath.finish(floor, floor.book(symbol), now_ns)
    return orders


def expire(floor: Floor, now_ns: int) -> None:
    """End DAY and GTD orders whose time has come."""
    due = [
        order
        for order in floor.timed.values()
        if order.end_time_ns is not None and order.end_time_ns <= now_ns
    ]
    _end_in_time(floor, due, now_ns)


def expire_all(floor: Floor, account: Account, now_ns: int) -> list[VenueOrder]:
    """End an account's DAY and GTD orders before their time."""
    due = [order for order in floor.timed.values() if order.number in account.open]
    _end_in_time(floor, due, now_ns)
    return due


def _end_in_time(floor: Floor, due: list[VenueOrder], now_ns: int) -> None:
    for order in due:
        if order.is_done:
            continue
        floor.end(order, OrderStatus.EXPIRED, "expired", now_ns)
        aftermath.finish(floor, floor.book(order.symbol), now_ns)


def _alive(account: Account, order_id: str) -> VenueOrder:
    order = find(account, order_id, None)
    if order.is_done:
        raise Refused("order_done", f"order {order.id} is {order.status}", order)
    return order


def _check_now(floor: Floor, book: Book, order: VenueOrder) -> None:
    """Check an order against the book and last price of this moment."""
    if order.is_waiting:
        assert order.stop_price is not None
        last = book.last_price
        if last is not None and is_reached(order, last):
            raise Refused(
                "stop_price",
                f"a {order.side} {order.type} at {order.stop_price:f} would trigger at "
                f"once: last is {last:f}",
            )
        return
    if order.post_only and matching.would_cross(book, order):
        raise Refused("would_cross", "a post_only order would take")
    if order.time_in_force is TimeInForce.FOK and not matching.fills_whole(
        floor, book, order
    ):
        raise Refused("fok_unfillable", "the book cannot fill the whole of it")
    if order.limit_price is None:
        taken = matching.preview(floor, book, order)
        funds.check_taking(floor.accounts[order.account], book.spec, order, taken)


def _check_amendment(book: Book, order: VenueOrder, new: Amendment) -> None:
    if new == Amendment():
        raise Refused("bad_request", "nothing to replace: give a quantity or a price")
    is_exit = bool(order.rivals) or order.is_pending
    if is_exit and new.quantity not in (None, order.quantity):
        raise Refused("bad_request", "the quantity of an exit follows its group")
    if new.quantity is not None:
        checks.check_quantity(book.spec, new.quantity)
        if new.quantity <= order.cumulative_quantity:
            raise Refused(
                "bad_request",
                f"new total {new.quantity:f} is not above the "
                f"{order.cumulative_quantity:f} already filled",
            )
    if new.limit_price is not None:
        if order.limit_price is None:
            raise Refused("bad_request", f"a {order.type} order takes no limit_price")
        checks.check_price(book.spec, new.limit_price)
    if new.stop_price is not None:
        amends = order.is_waiting or (order.is_pending and order.stop_price is not None)
        if not amends or order.type is OrderType.TRAILING_STOP:
            raise Refused("bad_request", "the order does not wait for a stop_price")
        checks.check_price(book.spec, new.stop_price)
    checks.check_notional(
        book.spec,
        new.quantity or order.quantity,
        new.limit_price or order.limit_price,
        reduces=order.reduces,
    )


def _amend(order: VenueOrder, new: Amendment) -> None:
    if new.quantity is not None:
        order.quantity = new.quantity
    if new.limit_price is not None:
        order.limit_price = new.limit_price
    if new.stop_price is not None:
        order.stop_price = new.stop_price


def _register(floor: Floor, account: Account, order: VenueOrder) -> None:
    account.open[order.number] = order
    account.orders[order.id] = order
    if order.end_time_ns is not None:
        floor.timed[order.number] = order
    if not account.is_house:
        account.clients[order.client_order_id] = order


def _end_time_ns(form: OrderForm, now_ns: int) -> int | None:
    if form.time_in_force is TimeInForce.DAY:
        return (now_ns // _DAY_NS + 1) * _DAY_NS
    return form.expire_time_ns
