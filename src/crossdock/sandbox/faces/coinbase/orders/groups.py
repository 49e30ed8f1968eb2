"""A bracket is one order here and two in the engine: a limit order and a stop.

The group of any other order is the order alone. `head` is whose id the group has.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from crossdock.model import ZERO, Contingency, OrderStatus, TimeInForce
from crossdock.sandbox.engine import VenueOrder

_CONTENDED = "one_cancels_the_other"


def head(order: VenueOrder) -> VenueOrder:
    parent = order.parent
    if parent is None:
        return order
    return parent if order.contingency is Contingency.OCO else parent.legs[0]


def members(order: VenueOrder) -> Sequence[VenueOrder]:
    """Return an order's group: the limit order first, then the stop."""
    if order.contingency is Contingency.OCO:
        first = order.parent or order
        group = [first, *first.legs]
    elif order.parent is not None:
        group = order.parent.legs
    else:
        return (order,)
    # A copy of a member stands for how that member was.
    return [order if it.number == order.number else it for it in group]


def is_bracket(order: VenueOrder) -> bool:
    return order.contingency is Contingency.OCO or order.parent is not None


def attached(order: VenueOrder) -> VenueOrder | None:
    """Return the bracket that begins when an order has filled."""
    if order.parent is not None or order.contingency is not Contingency.OTO:
        return None
    return order.legs[0]


def stop(order: VenueOrder) -> VenueOrder:
    """Return the member of a group that waits for a price, if it has one, else the order."""
    return next((it for it in members(order) if it.stop_price is not None), order)


def alive(order: VenueOrder) -> VenueOrder | None:
    """Return the member by which a group can be cancelled."""
    return next((it for it in members(order) if not it.is_done), None)


def filled(order: VenueOrder) -> Decimal:
    return sum((it.cumulative_quantity for it in members(order)), ZERO)


def told_status(order: VenueOrder) -> OrderStatus:
    """Return a group's status, as far as the protocol tells statuses apart."""
    group = members(order)
    done = filled(order)
    if any(not it.is_done for it in group):
        if all(it.is_pending or it.is_done for it in group):
            return OrderStatus.PENDING_NEW
        return OrderStatus.PARTIALLY_FILLED if done else OrderStatus.NEW
    if any(it.status is OrderStatus.FILLED for it in group):
        return OrderStatus.FILLED
    decided = next((it for it in group if it.reason != _CONTENDED), group[0])
    status = decided.status
    if status is OrderStatus.EXPIRED and decided.time_in_force is not TimeInForce.GTD:
        return OrderStatus.CANCELED
    return status
