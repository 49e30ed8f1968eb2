"""Fills that came before anybody here knew their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crossdock.core.orders import OrderState
from crossdock.model import AccountId, ClientOrderId, Fill, FillKind, VenueOrderId


class EarlyFills:
    """Booked as nobody's, and kept until an order is known by an id that they name."""

    def __init__(self) -> None:
        self._fills: dict[tuple[AccountId, VenueOrderId], list[Fill]] = {}
        self._named: dict[tuple[AccountId, ClientOrderId], set[VenueOrderId]] = {}

    def __bool__(self) -> bool:
        return bool(self._fills)

    def __iter__(self) -> Iterator[Fill]:
        for fills in self._fills.values():
            yield from fills

    def keep(self, fill: Fill) -> None:
        self._fills.setdefault((fill.account, fill.venue_order_id), []).append(fill)
        if fill.client_order_id:
            name = (fill.account, fill.client_order_id)
            self._named.setdefault(name, set()).add(fill.venue_order_id)

    def one_of_each(self, account: AccountId) -> list[Fill]:
        """Return a fill of each order that nobody here knows."""
        return [fills[0] for (of, _), fills in self._fills.items() if of == account]

    def take(self, order: OrderState) -> list[Fill]:
        """Return the fills of an order, and keep them no more.

        Our own name for it counts as the venue's does. Others may use a name twice.
        """
        account = order.request.account
        known = list(order.venue_order_ids)
        if not order.foreign:
            named = self._named.pop((account, order.client_order_id), ())
            known += sorted(set(named).difference(known))
        return [fill for name in known for fill in self._fills.pop((account, name), ())]


def give(order: OrderState, fills: Sequence[Fill]) -> None:
    """Add fills to an order that they came before, corrections among them included."""
    latest: dict[str, Fill] = {}
    for fill in fills:
        replaced = latest.get(fill.replaces) if fill.replaces is not None else None
        if replaced is not None:
            order.unfee(replaced.fees)
        if replaced is not None and fill.kind is FillKind.CORRECTED:
            order.reprice(abs(replaced.quantity), fill.price - replaced.price)
        order.fill(fill)
        latest[fill.execution_id] = fill
