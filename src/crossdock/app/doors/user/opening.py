"""Opens a desk on the caller's event loop, or on one of its own for a plain script."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any

from crossdock.app.doors.user.blocking import BlockingDesk
from crossdock.app.doors.user.desk import UserDesk
from crossdock.app.doors.user.loop_thread import LoopThread


class DeskOpening:
    """What `open_desk` returns: `async with` gives a UserDesk, `with` a BlockingDesk.

    In a notebook, where one block would have to hold every cell, `await` gives a UserDesk
    that stays open until its `close`.
    """

    def __init__(self, make: Callable[[], AbstractAsyncContextManager[UserDesk]]) -> None:
        self._make = make
        self._opened: AbstractAsyncContextManager[UserDesk] | None = None
        self._thread: LoopThread | None = None

    async def __aenter__(self) -> UserDesk:
        self._opened = self._make()
        return await self._opened.__aenter__()

    def __await__(self) -> Generator[Any, None, UserDesk]:
        return self._open().__await__()

    async def _open(self) -> UserDesk:
        desk = await self.__aenter__()
        desk._close = self._close  # noqa: SLF001  the one that knows how
        return desk

    async def _close(self) -> None:
        await self.__aexit__(None, None, None)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        assert self._opened is not None
        return await self._opened.__aexit__(kind, error, trace)

    def __enter__(self) -> BlockingDesk:
        self._thread = LoopThread(self._make)
        return BlockingDesk(self._thread.open(), self._thread)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._thread is not None
        self._thread.close(error)
