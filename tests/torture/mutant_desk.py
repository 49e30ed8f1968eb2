"""A desk broken on purpose: `python mutant_desk.py MUTANT SETTINGS [--die-at M:N]`.

Each mutant takes out one thing that keeps the promise. The torture must notice every one.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace

from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.adapters.venues.sandbox.venue import Sandbox
from crossdock.app.gateway.resync import Resync
from crossdock.conformance.torture import child
from crossdock.core.execution import intake as decide
from crossdock.core.risk.reservations import Reservations
from crossdock.errors import OutcomeUnknown
from crossdock.model import AttemptId, ClientOrderId, OrderReport
from crossdock.ports import NewOrder


def no_journal_write() -> None:
    """Nothing is written before it is sent, or after."""
    JournalFiles.append = lambda self, payloads: None


def resend_on_timeout() -> None:
    """A submit without an answer is sent again, as naive clients do."""
    submit = Sandbox.submit

    def insistent(self, order: NewOrder) -> Awaitable[OrderReport]:
        async def twice() -> OrderReport:
            try:
                return await submit(self, order)
            except OutcomeUnknown:
                again = ClientOrderId(f"{order.client_order_id}-2"[-36:])
                return await submit(self, replace(order, client_order_id=again))

        return twice()

    Sandbox.submit = insistent


def ignore_gaps() -> None:
    """Lost messages are not asked for again."""

    async def to_the_end(self, adapter, **kinds) -> tuple[int, bool]:
        return 0, True

    Resync._to_the_end = to_the_end


def guess_doubts() -> None:
    """What got no answer is declared absent at once, before a stream can tell of it."""
    begins = Resync.doubt_begins

    def guess(self, attempt_id: AttemptId, monotonic_ns: int) -> None:
        begins(self, attempt_id, monotonic_ns)
        kernel = self._kernel
        for order in list(kernel.state.open_orders(self._account)):
            for attempt in order.doubts:
                if attempt.attempt_id == attempt_id:
                    kernel.note([decide.absence(order, attempt, "guessed", kernel.now())])

    Resync.doubt_begins = guess


def drop_reservations() -> None:
    """What is on its way or in doubt is not counted against the limits."""
    Reservations.hold = lambda self, key, reservation: None


MUTANTS: dict[str, Callable[[], None]] = {
    mutant.__name__: mutant
    for mutant in (
        no_journal_write,
        resend_on_timeout,
        ignore_gaps,
        guess_doubts,
        drop_reservations,
    )
}

if __name__ == "__main__":
    MUTANTS[sys.argv[1]]()
    child.main(sys.argv[2:])
