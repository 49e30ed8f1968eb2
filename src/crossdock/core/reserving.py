"""What is set aside for open orders: ours, and apart from them what others placed."""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.core.legs import Legs, covers
from crossdock.core.orders import OrderState
from crossdock.core.risk.reservations import Reservation, Reservations, reservation_of
from crossdock.model import ONE, Contingency, Instrument, InstrumentId, OrderId


class Reserving:
    """Keeps reservations in line with the orders of a state, whose mappings it reads."""

    def __init__(
        self,
        orders: Mapping[OrderId, OrderState],
        instruments: Mapping[InstrumentId, Instrument],
        legs: Legs,
    ) -> None:
        self.ours = Reservations()
        self.foreign = Reservations()
        self._orders = orders
        self._instruments = instruments
        self._legs = legs

    def follow(self, order: OrderState) -> None:
        """Set aside anew what an order's change may change: its parent's, its legs'."""
        self._reserve(order)
        parent = self._parent_of(order)
        if parent is not None:
            self._reserve(parent)
        for leg in self._legs.of(order):
            self._reserve(leg)

    def _reserve(self, order: OrderState) -> None:
        """Set aside the worst an order may still do; an OCO pair's once, by its parent."""
        reserved = self.foreign if order.foreign else self.ours
        worst = self.worst_of(order)
        is_covered = order.parent is not None and covers(order, self._parent_of(order))
        if worst is not None and not is_covered:
            reserved.hold(order.order_id, worst)
        else:
            reserved.release(order.order_id)

    def worst_of(self, order: OrderState) -> Reservation | None:
        """Return the worst an order may still do, whether or not it is set aside."""
        instrument = self._instruments.get(order.request.instrument)
        worst, prices = order.worst_quantity, order.worst_prices
        if instrument is None or worst <= 0:
            return None
        if order.request.contingency is Contingency.OCO:
            prices += tuple(p for leg in self._legs.of(order) for p in leg.worst_prices)
        return reservation_of(
            order.request,
            instrument,
            worst,
            prices,
            order.reference_price,
            margin_rate=instrument.margin_rate or ONE,
        )

    def _parent_of(self, order: OrderState) -> OrderState | None:
        return None if order.parent is None else self._orders.get(order.parent)
