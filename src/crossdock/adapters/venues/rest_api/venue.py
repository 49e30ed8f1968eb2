"""One account at a described broker: a class put together from what is described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace as changed
from typing import Any

from crossdock.adapters.venues.rest_api.account import DescribedAccount
from crossdock.adapters.venues.rest_api.described.template import Moment, holes_of
from crossdock.adapters.venues.rest_api.exchange import refuse_unsaid
from crossdock.adapters.venues.rest_api.market import MarketPoll
from crossdock.errors import BadPayload, NotSent, OutcomeUnknown
from crossdock.model import (
    Balance,
    BookChange,
    Instrument,
    InstrumentId,
    MarginMode,
    OrderReport,
    Position,
    PositionSide,
)
from crossdock.ports import (
    AccountEventPage,
    Can,
    CancelOrder,
    FillPage,
    MarketSink,
    NewOrder,
    OrderRef,
    ReplaceOrder,
)
from crossdock.toolkit import AdapterContext, Purpose, serves


class _Instruments(DescribedAccount):
    async def instruments(self) -> Sequence[Instrument]:
        return await self.list_instruments()


class _BookSnapshot(DescribedAccount):
    async def book_snapshot(self, instrument: InstrumentId) -> BookChange:
        return await self._poll().book(instrument)

    def _poll(self) -> MarketPoll:
        return MarketPoll(
            self.context, self.it, self.exchange, self.translation, self.symbol
        )


class _MarketStream(_BookSnapshot):
    async def watch_market(
        self, instruments: Sequence[InstrumentId], sink: MarketSink
    ) -> None:
        await self._poll().run(instruments, sink)


class _Submit(DescribedAccount):
    @serves(Purpose.ORDER)
    async def submit(self, order: NewOrder) -> OrderReport:
        call = self.calls.submit
        assert call is not None
        words = self.translation.words
        net, none = PositionSide.NET, MarginMode.NONE
        terms = {
            "limit_price": order.limit_price,
            "stop_price": order.stop_price,
            "trail_amount": order.trail_amount,
            "trail_percent": order.trail_percent,
            "expire_time": None
            if order.expire_time_ns is None
            else Moment(order.expire_time_ns),
            "post_only": order.post_only or None,
            "reduce_only": order.reduce_only or None,
            "position_side": None
            if order.position_side is net
            else words.said("position_side", order.position_side),
            "margin_mode": None
            if order.margin_mode is none
            else words.said("margin_mode", order.margin_mode),
        }
        refuse_unsaid(terms, holes_of(call.path, call.query, call.body))
        if order.type not in self.it.order_types:
            raise NotSent(f"the description offers no {order.type} orders")
        if order.attached:
            raise NotSent("the description says nothing of attached legs")
        if order.time_in_force not in self.it.times_in_force:
            raise NotSent(f"the description offers no {order.time_in_force} orders")
        values = {
            **terms,
            "client_order_id": order.client_order_id or None,
            "symbol": self._code(order.instrument),
            "side": words.said("side", order.side),
            "type": words.said("type", order.type),
            "time_in_force": words.said("time_in_force", order.time_in_force),
            "quantity": order.quantity,
        }
        ref = OrderRef(instrument=order.instrument, client_order_id=order.client_order_id)
        return await self.change(call, values, order.deadline_ns, ref)

    @serves(Purpose.CANCEL)
    async def cancel(self, cancel: CancelOrder) -> OrderReport:
        call, values = self.addressed("cancel", self.calls.cancel, cancel.ref)
        return await self.change(call, values, cancel.deadline_ns, cancel.ref)

    def _code(self, instrument: Instrument) -> str:
        code = self.translation.symbols.code_of(instrument.id)
        if code is None:
            raise NotSent(f"{instrument.id} is not in the broker's listing")
        return code


class _Replace(DescribedAccount):
    @serves(Purpose.ORDER)
    async def replace(self, replace: ReplaceOrder) -> OrderReport:
        ref = replace.ref
        call, values = self.addressed("replace", self.calls.replace, ref)
        terms = {"limit_price": replace.limit_price, "stop_price": replace.stop_price}
        refuse_unsaid(terms, holes_of(call.path, call.query, call.body))
        values |= {**terms, "quantity": replace.quantity}
        report = await self.change(call, values, replace.deadline_ns, ref)
        if report.quantity != replace.quantity:
            # A look-up may still show what was before.
            raise OutcomeUnknown(f"amended to {report.quantity}?", hint="reconcile")
        before = ref.venue_order_ids[-1] if ref.venue_order_ids else None
        if report.replaces is None and report.venue_order_id != before:
            return changed(report, replaces=before)
        return report


class _CancelAll(DescribedAccount):
    @serves(Purpose.CANCEL)
    async def cancel_all(self) -> None:
        call, evidence = self.calls.cancel_all, self.it.evidence
        assert call is not None
        silence_s = evidence.silence_s if evidence else self.it.read_timeout_s
        deadline_ns = self.clock.monotonic_ns() + round(silence_s * 1e9)
        await self.exchange.write(call, {}, deadline_ns, has_answer=False)


class _OrderLookup(DescribedAccount):
    @serves(Purpose.ORDER)
    async def order(self, ref: OrderRef) -> OrderReport | None:
        return await self.find_order(ref)


class _OpenOrders(DescribedAccount):
    async def open_orders(self) -> Sequence[OrderReport]:
        call = self.calls.open_orders
        assert call is not None
        await self.know_symbols()
        rows, received_ns = await self.rows(call), self.clock.time_ns()
        return [self.translation.order(row, call.fields, received_ns) for row in rows]


class _FillHistory(DescribedAccount):
    async def fills_after(self, cursor: str) -> FillPage:
        await self.know_symbols()
        page, received_ns = await self.fills.page(cursor), self.clock.time_ns()
        return FillPage(
            fills=tuple(self.translation.fill(row, received_ns) for row in page.rows),
            cursor=page.cursor,
            complete=page.complete,
        )

    async def fill_cursor(self) -> str:
        return await self.fills.newest()


class _AccountHistory(DescribedAccount):
    async def account_events_after(self, cursor: str) -> AccountEventPage:
        await self.know_symbols()
        page, received_ns = await self.events.page(cursor), self.clock.time_ns()
        return AccountEventPage(
            events=tuple(self.translation.event(row, received_ns) for row in page.rows),
            cursor=page.cursor,
            complete=page.complete,
        )

    async def account_event_cursor(self) -> str:
        return await self.events.newest()


class _Balances(DescribedAccount):
    async def balances(self) -> Sequence[Balance]:
        rows = await self.rows(self.calls.balances)
        return [self.translation.balance(row) for row in rows]


class _Positions(DescribedAccount):
    async def positions(self) -> Sequence[Position]:
        await self.know_symbols()
        found = [
            self.translation.position(row) for row in await self.rows(self.calls.positions)
        ]
        return [it for it in found if it.quantity]


class _ServerTime(DescribedAccount):
    async def server_time_ns(self) -> int:
        call = self.calls.server_time
        assert call is not None
        before_ns = self.clock.time_ns()
        it = self.translation.row(await self.exchange.read(call, {}), call)
        time_ns = it.time_ns("time")
        if not time_ns:
            raise BadPayload(f"{call.path}: time is missing")
        self.health.server_time(time_ns, before_ns, self.clock.time_ns())
        return time_ns


_PARTS: Mapping[Can, type[DescribedAccount]] = {
    Can.INSTRUMENTS: _Instruments,
    Can.MARKET_STREAM: _MarketStream,
    Can.BOOK_SNAPSHOT: _BookSnapshot,
    Can.SUBMIT: _Submit,
    Can.REPLACE: _Replace,
    Can.CANCEL_ALL: _CancelAll,
    Can.ORDER_LOOKUP: _OrderLookup,
    Can.OPEN_ORDERS: _OpenOrders,
    Can.FILL_HISTORY: _FillHistory,
    Can.ACCOUNT_HISTORY: _AccountHistory,
    Can.BALANCES: _Balances,
    Can.POSITIONS: _Positions,
    Can.SERVER_TIME: _ServerTime,
}


def connect(context: AdapterContext) -> AbstractAsyncContextManager[Any]:
    """Make the adapter: exactly the parts that the manifest says it can do."""
    parts = [part for can, part in _PARTS.items() if can in context.manifest.can]
    made: AbstractAsyncContextManager[Any] = type("RestApi", tuple(parts), {})(context)
    return made
