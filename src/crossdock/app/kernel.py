"""The one place where a record becomes true: journaled, applied, told to who listens."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, get_args

import msgspec

from crossdock.core import records as r
from crossdock.core.bus import Bus, ErrorHandler
from crossdock.core.state import State
from crossdock.errors import JournalError
from crossdock.model import AccountId
from crossdock.ports import Clock, Ids, Journal

log = logging.getLogger(__name__)

Checkpoint = Callable[[str], None]
"""Called at the named moments of a write's life. Tests of survival kill the process there."""


_TEXTS: Mapping[type, Sequence[str]] = {
    kind: told
    for kind in get_args(r.AnyRecord)
    if (told := [name for name in ("words", "reason") if name in kind.__struct_fields__])
}
"""Where a record says in words what somebody said to us: an adapter's error, for one."""


def pass_by(moment: str) -> None:
    """Go on: the checkpoint of a desk nobody is trying to kill."""


class Unfit(NamedTuple):
    """A record that says what cannot be. Its account's books may miss something."""

    account: AccountId | None
    words: str


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
        projects: bool = True,
        scrub: Callable[[str], str] = str,
    ) -> None:
        """`projects`: keep what is written in `unprojected` for a projection. `scrub` masks
        the secrets of the settings, which an adapter may have put into an error.
        """
        self.journal = journal
        self.clock = clock
        self.ids = ids
        self.checkpoint = checkpoint
        self.scrub = scrub
        self._projects = projects
        self.bus = Bus(on_handler_error)
        self.state = State()
        self.unwritten = 0  # records noted after the journal failed
        self.sequence = 0
        self.unfit: list[Unfit] = []  # records passed over, not alarmed about yet
        self.unprojected: list[tuple[int, r.AnyRecord, bytes]] = []

    def recover(self) -> int:
        """Build the state from the journal. Returns how many records were read.

        Raises JournalError for what does not read. A record that does not fit is passed
        over, as it was when it came: `unfit` keeps it for the alarm.
        """
        count = 0
        for entry in self.journal.recover():
            record = r.decode(entry.payload)
            if isinstance(record, r.Snapshot):
                self.state = State.restore(record)
            else:
                self._try(record)
            count += 1
            self.sequence = entry.sequence
        return count

    def now(self) -> int:
        return self.clock.time_ns()

    def commit(self, records: Sequence[r.AnyRecord]) -> Awaitable[None] | None:
        """Journal, then apply. Await the result, if any, before acting on the records.

        Raises JournalError, with nothing applied, when the journal refuses, or when a
        record would not read back: a strategy may have put anything into an order.
        """
        payloads = [r.encode_readable(record) for record in records]
        durable = self.journal.append(payloads)
        self._written(records, payloads)
        self._apply(records)
        return durable

    def note(self, records: Sequence[r.AnyRecord]) -> None:
        """Apply what is true already, journaled if the journal still writes.

        Words are scrubbed: they go to screens, and to whoever is told beyond this machine.
        What a broken journal misses is asked of the venue again at the next start. What
        does not read back is not written: one bad value must not end every later start.
        """
        if not records:
            return
        records = [self._scrubbed(record) for record in records]
        try:
            payloads = [r.encode_readable(record) for record in records]
        except JournalError:
            records, payloads = self._readable_of(records)
        try:
            self.journal.append(payloads)
            self._written(records, payloads)
        except JournalError as error:
            if not self.unwritten:
                log.error("the journal no longer writes: %s", error)  # noqa: TRY400
            self.unwritten += len(records)
        self._apply(records)

    def _scrubbed(self, record: r.AnyRecord) -> r.AnyRecord:
        for name in _TEXTS.get(type(record), ()):
            told = getattr(record, name)
            if told and (safe := self.scrub(told)) != told:
                record = msgspec.structs.replace(record, **{name: safe})
        return record

    def _readable_of(
        self, records: Sequence[r.AnyRecord]
    ) -> tuple[Sequence[r.AnyRecord], list[bytes]]:
        """Pass over those that would not read back; return the others, encoded."""
        good: list[r.AnyRecord] = []
        payloads: list[bytes] = []
        for record in records:
            try:
                payloads.append(r.encode_readable(record))
                good.append(record)
            except JournalError as error:
                self._pass_over(record, error)
        return good, payloads

    def snapshot(self, keep_done_s: float) -> None:
        """Close the journal's segment with the state, so that recovery begins here."""
        image = self.state.snapshot(self.now(), keep_done_s)
        self.journal.close_segment(r.encode(image))
        self.sequence += 1
        self.state.forget_done(image.at, keep_done_s)

    def _written(self, records: Sequence[r.AnyRecord], payloads: Sequence[bytes]) -> None:
        if not self._projects:
            self.sequence += len(records)
            return
        for record, payload in zip(records, payloads, strict=True):
            self.sequence += 1
            self.unprojected.append((self.sequence, record, payload))

    def _apply(self, records: Sequence[r.AnyRecord]) -> None:
        """Apply all, then tell of them: who hears of one finds the others true already."""
        publish = self.bus.publish
        if len(records) == 1:
            (record,) = records
            if self._try(record):
                publish(record)
            return
        for record in [record for record in records if self._try(record)]:
            publish(record)

    def _try(self, record: r.AnyRecord) -> bool:
        """Apply a record; False when it does not fit, and then nothing of it is booked.

        It is in the journal already and is passed over there again by every recovery, so
        that what is live and what is recovered stay the same.
        """
        try:
            self.state.apply(record)
        except (ValueError, TypeError, LookupError, ArithmeticError) as error:
            self._pass_over(record, error)
            return False
        return True

    def _pass_over(self, record: r.AnyRecord, error: Exception) -> None:
        words = f"{type(record).__name__} was passed over: {type(error).__name__}: {error}"
        log.error("%s", words)
        self.unfit.append(Unfit(_account_of(record), words))


def _account_of(record: Any) -> AccountId | None:
    for holder in (record, *(getattr(record, n, None) for n in _HOLDERS)):
        account = getattr(holder, "account", None)
        if isinstance(account, str):
            return AccountId(account)
    return None


_HOLDERS = ("report", "fill", "event", "request")
