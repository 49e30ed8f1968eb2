"""An event loop in a thread of its own, on which a desk lives for a script that has none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, suppress
from threading import Thread
from typing import Any, TypeVar

from crossdock.app.doors.user.desk import UserDesk
from crossdock.errors import DeskError

T = TypeVar("T")
Closing = asyncio.Future[BaseException | None]


class LoopThread:
    """Opens a desk, does with it what it is told to, and closes it. Not for two threads.

    Ctrl-C ends what is waited for, not the loop: the desk then closes as its settings
    say. A second one leaves the closing to its thread, which ends with the process.
    """

    def __init__(self, make: Callable[[], AbstractAsyncContextManager[UserDesk]]) -> None:
        self._make = make
        self._living: Future[tuple[asyncio.AbstractEventLoop, Closing]] = Future()
        self._opened: Future[UserDesk] = Future()
        self._failure: BaseException | None = None
        self._thread = Thread(target=self._run, name="crossdock desk", daemon=True)

    def open(self) -> UserDesk:
        """Start the loop and return the desk. Raises what opening it raises."""
        self._thread.start()
        try:
            return self._opened.result()
        except BaseException as error:
            self.close(error)
            raise

    def close(self, error: BaseException | None = None) -> None:
        """Close the desk, which is told of the error that ended the work, if one did."""
        loop, closing = self._living.result()

        def end() -> None:
            if not closing.done():
                closing.set_result(error)

        with suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(end)
        self._thread.join()
        if self._failure is not None and self._failure is not error:
            raise self._failure

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the loop and wait for it. Raises what it raises."""
        if not self._thread.is_alive():
            work.close()
            raise DeskError("the desk is closed", code="desk-closed")
        loop, _ = self._living.result()
        doing = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            return doing.result()
        except BaseException:
            doing.cancel()  # it goes on otherwise when Ctrl-C ended the waiting
            raise

    def ask(self, question: Callable[[], T]) -> T:
        """Call something on the loop, where nothing moves meanwhile."""

        async def answer() -> T:
            return question()

        return self.run(answer())

    def _run(self) -> None:
        try:
            asyncio.run(self._live())
        except BaseException as error:  # noqa: BLE001  told to whoever waits
            self._failure = error
            if not self._opened.done():
                self._opened.set_exception(error)

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        closing: Closing = loop.create_future()
        holding = asyncio.create_task(self._hold(closing))
        self._living.set_result((loop, closing))
        await asyncio.wait((holding, closing), return_when=asyncio.FIRST_COMPLETED)
        if self._opened.done() or holding.done():
            await holding
            return
        holding.cancel()  # the opening was given up
        with suppress(asyncio.CancelledError):
            await holding

    async def _hold(self, closing: Closing) -> None:
        error = None
        try:
            async with self._make() as desk:
                self._opened.set_result(desk)
                error = await closing
                if error is not None:
                    raise error
        except BaseException as raised:
            if raised is not error:  # the caller has that one already
                raise
