"""Writes of orders, each sent once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace as changed
from decimal import Decimal
from functools import partial
from typing import Any

from crossdock.adapters.venues.ccxt.abilities.lookups import Lookups
from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.ways import CancelEvery, OrderCall
from crossdock.adapters.venues.ccxt.terms import order_call
from crossdock.adapters.venues.ccxt.translation import CONDITIONAL
from crossdock.adapters.venues.ccxt.wire.numbers import plain
from crossdock.errors import (
    AdapterError,
    AuthFailed,
    BadPayload,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from crossdock.model import OrderReport, OrderStatus, VenueOrderId, symbol_of
from crossdock.ports import CancelOrder, NewOrder, OrderRef, ReplaceOrder, Uniqueness
from crossdock.toolkit import Purpose, serves

_HINT = "reconcile; the exchange may have acted on it"


class Submits(Lookups):
    @serves(Purpose.ORDER)
    async def submit(self, order: NewOrder) -> OrderReport:
        market = await self.market_to_write(order.instrument.id)
        call = order_call(order, market, quirks=self.quirks, manifest=self.manifest)
        self.symbols.add((market["symbol"],))
        if not order.attached:
            return await self._submit(order, call, market)
        with self.translation.groups.under_way(order.client_order_id):
            return await self._submit(order, call, market)

    @serves(Purpose.CANCEL)
    async def cancel(self, cancel: CancelOrder) -> OrderReport:
        ref = cancel.ref
        market = await self.market_to_write(ref.instrument.id)
        venue_id, params = self._address(ref, market)
        symbol = market["symbol"]
        raw = await self.session.write(
            "cancel",
            lambda: self.driver.cancel_order(venue_id, symbol, params),
            deadline_ns=cancel.deadline_ns,
        )
        return await self._canceled(raw, ref)

    async def _submit(self, order: NewOrder, call: OrderCall, market: Raw) -> OrderReport:
        ours = order.client_order_id
        self._check_new(order)
        is_first = not self.quirks.answers_with_first
        is_taken = not is_first and self.translation.is_taken(ours)
        raw = await self.session.write(
            "submit",
            lambda: self._create(order, call, market),
            deadline_ns=order.deadline_ns,
            demanded=call.unified,
        )
        report = self.accepted(raw, "submit", order)
        if is_first or (not is_taken and _is_as_asked(report, order)):
            return report
        raise OutcomeUnknown(
            f"{self.manifest.id} submit: answered with an order that had {ours} before",
            hint="the exchange holds an order with this id: look it up",
        )

    def _check_new(self, order: NewOrder) -> None:
        """Refuse an id that has an order already where the exchange would not look."""
        evidence = self.manifest.evidence
        if evidence is None or evidence.uniqueness is not Uniqueness.NONE:
            return
        if self.translation.is_taken(order.client_order_id):
            raise OutcomeUnknown(
                f"{self.manifest.id} submit: {order.client_order_id} has an order there",
                hint="the exchange holds an order with this id: look it up",
            )

    async def _create(self, order: NewOrder, call: OrderCall, market: Raw) -> Any:
        params = dict(call.params)
        if call.method:
            reply = await getattr(self.driver, call.method)(params)
            return self.driver.parse_order(self.quirks.placed(order, reply), market)
        return await self.driver.create_order(
            market["symbol"],
            call.type,
            order.side.value,
            plain(order.quantity),
            call.price,
            params,
        )

    def accepted(self, raw: Any, what: str, order: NewOrder) -> OrderReport:
        """Read the reply to a submit. What cannot be read leaves it in doubt."""
        problem = "the reply is no order"
        try:
            if isinstance(raw, dict):
                return self.translation.order(raw, order)
        except BadPayload as error:
            problem = error.message
        raise OutcomeUnknown(f"{self.manifest.id} {what}: {problem}", hint=_HINT)

    def _address(self, ref: OrderRef, market: Raw) -> tuple[str | None, dict[str, Any]]:
        """Return how the exchange is told which order is meant. Raises NotSent."""
        params = dict(self.quirks.symbol_params(ref, market))
        if ref.venue_order_ids:
            venue_id = ref.venue_order_ids[-1]
            if venue_id.startswith(CONDITIONAL):
                params |= self.quirks.conditional or {}
                return venue_id.removeprefix(CONDITIONAL), params
            return venue_id, params
        if not self.quirks.cancels_by_client_id or not ref.client_order_id:
            raise NotSent(
                f"{self.manifest.name} names orders by an id that is not known yet"
            )
        ours = self.quirks.client_id(ref.client_order_id)
        return None, {**params, self.quirks.client_id_param: ours}

    async def _canceled(self, raw: Any, ref: OrderRef) -> OrderReport:
        """Read what a cancel came to: from its reply if that is an order, else by asking."""
        problem = "accepted, but the order cannot be read"
        try:
            # The reply may name the cancel itself where an order has our id.
            return self.translation.order(_whole(raw, ref), ours=ref.client_order_id)
        except BadPayload:
            pass
        try:
            found = await self.find_order(ref) or self._gone(raw, ref)
            if found is not None:
                return found
        except AdapterError as error:
            problem = error.message
        raise OutcomeUnknown(f"{self.manifest.id} cancel: {problem}", hint=_HINT)

    def _gone(self, raw: Any, ref: OrderRef) -> OrderReport | None:
        """Return what an order was that the exchange forgets when it is cancelled unfilled.

        Such a cancel is answered with the order's id alone.
        """
        answer = raw.get("info") if isinstance(raw, dict) else None
        if not self.quirks.forgets_unfilled or not isinstance(answer, str):
            return None
        named = ref.venue_order_ids
        known = self.translation.known(named[-1]) if named else None
        if known is None or known.cumulative_quantity:
            return None
        return changed(known, status=OrderStatus.CANCELED)


class Replaces(Submits):
    @serves(Purpose.ORDER)
    async def replace(self, replace: ReplaceOrder) -> OrderReport:
        ref = replace.ref
        if not ref.venue_order_ids:
            raise NotSent(f"{self.manifest.name} amends by its own id, not known yet")
        before = ref.venue_order_ids[-1]
        market = await self.market_to_write(ref.instrument.id)
        _, params = self._address(ref, market)
        if self.clock.monotonic_ns() >= replace.deadline_ns:
            raise NotSent(f"{self.manifest.id} replace: its deadline had passed")
        held = self.translation.known(before)
        delta_param = self.quirks.amend_delta_param
        if held is None or delta_param:
            held = await self._held(ref)
        quantity: Decimal | None = replace.quantity
        if delta_param:
            # What is filled meanwhile changes nothing of what the total comes to.
            change = replace.quantity - held.quantity
            quantity = None
            if change:
                params[delta_param] = plain(change * held.side.sign)
        stop_price = plain(replace.stop_price)
        if stop_price is not None:
            params |= self.quirks.amend_params(held, stop_price)
        kind = "market" if replace.limit_price is None else "limit"
        raw = await self.session.write(
            "replace",
            lambda: self.driver.edit_order(
                before.removeprefix(CONDITIONAL),
                market["symbol"],
                kind,
                held.side.value,
                plain(quantity),
                plain(replace.limit_price),
                params,
            ),
            deadline_ns=replace.deadline_ns,
        )
        return await self._amended(raw, replace, before)

    async def _held(self, ref: OrderRef) -> OrderReport:
        problem = "the exchange knows of no such order"
        try:
            found = await self.find_order(ref)
            if found is not None:
                return found
        except AdapterError as error:
            problem = error.message
        raise NotSent(f"{self.manifest.id} replace: {problem}")

    async def _amended(
        self, raw: Any, replace: ReplaceOrder, before: VenueOrderId
    ) -> OrderReport:
        """Ask what the order is now: replies to amends tell an id, and seldom more."""
        problem = "accepted, but the order cannot be read"
        after = before
        if isinstance(raw, dict) and raw.get("id"):
            mark = CONDITIONAL if before.startswith(CONDITIONAL) else ""
            after = VenueOrderId(f"{mark}{raw['id']}")
        ref = changed(replace.ref, venue_order_ids=(*replace.ref.venue_order_ids, after))
        try:
            found = await self.find_order(ref)
            if found is not None and found.quantity == replace.quantity:
                new = found.venue_order_id
                return found if new == before else changed(found, replaces=before)
            if found is not None:
                # A look-up may still show what was before.
                problem = f"amended to {found.quantity}?"
        except AdapterError as error:
            problem = error.message
        raise OutcomeUnknown(f"{self.manifest.id} replace: {problem}", hint=_HINT)


class CancelsAll(Lookups):
    @serves(Purpose.CANCEL)
    async def cancel_all(self) -> None:
        kinds = self.quirks.open_order_params
        await _each(partial(self._cancel_kind, dict(params)) for params in kinds)

    async def _cancel_kind(self, params: dict[str, Any]) -> None:
        match self.quirks.cancel_every:
            case CancelEvery.ONE_CALL:
                await self._cancel_every(None, params)
            case CancelEvery.PER_SYMBOL:
                symbols = await self._open_symbols(params)
                await _each(partial(self._cancel_every, it, params) for it in symbols)
            case CancelEvery.ONE_BY_ONE:
                await self._cancel_each(params)

    async def _open_symbols(self, params: dict[str, Any]) -> list[str]:
        rows = await self.open_rows(params)
        return sorted({str(row["symbol"]) for row in rows if row.get("symbol")})

    async def _cancel_every(self, symbol: str | None, params: dict[str, Any]) -> None:
        try:
            await self.session.write(
                "cancel of all orders",
                lambda: self.driver.cancel_all_orders(symbol, params),
                deadline_ns=self._deadline_ns(),
            )
        except Rejected:
            if await self._open_symbols(params):  # else there was nothing to cancel
                raise

    async def _cancel_each(self, params: dict[str, Any]) -> None:
        """Cancel by ids alone, one after the other."""
        rows = await self.open_rows(params)
        ours = [self.quirks.order_row(it) for it in rows if not self.quirks.goes_on_as(it)]
        await _each(partial(self._cancel_row, row) for row in ours)

    async def _cancel_row(self, row: Raw) -> None:
        if not row.get("symbol"):
            self.tell_unread(row, problem := "it names no market")
            raise NotSent(f"{self.manifest.id} cancel of all orders: {problem}")
        venue_id = self.translation.venue_order_id(row)
        params: dict[str, Any] = {}
        if venue_id.startswith(CONDITIONAL):
            params |= self.quirks.conditional or {}
        # Rejected, it is done meanwhile: what is still open shows in the next list.
        with suppress(Rejected):
            await self.session.write(
                "cancel",
                lambda: self.driver.cancel_order(
                    venue_id.removeprefix(CONDITIONAL), row["symbol"], params
                ),
                deadline_ns=self._deadline_ns(),
            )

    def _deadline_ns(self) -> int:
        evidence = self.manifest.evidence
        assert evidence is not None
        return self.clock.monotonic_ns() + round(evidence.silence_s * 1e9)


async def _each(cancels: Iterable[Callable[[], Awaitable[None]]]) -> None:
    """Cancel all, whatever becomes of one; raise at the end what the first failed by."""
    failed: AdapterError | None = None
    for cancel in cancels:
        try:
            await cancel()
        except (AuthFailed, RateLimited):
            raise
        except AdapterError as error:
            failed = failed or error
    if failed is not None:
        raise failed


def _is_as_asked(report: OrderReport, order: NewOrder) -> bool:
    asked = (order.instrument.id, order.side, order.quantity, order.limit_price)
    told = (report.instrument, report.side, report.quantity, report.limit_price)
    return asked == told and report.stop_price == order.stop_price


def _whole(raw: Any, ref: OrderRef) -> Raw:
    """Return a reply to a cancel if it is an order with its quantities, else BadPayload."""
    if not isinstance(raw, dict):
        raise BadPayload("the reply is no order")
    if raw.get("amount") is None or raw.get("filled") is None or not raw.get("status"):
        raise BadPayload("the reply tells not what was filled")
    return {**raw, "symbol": raw.get("symbol") or symbol_of(ref.instrument.id)}
