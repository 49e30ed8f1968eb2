"""Lists of orders, read page by page to their end: what was left out proves nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.account import CcxtAccount
from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.ways import OrderList
from crossdock.adapters.venues.ccxt.refusals import at_path
from crossdock.adapters.venues.ccxt.wire.numbers import exact
from crossdock.errors import BadPayload
from crossdock.toolkit import AdapterContext

log = logging.getLogger(__name__)

_MOST_PAGES = 1000
_MOST_ALARMS = 10_000
_TELLING = 12  # letters by which an id is recognised within a longer one


class Walk:
    """One list on its way to its end. `problem` says why the end cannot be reached."""

    def __init__(
        self,
        account: CcxtAccount,
        of: OrderList,
        *,
        symbol: str | None,
        since_ms: int | None = None,
        params: Mapping[str, Any],
    ) -> None:
        self.problem = ""
        self._account = account
        self._of = of
        self._symbol = symbol if of.of_market else None
        self._since_ms = since_ms
        self._params = {**of.params, **params}
        self._next: dict[str, Any] | None = {}
        self._pages = 0
        self._passed = 0
        self._cursors: set[str] = set()
        self._known: set[str] = set()
        self._is_before = False  # what is before the earliest time told was asked for

    async def page(self) -> tuple[list[Raw], Any] | None:
        """Return ccxt's rows of the next page and the reply they stood in; None at the end."""
        if self._next is None:
            return None
        self._pages += 1
        of, asked = self._of, {**self._params, **self._next}
        since_ms = self._since_ms if of.takes_since else None
        method = getattr(self._account.driver, of.method)
        rows, reply = await self._account.session.listed(
            of.method,
            lambda: method(self._symbol, since_ms, of.page or None, asked),
        )
        if not isinstance(rows, list):
            raise BadPayload(f"{of.method}: the exchange lists no orders")
        self._next = self._following(rows, reply)
        if self._next is not None and self._pages >= _MOST_PAGES:
            self._hidden(f"{_MOST_PAGES} pages are not all of it")
            self._next = None
        return rows, reply

    def _following(self, rows: list[Raw], reply: Any) -> dict[str, Any] | None:
        of = self._of
        path = of.pages.rows_path
        listed = at_path(reply, path) if path else reply
        told = len(listed) if isinstance(listed, list | Mapping) else 0
        if self._is_past(rows):
            return None
        if of.pages.cursor_path:
            return self._by_cursor(reply)
        if rows and not told and (of.page or of.pages.offset_param):
            self._hidden("its reply does not hold its rows where they are counted")
            return None
        if of.pages.offset_param:
            return self._by_offset(reply, told)
        is_full = bool(of.page) and told >= of.page
        if of.until_param:
            return self._by_time(rows, is_full=is_full)
        if is_full:
            self._hidden("a full page, and no way to ask for what is behind it")
        return None

    def _by_cursor(self, reply: Any) -> dict[str, Any] | None:
        of = self._of
        cursor = at_path(reply, of.pages.cursor_path)
        goes_on = bool(cursor)
        if of.more_path:
            goes_on = at_path(reply, of.more_path) is not False
        if not goes_on:
            return None
        if not cursor or str(cursor) in self._cursors:
            self._hidden("its cursor leads nowhere")
            return None
        self._cursors.add(str(cursor))
        return {of.pages.cursor_param: cursor}

    def _by_offset(self, reply: Any, told: int) -> dict[str, Any] | None:
        of = self._of.pages
        self._passed += told
        if not of.total_path:
            return {of.offset_param: self._passed} if told else None
        if self._passed >= int(exact(at_path(reply, of.total_path))):
            return None
        if not told:
            self._hidden("it lists fewer orders than it counts")
            return None
        return {of.offset_param: self._passed}

    def _by_time(self, rows: list[Raw], *, is_full: bool) -> dict[str, Any] | None:
        """Ask up to the earliest time told: that row comes again, and what is behind it.

        When nothing else comes, ask for what is before that time: nothing at all is the end.
        """
        news = {str(row.get("id")) for row in rows} - self._known
        self._known |= news
        times = [int(row["timestamp"]) for row in rows if row.get("timestamp") is not None]
        if not times:
            return None
        if not news and (is_full or self._is_before):
            self._hidden("a page full of orders of one moment")
            return None
        self._is_before = not news
        return {self._of.until_param: min(times) - self._is_before}

    def _is_past(self, rows: list[Raw]) -> bool:
        """Tell whether all of a page, and so what is behind it, is too old to matter.

        What comes behind is older by its making or by its last change: by both if all of
        the page changed before. By its making alone nothing may be left out: what was made
        long ago may have ended just now.
        """
        path, since_ms = self._of.changed_path, self._since_ms
        if not path or since_ms is None or not rows:
            return False
        changed = [at_path(row.get("info"), path) for row in rows]
        return all(it is not None and int(it) < since_ms for it in changed)

    def _hidden(self, problem: str) -> None:
        """Say why what was read is not all there is."""
        name = self._account.manifest.name
        self.problem = f"{name} does not list all of the orders: {problem}"


class ReadsOrderLists(CcxtAccount):
    """Tells of rows that cannot be read, once each, and goes on without them."""

    def __init__(self, context: AdapterContext) -> None:
        super().__init__(context)
        self._unread: dict[tuple[str, str], None] = {}

    def tell_unread(self, row: Raw, problem: str) -> None:
        words = f"an order cannot be read: {problem}"
        self._tell(words, str(row.get("id") or "without an id"))

    def tell_hidden(self, walk: Walk) -> None:
        """Say that a list was not read to its end."""
        self._tell(walk.problem)

    def _tell(self, words: str, row: str = "") -> None:
        key = (row, words)
        if key in self._unread:
            return
        self._unread[key] = None
        if len(self._unread) > _MOST_ALARMS:
            del self._unread[next(iter(self._unread))]
        self.health.gap(words)
        told = f"{words} ({row})" if row else words
        log.warning("%s: %s", self.context.account, told)


def speaks_of(reply: Any, names: Iterable[str]) -> bool:
    """Tell whether one of these ids stands anywhere in a reply."""
    wanted = [name for name in names if name]
    left = [reply]
    while left:
        value = left.pop()
        if isinstance(value, Mapping):
            left += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple):
            left += value
        elif value is not None:
            text = str(value)
            if any(it == text or (len(it) >= _TELLING and it in text) for it in wanted):
                return True
    return False
