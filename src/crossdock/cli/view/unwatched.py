"""A demo without a terminal: lines on stderr, ended by its time or by a signal."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, TypeVar

from crossdock.app.demo import WatchedDesk
from crossdock.cli.output import aside

_ENDS = (signal.SIGTERM, signal.SIGHUP)
_Done = TypeVar("_Done")


async def run_unwatched(
    stage: WatchedDesk,
    seconds: float,
    beside: Callable[[], AbstractAsyncContextManager[Any]] | None = None,
) -> dict[str, Any] | None:
    """Trade for so long, settle what is open, and return the summary.

    SIGTERM and SIGHUP end the trading before its time, a second one the settling: then, and
    where none was traded yet, there is no summary. Nothing runs any more when this returns
    or raises.
    """
    async with AsyncExitStack() as stack:
        asked, again = stack.enter_context(_asked_to_end())
        aside(stage.opening)
        if await _unless(asked, stack.enter_async_context(stage)) is None:
            return None
        if beside is not None:
            await stack.enter_async_context(beside())
        for name, why in stage.left_out.items():
            aside(f"{name} is left out: {why}")
        aside(f"trading for {seconds:g} s on {', '.join(stage.symbols)}")
        await _unless(asked, _trade(stage, seconds))
        if asked.is_set():
            aside("asked to end: settling what is open …")
        return await _unless(again, stage.settle())


async def _trade(stage: WatchedDesk, seconds: float) -> None:
    """Let it trade; bring its desk back when somebody kills that."""
    end_s = time.monotonic() + seconds
    while await stage.is_killed_within(end_s - time.monotonic()):
        recovery = await stage.recover()
        aside(
            f"the desk was killed from outside, back as PID {recovery.process_after}: "
            f"{recovery.agreed} of {len(recovery.rows)} open orders agree with the venues"
        )


@contextlib.contextmanager
def _asked_to_end() -> Iterator[tuple[asyncio.Event, asyncio.Event]]:
    """Yield what is set at the first signal to end, and at the second."""
    asked, again = asyncio.Event(), asyncio.Event()

    def hear() -> None:
        (again if asked.is_set() else asked).set()

    loop = asyncio.get_running_loop()
    # What whoever started us had ignored, as nohup does, stays so.
    heard = [each for each in _ENDS if signal.getsignal(each) is not signal.SIG_IGN]
    for number in heard:
        loop.add_signal_handler(number, hear)
    try:
        yield asked, again
    finally:
        for number in heard:
            loop.remove_signal_handler(number)


async def _unless(
    given_up: asyncio.Event, work: Coroutine[Any, Any, _Done]
) -> _Done | None:
    """Return what comes of some work; None where it is given up before it is done."""
    task, waiting = asyncio.create_task(work), asyncio.create_task(given_up.wait())
    try:
        await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        task.cancel()
        waiting.cancel()
        await asyncio.gather(task, waiting, return_exceptions=True)
