"""Order lists of one venue's accounts."""

from __future__ import annotations

from crossdock.sandbox.engine import Refused, VenueOrder
from crossdock.sandbox.faces.binance.words import list_of


class Lists:
    """Every list, by its number and by the name its client gave it."""

    def __init__(self) -> None:
        self._lists: dict[tuple[str, int], VenueOrder] = {}
        self._names: dict[tuple[str, int], str] = {}

    def enter(self, order: VenueOrder, name: str) -> None:
        """Register a list by its first order."""
        self._lists[order.account, order.number] = order
        self._names[order.account, order.number] = name

    def name(self, order: VenueOrder) -> str:
        return self._names.get((order.account, order.number), f"list-{order.number}")

    def find(self, account: str, number: int | None, name: str | None) -> VenueOrder:
        """Return a list's first order, by number, else by name. Raises Refused."""
        for (owner, listed), order in reversed(self._lists.items()):
            if owner == account and (
                listed == number if number is not None else self.name(order) == name
            ):
                return order
        raise Refused("unknown_order", "no such list")

    def all(self, account: str) -> list[VenueOrder]:
        return [order for (owner, _), order in self._lists.items() if owner == account]

    def open(self, account: str) -> list[VenueOrder]:
        return [
            order
            for order in self.all(account)
            if any(not it.is_done for it in list_of(order))
        ]
