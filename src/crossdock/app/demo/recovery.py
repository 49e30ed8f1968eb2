"""What became of the orders that were open or in doubt when the desk was killed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from crossdock.core.orders import OrderState
from crossdock.model import ZERO, ClientOrderId

NEVER = "never arrived"
_DONE_UNSEEN = {"NeverAccepted", "Rejected"}  # both mean that the venue may know nothing


@dataclass(slots=True, kw_only=True)
class Settled:
    """One order: what the journal held at the kill, what desk and venue say since.

    `agrees` once both told the same status and filled quantity, with nothing in doubt.
    """

    client_order_id: ClientOrderId
    account: str
    instrument: str
    side: str
    quantity: str
    price: str
    at_kill: str
    in_flight: tuple[str, ...]  # writes without an answer
    desk: str = ""
    venue: str = ""
    agrees: bool = False


@dataclass(slots=True, kw_only=True)
class Recovery:
    """A kill and what followed, as far as it has come."""

    phase: str = "killed"
    from_outside: bool = False  # by somebody else than the demo
    process_before: int = 0
    process_after: int = 0
    rows: list[Settled] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def in_flight(self) -> int:
        return sum(bool(row.in_flight) for row in self.rows)

    @property
    def agreed(self) -> int:
        return sum(row.agrees for row in self.rows)

    @property
    def is_complete(self) -> bool:
        return self.agreed == len(self.rows)

    def compare(
        self, orders: Iterable[Mapping[str, Any]], truth: Mapping[str, Any]
    ) -> None:
        """Take in what the desk and the venues say now. Agreement, once seen, stays."""
        ours = {order["client_order_id"]: order for order in orders}
        theirs = _by_client_id(truth)
        for row in self.rows:
            if row.agrees:
                continue
            mine = ours.get(row.client_order_id)
            venues = theirs.get(row.client_order_id)
            row.desk = _told(mine["status"], mine["cumulative_quantity"]) if mine else ""
            row.venue = (
                _told(venues["status"], venues["cumulative_quantity"]) if venues else NEVER
            )
            row.agrees = mine is not None and _same(mine, venues)


def at_kill(orders: Iterable[OrderState]) -> list[Settled]:
    """Return the rows of the orders that a journal leaves open."""
    rows = []
    for order in orders:
        price = order.limit_price if order.limit_price is not None else order.stop_price
        rows.append(
            Settled(
                client_order_id=order.client_order_id,
                account=order.request.account,
                instrument=order.request.instrument,
                side=str(order.request.side),
                quantity=f"{order.quantity:f}",
                price="market" if price is None else f"{price:f}",
                at_kill=str(order.status),
                in_flight=tuple(str(each.kind) for each in order.attempts.values()),
            )
        )
    # Those without an answer first: they are what a kill puts at risk.
    return sorted(rows, key=lambda row: not row.in_flight)


def _by_client_id(truth: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {
        order["client_order_id"]: order
        for venue in truth.values()
        for account in venue["accounts"].values()
        for order in account["orders"]
    }


def _same(mine: Mapping[str, Any], venues: Mapping[str, Any] | None) -> bool:
    if mine["in_doubt"]:
        return False
    filled = Decimal(mine["cumulative_quantity"])
    if venues is None:
        return mine["proven_status"] in _DONE_UNSEEN and filled == ZERO
    return bool(
        mine["proven_status"] == venues["status"]
        and filled == Decimal(venues["cumulative_quantity"])
    )


def _told(status: str, filled: str) -> str:
    return f"{status} {filled}" if Decimal(filled) else status
