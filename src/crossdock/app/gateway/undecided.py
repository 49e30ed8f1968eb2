"""Orders that a venue cannot tell of, though it answers what else it is asked."""

from __future__ import annotations

from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.core.execution.reconcile import absent_after_ns
from crossdock.core.orders import OrderState
from crossdock.errors import BadPayload, Rejected, Unavailable, Unreachable
from crossdock.model import AccountId, OrderId
from crossdock.ports import Evidence

# What a look-up raises that cannot decide about this one order.
CANNOT_TELL = (Unreachable, BadPayload, Rejected, Unavailable)


class Undecided:
    """One account's. A person is told of each that stays so past the horizon, once."""

    def __init__(self, kernel: Kernel, account: AccountId, evidence: Evidence) -> None:
        self._kernel = kernel
        self._account = account
        self._evidence = evidence
        self._since: dict[OrderId, int] = {}
        self._told: set[OrderId] = set()

    def is_due(self, order: OrderState, began_ns: int) -> bool:
        """Tell whether a look-up begun then, which failed, is one too many."""
        since_ns = self._since.setdefault(order.order_id, began_ns)
        if began_ns < absent_after_ns(self._evidence, since_ns):
            return False
        if order.doubts:
            return any(not attempt.escalated for attempt in order.doubts)
        is_done = order.status.is_terminal and not order.owed
        return not is_done and order.order_id not in self._told

    def decided(self, order: OrderState) -> None:
        """Forget of an order what a look-up that succeeded has mended."""
        self._since.pop(order.order_id, None)
        self._told.discard(order.order_id)

    def tell(self, order: OrderState, words: str) -> None:
        """Tell a person of an order that cannot be looked up."""
        if order.doubts:
            self.escalate(order, words)
            return
        self._told.add(order.order_id)
        self._kernel.note(
            [
                self._alarm(
                    order,
                    "order-cannot-be-looked-up",
                    f"what became of {order.client_order_id or order.order_id} is not known: "
                    f"{words}",
                )
            ]
        )

    def escalate(self, order: OrderState, words: str) -> None:
        """Have a person end every doubt about an order that has none asked yet."""
        for attempt in order.doubts:
            if attempt.escalated:
                continue
            escalated = r.DoubtEscalated(
                at=self._kernel.now(),
                attempt_id=attempt.attempt_id,
                order_id=order.order_id,
                words=words,
            )
            in_doubt = f"{attempt.kind} of {order.client_order_id} is in doubt: {words}"
            alarm = self._alarm(order, "doubt-needs-a-person", in_doubt)
            self._kernel.note([escalated, alarm])

    def _alarm(self, order: OrderState, code: str, words: str) -> r.Alarmed:
        return r.Alarmed(
            at=self._kernel.now(),
            code=code,
            words=words,
            account=self._account,
            order_id=order.order_id,
            correlation=order.request.correlation,
        )
