"""Which fills were booked, where each one stands, and which took whose place."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from crossdock.core.ledger.entries import Traded
from crossdock.core.ledger.position_log import PositionLog
from crossdock.model import ExecutionId, Fill, FillKey


class Booked:
    """`log_of` are the fills in effect. `void` have none: taken back, or replaced before
    they came. `replaced_by` leads from each to the next.
    """

    __slots__ = ("log_of", "replaced_by", "void")

    def __init__(self) -> None:
        self.log_of: dict[FillKey, PositionLog] = {}
        self.void: dict[FillKey, None] = {}
        self.replaced_by: dict[FillKey, FillKey] = {}

    def __contains__(self, key: FillKey) -> bool:
        return key in self.log_of or key in self.void

    def restore(self, log: PositionLog) -> None:
        """Take in the fills of a position."""
        account, instrument = log.key.account, log.key.instrument
        for entry in log.entries:
            if type(entry) is Traded:
                key = (account, instrument, entry.venue_order_id, entry.execution_id)
                self.log_of[key] = log

    def replaced(
        self,
        fill: Fill,
        execution: ExecutionId,
        logs: Callable[[], Iterable[PositionLog]],
    ) -> FillKey:
        """Return which fill another one takes the place of, after what replaced it before.

        `logs` are those of the instrument. A fill whose order has another id by now is
        meant where only one can be.
        """
        old = self.tip((fill.account, fill.instrument, fill.venue_order_id, execution))
        if old in self:
            return old
        found = {
            (fill.account, fill.instrument, entry.venue_order_id, entry.execution_id)
            for log in logs()
            for entry in log.entries
            if type(entry) is Traded and entry.execution_id == old[3]
        }
        return found.pop() if len(found) == 1 else old

    def tip(self, key: FillKey) -> FillKey:
        """Follow replacements to the fill that stands now."""
        while (newer := self.replaced_by.get(key)) is not None:
            key = newer
        return key
