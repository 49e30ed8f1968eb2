"""Virtual time: a clock that is set, and an event loop that lives by it alone."""

from __future__ import annotations

import asyncio
import heapq
from asyncio.events import _set_running_loop
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context
from itertools import count
from typing import Any, TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
_SECOND_NS = 1_000_000_000


class ReplayClock:
    """UTC as the recording has it. It never goes back; sleeping is the loop's."""

    __slots__ = ("_began_ns", "now_ns")

    def __init__(self, began_ns: int) -> None:
        self._began_ns = began_ns
        self.now_ns = began_ns

    def time_ns(self) -> int:
        return self.now_ns

    def monotonic_ns(self) -> int:
        return self.now_ns - self._began_ns

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ReplayLoop(asyncio.AbstractEventLoop):
    """Runs callbacks in the order they are due, in virtual time, with no I/O whatever.

    Nothing waits: `advance` moves the clock from timer to timer. What needs a real file
    descriptor or thread is not implemented here and fails, which is the point: a replay
    that reached for one would not be the same twice.
    """

    def __init__(self, clock: ReplayClock) -> None:
        self._clock = clock
        self._order = count()
        self._is_closed = False
        self._is_running = False
        self.ready: deque[asyncio.Handle] = deque()
        self.timers: list[tuple[int, int, asyncio.TimerHandle]] = []

    # ---- driving ---------------------------------------------------------------

    @contextmanager
    def running(self) -> Iterator[None]:
        """Be this thread's running loop meanwhile: handlers may make tasks."""
        _set_running_loop(self)
        self._is_running = True
        try:
            yield
        finally:
            self._is_running = False
            _set_running_loop(None)

    def settle(self) -> None:
        """Run what is ready, and what that makes ready, until nothing is."""
        ready = self.ready
        while ready:
            handle = ready.popleft()
            if not handle.cancelled():
                handle._run()  # noqa: SLF001  a loop is what runs it; there is no other name

    def advance(self, time_ns: int) -> None:
        """Move to a time, stopping at each timer that is due on the way."""
        self.settle()
        timers, clock = self.timers, self._clock
        while timers and timers[0][0] <= time_ns:
            due_ns, _, timer = heapq.heappop(timers)
            if timer.cancelled():
                continue
            clock.now_ns = max(clock.now_ns, due_ns)
            timer._run()  # noqa: SLF001
            self.settle()
        clock.now_ns = max(clock.now_ns, time_ns)

    def finish(self, running: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end, moving on to the next timer whenever all wait."""
        task = self.create_task(running)
        self.settle()
        while not task.done():
            if not self.timers:
                task.cancel()
                self.settle()
                raise RuntimeError("the replay waits for something that cannot come")
            self.advance(self.timers[0][0])
        return task.result()

    # ---- what asyncio asks of a loop -------------------------------------------

    def time(self) -> float:
        return self._clock.monotonic_ns() / _SECOND_NS

    def call_soon(
        self,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self.ready.append(handle)
        return handle

    def call_soon_threadsafe(
        self,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)

    def call_later(
        self,
        delay: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        due_ns = self._clock.now_ns + round(delay * _SECOND_NS)
        return self._call_at_ns(due_ns, callback, args, context)

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self.call_later(when - self.time(), callback, *args, context=context)

    def _call_at_ns(
        self,
        due_ns: int,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        context: Context | None,
    ) -> asyncio.TimerHandle:
        timer = asyncio.TimerHandle(due_ns / _SECOND_NS, callback, args, self, context)
        heapq.heappush(self.timers, (due_ns, next(self._order), timer))
        return timer

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]  # typeshed's differs between versions
        self, coro: Coroutine[Any, Any, T], **options: Any
    ) -> asyncio.Task[T]:
        return asyncio.Task(coro, loop=self, **options)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Leave it in the heap: it is passed over when its time comes."""

    def is_running(self) -> bool:
        return self._is_running

    def is_closed(self) -> bool:
        return self._is_closed

    def close(self) -> None:
        self._is_closed = True
        self.ready.clear()
        self.timers.clear()

    def get_debug(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Raise what nobody took: a replay must not go on as if nothing had happened."""
        error = context.get("exception")
        if isinstance(error, BaseException):
            raise error
        raise RuntimeError(str(context.get("message")))

    async def shutdown_asyncgens(self) -> None:
        """Nothing here makes any."""
