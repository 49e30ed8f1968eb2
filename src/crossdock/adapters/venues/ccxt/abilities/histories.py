"""Fills and account events behind cursors, complete over every symbol we deal with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from crossdock.adapters.venues.ccxt.account import CcxtAccount
from crossdock.adapters.venues.ccxt.exchanges.ways import EventSource
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
_ALL = 1_000_000_000  # rows of a page that is never full: it was asked for to the end
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
        self._fills = Timeline(
            self.now_ms, round(paging.lag_s * 1000), round(paging.oldest_s * 1000)
        )

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
        return [self._fill_strand(symbol) for symbol in self.symbols.all()]

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
            if until_ms is not None and paging.until_param:
                params[paging.until_param] = until_ms
            rows = await self._fill_rows(symbol, since_ms, params)
            self.symbols.add(str(row["symbol"]) for row in rows if row.get("symbol"))
            return [
                Row(milliseconds(time_ns(row.get("timestamp"))), execution_id(row), row)
                for row in rows
            ]

        return Strand(
            key=symbol or "",
            ask=ask,
            page=_ALL if paging.total_path or paging.cursor_path else paging.page,
            window_ms=round(paging.window_s * 1000),
            newest_first=paging.newest_first,
            takes_until=bool(paging.until_param),
            by_id=bool(paging.id_param),
            first_id=paging.first_id,
        )

    async def _fill_rows(
        self, symbol: str | None, since_ms: int | None, params: dict[str, Any]
    ) -> list[Any]:
        """Ask for a page; where the reply tells how many rows there are, for all of them."""
        paging = self.quirks.fills
        if paging.cursor_path:
            return await self._by_cursor(symbol, since_ms, params)
        if paging.total_path and since_ms is not None:
            # Asked for in whole seconds: ccxt would drop what the count has of the first.
            since_ms -= since_ms % 1000
        found: dict[str, Any] = {}
        total = 1
        while len(found) < total:
            further = {paging.offset_param: len(found)} if found else {}
            rows, reply = await self._fills_told(symbol, since_ms, params, further)
            if not paging.total_path:
                return rows
            before = len(found)
            found |= {execution_id(row): row for row in rows}
            total = int(exact(at_path(reply, paging.total_path)))
            if len(found) == before < total:
                raise BadPayload("the exchange lists fewer fills than it counts")
        return list(found.values())

    async def _by_cursor(
        self, symbol: str | None, since_ms: int | None, params: dict[str, Any]
    ) -> list[Any]:
        """Ask for every page of a span; without a span, for the newest page alone."""
        paging = self.quirks.fills
        is_span = since_ms is not None or paging.until_param in params
        found: dict[str, Any] = {}
        further: dict[str, Any] = {}
        while True:
            rows, reply = await self._fills_told(symbol, since_ms, params, further)
            found |= {execution_id(row): row for row in rows}
            cursor = at_path(reply, paging.cursor_path)
            if not cursor or not is_span:
                return list(found.values())
            if cursor == further.get(paging.cursor_param):
                raise BadPayload("the exchange's cursor leads nowhere")
            further = {paging.cursor_param: cursor}

    async def _fills_told(
        self,
        symbol: str | None,
        since_ms: int | None,
        params: dict[str, Any],
        further: dict[str, Any],
    ) -> tuple[list[Any], Any]:
        """Return one page of ccxt's rows, and the reply that they were read from.

        `further` are the exchange's own words: ccxt hands them on as they are.
        """
        rows, reply = await self.session.listed(
            "fills",
            lambda: self.driver.fetch_my_trades(
                symbol, since_ms, self.quirks.fills.page, {**params, **further}
            ),
            urgent=True,
            wished=_unified(params),
        )
        if not isinstance(rows, list):
            raise BadPayload("the exchange's fills have another shape")
        return rows, reply


class ReadsFills(FillPages):
    async def fills_after(self, cursor: str) -> FillPage:
        return await self.fill_page(cursor)

    async def fill_cursor(self) -> str:
        return await self.newest_fill_cursor()


class ReadsEvents(_Histories):
    def __init__(self, context: AdapterContext) -> None:
        super().__init__(context)
        self._events = Timeline(self.now_ms, _EVENT_LAG_MS, 0)

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
            return self.symbols.all()
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
            if until_ms is not None:
                params["until"] = until_ms
            rows = await self._event_rows(source, asked, since_ms, params)
            return [
                Row(
                    milliseconds(time_ns(row.get("timestamp"))),
                    _event_id(source, row),
                    (source, row),
                    under_way=row.get("status") in _UNDER_WAY,
                )
                for row in rows
            ]

        return Strand(
            key=f"{source.method}/{asked or ''}",
            ask=ask,
            page=_ALL if source.cursor_path else source.page,
            window_ms=round(source.window_s * 1000),
        )

    async def _event_rows(
        self,
        source: EventSource,
        asked: str | None,
        since_ms: int | None,
        params: dict[str, Any],
    ) -> list[Any]:
        """Ask for a page; where older pages are behind a cursor, for all since a time."""
        # Where ccxt would leave out the older rows of a page, nobody saw the last one.
        asked_ms = None if source.cursor_path else since_ms
        found: list[Any] = []
        further: dict[str, Any] = {}
        while True:
            told = {**params, **further}
            rows, reply = await self.session.listed(
                source.method,
                lambda told=told: getattr(self.driver, source.method)(  # type: ignore[misc]
                    asked, asked_ms, source.page, told
                ),
                wished=_unified(params),
            )
            if not isinstance(rows, list) or any(map(_is_blank, rows)):
                raise BadPayload(f"{source.method}: the rows have another shape")
            if not source.cursor_path:
                return rows
            news = [row for row in rows if _is_since(row, since_ms)]
            found += news
            cursor = at_path(reply, source.cursor_path)
            if not cursor or since_ms is None or len(news) < len(rows):
                return found
            if cursor == further.get(source.cursor_param):
                raise BadPayload("the exchange's cursor leads nowhere")
            further = {source.cursor_param: cursor}

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


def _is_since(row: Any, since_ms: int | None) -> bool:
    return since_ms is None or milliseconds(time_ns(row.get("timestamp"))) >= since_ms


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
        return f"{source.method}:{found}"
    digest = hashlib.sha256(msgspec.json.encode(raw.get("info"), order="sorted"))
    return f"{source.method}:{digest.hexdigest()[:24]}"
