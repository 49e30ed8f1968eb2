"""The live view: a demo with its keys, or a desk in this process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

from rich.console import Console
from rich.live import Live

from crossdock.app.demo import Demo, Look, WatchedDesk, summary_of
from crossdock.app.desk import Desk
from crossdock.cli.output import aside
from crossdock.cli.view.keys import Keys
from crossdock.cli.view.screen import screen
from crossdock.errors import DeskError

EVERY_S = 0.25
ENDING = "ending what it started …"
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def is_watchable() -> bool:
    """Tell whether there is a terminal to draw on and to press keys at."""
    return (
        sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") != "dumb"
    )


async def watch_demo(
    demo: WatchedDesk,
    seconds: float | None,
    beside: Callable[[], AbstractAsyncContextManager[Any]] | None = None,
) -> dict[str, Any] | None:
    """Show a demo until q, Ctrl-C or its time; return its summary.

    `beside` makes what runs with it, once its desk does.

    The terminal is as before, and nothing runs any more, when this returns or raises.
    """
    async with AsyncExitStack() as stack:
        keys = await stack.enter_async_context(Keys())
        stack.enter_context(_ended_by_signals(keys))
        aside(demo.opening)
        if not await _unless_quit(stack.enter_async_context(demo), keys):
            return None
        if beside is not None:
            await stack.enter_async_context(beside())
        stack.callback(aside, ENDING)
        last = await _watch(demo, keys, seconds)
        if seconds is not None:
            return await demo.settle()
    return None if last is None else summary_of(last.status)


async def _unless_quit(waited: Coroutine[Any, Any, Any], keys: Keys) -> bool:
    """Wait for something to be done; give it up, and return False, at the key q."""
    task = asyncio.create_task(waited)
    while not task.done():
        if await keys.next(EVERY_S / 4) == "q":
            aside(ENDING)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return False
    task.result()
    return True


async def _watch(demo: WatchedDesk, keys: Keys, seconds: float | None) -> Look | None:
    """Draw until the end is asked for; return the last look."""
    end_s = None if seconds is None else time.monotonic() + seconds
    recovering: asyncio.Task[Any] | None = None
    look: Look | None = None
    with _drawing() as live:
        try:
            while end_s is None or time.monotonic() < end_s:
                try:
                    look = await demo.look()
                except DeskError as error:
                    if recovering is None:
                        if not await demo.is_killed():
                            raise await demo.why_it_does_not_answer(error) from None
                        recovering = asyncio.create_task(demo.recover())
                if look is not None:
                    size = (live.console.width, live.console.height)
                    keys_shown = "   ".join(filter(None, (demo.keys, demo.beside)))
                    shown = screen(
                        look,
                        size,
                        keys=keys_shown,
                        notice=demo.notice,
                        recovery=demo.recovery,
                    )
                    await asyncio.to_thread(live.update, shown, refresh=True)
                key = await keys.next(EVERY_S)
                if key == "q":
                    break
                if key == "k" and recovering is None and isinstance(demo, Demo):
                    recovering = asyncio.create_task(demo.kill_and_recover())
                if recovering is not None and recovering.done():
                    await _result_of(recovering, demo)
                    recovering = None
        finally:
            if recovering is not None:
                recovering.cancel()
                await asyncio.gather(recovering, return_exceptions=True)
    return look


async def _result_of(recovering: asyncio.Task[Any], demo: WatchedDesk) -> None:
    """Take a recovery's end; one that was cut short by another kill begins again."""
    try:
        recovering.result()
    except DeskError:
        if not (isinstance(demo, Demo) and await demo.is_killed()):
            raise


async def watch_desk(desk: Desk, notice: Callable[[], str] = str) -> None:
    """Show a desk of this process until q, and what `notice` says of what runs with it."""
    ask = desk.operations
    async with Keys() as keys:
        with _drawing() as live:
            while await keys.next(EVERY_S) != "q":
                look = Look(
                    status=ask.status(),
                    books=ask.books(),
                    orders=await ask.orders(limit=40),
                    fills=await ask.fills(limit=12),
                )
                size = (live.console.width, live.console.height)
                shown = screen(look, size, keys="q stop the desk", notice=notice())
                await asyncio.to_thread(live.update, shown, refresh=True)


def _drawing() -> Live:
    return Live(console=Console(), screen=True, auto_refresh=False, transient=True)


@contextlib.contextmanager
def _ended_by_signals(keys: Keys) -> Iterator[None]:
    """Take Ctrl-C, a request to end and a lost terminal for q."""
    loop = asyncio.get_running_loop()
    for number in _ENDS:
        loop.add_signal_handler(number, keys.press, "q")
    try:
        yield
    finally:
        for number in _ENDS:
            loop.remove_signal_handler(number)
