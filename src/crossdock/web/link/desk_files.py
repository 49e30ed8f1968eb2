"""What a desk's files tell while it is away: the journal, and the rows made from it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.app.doors.reading.searching import search_journal
from crossdock.app.offline import JournalReader, JournalTools
from crossdock.app.settings import Settings
from crossdock.errors import AdapterError, ConfigError, JournalError

FRESH_S = 2.0  # a journal is not read again for each of a page's questions


@dataclass(frozen=True, slots=True)
class FromFiles:
    told: Any
    as_of_ns: int


class DeskFiles:
    """Reads only, in threads. What they cannot tell is None; so is all of a broken journal."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tools = JournalTools(settings.desk.journal)
        self._reader: JournalReader | None = None
        self._read_at_s = 0.0
        self._reading = asyncio.Lock()

    async def answer(self, op: str, args: Mapping[str, Any]) -> FromFiles | None:
        """Answer as the desk would, as of its last record. Raises what the desk refuses."""
        if op == "verify":
            return await self._verified()
        if op not in _READS and op != "search":
            return None
        if op == "movements" and args["account"] not in self._settings.accounts:
            return None  # an account that nobody knows here has moved nothing we know of
        reader = await self._read()
        if reader is None:
            return None
        if op == "search":
            try:
                told: Any = await search_journal(self._settings, **args)
            except (AdapterError, ConfigError):
                return None
        else:
            told = await asyncio.to_thread(_READS[op], reader, **args)
        return FromFiles(told, reader.as_of_ns)

    async def _verified(self) -> FromFiles | None:
        try:
            told = await asyncio.to_thread(self._tools.verify)
        except JournalError:
            return None
        return FromFiles(told, time.time_ns())

    async def _read(self) -> JournalReader | None:
        async with self._reading:
            if self._reader is None or time.monotonic() - self._read_at_s > FRESH_S:
                self._reader = None
                try:
                    self._reader = await asyncio.to_thread(JournalReader, self._settings)
                except (JournalError, ConfigError):
                    return None
                self._read_at_s = time.monotonic()
            return self._reader


def _orders(reader: JournalReader, *, all: bool, **asked: Any) -> Any:  # noqa: A002
    return reader.orders(every=all, **asked)


_READS: Mapping[str, Callable[..., Any]] = {
    "status": lambda reader: {**reader.status(), "data_accounts": []},
    "orders": _orders,
    "doubts": lambda reader: reader.doubts(),
    "movements": lambda reader, account: reader.movements(account),
    "positions": lambda reader: reader.positions(),
    "fills": lambda reader, **asked: reader.fills(**asked),
    "trace": lambda reader, id: reader.trace(id),  # noqa: A006  the operation's own word
    "why": lambda reader, instrument, limit: reader.why(instrument, limit),
    "integrations": lambda reader, month="": reader.integrations(month),
}
