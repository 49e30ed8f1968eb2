"""The history of fills and other activities, read so that none is left out.

Activities are ordered by when they happened and booked when they become known: fees and
dividends days later, under an earlier date. So a cursor does not stand at one activity: it
names all of the newest stretch, and each read begins before that stretch.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2s

from crossdock.adapters.venues.alpaca.stamps import SECOND_NS, day_time_ns, text_of, time_ns
from crossdock.adapters.venues.alpaca.wire import WireActivity
from crossdock.errors import BadPayload
from crossdock.toolkit import HttpClient

TRADING = "trading"
_PAGE = 100  # the most there is
_MOST_PAGES = 10  # in one read; the rest in the next
_SPLITS = ("SPLIT", "SSP")


class ActivityLog:
    """One kind of activities. `stretch_s` is how late one may be booked and not be lost."""

    def __init__(
        self, client: HttpClient, path: str, query: dict[str, str], *, stretch_s: int
    ) -> None:
        self._client = client
        self._path = path
        self._query = query
        self._stretch_s = stretch_s

    async def page(self, cursor: str) -> tuple[list[WireActivity], str, bool]:
        """Return what came behind a cursor, oldest first, a new cursor, and if that is all.

        That is all when the vendor answers an empty page.
        """
        newest_s, seen = _parsed(cursor)
        since_s = None if newest_s is None else newest_s - self._stretch_s - 1
        rows, complete = await self.since(since_s, seen)
        if not complete:
            rows = rows[: len(rows) - _trailing_splits(rows)]
        settled = _settled(rows)
        news = [row for row in settled if _key(row) not in seen]
        return news, self._cursor(settled) or cursor, complete

    async def since(
        self, after_s: int | None, seen: frozenset[str] = frozenset()
    ) -> tuple[list[WireActivity], bool]:
        """Return activities after a time, oldest first, and whether these are all.

        There is one not `seen` before among them, or they are all.
        """
        query = {**self._query, "direction": "asc"}
        if after_s is not None:
            query["after"] = text_of(after_s * SECOND_NS)
        rows: list[WireActivity] = []
        pages, has_news = 0, False
        while pages < _MOST_PAGES or not has_news:
            page = await self._ask(query, rows)
            if not page:
                return rows, True
            rows += page
            pages += 1
            has_news = has_news or any(_key(row) not in seen for row in page)
        return rows, False

    async def newest(self) -> str:
        """Return the cursor behind the newest activity."""
        query = {**self._query, "direction": "desc"}
        rows: list[WireActivity] = []
        while True:
            page = await self._ask(query, rows)
            rows += page
            times = [_moment_s(row) for row in rows]
            if not page or min(times) < max(times) - self._stretch_s:
                return self._cursor(_settled(rows))

    async def _ask(
        self, query: dict[str, str], before: Sequence[WireActivity]
    ) -> tuple[WireActivity, ...]:
        more = {"page_token": before[-1].id} if before else {}
        page = await self._client.read(
            "GET",
            self._path,
            into=tuple[WireActivity, ...],
            query={**query, **more, "page_size": str(_PAGE)},
            signed=True,
            scope=TRADING,
        )
        known = {_key(row) for row in before}
        if any(_key(row) in known for row in page):
            raise BadPayload(f"{self._path} answers the same page again")
        return page

    def _cursor(self, rows: Sequence[WireActivity]) -> str:
        """Return the same text for the same newest stretch, however it was read."""
        if not rows:
            return ""
        times = [_moment_s(row) for row in rows]
        newest_s = max(times)
        begin_s = newest_s - self._stretch_s
        keys = {_key(row) for row, at_s in zip(rows, times, strict=True) if at_s >= begin_s}
        return f"{newest_s};{','.join(sorted(keys))}"


def moment_ns(row: WireActivity) -> int:
    """Return when an activity happened; most that are no fills know only the day."""
    if row.transaction_time is not None:
        return time_ns(row.transaction_time)
    if row.date is not None:
        return day_time_ns(row.date[:10], "00:00")
    raise BadPayload(f"activity {row.id} has no time")


def _moment_s(row: WireActivity) -> int:
    return moment_ns(row) // SECOND_NS


def _key(row: WireActivity) -> str:
    """Tell activities apart: an exercise and the trade it makes bear one id."""
    text = f"{row.activity_type}:{row.id}"
    return blake2s(text.encode(), digest_size=6).hexdigest()


def _parsed(cursor: str) -> tuple[int | None, frozenset[str]]:
    if not cursor:
        return None, frozenset()
    newest, _, keys = cursor.partition(";")
    if not newest.isdecimal():
        raise BadPayload(f"a cursor of this venue begins with a number, got {newest!r}")
    return int(newest), frozenset(keys.split(","))


def is_split(row: WireActivity) -> bool:
    return row.activity_type in _SPLITS


def split_key(row: WireActivity) -> tuple[str | None, str | None]:
    return row.symbol, row.date


def _settled(rows: Sequence[WireActivity]) -> list[WireActivity]:
    """Leave out a split of which only one half is booked: the old shares are gone then."""
    added = {split_key(it) for it in rows if is_split(it) and it.qty and it.qty > 0}
    return [
        row
        for row in rows
        if not (is_split(row) and row.qty and row.qty < 0 and split_key(row) not in added)
    ]


def _trailing_splits(rows: Sequence[WireActivity]) -> int:
    """Count the splits at the end, whose other half may be on the next page."""
    count = 0
    while count < len(rows) and is_split(rows[-1 - count]):
        count += 1
    return count
