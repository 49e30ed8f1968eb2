"""Histories behind an opaque cursor, of exchanges that page by time or by id.

What was told at the edge of a page may come late or twice, so a query by time begins
before the newest row known, and what was told already is left out by its id. A row that is
under way, as a deposit is until it arrives, is told when it is done: the mark moves on past
it and remembers it, and it is asked for by its own time until then. Where nothing comes the
mark moves on too, now and then: what has to be asked for must not grow with every day.

A rate limit ends a page and takes nothing back: what was read by then is the page, and only
where nothing was read is it raised.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from crossdock.errors import BadPayload, RateLimited

_MOST_WINDOWS = 20  # asked for one page; a longer silence takes several pages
_RESTS_MS = 7 * 86_400_000  # of a list without windows: a mark is left alone for this long
_RESTS = 2  # parts of a window after which a mark that stood still moves on
_STAYS = 12  # parts of that time by which it stays behind: a row may still come late
_LOOKS_BACK_MS = 7 * 86_400_000  # for what is under way, where a list is read forward only
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
    number: str = ""  # what the list is paged by, where two rows may share that; "": the id

    @property
    def place(self) -> tuple[int, int, str, str]:
        """Where it stands among the rows of its list."""
        number = self.number or self.id
        return self.time_ms, len(number), number, self.id


Ask = Callable[[int | None, int | None, str], Awaitable[Sequence[Row]]]
"""Asks for rows of [since, until) in milliseconds, or behind an id; None leaves it open."""


@dataclass(frozen=True, slots=True)
class Strand:
    """One list that is read by itself: all of an account, or one symbol's."""

    key: str
    ask: Ask
    page: int
    window_ms: int = 0
    oldest_ms: int = 0  # how far back it is read at all; 0: as far as the others
    newest_first: bool = False
    takes_until: bool = True
    is_whole: bool = False  # asked for a span it brings all of it, whatever a page holds
    wants_since: bool = False  # read forward from some time on, be it the beginning
    by_id: bool = False
    first_id: str = ""

    def is_cut(self, rows: Sequence[Row]) -> bool:
        """Tell whether a reply may leave out some of what it was asked for."""
        return not self.is_whole and len(rows) >= self.page


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Row]
    cursor: str
    complete: bool


class Timeline:
    """Reads strands together, behind one cursor: the one most behind goes first."""

    def __init__(self, now_ms: Callable[[], int], lag_ms: int, oldest_ms: int) -> None:
        self._now_ms = now_ms
        self._lag_ms = lag_ms
        self._oldest_ms = oldest_ms  # how far back the exchange answers; 0: everything
        self._reached: set[str] = set()  # strands read since a page was cut off

    async def page(self, strands: Sequence[Strand], cursor: str) -> Page:
        """Return what is behind the cursor. Complete is only a page that brings nothing.

        Raises RateLimited where no strand moved.
        """
        before = self._read(cursor)
        marks = dict(before.marks)
        rows: list[Row] = []
        whole, moved = True, not cursor
        for strand in self._in_turn(strands, before):
            mark = self._mark_of(strand, before)
            try:
                found, after, ended = await self._advance(strand, mark)
            except RateLimited:
                self._reached.discard(strand.key)
                if marks == before.marks:
                    raise
                whole, moved = False, True
                break
            self._reached.add(strand.key)
            rows += found
            whole &= ended
            moves = bool(found) or not ended or after.since_ms != mark.since_ms
            if moves or strand.key in marks or not cursor:
                marks[strand.key] = after
            moved |= moves
        else:
            self._reached.clear()
        rows.sort(key=lambda row: row.place)
        if not moved:
            return Page((), cursor, complete=True)
        return Page(
            rows,
            _encode(Cursor(before.begun_ms, marks)).decode(),
            complete=whole and not rows,
        )

    def _in_turn(self, strands: Sequence[Strand], cursor: Cursor) -> list[Strand]:
        """Put what a rate limit kept from being read before all else, then what is behind.

        Quiet strands stand still for long: by their marks alone they would go first always.
        """
        return sorted(
            strands,
            key=lambda it: (it.key in self._reached, self._mark_of(it, cursor).since_ms),
        )

    def _mark_of(self, strand: Strand, cursor: Cursor) -> Mark:
        return cursor.marks.get(strand.key) or self._first(strand, cursor)

    def keys(self, cursor: str) -> list[str]:
        """Return the strands that a cursor has marks of."""
        return list(self._read(cursor).marks)

    async def newest(self, strands: Sequence[Strand], begun_ms: int) -> str:
        """Return the cursor behind the newest row, without reading what was before.

        It is the same again until something comes, so it hangs on `begun_ms` and not on now.
        """
        marks = {it.key: await self._newest_mark(it, begun_ms) for it in strands}
        newest_ms = max(
            (mark.since_ms for mark in marks.values()), default=begun_ms - self._lag_ms
        )
        return _encode(Cursor(newest_ms, marks)).decode()

    async def _newest_mark(self, strand: Strand, begun_ms: int) -> Mark:
        if strand.wants_since:
            rows = await self._since(strand, begun_ms - _LOOKS_BACK_MS)
        else:
            rows = list(await strand.ask(None, None, ""))
        if not rows:
            return Mark(begun_ms - self._lag_ms)
        mark = self._behind(strand, rows, rows)
        if strand.by_id:
            return mark
        if len(rows) >= strand.page and min(row.time_ms for row in rows) >= mark.since_ms:
            # The page does not reach back to the mark: more of what is known is before it.
            rows = await self._since(strand, mark.since_ms)
            mark = self._behind(strand, rows, rows)
        floor_ms = begun_ms - self._stays_ms(strand)
        if mark.since_ms >= floor_ms:
            return mark
        seen = sorted({row.id for row in rows if row.time_ms >= floor_ms})
        return Mark(floor_ms, tuple(seen), under_way=mark.under_way)

    async def _since(self, strand: Strand, since_ms: int) -> list[Row]:
        """Return every row from a time on, of which there are few."""
        found: dict[str, Row] = {}
        while True:
            listed = await self._window(strand, since_ms, None)
            found.update((row.id, row) for row in listed)
            if strand.newest_first or not strand.is_cut(listed):
                return list(found.values())
            since_ms = _next_ms(listed, since_ms)

    async def _advance(self, strand: Strand, mark: Mark) -> tuple[list[Row], Mark, bool]:
        """Read on from a mark: new rows, the mark behind them, whether none can follow."""
        if strand.by_id and mark.last_id:
            listed = await strand.ask(None, None, mark.last_id)
            if not mark.seen:
                listed = [it for it in listed if (it.number or it.id) != mark.last_id]
            rows = _told_once(listed, set(mark.seen))
            if not rows:
                return [], mark, True
            return rows, self._behind(strand, rows, listed), False
        done, mark = await self._done_since(strand, mark)
        try:
            rows, after, ended = await self._forward(strand, mark)
        except RateLimited:
            if not done:
                raise
            return done, mark, False
        return [*done, *rows], after, ended and not done

    async def _forward(self, strand: Strand, mark: Mark) -> tuple[list[Row], Mark, bool]:
        since_ms = mark.since_ms
        known: dict[str, int] = {}
        for _ in range(_MOST_WINDOWS):
            now_ms = self._now_ms()
            until_ms = since_ms + strand.window_ms if strand.window_ms else None
            if until_ms is not None and until_ms > now_ms:
                until_ms = now_ms + 1
            try:
                listed = await self._window(strand, since_ms, until_ms)
            except RateLimited:
                reached = self._past(strand, mark, since_ms)
                if reached.since_ms <= mark.since_ms:
                    raise
                return [], reached, False
            mark, rows = _new_of(mark, listed)
            if rows:
                return rows, self._behind(strand, rows, listed, mark, since_ms), False
            known.update((row.id, row.time_ms) for row in listed)
            if strand.is_cut(listed) and not strand.newest_first:
                since_ms = _next_ms(listed, since_ms)
                continue
            if until_ms is None or until_ms > now_ms:
                return [], self._rested(strand, mark, known), True
            since_ms = until_ms
        return [], self._past(strand, mark, since_ms), False

    def _past(self, strand: Strand, mark: Mark, since_ms: int) -> Mark:
        """Return a mark past what holds nothing new, as far as rows do not come late."""
        latest_ms = max(mark.since_ms, self._now_ms() - self._stays_ms(strand))
        since_ms = min(since_ms, latest_ms)
        return Mark(since_ms, mark.seen, under_way=mark.under_way)

    def _rested(self, strand: Strand, mark: Mark, known: dict[str, int]) -> Mark:
        """Move a mark on where nothing came for long; what it stays behind is known."""
        since_ms = self._now_ms() - self._stays_ms(strand)
        if since_ms - mark.since_ms < _rests_ms(strand):
            return mark
        seen = sorted(key for key, time_ms in known.items() if time_ms >= since_ms)
        seen = [key for key in seen if key not in mark.under_way]
        return Mark(since_ms, tuple(seen), under_way=mark.under_way)

    def _stays_ms(self, strand: Strand) -> int:
        return max(self._lag_ms, _rests_ms(strand) // _STAYS)

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
            try:
                listed = await self._window(strand, from_ms, until_ms)
            except RateLimited:
                if not done:
                    raise
                break
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
        is_said = since_ms > 0 or strand.is_whole or strand.wants_since
        asked_ms = since_ms if is_said else None
        rows = list(await strand.ask(asked_ms, until_ms, ""))
        if not strand.newest_first:
            return rows
        # The oldest of a full page hides what was before it: ask up to there.
        known = {row.id: row for row in rows}
        full = strand.is_cut(rows)
        while full:
            if not strand.takes_until:
                raise BadPayload("a full page, and no way to ask for what was before it")
            oldest_ms = min(row.time_ms for row in known.values())
            rows = list(await strand.ask(asked_ms, oldest_ms + 1, ""))
            new = [row for row in rows if row.id not in known]
            known.update((row.id, row) for row in new)
            full = strand.is_cut(rows)
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
        newest = max(rows, key=lambda row: row.place)
        since_ms = newest.time_ms - self._lag_ms
        if strand.by_id:
            last = newest.number or newest.id
            alike = {row.id for row in listed if (row.number or row.id) == last}
            return Mark(since_ms, tuple(sorted(alike)), last_id=last)
        under_way = (
            {row.id: row.time_ms for row in listed if row.under_way}
            if before is None
            else before.under_way
        )
        known = {row.id: row.time_ms for row in listed}
        seen = {key for key, time_ms in known.items() if time_ms >= since_ms}
        if before is not None:
            # What is not listed may be behind the cut, or before what was asked for.
            cut = strand.is_cut(listed) or asked_ms > since_ms
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
        oldest_ms = strand.oldest_ms or self._oldest_ms
        if oldest_ms:
            return Mark(self._now_ms() - oldest_ms)
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


def _rests_ms(strand: Strand) -> int:
    return strand.window_ms // _RESTS or _RESTS_MS


def _next_ms(listed: Sequence[Row], since_ms: int) -> int:
    """Return from when on to ask behind a page that was cut."""
    last_ms = max(row.time_ms for row in listed)
    if last_ms <= since_ms:
        raise BadPayload("a page full of rows of one moment hides the next")
    return last_ms


def _told_once(rows: Sequence[Row], seen: set[str]) -> list[Row]:
    new: dict[str, Row] = {}
    for row in rows:
        if row.id not in seen:
            new.setdefault(row.id, row)
    return list(new.values())
