"""Single keys from the terminal, and its state brought back whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import termios
import tty
from types import TracebackType
from typing import Any, Self


class Keys:
    """An async context manager. Where stdin is no terminal, no key ever comes."""

    def __init__(self) -> None:
        self._pressed: asyncio.Queue[str] = asyncio.Queue()
        self._before: list[Any] | None = None
        self._descriptor = -1

    async def __aenter__(self) -> Self:
        if sys.stdin.isatty():
            self._descriptor = sys.stdin.fileno()
            self._before = termios.tcgetattr(self._descriptor)
            tty.setcbreak(self._descriptor)
            asyncio.get_running_loop().add_reader(self._descriptor, self._read)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is None:
            return
        asyncio.get_running_loop().remove_reader(self._descriptor)
        with contextlib.suppress(termios.error, OSError):  # the terminal may be gone
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)

    def _read(self) -> None:
        try:
            pressed = os.read(self._descriptor, 64)
        except OSError:
            pressed = b""
        if not pressed:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            self.press("q")
        for byte in pressed:
            self.press(chr(byte).lower())

    def press(self, key: str) -> None:
        """Hand over a key as if it had been pressed."""
        self._pressed.put_nowait(key)

    async def next(self, timeout_s: float) -> str:
        """Return the next key, empty when none came in time."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._pressed.get()
        except TimeoutError:
            return ""
