"""A list read page by page, in the way in which its exchange lets one follow it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.ways import Pages
from crossdock.adapters.venues.ccxt.refusals import at_path
from crossdock.adapters.venues.ccxt.wire.numbers import exact
from crossdock.errors import BadPayload, Transient

Further = Mapping[str, Any]
"""The exchange's own words for a page; none of them for the first one."""

AskPage = Callable[[int, Further], Awaitable[tuple[Sequence[Any], Any]]]
"""Asks for a page of what is since a time: ccxt's rows, and the reply they are read from."""

TimeOf = Callable[[Any], int]
NameOf = Callable[[Any], str]


class Walks:
    """Reads spans whole. One that was cut off, by a rate limit say, goes on where it was.

    Without that, more pages than a limit allows at a time would never be read.
    """

    def __init__(self) -> None:
        self._cut: dict[str, _Walk] = {}  # by the list that is walked

    async def rows(
        self,
        key: str,
        since_ms: int,
        pages: Pages,
        size: int,
        ask: AskPage,
        name: NameOf,
        time_ms: TimeOf,
    ) -> list[Any]:
        """Return every row since a time. Raises BadPayload where a page leads nowhere."""
        walk = self._cut.pop(key, None)
        if walk is None or walk.since_ms != since_ms:
            walk = _Walk(since_ms, pages, size)
        try:
            await walk.to_the_end(ask, name, time_ms)
            while walk.was_cut:
                walk.begin()
                await walk.to_the_end(ask, name, time_ms)
        except (Transient, asyncio.CancelledError):
            walk.was_cut = True
            self._cut[key] = walk
            raise
        return list(walk.found.values())


class _Walk:
    """One span, and how far it was read."""

    def __init__(self, since_ms: int, pages: Pages, size: int) -> None:
        self.since_ms = since_ms
        self.found: dict[str, Any] = {}
        self._pages = pages
        self._size = size
        self._whole: set[str] = set()
        self._go_to_the_newest()

    def begin(self) -> None:
        """Begin at the newest page once more: what came meanwhile stands before the first.

        It is read until a page of what the passes before read without a gap. Rows that are
        merely known prove nothing: this pass may have been cut off between them.
        """
        self._whole = set(self.found)
        self._go_to_the_newest()

    def _go_to_the_newest(self) -> None:
        self.was_cut = False
        self._further: Further = {}
        self._passed = 0
        self._number = 1

    async def to_the_end(self, ask: AskPage, name: NameOf, time_ms: TimeOf) -> None:
        is_last = False
        while not is_last:
            rows, reply = await ask(self.since_ms, self._further)
            told = {name(row): row for row in rows}
            self.found |= told
            self._passed += len(rows)
            self._number += 1
            if told and told.keys() <= self._whole:
                return
            is_last = self._is_last(rows, reply)
            is_last |= any(time_ms(row) < self.since_ms for row in rows)

    def _is_last(self, rows: Sequence[Any], reply: Any) -> bool:
        """Tell whether nothing follows a page; know what the next one is asked with."""
        pages = self._pages
        if pages.total_path:
            total = int(exact(at_path(reply, pages.total_path)))
            is_last = self._passed >= total
            return is_last or self._go_on({pages.offset_param: self._passed})
        if pages.cursor_path:
            cursor = at_path(reply, pages.cursor_path)
            return not cursor or self._go_on({pages.cursor_param: cursor})
        if pages.row_field:
            told = at_path(reply, pages.rows_path) if pages.rows_path else reply
            if not isinstance(told, list):
                raise BadPayload("the exchange's list has another shape")
            is_short = len(told) < self._size
            return is_short or self._go_on({pages.cursor_param: told[-1][pages.row_field]})
        if len(rows) < self._size:
            return True
        if pages.number_param:
            return self._go_on({pages.number_param: self._number})
        return self._go_on({pages.offset_param: self._passed})

    def _go_on(self, further: Further) -> bool:
        if further == self._further or not any(further.values()):
            raise BadPayload("what follows a page is the page itself: the rest is hidden")
        self._further = further
        return False
