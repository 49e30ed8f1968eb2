"""Histories behind an opaque cursor, of exchanges that page by time or by id.

What was told at the edge of a page may come late or twice, so a query by time begins
before the newest row known, and what was told already is left out by its id. A row that is
under way, as a deposit is until it arrives, is told when it is done: the mark moves on past
it and remembers it, and it is asked for by its own time until then.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from crossdock.errors import BadPayload

_MOST_WINDOWS = 20  # asked for one page; a longer silence takes several pages
_EARLIEST_MS = 1_483_228_800_000  # 2017: where windows begin if nobody says how far back
_WAITS_MS = 90 * 86_400_000  # what is under way for longer is asked for no more


class Mark(msgspec.Struct, frozen=True):
    """How far one strand was read: behind an id, or from a time on but for what was seen."""

    since_ms: int
    seen: tuple[str, ...] = ()
    last_id: str = ""
    under_way: dict[str, int] = {}  # rows not told, as they are not done: id and time


class Cursor(msgspec.Struct, frozen=True):
    """How far everything was read. A strand without a mark begins at `begun_ms`."""

    begun_ms: int
    marks: dict[str, Mark] = {}


_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(Cursor).decode


@dataclass(frozen=True, slots=True)
class Row:
    """One entry, with what it is told apart and put in order by."""

    time_ms: int
    id: str
    raw: Any = field(repr=False)
    under_way: bool = False  # it may still come to nothing


Ask = Callable[[int | None, int | None, str], Awaitable[Sequence[Row]]]
"""Asks for rows of [since, until) in milliseconds, or behind an id; None leaves it open."""


@dataclass(frozen=True, slots=True)
class Strand:
    """One list that is read by itself: all of an account, or one symbol's."""

    key: str
    ask: Ask
    page: int
    window_ms: int = 0
    newest_first: bool = False
    takes_until: bool = True
    by_id: bool = False
    first_id: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Row]
    cursor: str
    complete: bool


class Timeline:
    """Reads strands together, behind one cursor."""

    def __init__(self, now_ms: Callable[[], int], lag_ms: int, oldest_ms: int) -> None:
        self._now_ms = now_ms
        self._lag_ms = lag_ms
        self._oldest_ms = oldest_ms  # how far back the exchange answers; 0: everything

    async def page(self, strands: Sequence[Strand], cursor: str) -> Page:
        """Return what is behind the cursor. Complete is only a page that brings nothing."""
        before = self._read(cursor)
        marks = dict(before.marks)
        rows: list[Row] = []
        whole = True
        for strand in strands:
            mark = marks.get(strand.key) or self._first(strand, before)
            found, after, ended = await self._advance(strand, mark)
            rows += found
            whole &= ended
            if found or not ended or strand.key in marks or not cursor:
                marks[strand.key] = after
        rows.sort(key=lambda row: (row.time_ms, len(row.id), row.id))
        if not rows and whole and cursor:
            return Page((), cursor, complete=True)
        return Page(
            rows,
            _encode(Cursor(before.begun_ms, marks)).decode(),
            complete=whole and not rows,
        )

    def keys(self, cursor: str) -> list[str]:
        """Return the strands that a cursor has marks of."""
        return list(self._read(cursor).marks)

    async def newest(self, strands: Sequence[Strand], begun_ms: int) -> str:
        """Return the cursor behind the newest row, without reading what was before."""
        marks: dict[str, Mark] = {}
        for strand in strands:
            rows = await strand.ask(None, None, "")
            if rows:
                marks[strand.key] = self._behind(strand, rows, rows)
            else:
                marks[strand.key] = Mark(begun_ms - self._lag_ms)
        newest_ms = max(
            (mark.since_ms for mark in marks.values()), default=begun_ms - self._lag_ms
        )
        return _encode(Cursor(newest_ms, marks)).decode()

    async def _advance(self, strand: Strand, mark: Mark) -> tuple[list[Row], Mark, bool]:
        """Read on from a mark: new rows, the mark behind them, whether none can follow."""
        if strand.by_id and mark.last_id:
            rows = _told_once(await strand.ask(None, None, mark.last_id), {mark.last_id})
            if not rows:
                return [], mark, True
            return rows, self._behind(strand, rows, rows), False
        done, mark = await self._done_since(strand, mark)
        rows, after, ended = await self._forward(strand, mark)
        return [*done, *rows], after, ended and not done

    async def _forward(self, strand: Strand, mark: Mark) -> tuple[list[Row], Mark, bool]:
        since_ms = mark.since_ms
        for _ in range(_MOST_WINDOWS):
            now_ms = self._now_ms()
            until_ms = since_ms + strand.window_ms if strand.window_ms else None
            if until_ms is not None and until_ms > now_ms:
                until_ms = now_ms + 1
            listed = await self._window(strand, since_ms, until_ms)
            mark, rows = _new_of(mark, listed)
            if rows:
                return rows, self._behind(strand, rows, listed, mark, since_ms), False
            if len(listed) >= strand.page and not strand.newest_first:
                last_ms = max(row.time_ms for row in listed)
                if last_ms <= since_ms:
                    raise BadPayload("a page full of rows of one moment hides the next")
                since_ms = last_ms
                continue
            if until_ms is None or until_ms > now_ms:
                return [], mark, True
            since_ms = until_ms
        return [], Mark(since_ms, mark.seen, under_way=mark.under_way), False

    async def _done_since(self, strand: Strand, mark: Mark) -> tuple[list[Row], Mark]:
        """Ask for what was under way, where the mark has moved on past it."""
        now_ms = self._now_ms()
        first_ms = now_ms - _WAITS_MS
        under_way = {key: at for key, at in mark.under_way.items() if at >= first_ms}
        if under_way != mark.under_way:
            mark = msgspec.structs.replace(mark, under_way=under_way)
        left = {key: at for key, at in under_way.items() if at < mark.since_ms}
        done: list[Row] = []
        while left:
            from_ms = min(left.values())
            until_ms = None
            if strand.window_ms:
                until_ms = min(from_ms + strand.window_ms, now_ms + 1)
            listed = await self._window(strand, from_ms, until_ms)
            awaited = [row for row in listed if row.id in mark.under_way]
            mark, rows = _new_of(mark, awaited)
            done += rows
            told = {row.id for row in listed}
            left = {key: at for key, at in left.items() if key not in told and at > from_ms}
        again = {row.id for row in done if row.time_ms >= mark.since_ms}
        if again:
            mark = msgspec.structs.replace(mark, seen=tuple(sorted({*mark.seen, *again})))
        return done, mark

    async def _window(
        self, strand: Strand, since_ms: int, until_ms: int | None
    ) -> Sequence[Row]:
        asked_ms = since_ms if since_ms > 0 else None
        rows = list(await strand.ask(asked_ms, until_ms, ""))
        if not strand.newest_first:
            return rows
        # The oldest of a full page hides what was before it: ask up to there.
        known = {row.id: row for row in rows}
        full = len(rows) >= strand.page
        while full:
            if not strand.takes_until:
                raise BadPayload("a full page, and no way to ask for what was before it")
            oldest_ms = min(row.time_ms for row in known.values())
            rows = list(await strand.ask(asked_ms, oldest_ms + 1, ""))
            new = [row for row in rows if row.id not in known]
            known.update((row.id, row) for row in new)
            full = len(rows) >= strand.page
            if full and not new:
                raise BadPayload("a page full of rows of one moment hides what was before")
        return list(known.values())

    def _behind(
        self,
        strand: Strand,
        rows: Sequence[Row],
        listed: Sequence[Row],
        before: Mark | None = None,
        asked_ms: int = 0,
    ) -> Mark:
        newest = max(rows, key=lambda row: (row.time_ms, len(row.id), row.id))
        since_ms = newest.time_ms - self._lag_ms
        if strand.by_id:
            return Mark(since_ms, last_id=newest.id)
        under_way = (
            {row.id: row.time_ms for row in listed if row.under_way}
            if before is None
            else before.under_way
        )
        known = {row.id: row.time_ms for row in listed}
        seen = {key for key, time_ms in known.items() if time_ms >= since_ms}
        if before is not None:
            # What is not listed may be behind the cut, or before what was asked for.
            cut = len(listed) >= strand.page or asked_ms > since_ms
            seen |= {
                key
                for key in before.seen
                if (cut if key not in known else known[key] >= since_ms)
            }
            since_ms = max(since_ms, before.since_ms)
        return Mark(since_ms, tuple(sorted(seen)), under_way=under_way)

    def _first(self, strand: Strand, cursor: Cursor) -> Mark:
        if not cursor.begun_ms and strand.by_id:
            return Mark(0, last_id=strand.first_id)
        if cursor.begun_ms:
            return Mark(cursor.begun_ms)
        if self._oldest_ms:
            return Mark(self._now_ms() - self._oldest_ms)
        return Mark(_EARLIEST_MS if strand.window_ms else 0)

    def _read(self, cursor: str) -> Cursor:
        if not cursor:
            return Cursor(0)
        try:
            return _decode(cursor)
        except msgspec.DecodeError:
            raise BadPayload("a history cursor that this adapter did not make") from None


def _new_of(mark: Mark, listed: Sequence[Row]) -> tuple[Mark, list[Row]]:
    """Return the rows to tell now, and the mark that knows which are still under way."""
    waits = {row.id: row.time_ms for row in listed if row.under_way}
    seen = set(mark.seen).difference(mark.under_way)
    done = [row for row in listed if not row.under_way]
    rows = _told_once(done, seen)
    under_way = {**mark.under_way, **waits}
    for row in done:
        under_way.pop(row.id, None)
    if under_way == mark.under_way:
        return mark, rows
    return msgspec.structs.replace(mark, under_way=under_way), rows


def _told_once(rows: Sequence[Row], seen: set[str]) -> list[Row]:
    new: dict[str, Row] = {}
    for row in rows:
        if row.id not in seen:
            new.setdefault(row.id, row)
    return list(new.values())
