"""The thread that makes records durable: it writes what has gathered, then syncs once."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from crossdock.adapters.stores.journal.format import Mark
from crossdock.errors import JournalError


@dataclass(slots=True, eq=False)
class Batch:
    """Frames of one append, the mark at their end, and who waits for them."""

    frames: bytes
    end: Mark
    waiter: asyncio.Future[None] | None = None
    done: threading.Event | None = field(default=None)
    failure: JournalError | None = None


class BatchWriter:
    """Durable writing off the loop. Order is the order of `put`.

    `store` writes bytes and syncs them up to a mark, or raises JournalError; after that
    every later batch is refused with the same words, for its frames would leave a gap.
    """

    def __init__(self, store: Callable[[bytes, Mark], None]) -> None:
        self._store = store
        self._queue: SimpleQueue[Batch | threading.Event | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def put(self, frames: bytes, end: Mark) -> asyncio.Future[None]:
        """Hand over frames from the loop's thread; the future completes when durable."""
        waiter = asyncio.get_running_loop().create_future()
        self._queue.put(Batch(frames, end, waiter))
        return waiter

    def put_and_wait(self, frames: bytes, end: Mark) -> None:
        """Hand over frames where no loop runs. Raises JournalError."""
        batch = Batch(frames, end, done=threading.Event())
        self._queue.put(batch)
        assert batch.done is not None
        batch.done.wait()
        if batch.failure is not None:
            raise batch.failure

    def drain(self) -> None:
        """Wait until everything put before is durable or refused."""
        passed = threading.Event()
        self._queue.put(passed)
        passed.wait()

    def stop(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        failure: JournalError | None = None
        running = True
        while running:
            items = [self._queue.get()]
            with contextlib.suppress(Empty):
                while items[-1] is not None:
                    items.append(self._queue.get_nowait())
            running = items[-1] is not None
            batches = [each for each in items if isinstance(each, Batch)]
            if batches and failure is None:
                try:
                    self._store(
                        b"".join([each.frames for each in batches]), batches[-1].end
                    )
                except JournalError as error:
                    failure = error
            _complete(batches, failure)
            for each in items:
                if isinstance(each, threading.Event):
                    each.set()


def _complete(batches: list[Batch], failure: JournalError | None) -> None:
    waiters: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for batch in batches:
        batch.failure = failure
        if batch.done is not None:
            batch.done.set()
        if batch.waiter is not None:
            waiters.setdefault(batch.waiter.get_loop(), []).append(batch.waiter)
    for loop, of_loop in waiters.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_release, of_loop, failure)


def _release(waiters: list[asyncio.Future[None]], failure: JournalError | None) -> None:
    for waiter in waiters:
        if waiter.done():  # its awaiter was cancelled
            continue
        if failure is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(
                JournalError(failure.message, code=failure.code, hint=failure.hint)
            )
            waiter.exception()  # who does not await still sees `writable`; no late complaint
