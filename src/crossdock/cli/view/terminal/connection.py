"""The running desk as the terminal sees it: watched by one connection, asked by others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from crossdock.app.doors.control.control import ask
from crossdock.errors import DeskError

LONGEST_LINE = 1 << 26
INTERVAL_MS = 250
SILENT_S = 5.0  # of a desk that beats each second


class DeskConnection:
    """One desk, by its control socket."""

    def __init__(self, path: Path, *, silent_s: float = SILENT_S) -> None:
        self._path = path
        self._silent_s = silent_s
        self._writer: asyncio.StreamWriter | None = None
        self._topics: list[str] = []

    async def ask(self, op: str, **args: Any) -> Any:
        """Ask, without keeping the screen waiting. Raises as `control.ask` does."""
        return await asyncio.to_thread(ask, self._path, op, args)

    def choose(self, topics: Sequence[str]) -> None:
        """Watch these from now on; those that are watched already go on."""
        self._topics = list(topics)
        if self._writer is not None:
            self._writer.write(json.dumps({"topics": self._topics}).encode() + b"\n")

    async def lines(self) -> AsyncIterator[dict[str, Any]]:
        """Yield what the desk tells. Raises DeskError when it is away, or leaves."""
        try:
            reader, writer = await asyncio.open_unix_connection(
                str(self._path), limit=LONGEST_LINE
            )
        except OSError:
            raise DeskError(
                "no desk answers",
                code="desk-not-running",
                hint="start one with `crossdock run`",
            ) from None
        self._writer = writer
        try:
            asked = {"topics": self._topics, "interval_ms": INTERVAL_MS, "beat": True}
            writer.write(json.dumps({"op": "watch", "args": asked}).encode() + b"\n")
            waits_s: float | None = None  # one of a version that does not beat
            while line := await self._line(reader, waits_s):
                told = json.loads(line)
                if "beat" in told:
                    waits_s = self._silent_s
                    continue
                if not told.get("ok", True):
                    error = told["error"]
                    raise DeskError(error["message"], code=error["code"])
                yield told
        except (OSError, ValueError) as error:
            raise DeskError(
                f"the desk does not answer: {error}", code="desk-silent"
            ) from None
        finally:
            self._writer = None
            writer.close()
        raise DeskError("the desk has ended", code="desk-not-running")

    async def _line(self, reader: asyncio.StreamReader, within_s: float | None) -> bytes:
        try:
            async with asyncio.timeout(within_s) as patience:
                return await reader.readline()
        except TimeoutError:
            if not patience.expired():
                raise
            raise DeskError(
                f"the desk has said nothing for {within_s:g} s", code="desk-silent"
            ) from None
