"""Orders, fills and money of an account as they happen, or as often as they can be asked.

ccxt tells of no subscription that stands; a stream begins when every socket was answered
since it was last spoken to, and is spoken to no more: what was answered may be a login,
behind which the subscription is still to come. Where an exchange streams orders but no
fills, each word on an order asks for the fills behind it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from crossdock.adapters.venues.ccxt.abilities.histories import FillPages
from crossdock.adapters.venues.ccxt.abilities.lookups import Lookups
from crossdock.adapters.venues.ccxt.abilities.together import ended_first
from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.wire.sockets import Activity
from crossdock.errors import AdapterError, BadPayload, Unreachable
from crossdock.model import Fill, OrderReport, VenueOrderId
from crossdock.ports import CONNECTED, AccountSink, OrderRef
from crossdock.toolkit import Purpose, serving

_SETTLE_POLL_S = 0.02
_SETTLE_S = 15.0
_QUIET_POLLS = 8
_MOST_SPARSE = 5_000  # orders whose rows are kept to lay later ones over
_HAS = {"orders": "watchOrders", "trades": "watchMyTrades"}
"""What is followed. Balances and positions are read when somebody asks for them."""


class WatchesAccounts(FillPages, Lookups):
    async def watch_account(self, sink: AccountSink) -> None:
        has = self.driver.has
        wanted = [
            name
            for name, ability in _HAS.items()
            if name in self.quirks.account_streams and has.get(ability) is True
        ]
        feed = _AccountFeed(self, sink)
        self.health.connected()
        ended = "cancelled"
        try:
            if "orders" in wanted:
                # What it asks on its way, orders wait for.
                with serving(Purpose.ORDER):
                    streaming = self.session.streaming("account", exact=True)
                    async with streaming as (driver, sockets):
                        has_trades = "trades" in wanted
                        await feed.streamed(driver, sockets, has_trades=has_trades)
            else:
                await feed.polled()
        except AdapterError as error:
            ended = error.message
            raise
        finally:
            self.health.disconnected(ended)


class _AccountFeed:
    """One connection's life."""

    def __init__(self, account: WatchesAccounts, sink: AccountSink) -> None:
        self._account = account
        self._session = account.session
        self._sink = sink
        self._health = account.health
        self._cursor = ""
        self._filled = asyncio.Event()
        self._waiting: list[Raw] = []
        self._partial: list[VenueOrderId] = []
        self._lacking = asyncio.Event()
        self._told_of: OrderedDict[str, Raw] = OrderedDict()
        self._open: dict[VenueOrderId, OrderReport] = {}

    async def streamed(self, driver: Any, sockets: Activity, *, has_trades: bool) -> None:
        if not has_trades:
            self._cursor = await self._account.newest_fill_cursor()
        loops = [
            self._begin(sockets),
            *(
                self._orders(driver, dict(params), asks_fills=not has_trades)
                for params in self._account.quirks.order_streams
            ),
        ]
        loops.append(self._trades(driver) if has_trades else self._behind())
        if self._account.quirks.sparse_stream:
            loops.append(self._whole_orders(asks_fills=not has_trades))
        groups = self._account.translation.groups
        before, groups.on_change = groups.on_change, self._tell_waiting
        try:
            await ended_first(loops)
        finally:
            if groups.on_change == self._tell_waiting:
                groups.on_change = before

    async def polled(self) -> None:
        """Compare what is open with what was, and ask what became of the rest."""
        account = self._account
        self._cursor = await account.newest_fill_cursor()
        is_first = True
        while True:
            now = {it.venue_order_id: it for it in await account.list_open_orders()}
            if is_first:
                self._sink.account_gap(CONNECTED)
                is_first = False
            fills = await self._fills_behind()
            for gone in [it for key, it in self._open.items() if key not in now]:
                await self._tell_now(gone)
            # Who came and went between two looks is known by its fills alone.
            passed = {it.venue_order_id: it for it in fills}
            for key in passed.keys() - now.keys() - self._open.keys():
                await self._tell_now(passed[key])
            news = [it for key, it in now.items() if _differs(self._open.get(key), it)]
            if news:
                self._sink.orders(news)
            self._open = now
            self._health.heartbeat()
            await account.clock.sleep(account.quirks.poll_s)

    async def _begin(self, sockets: Activity) -> None:
        """Say where the stream begins, then stay."""
        clock = self._account.clock
        until_ns = clock.monotonic_ns() + round(_SETTLE_S * 1e9)
        quiet, said = 0, -1
        while quiet < _QUIET_POLLS:
            stands = sockets.is_settled and sockets.said == said
            quiet, said = quiet + 1 if stands else 0, sockets.said
            if clock.monotonic_ns() > until_ns:
                raise Unreachable("the account's stream was not answered")
            await clock.sleep(_SETTLE_POLL_S)
        self._sink.account_gap(CONNECTED)
        while True:
            await clock.sleep(3600.0)

    async def _orders(
        self, driver: Any, params: dict[str, Any], *, asks_fills: bool
    ) -> None:
        while True:
            rows = await self._next(lambda: driver.watch_orders(params=params))
            orders = (self._whole(driver, row) for row in rows)
            self._waiting += [row for row in orders if row is not None]
            reports = self._told()
            if self._partial:
                self._lacking.set()
            if not reports:
                continue
            self._health.order_event(reports[-1].venue_time_ns or None)
            self._sink.orders(reports)
            if asks_fills and any(it.cumulative_quantity for it in reports):
                self._filled.set()

    def _whole(self, driver: Any, row: Raw) -> Raw | None:
        """Return a row with what the stream told of its order before; None: no order."""
        quirks = self._account.quirks
        if quirks.sparse_stream:
            key = str(row.get("id"))
            info = {**self._told_of.get(key, {}), **row["info"]}
            self._told_of[key] = info
            self._told_of.move_to_end(key)
            if len(self._told_of) > _MOST_SPARSE:
                self._told_of.popitem(last=False)
            row = driver.parse_ws_order(info)
        told = quirks.streamed_order(row)
        if told is None:
            self._account.translation.follow(quirks.order_row(row))
        return told

    def _told(self) -> list[OrderReport]:
        """Read what came, but for legs of an order whose submit is not answered yet."""
        translation = self._account.translation
        sparse = self._account.quirks.sparse_stream
        rows, self._waiting = self._waiting, []
        reports = []
        for row in rows:
            if translation.awaits_parent(row):
                self._waiting.append(row)
                continue
            try:
                reports.append(translation.order(row))
            except BadPayload:
                if not sparse:
                    raise
                # Its beginning was told before this stream began: ask for the whole.
                self._partial.append(translation.venue_order_id(row))
        return reports

    def _tell_waiting(self) -> None:
        if self._waiting and (reports := self._told()):
            self._sink.orders(reports)

    async def _trades(self, driver: Any) -> None:
        account = self._account
        while True:
            told = await self._next(driver.watch_my_trades)
            fills_of = (account.quirks.streamed_fill(row) for row in told)
            rows = [row for row in fills_of if row is not None]
            if not rows:
                continue
            account.symbols.add(str(row["symbol"]) for row in rows if row.get("symbol"))
            fills = [account.translation.fill(row) for row in rows]
            self._health.order_event(fills[-1].venue_time_ns or None)
            self._sink.fills(fills)

    async def _next(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        failed: AdapterError
        try:
            return await ask()
        except AdapterError:
            raise
        except Exception as error:  # noqa: BLE001 - ccxt raises what a message led it to
            failed = self._session.stream_failure(error, "account")
        raise failed

    async def _behind(self) -> None:
        """Ask for fills when orders tell of some. Apart: ccxt wakes only who waits."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            await self._fills_behind()

    async def _whole_orders(self, *, asks_fills: bool) -> None:
        """Ask for orders whose rows tell too little. Apart, for the same reason."""
        while True:
            await self._lacking.wait()
            self._lacking.clear()
            partial, self._partial = self._partial, []
            reports = [await self._account.named(each) for each in partial]
            self._sink.orders(reports)
            if asks_fills and any(it.cumulative_quantity for it in reports):
                self._filled.set()

    async def _fills_behind(self) -> list[Fill]:
        """Tell of fills since the last time; returns them."""
        fills: list[Fill] = []
        while True:
            page = await self._account.fill_page(self._cursor)
            self._cursor = page.cursor
            if page.fills:
                self._sink.fills(page.fills)
                fills += page.fills
            if page.complete:
                return fills

    async def _tell_now(self, gone: OrderReport | Fill) -> None:
        ref = OrderRef(
            instrument=await self._account.instrument(gone.instrument),
            client_order_id=gone.client_order_id,
            venue_order_ids=(gone.venue_order_id,),
        )
        found = await self._account.find_order(ref)
        if found is not None:
            self._sink.orders([found])
        else:
            self._health.gap("an order vanished")
            self._sink.account_gap(f"{gone.venue_order_id} is no longer listed")


def _differs(before: OrderReport | None, now: OrderReport) -> bool:
    return before is None or replace(before, received_time_ns=0) != replace(
        now, received_time_ns=0
    )
