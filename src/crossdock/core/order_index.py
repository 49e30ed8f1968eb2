"""Finds an order by any id that a venue may use for it."""

from __future__ import annotations

from crossdock.core.orders import OrderState
from crossdock.model import AccountId, ClientOrderId, VenueOrderId


class OrderIndex:
    """Orders by our id as the venue knows it, and by the ids it gave them itself."""

    def __init__(self) -> None:
        self.by_client: dict[tuple[AccountId, ClientOrderId], OrderState] = {}
        self.by_venue: dict[tuple[AccountId, VenueOrderId], OrderState] = {}

    def add(self, order: OrderState) -> None:
        if order.client_order_id:
            self.by_client[order.request.account, order.client_order_id] = order

    def name(self, order: OrderState, venue_order_id: VenueOrderId) -> OrderState | None:
        """Give an order an id of the venue's; return a foreign one that had it before."""
        place = (order.request.account, venue_order_id)
        before = self.by_venue.get(place)
        self.by_venue[place] = order
        is_ghost = before is not None and before is not order and before.foreign
        return before if is_ghost else None

    def find(
        self,
        account: AccountId,
        client_order_id: ClientOrderId | None,
        venue_order_id: VenueOrderId | None,
    ) -> OrderState | None:
        """Find one of ours by either id, and another's by the venue's where that is known.

        Others name their orders as they please: many venues take one name for several.
        """
        order = self.by_client.get((account, client_order_id)) if client_order_id else None
        if venue_order_id is not None and (order is None or order.foreign):
            order = self.by_venue.get((account, venue_order_id))
        return order

    def forget(self, order: OrderState) -> None:
        """Find this order no more; others that took over one of its ids are still found."""
        account = order.request.account
        if self.by_client.get((account, order.client_order_id)) is order:
            del self.by_client[account, order.client_order_id]
        for venue_order_id in order.venue_order_ids:
            if self.by_venue.get((account, venue_order_id)) is order:
                del self.by_venue[account, venue_order_id]
