"""How attached legs follow their parent, and rivals one another."""

from __future__ import annotations

from crossdock.model import ZERO, Contingency, ContractKind, OrderStatus
from crossdock.sandbox.engine import funds, matching
from crossdock.sandbox.engine.checks import closes_leg
from crossdock.sandbox.engine.floor import Floor
from crossdock.sandbox.engine.records import OrderForm, Refused, VenueOrder
from crossdock.sandbox.engine.specs import MarketSpec
from crossdock.sandbox.engine.triggers import is_reached


def attach(floor: Floor, order: VenueOrder, form: OrderForm, market: MarketSpec) -> None:
    """Make the legs of an order. Nothing is registered yet."""
    exits = form.contingency is Contingency.OTO
    for leg_form in form.attached:
        leg = floor.order(
            OrderForm(
                client_order_id=leg_form.client_order_id,
                symbol=order.symbol,
                side=order.side.opposite if exits else order.side,
                type=leg_form.type,
                quantity=order.quantity,
                limit_price=leg_form.limit_price,
                stop_price=leg_form.stop_price,
                time_in_force=order.time_in_force,
                expire_time_ns=order.expire_time_ns,
                reduce_only=order.reduce_only
                or (exits and market.kind is not ContractKind.SPOT),
                position_side=order.position_side,
            ),
            order.account,
            order.created_time_ns,
        )
        leg.client_order_id = leg.client_order_id or f"leg-{leg.id}"
        leg.contingency = form.contingency
        leg.reduces = leg.reduce_only or closes_leg(leg.side, leg.position_side)
        leg.end_time_ns = order.end_time_ns
        leg.parent = order
        if exits:
            leg.is_pending, leg.status = True, OrderStatus.PENDING_NEW
        else:
            leg.is_waiting = leg.stop_price is not None
        order.legs.append(leg)
    group = order.legs if exits else [order, *order.legs]
    for member in group:
        member.rivals = [other for other in group if other is not member]


def resize(floor: Floor, order: VenueOrder, now_ns: int) -> None:
    """Let the legs that have not begun have their parent's quantity."""
    for leg in order.legs:
        if leg.is_pending and leg.quantity != order.quantity:
            leg.quantity = order.quantity
            floor.changed(leg, now_ns)


def settle(floor: Floor, now_ns: int) -> None:
    """Let every change of an order reach those that hang together with it."""
    while floor.linked:
        order = floor.linked.pop(next(iter(floor.linked)))
        _contend(floor, order, now_ns)
        if order.is_done:
            _release(floor, order, now_ns)


def _contend(floor: Floor, order: VenueOrder, now_ns: int) -> None:
    """End or shrink the rivals of an order that has changed."""
    filled = order.cumulative_quantity > 0
    decided = order.is_done or order.has_triggered
    if decided or (filled and floor.spec.partial_oco == "cancel"):
        rivals, order.rivals = order.rivals, []
        for rival in rivals:
            rival.rivals.remove(order)
            if not rival.is_done:
                floor.end(rival, OrderStatus.CANCELED, "one_cancels_the_other", now_ns)
    elif filled:
        for rival in order.rivals:
            _shrink(floor, rival, order, now_ns)


def _shrink(floor: Floor, rival: VenueOrder, order: VenueOrder, now_ns: int) -> None:
    cut = rival.leaves - order.leaves
    if cut <= 0:
        return
    ladder = floor.books[rival.symbol].own(rival.side)
    if ladder.holds(rival):
        ladder.shrink(rival, cut)
    rival.quantity -= cut
    floor.changed(rival, now_ns)


def _release(floor: Floor, parent: VenueOrder, now_ns: int) -> None:
    """Begin the legs of a parent that is done with something filled, end them else."""
    pending = [leg for leg in parent.legs if leg.is_pending]
    begins = parent.cumulative_quantity > 0 and parent.status is not OrderStatus.CANCELED
    for leg in pending:
        if begins:
            leg.quantity = parent.cumulative_quantity
        else:
            floor.end(leg, OrderStatus.CANCELED, "parent", now_ns)
    for leg in pending:
        if leg.is_pending:
            _begin(floor, leg, now_ns)
            _contend(floor, leg, now_ns)


def _begin(floor: Floor, leg: VenueOrder, now_ns: int) -> None:
    book = floor.books[leg.symbol]
    leg.is_pending, leg.status = False, OrderStatus.NEW
    try:
        if leg.reduces and matching.reducible(floor, leg) == ZERO:
            raise Refused("reduce_only", "there is no position to reduce")
        funds.reserve(floor.accounts[leg.account], book.spec, leg)
    except Refused as refused:
        floor.end(leg, OrderStatus.REJECTED, refused.code, now_ns)
        return
    leg.is_waiting = leg.stop_price is not None
    floor.changed(leg, now_ns)
    if not leg.is_waiting:
        matching.execute(floor, book, leg, now_ns)
    elif book.last_price is not None and is_reached(leg, book.last_price):
        matching.wake(floor, book, leg, now_ns)
    else:
        book.waiting[leg.number] = leg
