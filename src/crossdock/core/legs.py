"""Which orders are legs of which, and which wait for their parent to be known."""

from __future__ import annotations

from collections.abc import Iterable

from crossdock.core.orders import OrderState
from crossdock.model import ZERO, AccountId, Contingency, OrderId, VenueOrderId


class Legs:
    """An index over orders, made anew from them after a restart.

    A stray is a leg that was seen before anybody knew an order by its parent's id.
    """

    def __init__(self) -> None:
        self._of: dict[OrderId, dict[OrderId, OrderState]] = {}
        self._strays: dict[tuple[AccountId, VenueOrderId], dict[OrderId, OrderState]] = {}

    def add(self, order: OrderState) -> None:
        """Take in a new order, which may be nobody's leg."""
        if order.parent is not None:
            self._of.setdefault(order.parent, {})[order.order_id] = order
        elif order.parent_ref is not None:
            place = (order.request.account, order.parent_ref)
            self._strays.setdefault(place, {})[order.order_id] = order

    def forget(self, order: OrderState) -> None:
        self._of.pop(order.order_id, None)
        if order.parent is not None:
            self._of.get(order.parent, {}).pop(order.order_id, None)
        if order.parent_ref is not None:
            place = (order.request.account, order.parent_ref)
            self._strays.get(place, {}).pop(order.order_id, None)

    def of(self, order: OrderState) -> Iterable[OrderState]:
        return self._of[order.order_id].values() if order.order_id in self._of else ()

    def strays(self, parent: OrderState, venue_order_id: VenueOrderId) -> list[OrderState]:
        """Take out the legs that have waited for this parent."""
        if not self._strays:
            return []
        waiting = self._strays.pop((parent.request.account, venue_order_id), {})
        return list(waiting.values())


def covers(leg: OrderState, parent: OrderState | None) -> bool:
    """Tell whether a leg sets nothing aside of its own.

    Under OTO it closes what its parent opens. Of an OCO pair only one can fill, and while
    the parent is open it holds the worst of both.
    """
    if leg.contingency is Contingency.OTO:
        return True
    return parent is not None and parent.worst_quantity > ZERO
