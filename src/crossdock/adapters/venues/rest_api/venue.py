"""One account at a described broker: a class put together from what is described."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace as changed
from types import TracebackType
from typing import Any, Self

from crossdock.adapters.venues.rest_api.description import (
    Call,
    DescribedManifest,
    OrderCall,
)
from crossdock.adapters.venues.rest_api.exchange import Exchange, refuse_unsaid
from crossdock.adapters.venues.rest_api.histories import Pager
from crossdock.adapters.venues.rest_api.market import MarketPoll
from crossdock.adapters.venues.rest_api.rows import find, rows_of
from crossdock.adapters.venues.rest_api.template import Moment, holes_of
from crossdock.adapters.venues.rest_api.translation import Translation
from crossdock.errors import (
    AdapterError,
    BadPayload,
    NotSent,
    OutcomeUnknown,
    Rejected,
    Unreachable,
)
from crossdock.model import (
    Balance,
    BookChange,
    Instrument,
    InstrumentId,
    MarginMode,
    OrderReport,
    Position,
    PositionSide,
    VenueOrderId,
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
from crossdock.toolkit import AdapterContext, HealthLimits

_BY_ID = "venue_order_id"


class _Described:
    """What every part uses. Reads and writes go through `exchange`."""

    def __init__(self, context: AdapterContext) -> None:
        manifest = context.manifest
        assert isinstance(manifest, DescribedManifest)
        self.it = manifest.description
        self.calls = self.it.endpoints
        self.context = context
        self.clock = context.clock
        self.translation = Translation(self.it, context.account, context.venue)
        # There is no stream of the account; its replies tell whether the broker is there.
        self.health = context.health.stream(
            f"{context.account} account", HealthLimits(quiet_is_normal=True)
        )
        self.exchange = Exchange(context, self.it)
        self.fills = Pager(self.exchange, self.calls.fill_history)
        self.events = Pager(self.exchange, self.calls.account_history)

    async def __aenter__(self) -> Self:
        self.health.connected()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.health.disconnected("closed")

    async def list_instruments(self) -> list[Instrument]:
        call = self.calls.instruments
        assert call is not None
        rows = rows_of(call, await self.exchange.read(call, {}))
        listed = [self.translation.instrument(row) for row in rows]
        if len({it.id for it in listed}) != len(listed):
            raise BadPayload("an instrument stands twice in the broker's listing")
        return listed

    async def rows(self, call: Call | None) -> list[Any]:
        """Ask a call that takes no values for its rows."""
        assert call is not None
        return rows_of(call, await self.exchange.read(call, {}))

    async def know_symbols(self) -> None:
        if not self.translation.symbols.are_listed:
            await self.list_instruments()

    async def symbol(self, instrument: InstrumentId) -> str:
        await self.know_symbols()
        code = self.translation.symbols.code_of(instrument)
        if code is None:
            raise BadPayload(f"{instrument} is not in the broker's listing")
        return code

    def alternatives(
        self, calls: Sequence[OrderCall], ref: OrderRef
    ) -> Iterator[tuple[OrderCall, dict[str, object]]]:
        """Yield each call whose identities are known, by each id, the newest first."""
        ours: dict[str, object] = {
            "client_order_id": ref.client_order_id or None,
            "symbol": self.translation.symbols.code_of(ref.instrument.id),
        }
        for call in calls:
            holes = holes_of(call.path, call.query, call.body)
            if "client_order_id" in holes and not ref.client_order_id:
                continue
            if _BY_ID not in holes:
                yield call, ours
                continue
            for venue_order_id in reversed(ref.venue_order_ids):
                yield call, {**ours, _BY_ID: str(venue_order_id)}

    def addressed(
        self, what: str, calls: Sequence[OrderCall], ref: OrderRef
    ) -> tuple[OrderCall, dict[str, object]]:
        """Return the first call that can name an order. Raises NotSent."""
        for call, values in self.alternatives(calls, ref):
            return call, values
        raise NotSent(f"{what}: the broker names orders by an id that is not known yet")

    async def find_order(self, ref: OrderRef) -> OrderReport | None:
        asked = False
        await self.know_symbols()
        for call, values in self.alternatives(self.calls.order_lookup, ref):
            asked = True
            found = await self._found(call, values, ref)
            if found is not None:
                return found
        if not asked:
            raise Unreachable("the broker looks orders up by an id that is not known")
        return None

    async def _found(
        self, call: OrderCall, values: Mapping[str, object], ref: OrderRef
    ) -> OrderReport | None:
        try:
            reply = await self.exchange.read(call, values, urgent=True)
        except Rejected as refusal:
            if self.exchange.is_unknown_order(refusal):
                return None
            raise
        received_ns = self.clock.time_ns()
        found = find(reply, call.rows)
        if not isinstance(found, list):
            return self.translation.order(found, call.fields, received_ns)
        reports = [
            self.translation.order(row, call.fields, received_ns)
            for row in rows_of(call, reply)
        ]
        meant = [it for it in reports if _is_meant(it, ref)]
        return max(meant, key=lambda it: it.venue_time_ns, default=None)

    async def change(
        self,
        call: OrderCall,
        values: Mapping[str, object],
        deadline_ns: int,
        ref: OrderRef,
        *,
        urgent: bool = False,
    ) -> OrderReport:
        """Send a write once and return what became of the order, or that it is in doubt."""
        has_answer = call.answer == "order"
        reply = await self.exchange.write(
            call, values, deadline_ns, urgent=urgent, has_answer=has_answer
        )
        problem = "accepted, but the order cannot be found"
        try:
            if has_answer:
                row = find(reply, call.rows)
                row = row[0] if isinstance(row, list) and row else row
                return self.translation.order(row, call.fields, self.clock.time_ns())
            found = await self.find_order(ref)
            if found is not None:
                return found
        except AdapterError as error:
            problem = error.message
        raise OutcomeUnknown(f"{call.method} {call.path}: {problem}", hint="reconcile")


class _Instruments(_Described):
    async def instruments(self) -> Sequence[Instrument]:
        return await self.list_instruments()


class _BookSnapshot(_Described):
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


class _Submit(_Described):
    async def submit(self, order: NewOrder) -> OrderReport:
        call = self.calls.submit
        assert call is not None
        words = self.translation.words
        net, none = PositionSide.NET, MarginMode.NONE
        terms = {
            "limit_price": order.limit_price,
            "stop_price": order.stop_price,
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

    async def cancel(self, cancel: CancelOrder) -> OrderReport:
        call, values = self.addressed("cancel", self.calls.cancel, cancel.ref)
        return await self.change(call, values, cancel.deadline_ns, cancel.ref, urgent=True)

    def _code(self, instrument: Instrument) -> str:
        code = self.translation.symbols.code_of(instrument.id)
        if code is None:
            raise NotSent(f"{instrument.id} is not in the broker's listing")
        return code


class _Replace(_Described):
    async def replace(self, replace: ReplaceOrder) -> OrderReport:
        ref = replace.ref
        call, values = self.addressed("replace", self.calls.replace, ref)
        terms = {"limit_price": replace.limit_price, "stop_price": replace.stop_price}
        refuse_unsaid(terms, holes_of(call.path, call.query, call.body))
        values |= {**terms, "quantity": replace.quantity}
        report = await self.change(call, values, replace.deadline_ns, ref)
        before = ref.venue_order_ids[-1] if ref.venue_order_ids else None
        if report.replaces is None and report.venue_order_id != before:
            return changed(report, replaces=before)
        return report


class _CancelAll(_Described):
    async def cancel_all(self) -> None:
        call, evidence = self.calls.cancel_all, self.it.evidence
        assert call is not None
        silence_s = evidence.silence_s if evidence else self.it.read_timeout_s
        deadline_ns = self.clock.monotonic_ns() + round(silence_s * 1e9)
        await self.exchange.write(call, {}, deadline_ns, urgent=True, has_answer=False)


class _OrderLookup(_Described):
    async def order(self, ref: OrderRef) -> OrderReport | None:
        return await self.find_order(ref)


class _OpenOrders(_Described):
    async def open_orders(self) -> Sequence[OrderReport]:
        call = self.calls.open_orders
        assert call is not None
        await self.know_symbols()
        rows, received_ns = await self.rows(call), self.clock.time_ns()
        return [self.translation.order(row, call.fields, received_ns) for row in rows]


class _FillHistory(_Described):
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


class _AccountHistory(_Described):
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


class _Balances(_Described):
    async def balances(self) -> Sequence[Balance]:
        rows = await self.rows(self.calls.balances)
        return [self.translation.balance(row) for row in rows]


class _Positions(_Described):
    async def positions(self) -> Sequence[Position]:
        await self.know_symbols()
        found = [
            self.translation.position(row) for row in await self.rows(self.calls.positions)
        ]
        return [it for it in found if it.quantity]


class _ServerTime(_Described):
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


_PARTS: Mapping[Can, type[_Described]] = {
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


def _is_meant(report: OrderReport, ref: OrderRef) -> bool:
    ours = report.client_order_id
    known: tuple[VenueOrderId, ...] = ref.venue_order_ids
    return report.venue_order_id in known or (ours != "" and ours == ref.client_order_id)
