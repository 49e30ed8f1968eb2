"""Looking orders up: one by any name it has, and all that are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace as changed
from typing import Any

from crossdock.adapters.venues.ccxt.account import CcxtAccount
from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.ways import Known
from crossdock.adapters.venues.ccxt.translation import CONDITIONAL
from crossdock.errors import BadPayload, Unreachable
from crossdock.model import OrderReport, VenueOrderId, symbol_of
from crossdock.ports import OrderRef


class Lookups(CcxtAccount):
    """What the abilities that ask for orders share."""

    async def find_order(self, ref: OrderRef) -> OrderReport | None:
        market = await self.market(ref.instrument.id)
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
                    rows = await self.list_open_orders(market=market, ref=ref)
                    asked, found = True, _meant(rows, ref)
                case Known.DONE_ORDERS:
                    asked, found = True, _meant(await self._done(market, ref), ref)
                case _:
                    continue
            if found is not None:
                return found
        if not asked:
            raise Unreachable(
                f"{self.manifest.name} looks orders up by an id that is not known yet"
            )
        return None

    async def list_open_orders(
        self, *, market: Raw | None = None, ref: OrderRef | None = None
    ) -> list[OrderReport]:
        """Return open orders of every kind, each once; those of a market if one is given.

        Where the exchange can, only the one that `ref` names is asked for. Legs of an
        order whose fate is not known yet are left out until it is.
        """
        symbol, kinds = None, self.quirks.open_order_params
        if market is not None:
            symbol, kinds = str(market["symbol"]), self.quirks.open_params_of(market)
        found: dict[str, OrderReport] = {}
        for params in kinds:
            asked = {**params, **self._filter(ref)}
            for row in await self.open_rows(asked, symbol=symbol):
                if self.quirks.goes_on_as(row):
                    # It is open as what it became.
                    self.translation.follow(self.quirks.order_row(row))
                elif not self.translation.awaits_parent(row):
                    await self._know_before(row)
                    report = self.translation.order(row)
                    found[report.venue_order_id] = report
        self.symbols.add(symbol_of(it.instrument) for it in found.values())
        return list(found.values())

    async def open_rows(
        self, params: dict[str, Any], *, symbol: str | None = None
    ) -> list[Raw]:
        """Return ccxt's rows of one kind of open orders, symbol by symbol if need be."""
        await self.session.markets()
        asked: Sequence[str | None] = [symbol]
        if symbol is None and self.quirks.open_orders_need_symbol:
            told = await self.session.read(
                "symbols with open orders",
                lambda: self.quirks.open_symbols(self.driver, params),
                urgent=True,
            )
            asked = self.symbols.all() if told is None else told
        rows: list[Raw] = []
        for each in asked:
            listed, _ = await self.session.listed(
                "open orders",
                lambda each=each: self.driver.fetch_open_orders(  # type: ignore[misc]
                    each, None, None, dict(params)
                ),
                urgent=True,
            )
            if not isinstance(listed, list):
                raise BadPayload("the exchange lists no open orders")
            rows += listed
        return rows

    async def named(self, order: VenueOrderId) -> OrderReport:
        """Read an order by the exchange's id alone, where that is enough for it."""
        raw = await self.session.read(
            "order", lambda: self.driver.fetch_order(order), urgent=True
        )
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
            urgent=True,
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
            urgent=True,
            absent=self.session.refusals.is_unknown_order,
        )
        if isinstance(raw, dict):
            self.translation.order(raw)

    def _filter(self, ref: OrderRef | None) -> dict[str, Any]:
        """Return what makes a list hold one order only, where lists can be asked so."""
        if ref is None or not ref.client_order_id or not self.quirks.lists_by_client_id:
            return {}
        ours = self.quirks.client_id(ref.client_order_id)
        return {self.quirks.client_id_param: ours}

    async def _done(self, market: Raw, ref: OrderRef) -> list[OrderReport]:
        rows: list[Raw] = []
        named = self._filter(ref)
        has = self.driver.has
        asked: Sequence[tuple[str, str]] = (
            ("fetchClosedOrders", "fetch_closed_orders"),
            ("fetchCanceledOrders", "fetch_canceled_orders"),
        )
        # Between the two some exchanges have orders that are neither.
        together = ("fetchCanceledAndClosedOrders", "fetch_canceled_and_closed_orders")
        if has.get(together[0]) is True:
            asked = (together,)
        for ability, method in asked:
            if has.get(ability) is True:
                ask = getattr(self.driver, method)
                listed, _ = await self.session.listed(
                    "done orders",
                    lambda ask=ask: ask(  # type: ignore[misc]
                        market["symbol"], None, None, dict(named)
                    ),
                    urgent=True,
                )
                rows += listed or ()
        return [self.translation.order(row) for row in rows]


class LooksUp(Lookups):
    async def order(self, ref: OrderRef) -> OrderReport | None:
        return await self.find_order(ref)


class ListsOpen(Lookups):
    async def open_orders(self) -> Sequence[OrderReport]:
        return await self.list_open_orders()


def _meant(reports: Sequence[OrderReport], ref: OrderRef) -> OrderReport | None:
    ours = ref.client_order_id
    meant = [
        it
        for it in reports
        if it.venue_order_id in ref.venue_order_ids or (ours and it.client_order_id == ours)
    ]
    return max(meant, key=lambda it: it.venue_time_ns, default=None)
