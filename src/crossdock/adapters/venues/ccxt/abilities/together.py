"""Loops that live and end together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence

from crossdock.errors import Unreachable


async def ended_first(loops: Sequence[Awaitable[None]]) -> None:
    """Run loops that never end by themselves; raise what the first one ends by.

    ccxt cancels what waits for a socket that it closes: from within that is an end of the
    stream, and no cancellation of whoever watches it.
    """
    tasks = [asyncio.ensure_future(each) for each in loops]
    try:
        if not tasks:
            await asyncio.Event().wait()  # nothing to do, until cancelled
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if task.cancelled():
                raise Unreachable("the stream's socket was closed")
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
