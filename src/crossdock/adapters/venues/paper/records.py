"""What the venue keeps for good: orders, fills and account events, and pages of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from crossdock.adapters.venues.paper.orders import Order
from crossdock.model import AccountEvent, ClientOrderId, Fill, VenueOrderId
from crossdock.ports import AccountEventPage, FillPage, OrderRef

_PAGE = 500

T = TypeVar("T")


class Records:
    """`birth` is the account's own mark: cursors of an account before it begin anew."""

    def __init__(self, birth: str) -> None:
        self.birth = birth
        self.fills: list[Fill] = []
        self.events: list[AccountEvent] = []
        self.sequence = 0  # of what moved the account
        self.last_number = 0  # of an order
        self._by_id: dict[VenueOrderId, Order] = {}
        self._by_client_id: dict[ClientOrderId, Order] = {}

    def add(self, order: Order) -> None:
        self.last_number = max(self.last_number, order.number)
        self._by_id[order.id] = order
        self._by_client_id[order.client_order_id] = order

    def knows(self, client_order_id: ClientOrderId) -> bool:
        return client_order_id in self._by_client_id

    def find(self, ref: OrderRef) -> Order | None:
        found = self._by_client_id.get(ref.client_order_id)
        for venue_order_id in ref.venue_order_ids:
            found = found or self._by_id.get(venue_order_id)
        return found

    def next_sequence(self) -> int:
        self.sequence += 1
        return self.sequence

    def fills_after(self, cursor: str) -> FillPage:
        page, behind, complete = self._after(self.fills, cursor)
        return FillPage(fills=page, cursor=behind, complete=complete)

    def fill_cursor(self) -> str:
        return self._cursor(len(self.fills))

    def events_after(self, cursor: str) -> AccountEventPage:
        page, behind, complete = self._after(self.events, cursor)
        return AccountEventPage(events=page, cursor=behind, complete=complete)

    def event_cursor(self) -> str:
        return self._cursor(len(self.events))

    def _after(self, kept: Sequence[T], cursor: str) -> tuple[tuple[T, ...], str, bool]:
        birth, _, number = cursor.rpartition(":")
        begin = int(number) if birth == self.birth and number.isdecimal() else 0
        end = min(begin + _PAGE, len(kept))
        return tuple(kept[begin:end]), self._cursor(end), end == len(kept)

    def _cursor(self, count: int) -> str:
        return f"{self.birth}:{count}"
