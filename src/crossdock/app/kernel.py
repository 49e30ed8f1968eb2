"""The one place where a record becomes true: journaled, applied, told to who listens."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from crossdock.core import records as r
from crossdock.core.bus import Bus, ErrorHandler
from crossdock.core.state import State
from crossdock.errors import JournalError
from crossdock.ports import Clock, Ids, Journal

log = logging.getLogger(__name__)

Checkpoint = Callable[[str], None]
"""Called at the named moments of a write's life. Tests of survival kill the process there."""


def pass_by(moment: str) -> None:
    """Go on: the checkpoint of a desk nobody is trying to kill."""


class Kernel:
    """State, journal and bus, kept in step.

    `commit` is for what must be durable before it is acted on; `note` is for what the
    world has told us, which stays true whether or not the disk takes it.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        clock: Clock,
        ids: Ids,
        on_handler_error: ErrorHandler,
        checkpoint: Checkpoint = pass_by,
    ) -> None:
        self.journal = journal
        self.clock = clock
        self.ids = ids
        self.checkpoint = checkpoint
        self.bus = Bus(on_handler_error)
        self.state = State()
        self.unwritten = 0  # records noted after the journal failed
        self.sequence = 0
        self.unprojected: list[tuple[int, r.AnyRecord, bytes]] = []

    def recover(self) -> int:
        """Build the state from the journal. Returns how many records were read."""
        count = 0
        for entry in self.journal.recover():
            record = r.decode(entry.payload)
            if isinstance(record, r.Snapshot):
                self.state = State.restore(record)
            else:
                try:
                    self.state.apply(record)
                except (KeyError, ValueError) as error:
                    raise JournalError(
                        f"record {entry.sequence} of the journal does not fit what came "
                        f"before it: {error!r}",
                        code="journal-inconsistent",
                        hint="run `crossdock journal verify`; keep the files as they are",
                    ) from error
            count += 1
            self.sequence = entry.sequence
        return count

    def now(self) -> int:
        return self.clock.time_ns()

    def commit(self, records: Sequence[r.AnyRecord]) -> Awaitable[None] | None:
        """Journal, then apply. Await the result, if any, before acting on the records.

        Raises JournalError, with nothing applied, when the journal refuses.
        """
        payloads = [r.encode(record) for record in records]
        durable = self.journal.append(payloads)
        self._written(records, payloads)
        self._apply(records)
        return durable

    def note(self, records: Sequence[r.AnyRecord]) -> None:
        """Apply what is true already, journaled if the journal still writes.

        What a broken journal misses is asked of the venue again at the next start.
        """
        if not records:
            return
        payloads = [r.encode(record) for record in records]
        try:
            self.journal.append(payloads)
            self._written(records, payloads)
        except JournalError as error:
            if not self.unwritten:
                log.error("the journal no longer writes: %s", error)  # noqa: TRY400
            self.unwritten += len(records)
        self._apply(records)

    def snapshot(self, keep_done_s: float) -> None:
        """Close the journal's segment with the state, so that recovery begins here."""
        image = self.state.snapshot(self.now(), keep_done_s)
        self.journal.close_segment(r.encode(image))
        self.sequence += 1

    def _written(self, records: Sequence[r.AnyRecord], payloads: Sequence[bytes]) -> None:
        for record, payload in zip(records, payloads, strict=True):
            self.sequence += 1
            self.unprojected.append((self.sequence, record, payload))

    def _apply(self, records: Sequence[r.AnyRecord]) -> None:
        for record in records:
            self.state.apply(record)
        for record in records:
            self.bus.publish(record)
