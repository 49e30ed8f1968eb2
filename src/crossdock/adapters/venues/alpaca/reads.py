"""What is asked of the Trading API, and changes nothing there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from crossdock.adapters.venues.alpaca.holdings import account as accounts
from crossdock.adapters.venues.alpaca.holdings import day_trades
from crossdock.adapters.venues.alpaca.holdings.activities import (
    TRADING,
    ActivityLog,
    moment_ns,
)
from crossdock.adapters.venues.alpaca.holdings.events import (
    EventTranslation,
    moves_a_position,
)
from crossdock.adapters.venues.alpaca.listing import Listing
from crossdock.adapters.venues.alpaca.orders import (
    REPLACED,
    SIMPLE,
    OrderTranslation,
    flat,
    is_working,
)
from crossdock.adapters.venues.alpaca.refusals import NOT_FOUND
from crossdock.adapters.venues.alpaca.stamps import (
    DAY_S,
    SECOND_NS,
    day_of,
    day_time_ns,
    time_ns,
)
from crossdock.adapters.venues.alpaca.symbols import OPTION, Symbols
from crossdock.adapters.venues.alpaca.wire import (
    WireAccount,
    WireActivity,
    WireClock,
    WireDay,
    WireOrder,
    WirePosition,
)
from crossdock.errors import BadPayload, Rejected
from crossdock.model import (
    AccountFacts,
    AccountId,
    Balance,
    Fill,
    Instrument,
    OrderReport,
    Position,
    TradingDay,
)
from crossdock.ports import AccountEventPage, Clock, FillPage, OrderRef
from crossdock.toolkit import HttpClient, Purpose, StreamHealth, serves

_MOST_ORDERS = 500
_FILL_STRETCH_S = 60
_EVENT_STRETCH_S = 7 * DAY_S  # fees and dividends are booked under an earlier day
_DAYS_COUNTED = 5
_DAYS_ASKED = 14  # five trading days lie within them, over any holidays


class TradingReads:
    """The reads of `crossdock.ports` that the Trading API answers."""

    def __init__(
        self,
        trading: HttpClient,
        *,
        clock: Clock,
        account: AccountId,
        symbols: Symbols,
        option_underlyings: Sequence[str],
        health: StreamHealth,
    ) -> None:
        self._trading = trading
        self._clock = clock
        self._account = account
        self._symbols = symbols
        self._account_health = health
        self._orders = OrderTranslation(account, symbols)
        self._listing = Listing(self._get, symbols, option_underlyings)
        self._events = EventTranslation(account, symbols, self._listing.lists)
        self._fill_log = ActivityLog(
            trading, "/v2/account/activities/FILL", {}, stretch_s=_FILL_STRETCH_S
        )
        self._event_log = ActivityLog(
            trading,
            "/v2/account/activities",
            {"category": "non_trade_activity"},
            stretch_s=_EVENT_STRETCH_S,
        )

    async def server_time_ns(self) -> int:
        before_ns = self._clock.time_ns()
        clock = await self._get("/v2/clock", WireClock)
        at_ns = time_ns(clock.timestamp)
        self._account_health.server_time(at_ns, before_ns, self._clock.time_ns())
        return at_ns

    async def instruments(self) -> Sequence[Instrument]:
        """List stocks and coins, and options of the underlyings set, held or traded."""
        return await self._listing.instruments(await self._options_used())

    async def _know_symbols(self) -> None:
        if not self._symbols.is_ready:
            await self._listing.coins()

    async def _options_used(self) -> set[str]:
        used = {it.symbol for it in await self._positions() if it.asset_class == OPTION}
        for order in flat(await self._list(status="open", nested="true")):
            if order.symbol and order.asset_class == OPTION:
                used.add(order.symbol)
        return used

    @serves(Purpose.ORDER)
    async def order(self, ref: OrderRef) -> OrderReport | None:
        await self._know_symbols()
        found = await self._find(ref)
        if found is None:
            return None
        return await self._report(await self._latest(found))

    async def _find(self, ref: OrderRef) -> WireOrder | None:
        if ref.client_order_id:
            query = {"client_order_id": str(ref.client_order_id)}
            found = await self._order("/v2/orders:by_client_order_id", query)
            if found is not None:
                return found
        for order_id in reversed(ref.venue_order_ids):
            found = await self._by_id(order_id)
            if found is not None:
                return found
        return None

    async def _by_id(self, order_id: str) -> WireOrder | None:
        return await self._order(f"/v2/orders/{quote(order_id, safe='')}", {})

    async def _order(
        self, path: str, query: dict[str, str], timeout_s: float | None = None
    ) -> WireOrder | None:
        try:
            order = await self._trading.read(
                "GET",
                path,
                into=WireOrder,
                query=query,
                signed=True,
                scope=TRADING,
                timeout_s=timeout_s,
            )
        except Rejected as refusal:
            if refusal.venue_code == NOT_FOUND:
                return None
            raise
        self._orders.chains.learn(order)
        return order

    async def _latest(self, order: WireOrder) -> WireOrder:
        """Follow a chain to the order that took over last."""
        seen = {order.id}
        while order.status == REPLACED and order.replaced_by not in (None, *seen):
            assert order.replaced_by is not None
            later = await self._by_id(order.replaced_by)
            if later is None:
                break
            order = later
            seen.add(order.id)
        return order

    async def _report(self, order: WireOrder) -> OrderReport:
        """Tell an order, after asking for what its chain has filled before it."""
        chains = self._orders.chains
        chains.learn(order)
        while (before := chains.unknown_before(order)) is not None:
            if await self._by_id(before) is None:
                raise BadPayload(f"order {order.id} replaces {before}, which is not there")
        if order.symbol and not chains.is_placed(order):
            await self._legs(order.symbol)
        return self._orders.report(order, self._clock.time_ns())

    async def open_orders(self) -> Sequence[OrderReport]:
        """List what is open. Some exits show only beneath the order they belong to.

        After its entry has filled, the stop-loss of a bracket waits as `held`, and the
        list of open orders leaves it out:
        https://github.com/alpacahq/alpaca-trade-api-js/issues/87, read 2026-11-21.
        """
        await self._know_symbols()
        found = {it.id: it for it in flat(await self._list(status="open", nested="false"))}
        several = {it.symbol for it in found.values() if it.order_class not in SIMPLE}
        if several:
            symbols = ",".join(sorted(filter(None, several)))
            for leg in await self._legs(symbols):
                if is_working(leg):
                    found.setdefault(leg.id, leg)
        return [await self._report(order) for order in found.values()]

    async def _legs(self, symbols: str) -> Sequence[WireOrder]:
        """Learn whose exits are whose, and return them."""
        parents = await self._list(status="all", nested="true", symbols=symbols)
        for parent in parents:
            self._orders.chains.learn(parent)
        return [leg for parent in parents for leg in parent.legs or ()]

    async def _list(self, **query: str) -> list[WireOrder]:
        """Return orders, newest first; only open ones are listed to the end."""
        query |= {"limit": str(_MOST_ORDERS), "direction": "desc"}
        listed: list[WireOrder] = []
        while True:
            page: tuple[WireOrder, ...] = await self._get(
                "/v2/orders", tuple[WireOrder, ...], query
            )
            listed += page
            if len(page) < _MOST_ORDERS or query["status"] != "open":
                return listed
            query["before_order_id"] = page[-1].id

    async def fills_after(self, cursor: str) -> FillPage:
        await self._know_symbols()
        rows, behind, complete = await self._fill_log.page(cursor)
        self._listing.note(row.symbol for row in rows)
        received_ns = self._clock.time_ns()
        return FillPage(
            fills=tuple(self._fill(row, received_ns) for row in rows),
            cursor=behind,
            complete=complete,
        )

    def _fill(self, row: WireActivity, received_ns: int) -> Fill:
        if (
            row.order_id is None
            or row.cum_qty is None
            or row.price is None
            or row.qty is None
            or row.transaction_time is None
        ):
            raise BadPayload(f"fill {row.id} lacks its order, quantities, price or time")
        return self._orders.fill(
            row.order_id,
            symbol=row.symbol or "",
            asset_class="",
            side=row.side,
            price=row.price,
            quantity=row.qty,
            cumulative=row.cum_qty,
            time=row.transaction_time,
            received_ns=received_ns,
        )

    async def fill_cursor(self) -> str:
        return await self._fill_log.newest()

    async def account_events_after(self, cursor: str) -> AccountEventPage:
        await self._know_symbols()
        rows, behind, complete = await self._event_log.page(cursor)
        self._listing.note(row.symbol for row in rows if moves_a_position(row))
        return AccountEventPage(
            events=tuple(self._events.events(rows, self._clock.time_ns())),
            cursor=behind,
            complete=complete,
        )

    async def account_event_cursor(self) -> str:
        return await self._event_log.newest()

    async def balances(self) -> Sequence[Balance]:
        await self._know_symbols()
        account = await self._get("/v2/account", WireAccount)
        positions = await self._positions()
        return accounts.balances_of(self._account, account, positions, self._symbols)

    async def positions(self) -> Sequence[Position]:
        await self._know_symbols()
        return accounts.positions_of(self._account, await self._positions(), self._symbols)

    async def account_facts(self) -> AccountFacts:
        account: WireAccount = await self._get("/v2/account", WireAccount)
        trades = account.daytrade_count
        if trades is None:
            trades = await self._day_trades()
        return accounts.facts_of(self._account, account, trades)

    async def _day_trades(self) -> int:
        """Count the day trades of the last five trading days, today included."""
        today = day_of(self._clock.time_ns())
        first = (date.fromisoformat(today) - timedelta(days=_DAYS_ASKED)).isoformat()
        days = await self.trading_days(start=first, end=today)
        if not days:
            return 0
        begin = days[-_DAYS_COUNTED:][0].date
        begin_s = day_time_ns(begin, "00:00") // SECOND_NS
        rows: list[WireActivity] = []
        complete, after_s = False, begin_s - 1
        while not complete:
            page, complete = await self._fill_log.since(after_s)
            known = {row.id for row in rows}
            news = [row for row in page if row.id not in known]
            if not news and not complete:
                raise BadPayload("the history of fills does not go on")
            rows += news
            after_s = moment_ns(rows[-1]) // SECOND_NS - 1 if rows else after_s
        held = {it.symbol: accounts.held(it) for it in await self._positions()}
        return day_trades.count(rows, held)

    async def trading_days(self, *, start: str, end: str) -> Sequence[TradingDay]:
        rows = await self._get(
            "/v2/calendar", tuple[WireDay, ...], {"start": start, "end": end}
        )
        return accounts.trading_days_of(rows)

    async def _positions(self) -> Sequence[WirePosition]:
        rows: tuple[WirePosition, ...] = await self._get(
            "/v2/positions", tuple[WirePosition, ...]
        )
        return rows

    async def _get(self, path: str, into: Any, query: dict[str, str] | None = None) -> Any:
        return await self._trading.read(
            "GET", path, into=into, query=query or {}, signed=True, scope=TRADING
        )
