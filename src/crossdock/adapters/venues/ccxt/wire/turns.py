"""Signed calls one at a time, where the exchange counts them: the most urgent one next."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crossdock.errors import Unreachable
from crossdock.toolkit import Purpose

HOLD_S = 1.0


class Turns:
    """Lets one call go; of those that wait the most urgent, and then the first.

    A read that goes is given up `HOLD_S` after a cancel began to wait: its answer may take
    ten seconds, and the number it carries is lower than any that follows, so nothing is
    lost but the answer. For other orders it is not: where they come one after the other no
    slow history would ever be read. A write is never given up.
    """

    def __init__(self) -> None:
        self._queues: tuple[deque[asyncio.Future[None]], ...] = tuple(
            deque() for _ in Purpose
        )
        self._is_taken = False
        self._reading: tuple[Purpose, asyncio.Timeout] | None = None

    @asynccontextmanager
    async def turn(self, purpose: Purpose, *, is_write: bool) -> AsyncIterator[None]:
        """Wait for a turn and hold it. Raises Unreachable in a read that is given up."""
        await self._wait(purpose)
        try:
            if is_write:
                yield
            else:
                async with self._patience(purpose):
                    yield
        finally:
            self._pass_on()

    @asynccontextmanager
    async def _patience(self, purpose: Purpose) -> AsyncIterator[None]:
        is_over = False
        patience = asyncio.timeout(None)
        try:
            async with patience:
                self._reading = purpose, patience
                if self._queues[Purpose.CANCEL]:
                    self._hurry()
                yield
        except TimeoutError:
            if not patience.expired():
                raise
            is_over = True
        finally:
            self._reading = None
        if is_over:
            raise Unreachable("a slow read was given up, as a cancel waited behind it")

    async def _wait(self, purpose: Purpose) -> None:
        if not self._is_taken:
            self._is_taken = True
            return
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues[purpose].append(waiting)
        if purpose is Purpose.CANCEL:
            self._hurry()
        try:
            await waiting
        except asyncio.CancelledError:
            if not waiting.cancelled():  # it was its turn already
                self._pass_on()
            elif waiting in self._queues[purpose]:
                self._queues[purpose].remove(waiting)
                self._calm()
            raise

    def _hurry(self) -> None:
        """Bound the read that goes, as a cancel waits; what a cancel itself asks is not."""
        if self._reading is None:
            return
        purpose, patience = self._reading
        if purpose is not Purpose.CANCEL and patience.when() is None:
            patience.reschedule(asyncio.get_running_loop().time() + HOLD_S)

    def _calm(self) -> None:
        """Let a read take its time again, once no cancel waits."""
        if self._reading is None:
            return
        _, patience = self._reading
        if not self._queues[Purpose.CANCEL] and not patience.expired():
            patience.reschedule(None)

    def _pass_on(self) -> None:
        for queue in self._queues:
            while queue:
                waiting = queue.popleft()
                if not waiting.done():
                    waiting.set_result(None)
                    return
        self._is_taken = False
