"""One account at the paper venue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from types import TracebackType
from typing import Self

from crossdock.adapters.venues.paper.floor import Floor
from crossdock.adapters.venues.paper.funds.account import Account
from crossdock.adapters.venues.paper.funds.opening import opening_balances
from crossdock.adapters.venues.paper.matching.engine import Engine
from crossdock.adapters.venues.paper.models import Models
from crossdock.adapters.venues.paper.news import News
from crossdock.adapters.venues.paper.records import Records
from crossdock.adapters.venues.paper.state import Keeper
from crossdock.adapters.venues.paper.watching import Watching
from crossdock.errors import ConfigError
from crossdock.model import (
    AccountEvent,
    AccountEventKind,
    Balance,
    Instrument,
    InstrumentId,
    OrderReport,
    Position,
)
from crossdock.ports import (
    CONNECTED,
    AccountEventPage,
    AccountSink,
    CancelOrder,
    FillPage,
    MarketSink,
    NewOrder,
    OrderRef,
    ReplaceOrder,
)
from crossdock.toolkit import AdapterContext, HealthLimits

_PATIENT_NS = 60_000_000_000


class Paper:
    """Simulates order entry against the market it is handed; see the manifest.

    Its `watch_market` passes every event of that market on, and its engine sees each one
    first. So an order that is decided on an event takes what the market showed at that
    moment or is filled by a later event, never by one that went before; and what an event
    fills is told before any strategy sees the event. `models` names how fills are made.
    """

    def __init__(self, context: AdapterContext) -> None:
        if context.market is None:
            raise ConfigError(
                f"account {context.account} trades on paper, and is given no market",
                hint="name the account or recording whose market it trades against",
            )
        self._source = context.market
        self._context = context
        self._clock = context.clock
        self._opening = opening_balances(context)
        models = Models.of(context)
        self.models: Mapping[str, str] = models.names()
        self._news = News(context.account, context.clock, models.latency.one_way_ns)
        self._records = Records(birth="")
        self._account = Account(context.account, models)
        self._engine = Engine(
            self._account,
            models,
            self._records,
            self._news,
            clock=context.clock,
            ids=context.ids,
        )
        self._keeper: Keeper | None = None
        if context.setting("keep_state") == "yes":
            self._keeper = Keeper(context.state, self._account, self._engine, self._records)
        self._floor = Floor(self._engine, self._news, clock=context.clock, keep=self._keep)
        quiet = HealthLimits(quiet_is_normal=True)
        self._watching = Watching(
            context.market,
            self._engine,
            self._floor,
            clock=context.clock,
            health=context.health.stream(f"{context.account} market", quiet),
        )
        self._account_health = context.health.stream(f"{context.account} account", quiet)

    async def __aenter__(self) -> Self:
        if self._keeper is None or not self._keeper.load():
            self._begin()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._watching.close()
        await self._floor.close()

    def _begin(self) -> None:
        """Open the account: what it begins with is deposited."""
        now_ns = self._clock.time_ns()
        self._records.birth = self._context.ids.next("b")
        for asset, amount in self._opening.items():
            self._account.credit(asset, amount)
            event = AccountEvent(
                account=self._account.id,
                event_id=f"{self._records.birth}-{asset}",
                kind=AccountEventKind.DEPOSIT,
                asset=asset,
                amount=amount,
                note="the paper account begins",
                account_sequence=self._records.next_sequence(),
                venue_time_ns=now_ns,
                received_time_ns=now_ns,
            )
            # For those who ask: a desk that begins here counts it in its baseline.
            self._records.events.append(event)
        self._keep()

    def _keep(self) -> None:
        if self._keeper is not None:
            self._keeper.save(self._news.ended)

    # ---- writes ------------------------------------------------------------------

    def submit(self, order: NewOrder) -> Awaitable[OrderReport]:
        def act(now_ns: int) -> OrderReport:
            return self._news.reply(self._engine.submit(order, now_ns), now_ns)

        self._watching.cover(order.instrument.id)
        return self._floor.write(act, order.deadline_ns)

    def cancel(self, cancel: CancelOrder) -> Awaitable[OrderReport]:
        def act(now_ns: int) -> OrderReport:
            return self._news.reply(self._engine.cancel(cancel.ref, now_ns), now_ns)

        return self._floor.write(act, cancel.deadline_ns)

    def replace(self, replace: ReplaceOrder) -> Awaitable[OrderReport]:
        def act(now_ns: int) -> OrderReport:
            return self._news.reply(self._engine.replace(replace, now_ns), now_ns)

        return self._floor.write(act, replace.deadline_ns)

    async def cancel_all(self) -> None:
        deadline_ns = self._clock.monotonic_ns() + _PATIENT_NS
        await self._floor.write(self._engine.cancel_all, deadline_ns)

    # ---- reads -------------------------------------------------------------------

    async def server_time_ns(self) -> int:
        return self._clock.time_ns()

    async def instruments(self) -> Sequence[Instrument]:
        return await self._source.instruments()

    async def order(self, ref: OrderRef) -> OrderReport | None:
        self._floor.expire()
        found = self._records.find(ref)
        if found is None:
            return None
        return found.report(self._account.id, self._clock.time_ns())

    async def open_orders(self) -> Sequence[OrderReport]:
        self._floor.expire()
        now_ns = self._clock.time_ns()
        return [it.report(self._account.id, now_ns) for it in self._engine.open_orders()]

    async def fills_after(self, cursor: str) -> FillPage:
        return self._records.fills_after(cursor)

    async def fill_cursor(self) -> str:
        return self._records.fill_cursor()

    async def account_events_after(self, cursor: str) -> AccountEventPage:
        return self._records.events_after(cursor)

    async def account_event_cursor(self) -> str:
        return self._records.event_cursor()

    async def balances(self) -> Sequence[Balance]:
        self._floor.expire()
        return self._account.balances()

    async def positions(self) -> Sequence[Position]:
        return self._account.positions(self._engine.instruments)

    # ---- streams -----------------------------------------------------------------

    async def watch_market(
        self, instruments: Sequence[InstrumentId], sink: MarketSink
    ) -> None:
        await self._watching.watch(instruments, sink)

    async def watch_account(self, sink: AccountSink) -> None:
        self._news.sinks.append(sink)
        self._account_health.connected()
        sink.account_gap(CONNECTED)
        for order in self._engine.open_orders():
            self._watching.cover(order.instrument)
        try:
            await asyncio.Event().wait()
        finally:
            self._news.sinks.remove(sink)
            self._account_health.disconnected("closed by us")
