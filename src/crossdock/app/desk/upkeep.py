"""What a desk does beside trading: projection, snapshots, the day's opening, loop lag."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime

from crossdock.app.desk.risk_view import DeskView
from crossdock.app.kernel import Kernel
from crossdock.app.projecting import Entry, project, rebuild
from crossdock.core import records as r
from crossdock.errors import AdapterError, JournalError
from crossdock.model import AccountId
from crossdock.ports import JournalEntry, Projection

log = logging.getLogger(__name__)

EVERY_S = 0.25
RECORDS_PER_SEGMENT = 50_000
KEEP_DONE_S = 7 * 86_400.0
LAG_ALARM_MS = 250.0
LAG_ALARM_PAUSE_NS = 60_000_000_000
_BEHIND = "the projection is behind, queries miss the newest"


class Upkeep:
    """Runs four times a second; nothing here is on the way of an order."""

    def __init__(
        self,
        kernel: Kernel,
        projection: Projection,
        view: DeskView,
        accounts: Collection[AccountId],
        currency: str,
        read_journal: Callable[[], Iterable[JournalEntry]],
        on_tick: Callable[[int], None],
    ) -> None:
        self.loop_lag_ms = 0.0
        self._kernel = kernel
        self._projection = projection
        self._view = view
        self._accounts = accounts
        self._currency = currency
        self._read_journal = read_journal
        self._on_tick = on_tick
        self._lag_alarmed_ns = 0

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.sleep(EVERY_S)
            self._measure_lag((loop.time() - began - EVERY_S) * 1000)
            self.round()

    def round(self) -> None:
        """Do every chore once. Who drives a desk by hand calls it when time has passed."""
        for chore in (self.open_days, self._tick, self.project, self._close_segment):
            try:
                chore()
            except Exception:  # the other chores, and the next round, must go on
                log.exception("a chore of the desk failed")

    def _tick(self) -> None:
        self._on_tick(self._kernel.now())

    def _measure_lag(self, late_ms: float) -> None:
        self.loop_lag_ms = max(late_ms, self.loop_lag_ms * 0.9)
        now = self._kernel.clock.monotonic_ns()
        if late_ms > LAG_ALARM_MS and now - self._lag_alarmed_ns > LAG_ALARM_PAUSE_NS:
            self._lag_alarmed_ns = now
            words = f"the loop was late by {late_ms:.0f} ms: something in it is slow"
            alarm = r.Alarmed(at=self._kernel.now(), code="loop-lag", words=words)
            self._kernel.note([alarm])

    def open_days(self) -> None:
        """Fix each account's equity at its first good look of a UTC day."""
        today = datetime.fromtimestamp(self._kernel.now() / 1e9, UTC).date().isoformat()
        for account in self._accounts:
            known = self._kernel.state.account(account)
            if known.day >= today or not known.has_baseline:
                continue  # also when the clock steps back: a day's loss is not forgotten
            equity = self._view.equity(account)
            if equity is None:
                continue
            opened = r.DayOpened(
                at=self._kernel.now(),
                account=account,
                day=today,
                equity=equity,
                currency=self._currency,
            )
            self._kernel.note([opened])
            self._view.forget(account)

    def catch_up(self) -> None:
        """Project what the journal holds beyond the projection, after a restart."""
        projection = self._projection
        position = projection.position()
        if position > self._kernel.sequence:
            projection.clear()
            position = 0
        if position == self._kernel.sequence:
            return
        batch = self._behind(position) if position else None
        if batch is not None:
            self._write(batch)
            return
        try:
            projection.clear()
            rebuild(projection, self._read_journal())
        except AdapterError as error:
            log.warning("%s: %s", _BEHIND, error)

    def _behind(self, position: int) -> list[Entry] | None:
        """Return what was journaled after a position; None where the state has forgotten.

        A snapshot leaves out what was done long before it.
        """
        batch: list[Entry] = []
        for entry in self._read_journal():
            if entry.is_snapshot and batch:
                return None
            if entry.sequence > position:
                batch.append((entry.sequence, r.decode(entry.payload), entry.payload))
        return batch

    def project(self) -> None:
        """Write what is new into the projection."""
        pending = self._kernel.unprojected
        if not pending:
            return
        if self._write(pending):
            self._kernel.unprojected = []  # else all of it is tried again, in order

    def _write(self, batch: list[Entry]) -> bool:
        if not batch:
            return True
        try:
            project(self._projection, self._kernel.state, batch)
        except AdapterError as error:
            log.warning("%s: %s", _BEHIND, error)
            return False
        return True

    def _close_segment(self) -> None:
        journal = self._kernel.journal
        if not journal.writable or journal.records_since_snapshot < RECORDS_PER_SEGMENT:
            return
        try:
            self._kernel.snapshot(KEEP_DONE_S)
        except JournalError as error:
            log.error("the journal's segment could not be closed: %s", error)  # noqa: TRY400
