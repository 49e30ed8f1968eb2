"""Histories read in pages behind a cursor, and what proves that there is no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.adapters.venues.rest_api.described.tables import History
from crossdock.adapters.venues.rest_api.exchange import Exchange
from crossdock.adapters.venues.rest_api.rows import find, rows_of, word_of
from crossdock.errors import BadPayload

_MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Any]
    cursor: str
    complete: bool


class Pager:
    """Pages through one history; `call` is None where none is described.

    Where a reply tells the newest cursor, a page is complete that reaches it. Elsewhere
    only one is that holds nothing behind its cursor: a short page proves nothing.
    """

    def __init__(self, exchange: Exchange, call: History | None) -> None:
        self._exchange = exchange
        self._call = call
        self._tip = ""

    async def page(self, cursor: str) -> Page:
        call = self._described()
        after = cursor or call.begin
        reply = await self._ask(after, call.page_size)
        rows = rows_of(call, reply)
        cursors = [_cursor(row, call.cursor) for row in rows]
        self._check_order(after, cursors)
        last = cursors[-1] if cursors else after
        if call.newest:
            newest = self._newest_in(reply)
            if call.gap_free and int(last or 0) > int(newest or 0):
                raise BadPayload(f"{call.path}: ends at {newest}, before {last}")
            return Page(rows, last, last == newest)
        if last == after and len(rows) >= call.page_size:
            raise BadPayload(
                f"{call.path}: a whole page at cursor {last!r}: nothing behind it is seen"
            )
        return Page(rows, last, last == after)

    async def newest(self) -> str:
        """Return the cursor behind the newest row."""
        call = self._described()
        if call.newest:
            return self._newest_in(await self._ask(call.begin, 1))
        for _ in range(_MOST_PAGES):
            page = await self.page(self._tip)
            self._tip = page.cursor
            if page.complete:
                return page.cursor
        raise BadPayload(f"{call.path}: has no end after {_MOST_PAGES} pages")

    async def _ask(self, after: str, size: int) -> object:
        # A first page may have to be asked without a cursor: none is then left out.
        values: dict[str, object] = {"cursor": after or None, "page_size": size}
        return await self._exchange.read(self._described(), values)

    def _newest_in(self, reply: object) -> str:
        call = self._described()
        found = find(reply, call.newest)
        if isinstance(found, dict | list):
            raise BadPayload(f"{call.path}: {call.newest} is no cursor")
        if found is None:
            if call.gap_free:
                raise BadPayload(f"{call.path}: {call.newest} is missing")
            return call.begin
        return word_of(found)

    def _check_order(self, after: str, cursors: list[str]) -> None:
        call = self._described()
        if call.gap_free:
            if not all(each.isdecimal() for each in [after or "0", *cursors]):
                raise BadPayload(f"{call.path}: a cursor that is no number")
            first = int(after or 0) + 1
            if list(map(int, cursors)) != list(range(first, first + len(cursors))):
                raise BadPayload(
                    f"{call.path}: the rows behind {after} are not in sequence"
                )
        elif all(each.isdecimal() for each in cursors):
            numbers = [int(each) for each in (after, *cursors) if each.isdecimal()]
            if numbers != sorted(numbers):
                raise BadPayload(
                    f"{call.path}: the rows behind {after} are not oldest first"
                )

    def _described(self) -> History:
        assert self._call is not None, "its manifest does not declare it"
        return self._call


def _cursor(row: object, path: str) -> str:
    found = find(row, path)
    if found is None or isinstance(found, dict | list):
        raise BadPayload(f"a row has no cursor at {path}")
    return word_of(found)
