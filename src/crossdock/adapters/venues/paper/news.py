"""What the account's streams are told, and when."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from crossdock.adapters.venues.paper.orders import Order
from crossdock.model import AccountId, Fill, OrderReport
from crossdock.ports import AccountSink, Clock


@dataclass(frozen=True, slots=True)
class _Batch:
    due_ns: int
    fills: tuple[Fill, ...]
    orders: tuple[OrderReport, ...]


class News:
    """Gathers what one event or one write changed, and tells it as one batch.

    Fills come before the reports that count them. A batch is on its way for the latency;
    nobody who was not connected when it arrives is told of it.
    """

    def __init__(self, account: AccountId, clock: Clock, latency_ns: int) -> None:
        self.sinks: list[AccountSink] = []
        self._account = account
        self._clock = clock
        self._latency_ns = latency_ns
        self._fills: list[Fill] = []
        self._orders: dict[str, Order] = {}
        self._replied: OrderReport | None = None
        self._sent: deque[_Batch] = deque()

    def fill(self, fill: Fill) -> None:
        self._fills.append(fill)

    def order(self, order: Order) -> None:
        self._orders[order.id] = order
        self._replied = None

    def reply(self, order: Order, now_ns: int) -> OrderReport:
        """Return the report of an order; when nothing moves it, the batch has the same."""
        self._replied = order.report(self._account, now_ns)
        return self._replied

    @property
    def ended(self) -> list[Order]:
        """The orders that ended since the last batch."""
        return [order for order in self._orders.values() if not order.is_open]

    @property
    def has_unsent(self) -> bool:
        return bool(self._orders or self._fills)

    @property
    def due_ns(self) -> int | None:
        """When the next batch arrives; None when none is on its way."""
        return self._sent[0].due_ns if self._sent else None

    def send(self) -> None:
        """Put what has gathered on its way."""
        now_ns = self._clock.time_ns()
        batch = _Batch(
            now_ns + self._latency_ns,
            tuple(self._fills),
            tuple([self._report(order, now_ns) for order in self._orders.values()]),
        )
        self._replied = None
        self._fills.clear()
        self._orders.clear()
        self._sent.append(batch)

    def _report(self, order: Order, now_ns: int) -> OrderReport:
        replied = self._replied
        if (
            replied is not None
            and replied.venue_order_id == order.id
            and replied.received_time_ns == now_ns
        ):
            return replied
        return order.report(self._account, now_ns)

    def deliver(self, now_ns: int) -> None:
        """Tell every batch that has arrived by now."""
        while self._sent and self._sent[0].due_ns <= now_ns:
            batch = self._sent.popleft()
            for sink in tuple(self.sinks):
                if batch.fills:
                    sink.fills(batch.fills)
                if batch.orders:
                    sink.orders(batch.orders)
