"""Looking orders up: one by any name it has, and all that are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed
from typing import Any

from crossdock.adapters.venues.ccxt.abilities.walks import (
    ReadsOrderLists,
    Walk,
    speaks_of,
)
from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.ways import Known
from crossdock.adapters.venues.ccxt.translation import CONDITIONAL
from crossdock.errors import BadPayload, Unreachable
from crossdock.model import OrderReport, VenueOrderId, symbol_of
from crossdock.ports import OrderRef
from crossdock.toolkit import Purpose, serves

_SKEW_MS = 600_000  # what the exchange's clock may be behind ours, and more


@dataclass(slots=True)
class _Search:
    """One order that is looked for, and what keeps a miss from proving that there is none."""

    ref: OrderRef
    names: frozenset[str]  # its ids as they stand in replies
    since_ms: int  # it is no older
    doubts: list[str] = field(default_factory=list)


class Lookups(ReadsOrderLists):
    """What the abilities that ask for orders share."""

    async def find_order(self, ref: OrderRef) -> OrderReport | None:
        """Return an order; None is proof that the exchange has none.

        Raises Unreachable where it may have one: where a list cannot be read to its end,
        or speaks of the order and does not tell what became of it.
        """
        market = await self.market(ref.instrument.id)
        search = self._search(ref)
        asked = False
        for way in self.quirks.lookups:
            match way:
                case Known.CLIENT_ID if ref.client_order_id:
                    ours = self.quirks.client_id(ref.client_order_id)
                    names = {self.quirks.client_id_param: ours}
                    asked, found = True, await self._one(None, names, ref, market)
                    if found is None and self.quirks.conditional is not None:
                        names |= self.quirks.conditional
                        found = await self._one(None, names, ref, market)
                case Known.VENUE_ID if ref.venue_order_ids:
                    asked, found = True, await self._by_venue_id(ref, market)
                case Known.OPEN_ORDERS:
                    asked, found = True, await self._among_open(market, search)
                case Known.DONE_ORDERS:
                    asked, found = True, await self._among_done(market, search)
                case _:
                    continue
            if found is not None:
                return found
        if not asked:
            raise Unreachable(
                f"{self.manifest.name} looks orders up by an id that is not known yet"
            )
        if search.doubts:
            raise Unreachable(search.doubts[0])
        return None

    async def list_open_orders(self) -> list[OrderReport]:
        """Return open orders of every kind, each once.

        Legs of an order whose fate is not known yet are left out until it is. What cannot
        be read is alarmed about; a list of nothing else is no list of orders.
        """
        found: dict[str, OrderReport] = {}
        for params in self.quirks.open_order_params:
            rows = await self.open_rows(params)
            unread = 0
            for row in rows:
                try:
                    report = await self._open_report(row)
                except BadPayload as error:
                    self.tell_unread(row, error.message)
                    unread += 1
                    if unread == len(rows):
                        raise
                    continue
                if report is not None:
                    found[report.venue_order_id] = report
        self.symbols.add(symbol_of(it.instrument) for it in found.values())
        return list(found.values())

    async def open_rows(
        self, params: Mapping[str, Any], *, symbol: str | None = None
    ) -> list[Raw]:
        """Return ccxt's rows of one kind of open orders, symbol by symbol if need be.

        What the exchange does not list to its end is alarmed about.
        """
        await self.session.markets()
        asked: Sequence[str | None] = [symbol]
        if symbol is None and self.quirks.open_orders_need_symbol:
            told = await self.session.read(
                "symbols with open orders",
                lambda: self.quirks.open_symbols(self.driver, params),
            )
            asked = self.listed_symbols() if told is None else told
        rows: list[Raw] = []
        for each in asked:
            walk = Walk(self, self.quirks.open_list, symbol=each, params=params)
            while (page := await walk.page()) is not None:
                rows += page[0]
            if walk.problem:
                self.tell_hidden(walk)
        return rows

    async def named(self, order: VenueOrderId) -> OrderReport:
        """Read an order by the exchange's id alone, where that is enough for it."""
        raw = await self.session.read("order", lambda: self.driver.fetch_order(order))
        if not isinstance(raw, dict):
            raise BadPayload("the exchange answered with something else than an order")
        return self.translation.order(raw)

    def about(self, report: OrderReport, ref: OrderRef) -> OrderReport:
        """Name a report by our id where the exchange did not echo it."""
        if report.client_order_id or not ref.client_order_id:
            return report
        named = changed(report, client_order_id=ref.client_order_id)
        self.translation.learn(named)
        return named

    async def _by_venue_id(self, ref: OrderRef, market: Raw) -> OrderReport | None:
        for venue_id in reversed(ref.venue_order_ids):
            params: dict[str, Any] = {}
            if venue_id.startswith(CONDITIONAL):
                params |= self.quirks.conditional or {}
            name = venue_id.removeprefix(CONDITIONAL)
            found = await self._one(name, params, ref, market)
            if found is not None:
                return found
        return None

    async def _one(
        self, venue_id: str | None, params: dict[str, Any], ref: OrderRef, market: Raw
    ) -> OrderReport | None:
        given = {**self.quirks.symbol_params(ref, market), **params}
        raw = await self.session.read(
            "order",
            lambda: self.driver.fetch_order(venue_id, market["symbol"], given),
            absent=self.session.refusals.is_unknown_order,
        )
        if raw is None:
            return None
        if not isinstance(raw, dict):
            raise BadPayload("the exchange answered with something else than an order")
        if self.quirks.empty_is_unknown and not raw.get("info"):
            return None
        report = self.about(self.translation.order(raw), ref)
        became = self.quirks.goes_on_as(raw)
        if became:
            return await self._became(became, ref, market)
        if report.replaces is None and self.quirks.has_waited(raw):
            apart = [it for it in ref.venue_order_ids if it.startswith(CONDITIONAL)]
            return changed(report, replaces=apart[-1]) if apart else report
        return report

    async def _became(self, became: str, ref: OrderRef, market: Raw) -> OrderReport:
        """Read what an order that was kept apart became: what was filled is told of that.

        Raises Unreachable when it is not listed, which proves nothing of the order.
        """
        found = await self._one(became, {}, ref, market)
        if found is None:
            raise Unreachable(f"{self.manifest.name} does not list yet what a stop became")
        return found

    async def _know_before(self, row: Raw) -> None:
        """Ask what an open order was while it was kept apart, where nobody remembers."""
        quirks, ours = self.quirks, row.get("clientOrderId")
        if not ours or not quirks.has_waited(row) or self.translation.waited_as(row):
            return
        names = {quirks.client_id_param: ours, **(quirks.conditional or {})}
        raw = await self.session.read(
            "order",
            lambda: self.driver.fetch_order(None, row["symbol"], names),
            absent=self.session.refusals.is_unknown_order,
        )
        if isinstance(raw, dict):
            self.translation.order(raw)

    def _filter(self, ref: OrderRef) -> dict[str, Any]:
        """Return what makes a list hold one order only, where lists can be asked so."""
        if not ref.client_order_id or not self.quirks.lists_by_client_id:
            return {}
        ours = self.quirks.client_id(ref.client_order_id)
        return {self.quirks.client_id_param: ours}

    def _search(self, ref: OrderRef) -> _Search:
        names = {it.removeprefix(CONDITIONAL) for it in ref.venue_order_ids}
        if ref.client_order_id:
            sent = self.quirks.client_id(ref.client_order_id)
            names |= {str(sent), ref.client_order_id}
        born_ms = ref.created_time_ns // 1_000_000 - _SKEW_MS
        if not ref.created_time_ns:
            evidence = self.manifest.evidence
            kept_s = 0.0 if evidence is None else evidence.retention_s
            born_ms = self.clock.time_ns() // 1_000_000 - round(kept_s * 1000)
        return _Search(ref, frozenset(names), max(0, born_ms))

    async def _among_open(self, market: Raw, search: _Search) -> OrderReport | None:
        found: list[OrderReport] = []
        for params in self.quirks.open_params_of(market):
            walk = Walk(
                self,
                self.quirks.open_list,
                symbol=str(market["symbol"]),
                params={**params, **self._filter(search.ref)},
            )
            found += await self._walked(walk, search, is_open=True)
        return _latest(found)

    async def _among_done(self, market: Raw, search: _Search) -> OrderReport | None:
        found: list[OrderReport] = []
        for each in self.quirks.done_lists:
            walk = Walk(
                self,
                each,
                symbol=str(market["symbol"]),
                since_ms=search.since_ms,
                params=self._filter(search.ref),
            )
            found += await self._walked(walk, search, is_open=False)
            if found:
                break
        return _latest(found)

    async def _walked(
        self, walk: Walk, search: _Search, *, is_open: bool
    ) -> list[OrderReport]:
        """Read a list until the order is found in it; note what a miss does not prove."""
        while (page := await walk.page()) is not None:
            rows, reply = page
            found: list[OrderReport] = []
            for row in rows:
                try:
                    report = await self._read(row, is_open=is_open)
                except BadPayload as error:
                    is_nobodys = not row.get("id")
                    if is_nobodys or speaks_of(row, search.names):
                        self.tell_unread(row, error.message)
                    if is_nobodys:
                        search.doubts.append(f"{self.manifest.name}: {error.message}")
                    continue
                if report is not None and _is_meant(report, search.ref):
                    found.append(report)
            if found:
                return found
            if speaks_of(reply, search.names):
                search.doubts.append(
                    f"{self.manifest.name} speaks of the order, and not of what it is now"
                )
        if walk.problem:
            search.doubts.append(walk.problem)
        return []

    async def _read(self, row: Raw, *, is_open: bool) -> OrderReport | None:
        return await self._open_report(row) if is_open else self.translation.order(row)

    async def _open_report(self, row: Raw) -> OrderReport | None:
        """Read an open order; None where it is open as something else, or is to wait."""
        if self.quirks.goes_on_as(row):
            self.translation.follow(self.quirks.order_row(row))
            return None
        if self.translation.awaits_parent(row):
            return None
        await self._know_before(row)
        return self.translation.order(row)


class LooksUp(Lookups):
    @serves(Purpose.ORDER)
    async def order(self, ref: OrderRef) -> OrderReport | None:
        return await self.find_order(ref)


class ListsOpen(Lookups):
    async def open_orders(self) -> Sequence[OrderReport]:
        return await self.list_open_orders()


def _is_meant(report: OrderReport, ref: OrderRef) -> bool:
    ours = ref.client_order_id
    return report.venue_order_id in ref.venue_order_ids or (
        bool(ours) and report.client_order_id == ours
    )


def _latest(reports: Sequence[OrderReport]) -> OrderReport | None:
    """Return what was told last; of one moment, how it ended."""
    return max(
        reports, key=lambda it: (it.venue_time_ns, it.status.is_terminal), default=None
    )
