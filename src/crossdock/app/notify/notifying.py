"""Listens to the desk's records and has them told, off the way of every order."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec

from crossdock.app.kernel import Kernel
from crossdock.app.notify.opening import Open, outbox_of
from crossdock.app.notify.outbox import Outbox
from crossdock.app.notify.rules import Rules
from crossdock.app.notify.sender import FIRST_WAIT_S, MOST_WAIT_S, Sender
from crossdock.app.notify.standing import EVERY_S, Standings
from crossdock.app.notify.telling import TOLD, event_of, is_told
from crossdock.app.settings import Settings
from crossdock.core import records as r
from crossdock.ports import AlertEvent, JournalEntry
from crossdock.toolkit.retry import Backoff

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

log = logging.getLogger(__name__)

AGAIN_S = 5.0
MOST_AT_ONCE = 200  # records told between two breaths of the loop
LAST_WORDS_S = 3.0  # for sending what the desk's end itself makes


class Notifying:
    """Entered before the desk and left after it, so that its last words are told, too.

    A handler on the bus only puts a record by. A task of its own writes what it means to
    the outbox, in a thread; a task for each receiver sends. What a process that died did
    not write is read from the journal at the next start.
    """

    def __init__(
        self,
        settings: Settings,
        kernel: Kernel,
        open_notifier: Open,
        read_journal: Callable[[], Iterable[JournalEntry]],
    ) -> None:
        self._settings = settings
        self._kernel = kernel
        self._open = open_notifier
        self._read_journal = read_journal
        self._records: deque[r.AnyRecord] = deque()
        self._events: deque[AlertEvent] = deque()
        self.last_words_s = LAST_WORDS_S
        self._is_on = True
        self._news = asyncio.Event()
        self._senders: list[Sender] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._sending: list[asyncio.Task[None]] = []
        self._thread = ThreadPoolExecutor(1, "crossdock-outbox")
        self._stack = AsyncExitStack()
        self._outbox: Outbox | None = None
        self._standings: Standings | None = None

    @property
    def wanted(self) -> list[str]:
        return [name for name, each in self._settings.notify.items() if each.enabled]

    async def __aenter__(self) -> Self:
        """Open outbox and notifiers. Raises ConfigError before anything trades."""
        if not self.wanted:
            return self
        async with AsyncExitStack() as stack:
            outbox = Outbox(outbox_of(self._settings))
            stack.callback(outbox.close)
            stack.callback(self._thread.shutdown)  # first: it may still be writing
            desk = self._settings.desk
            for name in self.wanted:
                notifier = await stack.enter_async_context(self._open(name))
                chance = random.Random()  # noqa: S311  jitter needs no secrecy
                sender = Sender(
                    name,
                    Rules.of(self._settings.notify[name]),
                    notifier,
                    outbox,
                    clock=self._kernel.clock,
                    backoff=Backoff(chance, first_s=FIRST_WAIT_S, most_s=MOST_WAIT_S),
                    in_thread=self._in_thread,
                    told_as=(desk.name, str(desk.mode)),
                    on_trouble=self._trouble,
                    scrub=self._kernel.scrub,
                )
                self._senders.append(sender)
            self._outbox = outbox
            self._stack = stack.pop_all()
        return self

    async def follow(self, desk: Desk) -> None:
        """Begin, once the desk has recovered: first what an earlier process left untold."""
        if self._outbox is None:
            return
        kernel = self._kernel
        self._is_on = kernel.state.steering.flags.notifications
        until = kernel.sequence
        for kind in TOLD:
            kernel.bus.subscribe(kind, self._hear)
        self._standings = Standings(desk)
        position = await self._in_thread(self._outbox.position)
        if position is None or position > until:
            await self._in_thread(lambda: self._opened().take_in([], until))
        elif position < until:
            missed = await asyncio.to_thread(self._missed, position, until)
            switches = [each for each in missed if isinstance(each, r.FlagSet)]
            if switches:
                self._is_on = not switches[0].value  # as it was before the first of them
            await self._take_in(missed, [], until)
        for running in (
            self._write(),
            self._look(),
            *(each.run() for each in self._senders),
        ):
            self._tasks.append(asyncio.create_task(running))

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._outbox is None:
            self._thread.shutdown()
            return
        try:
            await _ended(self._tasks)
            await self._last_words()
        finally:
            await _ended(self._sending)
            await self._stack.aclose()

    async def _last_words(self) -> None:
        """Write all that was heard; send it, if the receivers take it quickly."""
        if not self._sending:
            return  # the desk never began
        await self._drain()
        for sender in self._senders:
            sender.end()
        _, late = await asyncio.wait(self._sending, timeout=self.last_words_s)
        if late:
            log.warning("some messages were not sent: the next start sends them")

    # ---- hearing ---------------------------------------------------------------

    def _hear(self, record: r.AnyRecord) -> None:
        if is_told(record):
            self._records.append(record)
            if not self._news.is_set():
                self._news.set()

    def _trouble(self, words: str) -> None:
        """Alarm about a receiver that cannot be reached: others may be."""
        now = self._kernel.now()
        self._kernel.note([r.Alarmed(at=now, code="notify-failed", words=words)])

    def _missed(self, position: int, until: int) -> list[r.AnyRecord]:
        return [
            record
            for entry in self._read_journal()
            if position < entry.sequence <= until and not entry.is_snapshot
            if is_told(record := r.decode(entry.payload))
        ]

    # ---- writing ---------------------------------------------------------------

    async def _write(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._drain()
            except Exception:  # a full disk, perhaps: nothing is lost, and tried again
                log.exception("the outbox cannot be written")
                await self._kernel.clock.sleep(AGAIN_S)
                self._news.set()

    async def _drain(self) -> None:
        """Write what was heard. The journal's sequence goes with it: it is all in there."""
        while self._records or self._events:
            sequence = self._kernel.sequence
            records, self._records = list(self._records), deque()
            events, self._events = list(self._events), deque()
            try:
                await self._take_in(records, events, sequence)
            except BaseException:
                # The position must not pass them by: they go before what came meanwhile.
                self._records.extendleft(reversed(records))
                self._events.extendleft(reversed(events))
                raise

    async def _take_in(
        self, records: list[r.AnyRecord], events: list[AlertEvent], sequence: int
    ) -> None:
        told: list[AlertEvent] = []
        for number, record in enumerate(records):
            if number % MOST_AT_ONCE == MOST_AT_ONCE - 1:
                await asyncio.sleep(0)  # orders go first
            switched = isinstance(record, r.FlagSet)
            if switched:
                self._is_on = bool(record.value)  # type: ignore[union-attr]
                if not self._is_on:
                    told.clear()
                    await self._in_thread(self._opened().forget_waiting)
            event = event_of(record, self._kernel.state)
            if event is not None and (self._is_on or switched):
                told.append(event)
        if self._is_on:
            told += events
        rows = [
            (sender.name, event)
            for event in map(self._scrubbed, told)
            for sender in self._senders
            if sender.rules.wants(event)
        ]
        await self._in_thread(lambda: self._opened().take_in(rows, sequence))
        if rows:
            for sender in self._senders:
                sender.wake()

    def _scrubbed(self, event: AlertEvent) -> AlertEvent:
        """Mask the secrets of the settings: what is told leaves this machine."""
        scrub = self._kernel.scrub
        return msgspec.structs.replace(
            event,
            title=scrub(event.title),
            words=scrub(event.words),
            facts={name: scrub(fact) for name, fact in event.facts.items()},
        )

    async def _look(self) -> None:
        """Look for what no record tells."""
        assert self._standings is not None
        while True:
            await self._kernel.clock.sleep(EVERY_S)
            found = self._standings.look(self._kernel.now())
            if found:
                self._events.extend(found)
                self._news.set()

    def _opened(self) -> Outbox:
        assert self._outbox is not None, "entered first"
        return self._outbox

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
