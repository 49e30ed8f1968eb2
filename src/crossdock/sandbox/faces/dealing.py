"""Order entry as every face does it: the engine's work, and the races a fault arranges."""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal

from crossdock.sandbox.engine import OrderForm, VenueOrder
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host

_RACES = {
    Operation.CANCEL: FaultKind.CANCEL_FILL_RACE,
    Operation.REPLACE: FaultKind.REPLACE_FILL_RACE,
}


@dataclass(frozen=True, slots=True)
class OrderRef:
    """How a call names an order: by any id of its chain, or by its client order id.

    Both are the engine's, not the protocol's.
    """

    order_id: str | None = None
    client_id: str | None = None


class Dealing:
    """Writes of one venue. Everything raises the engine's Refused with nothing done."""

    def __init__(self, host: Host, seed: int) -> None:
        self._host = host
        self._random = random.Random(f"dealing {seed}")  # noqa: S311 - not a secret

    def submit(self, account: str, form: OrderForm, now_ns: int) -> VenueOrder:
        order = self._host.venue.submit(account, form, now_ns)
        self._host.accepted(order)
        return order

    def cancel(self, account: str, ref: OrderRef, now_ns: int) -> VenueOrder:
        order = self.find(account, ref)
        self._race(Operation.CANCEL, order, now_ns)
        return self._host.venue.cancel(account, order.id, now_ns)

    def replace(
        self,
        account: str,
        ref: OrderRef,
        now_ns: int,
        *,
        quantity: Decimal | None = None,
        limit_price: Decimal | None = None,
        stop_price: Decimal | None = None,
        rest: Decimal | None = None,
    ) -> VenueOrder:
        """Amend an order under a new id of its chain; `quantity` is the new total.

        Protocols that ask for what is to be open from now on give `rest` instead.
        """
        order = self.find(account, ref)
        self._race(Operation.REPLACE, order, now_ns)
        if rest is not None:
            quantity = order.cumulative_quantity + rest
        return self._host.venue.replace(
            account,
            order.id,
            quantity=quantity,
            limit_price=limit_price,
            stop_price=stop_price,
            now_ns=now_ns,
        )

    def find(self, account: str, ref: OrderRef) -> VenueOrder:
        """Return an order as a write finds it: no fault hides it."""
        return self._host.venue.find(
            account, order_id=ref.order_id, client_order_id=ref.client_id
        )

    def _race(self, operation: Operation, order: VenueOrder, now_ns: int) -> None:
        """Let the house fill the order first, all of it or half, if a fault says so."""
        faults = self._host.faults
        kind = _RACES[operation]
        if order.is_done or not faults.has(kind):
            return
        armed = faults.find(kind, operation, order.account)
        if armed is None:
            return
        step = self._host.venue.markets[order.symbol].quantity_step
        half = order.leaves / 2 // step * step
        quantity = half if half > 0 and self._random.random() < 0.5 else None
        fill = self._host.venue.fill_by_house(order.account, order.id, quantity, now_ns)
        if fill is not None:
            faults.bite(armed)
