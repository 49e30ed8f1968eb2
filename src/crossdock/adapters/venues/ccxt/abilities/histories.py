"""Fills and account events behind cursors, complete over every symbol we deal with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from crossdock.adapters.venues.ccxt.abilities.paging import Further, Walks
from crossdock.adapters.venues.ccxt.account import CcxtAccount
from crossdock.adapters.venues.ccxt.exchanges.ways import EventSource, FillPaging, Pages
from crossdock.adapters.venues.ccxt.refusals import at_path
from crossdock.adapters.venues.ccxt.timeline import Row, Strand, Timeline
from crossdock.adapters.venues.ccxt.translation import execution_id
from crossdock.adapters.venues.ccxt.wire.numbers import exact, maybe, milliseconds, time_ns
from crossdock.errors import BadPayload
from crossdock.model import ZERO, AccountEvent, AccountEventKind, Asset
from crossdock.ports import AccountEventPage, FillPage
from crossdock.toolkit import AdapterContext

_EVENT_LAG_MS = 60_000  # deposits and funding are booked late
_HOLDINGS_NS = 60_000_000_000  # other people's trades of new symbols show this late
_INCOMING = frozenset({AccountEventKind.DEPOSIT})
_OUTGOING = frozenset({AccountEventKind.WITHDRAWAL})
# Deposits and withdrawals, where ccxt has no word of its own as the exchange says it.
_UNDER_WAY = ("pending", "waiting_for_clearing", "waiting_for_signature")
_CAME_TO_NOTHING = ("failed", "canceled", "expired")


class _Histories(CcxtAccount):
    def began_ms(self) -> int:
        """Return when this account was first asked, the same over restarts."""
        key = f"ccxt.{self.manifest.id}.began"
        kept = self.context.state.load(key)
        if kept is not None:
            return int(kept)
        now_ms = self.now_ms()
        self.context.state.save(key, str(now_ms).encode())
        return now_ms

    def now_ms(self) -> int:
        return milliseconds(self.clock.time_ns())


class FillPages(_Histories):
    """Fills behind a cursor, for the history and for streams that bring none."""

    def __init__(self, context: AdapterContext) -> None:
        super().__init__(context)
        self._asked_ns: int | None = None  # when holdings were looked at last
        paging = self.quirks.fills
        lag_ms = round(paging.lag_s * 1000)
        self._fills = Timeline(self.now_ms, lag_ms, round(paging.oldest_s * 1000))
        self._fill_walks = Walks()

    async def fill_page(self, cursor: str) -> FillPage:
        page = await self._fills.page(await self._fill_strands(), cursor)
        return FillPage(
            fills=tuple(self.translation.fill(row.raw) for row in page.rows),
            cursor=page.cursor,
            complete=page.complete,
        )

    async def newest_fill_cursor(self) -> str:
        return await self._fills.newest(await self._fill_strands(), self.began_ms())

    async def _fill_strands(self) -> list[Strand]:
        await self.session.markets()
        if not self.quirks.fills.needs_symbol:
            return [self._fill_strand(None)]
        await self._know_traded()
        return [self._fill_strand(symbol) for symbol in self.listed_symbols()]

    async def _know_traded(self) -> None:
        """Add symbols both of whose assets are held: somebody may have traded them."""
        now_ns = self.clock.monotonic_ns()
        if self._asked_ns is not None and now_ns - self._asked_ns < _HOLDINGS_NS:
            return
        raw, _ = await self.session.listed("balances", self.driver.fetch_balance)
        totals = raw.get("total") if isinstance(raw, dict) else None
        if not isinstance(totals, dict):
            raise BadPayload("the balances have another shape")
        held = {asset for asset, total in totals.items() if maybe(total)}
        types = self.quirks.market_types
        self.symbols.add(
            market["symbol"]
            for market in self.driver.markets.values()
            if (not types or market.get("type") in types)
            and market.get("base") in held
            and (market.get("settle") or market.get("quote")) in held
        )
        self._asked_ns = now_ns

    def _fill_strand(self, symbol: str | None) -> Strand:
        paging = self.quirks.fills

        async def ask(since_ms: int | None, until_ms: int | None, behind: str) -> list[Row]:
            params = dict(paging.params)
            if behind:
                params[paging.id_param] = behind
            if since_ms and paging.since_param:
                params[paging.since_param] = since_ms
            if until_ms is not None and paging.until_param:
                params[paging.until_param] = until_ms
            rows = await self._fill_rows(symbol, since_ms, params)
            self.symbols.add(str(row["symbol"]) for row in rows if row.get("symbol"))
            return [
                Row(_time_ms(row), _fill_name(row), row, number=execution_id(row))
                for row in rows
            ]

        return Strand(
            key=symbol or "",
            ask=ask,
            page=paging.page,
            window_ms=round(paging.window_s * 1000),
            newest_first=paging.newest_first,
            takes_until=bool(paging.until_param),
            is_whole=paging.pages.are_followed,
            wants_since=paging.wants_since,
            by_id=bool(paging.id_param),
            first_id=paging.first_id,
        )

    async def _fill_rows(
        self, symbol: str | None, since_ms: int | None, params: dict[str, Any]
    ) -> list[Any]:
        """Ask for a page, or for all of a span where its pages can be followed."""
        paging = self.quirks.fills

        async def ask(since_ms: int | None, further: Further) -> tuple[list[Any], Any]:
            """Hand on `further` as it is: those are the exchange's own words."""
            asked_ms = _asked_ms(paging.pages, since_ms)
            rows, reply = await self.session.listed(
                "fills",
                lambda: self.driver.fetch_my_trades(
                    symbol, asked_ms, paging.page, {**params, **further}
                ),
                wished=_unified(params),
            )
            if not isinstance(rows, list):
                raise BadPayload("the exchange's fills have another shape")
            return rows, reply

        if since_ms is None or not paging.pages.are_followed:
            rows, _ = await ask(since_ms, {})
            return _page_since(since_ms, rows, paging)
        key, size = symbol or "", paging.page
        return _since(
            since_ms,
            await self._fill_walks.rows(
                key, since_ms, paging.pages, size, ask, _fill_name, _time_ms
            ),
        )


class ReadsFills(FillPages):
    async def fills_after(self, cursor: str) -> FillPage:
        return await self.fill_page(cursor)

    async def fill_cursor(self) -> str:
        return await self.newest_fill_cursor()


class ReadsEvents(_Histories):
    def __init__(self, context: AdapterContext) -> None:
        super().__init__(context)
        self._events = Timeline(self.now_ms, _EVENT_LAG_MS, 0)
        self._event_walks = Walks()

    async def account_events_after(self, cursor: str) -> AccountEventPage:
        page = await self._events.page(await self._event_strands(cursor), cursor)
        events = [self._event(row) for row in page.rows]
        return AccountEventPage(
            events=tuple(it for it in events if it is not None),
            cursor=page.cursor,
            complete=page.complete,
        )

    async def account_event_cursor(self) -> str:
        return await self._events.newest(await self._event_strands(), self.began_ms())

    async def _event_strands(self, cursor: str = "") -> list[Strand]:
        await self.session.markets()
        known = [key.partition("/") for key in self._events.keys(cursor)]
        strands: list[Strand] = []
        for source in self.quirks.events:
            before = {of for method, _, of in known if method == source.method and of}
            asked = await self._asked(source, before)
            strands += [self._event_strand(source, each) for each in asked]
        return strands

    async def _asked(self, source: EventSource, before: set[str]) -> Sequence[str | None]:
        """Return what a list is asked by; `before` it was asked for these."""
        if source.needs_symbol:
            return self.listed_symbols()
        if source.needs_code:
            raw, _ = await self.session.listed("balances", self.driver.fetch_balance)
            totals = (raw.get("total") if isinstance(raw, dict) else None) or {}
            held = {asset for asset, total in totals.items() if maybe(total)}
            return sorted(held | before)  # what is held no more has left somehow
        return [None]

    def _event_strand(self, source: EventSource, asked: str | None) -> Strand:
        async def ask(
            since_ms: int | None,
            until_ms: int | None,
            behind: str,  # noqa: ARG001
        ) -> list[Row]:
            params = dict(source.params)
            if since_ms and source.since_param:
                params[source.since_param] = since_ms
            if until_ms is not None:
                params[source.until_param] = until_ms
            rows = await self._event_rows(source, asked, since_ms, params)
            return [
                Row(
                    _time_ms(row),
                    _event_id(source, row),
                    (source, row),
                    under_way=row.get("status") in _UNDER_WAY,
                )
                for row in rows
            ]

        return Strand(
            key=f"{source.method}/{asked or ''}",
            ask=ask,
            page=source.page,
            window_ms=round(source.window_s * 1000),
            oldest_ms=round(source.oldest_s * 1000),
            newest_first=source.newest_first,
            is_whole=source.pages.are_followed,
            wants_since=source.wants_since,
        )

    async def _event_rows(
        self,
        source: EventSource,
        asked: str | None,
        since_ms: int | None,
        params: dict[str, Any],
    ) -> list[Any]:
        """Ask for a page, or for all of a span where its pages can be followed."""

        async def ask(since_ms: int | None, further: Further) -> tuple[list[Any], Any]:
            asked_ms = _asked_ms(source.pages, since_ms) if source.takes_since else None
            rows, reply = await self.session.listed(
                source.method,
                lambda: getattr(self.driver, source.method)(
                    asked, asked_ms, source.page, {**params, **further}
                ),
                wished=_unified(params),
            )
            if not isinstance(rows, list) or any(map(_is_blank, rows)):
                raise BadPayload(f"{source.method}: the rows have another shape")
            return rows, reply

        if since_ms is None or not source.pages.are_followed:
            rows, _ = await ask(since_ms, {})
            return _page_since(since_ms, rows, source)
        return _since(
            since_ms,
            await self._event_walks.rows(
                f"{source.method}/{asked or ''}",
                since_ms,
                source.pages,
                source.page,
                ask,
                lambda row: _event_id(source, row),
                _time_ms,
            ),
        )

    def _event(self, row: Row) -> AccountEvent | None:
        source, raw = row.raw
        kind = _kind(source, raw)
        if kind is None or raw.get("status") in _CAME_TO_NOTHING:
            return None
        amount = exact(raw.get("amount"))
        if kind in _OUTGOING or raw.get("direction") == "out":
            amount = -abs(amount)
        elif kind in _INCOMING or raw.get("direction") == "in":
            amount = abs(amount)
        fee = raw.get("fee") or {}
        asset = str(raw.get("currency") or raw.get("code") or "")
        if fee.get("currency") == asset and kind in _OUTGOING:
            amount -= maybe(fee.get("cost")) or ZERO
        symbol = raw.get("symbol")
        return AccountEvent(
            account=self.context.account,
            event_id=row.id,
            kind=kind,
            asset=Asset(asset),
            amount=amount,
            instrument=self.translation.instrument(symbol) if symbol else None,
            note=str(raw.get("comment") or "")[:200],
            venue_time_ns=time_ns(raw.get("timestamp")),
            received_time_ns=self.clock.time_ns(),
        )


def _since(since_ms: int | None, rows: list[Any]) -> list[Any]:
    """Leave out what an exchange told of the time before, be it by seconds or by pages."""
    return [row for row in rows if since_ms is None or _time_ms(row) >= since_ms]


def _page_since(
    since_ms: int | None, rows: list[Any], paging: FillPaging | EventSource
) -> list[Any]:
    """Do as `_since` for one page. Raises BadPayload if it hides what follows it."""
    left = _since(since_ms, rows)
    if len(left) < len(rows) >= paging.page and not paging.newest_first:
        raise BadPayload("a page is full of rows from before the time that was asked for")
    return left


def _asked_ms(pages: Pages, since_ms: int | None) -> int | None:
    """Return when ccxt is told to begin: where rows are counted, in whole seconds.

    It would drop what the count has of the first one.
    """
    if not since_ms and pages.are_followed:
        return None
    if since_ms is None or not pages.total_path:
        return since_ms
    return since_ms - since_ms % 1000


def _time_ms(row: Any) -> int:
    return milliseconds(time_ns(row.get("timestamp")))


def _fill_name(row: Any) -> str:
    """Name one side of a trade: both are ours where somebody trades with themselves."""
    return f"{row.get('order') or ''}:{execution_id(row)}"


def _is_blank(row: Any) -> bool:
    """Tell whether ccxt found neither a time nor an amount in what it took for a row."""
    return row.get("timestamp") is None and row.get("amount") is None


def _unified(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the params that are ccxt's to translate; others are the exchange's own."""
    return {name: params[name] for name in ("until",) if name in params}


def _kind(source: EventSource, raw: Any) -> AccountEventKind | None:
    if source.kind is not None:
        return source.kind
    said = at_path(raw.get("info"), source.kind_path) if source.kind_path else None
    return source.kinds.get(str(said if said is not None else raw.get("type")))


def _event_id(source: EventSource, raw: Any) -> str:
    """Return the exchange's id of a row, or one made of the row itself."""
    found = raw.get("id")
    if found is not None and found != "":
        kind = f"{raw.get('type')}:" if source.ids_within_kind else ""
        return f"{source.method}:{kind}{found}"
    digest = hashlib.sha256(msgspec.json.encode(raw.get("info"), order="sorted"))
    return f"{source.method}:{digest.hexdigest()[:24]}"
