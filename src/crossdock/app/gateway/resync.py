"""Asks the venue for the truth: histories, orders in question, holdings.

One path serves the first start, the restart after a crash, the reconnect and the audit.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from crossdock.app.gateway.holdings import Difference, compared, first_holdings
from crossdock.app.gateway.intake import Intake
from crossdock.app.gateway.undecided import CANNOT_TELL, Undecided
from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.core.execution import intake as decide
from crossdock.core.execution.reconcile import (
    Next,
    Question,
    absent_after_ns,
    gone_report,
    weigh,
)
from crossdock.core.orders import OrderState
from crossdock.errors import AdapterError, BadPayload
from crossdock.model import (
    AccountId,
    AttemptId,
    InstrumentId,
    OrderId,
    OrderReport,
    WriteKind,
)
from crossdock.ports import (
    AccountHistory,
    Evidence,
    FillHistory,
    Instruments,
    Lookup,
    OpenOrders,
    OrderLookup,
    OrderRef,
)

log = logging.getLogger(__name__)

PAGES_AT_MOST = 10_000
SECOND_NS = 1_000_000_000
LISTS_AGAIN_S = 300  # what the venue does not list is looked for once in so long


class Resync:
    """Brings the books of one account in line with what the venue can prove."""

    def __init__(
        self,
        kernel: Kernel,
        account: AccountId,
        evidence: Evidence,
        intake: Intake,
        ask: Callable[[OrderState], None],
    ) -> None:
        self._kernel = kernel
        self._account = account
        self._evidence = evidence
        self._intake = intake
        self._ask = ask  # have an order looked up again
        self._undecided = Undecided(kernel, account, evidence)
        self._silent_since: dict[AttemptId, int] = {}
        self._alarmed: set[InstrumentId] = set()
        self._lists_again_ns = 0
        self._missed_at: dict[OrderId, int] = {}
        self._history_lock = asyncio.Lock()

    # ---- histories -------------------------------------------------------------

    async def histories(self, adapter: Any) -> int:
        """Page through fills and events behind our cursors. Returns how many were news."""
        news, _ = await self._to_the_end(adapter)
        return news

    async def fills(self, adapter: Any) -> int:
        """Do as `histories` for fills alone."""
        news, _ = await self._to_the_end(adapter, events=False)
        return news

    async def events(self, adapter: Any) -> int:
        """Do as `histories` for what moved the account besides fills."""
        news, _ = await self._to_the_end(adapter, fills=False)
        return news

    async def _to_the_end(
        self, adapter: Any, *, fills: bool = True, events: bool = True
    ) -> tuple[int, bool]:
        """Do as `histories`; tell besides whether the venue said that nothing is left."""
        news, whole = 0, True
        async with self._history_lock:
            if fills:
                news, whole = await self._fills(adapter)
            if events:
                late, all_events = await self._events(adapter)
                news, whole = news + late, whole and all_events
        return news, whole

    async def _fills(self, adapter: Any) -> tuple[int, bool]:
        if not isinstance(adapter, FillHistory):
            return 0, True
        account = self._kernel.state.account(self._account)
        news = 0
        for _ in range(PAGES_AT_MOST):
            page = await adapter.fills_after(account.fill_cursor)
            self._kernel.checkpoint("in_reconcile")
            await self._list(adapter, {fill.instrument for fill in page.fills})
            for fill in page.fills:
                news += self._intake.take_fill(fill, r.Source.HISTORY)
            moves = page.cursor != account.fill_cursor
            if moves:
                moved = r.CursorsMoved(
                    at=self._kernel.now(), account=self._account, fill_cursor=page.cursor
                )
                self._kernel.note([moved])
            if page.complete or not moves:
                return news, page.complete
        return news, False

    async def _events(self, adapter: Any) -> tuple[int, bool]:
        if not isinstance(adapter, AccountHistory):
            return 0, True
        account = self._kernel.state.account(self._account)
        news = 0
        for _ in range(PAGES_AT_MOST):
            page = await adapter.account_events_after(account.event_cursor)
            await self._list(adapter, {e.instrument for e in page.events if e.instrument})
            for event in page.events:
                news += self._intake.take_event(event)
            moves = page.cursor != account.event_cursor
            if moves:
                moved = r.CursorsMoved(
                    at=self._kernel.now(), account=self._account, event_cursor=page.cursor
                )
                self._kernel.note([moved])
            if page.complete or not moves:
                return news, page.complete
        return news, False

    async def _list(self, adapter: Any, instruments: set[InstrumentId]) -> None:
        """Learn of instruments that were listed since, before what moved in them is booked.

        One the venue speaks of and does not list is alarmed about, once: what moved in it
        is kept until it is listed, and the comparison of holdings will show it.
        """
        known = self._kernel.state.instruments
        held = self._kernel.state.held.instruments(self._account)
        spoken_of = {*instruments, *self._intake.unlisted, *held}
        missing = {each for each in spoken_of if each not in known}
        if not missing or not isinstance(adapter, Instruments):
            return
        now_ns = self._kernel.clock.monotonic_ns()
        if missing <= self._alarmed and now_ns < self._lists_again_ns:
            return
        self._lists_again_ns = now_ns + LISTS_AGAIN_S * SECOND_NS
        self._intake.list_instruments(await adapter.instruments())
        for instrument in missing - known.keys() - self._alarmed:
            self._alarmed.add(instrument)
            alarm = r.Alarmed(
                at=self._kernel.now(),
                code="symbol-not-listed",
                words=f"{self._account}: the venue speaks of {instrument} and does not list "
                "it; what moved in it is kept until it does, and is in no book",
                account=self._account,
            )
            self._kernel.note([alarm])
        self._intake.unlisted -= known.keys()

    # ---- orders ----------------------------------------------------------------

    async def question(self, adapter: Any, order: OrderState) -> None:
        """Look one order up and draw every conclusion the answer allows."""
        self._kernel.note(decide.doubts_ended(order, r.Source.LOOKUP, self._kernel.now()))
        if not isinstance(adapter, OrderLookup):
            self._undecided.escalate(order, "this venue has no look-up by our id")
            if order.owed > 0:
                await self._explain(adapter, order, None)
            return
        kernel = self._kernel
        if order.request.instrument not in kernel.state.instruments:
            return  # somebody's order in what the venue does not list to us
        began_ns = kernel.clock.monotonic_ns()
        # Of others, our record may be younger than the order.
        is_new = any(it.kind is WriteKind.SUBMIT for it in order.doubts)
        ref = OrderRef(
            instrument=kernel.state.instruments[order.request.instrument],
            client_order_id=order.client_order_id,
            venue_order_ids=tuple(order.venue_order_ids),
            created_time_ns=order.created_at if is_new else 0,
        )
        try:
            found = await adapter.order(ref)
        except CANNOT_TELL as error:
            await self._cannot_tell(adapter, order, began_ns, error)
            raise
        self._undecided.decided(order)
        kernel.checkpoint("in_reconcile")
        only_open = self._evidence.lookup is Lookup.OPEN_ONLY
        if only_open and self._is_gone(order, found, began_ns):
            await self.fills(adapter)
            gone = gone_report(order, found, kernel.now())
            if gone is not None:
                self._intake.take_report(gone, r.Source.LOOKUP)
        if found is not None:
            self._intake.take_report(found, r.Source.LOOKUP)
        age_s = (kernel.now() - order.created_at) / SECOND_NS
        self._weigh(order, Question(began_ns=began_ns, found=found, order_age_s=age_s))
        if order.owed > 0:
            await self._explain(adapter, order, found)

    async def _cannot_tell(
        self, adapter: Any, order: OrderState, began_ns: int, error: AdapterError
    ) -> None:
        """Tell a person, past the horizon, where it is this order alone that fails."""
        if not self._undecided.is_due(order, began_ns):
            return
        await self.fills(adapter)  # fails as well while the venue cannot be reached
        self._kernel.note(decide.doubts_ended(order, r.Source.LOOKUP, self._kernel.now()))
        if self._undecided.is_due(order, began_ns):
            words = self._kernel.scrub(str(error))
            self._undecided.tell(order, f"the venue's look-up fails: {words}")

    def _is_gone(self, order: OrderState, found: OrderReport | None, began_ns: int) -> bool:
        """Tell whether two look-ups, further apart than news may lag, both missed it.

        One late list must not end an order for good.
        """
        if found is not None:
            self._missed_at.pop(order.order_id, None)
            return False
        first_ns = self._missed_at.setdefault(order.order_id, began_ns)
        lag_ns = int(self._evidence.visibility_lag_s * SECOND_NS)
        return began_ns > first_ns + lag_ns

    def _weigh(self, order: OrderState, question: Question) -> None:
        kernel = self._kernel
        for attempt in order.doubts:
            if attempt.attempt_id not in order.attempts:
                continue
            since = self._silent_since.get(attempt.attempt_id, kernel.clock.monotonic_ns())
            verdict = weigh(
                order,
                attempt,
                self._evidence,
                question,
                absent_after_ns(self._evidence, since),
            )
            if verdict is Next.ABSENT:
                words = "the venue does not know it after the time it could still arrive"
                kernel.note([decide.absence(order, attempt, words, kernel.now())])
                self._silent_since.pop(attempt.attempt_id, None)
                # An order that never was has no cancel or amend left to doubt.
                kernel.note(decide.doubts_ended(order, r.Source.LOOKUP, kernel.now()))
            elif verdict is Next.ASK:
                self._undecided.escalate(order, "the venue's look-up cannot settle it")

    async def _explain(
        self, adapter: Any, order: OrderState, found: OrderReport | None
    ) -> None:
        """Find the fills behind a cumulative quantity; infer them if no history will."""
        await self.fills(adapter)
        lag_ns = int(self._evidence.visibility_lag_s * SECOND_NS)
        proven_for_ns = self._kernel.now() - order.updated_at
        if order.owed <= 0 or found is None or proven_for_ns < lag_ns:
            return
        instrument = self._kernel.state.instruments[order.request.instrument]
        inferred = decide.infer_fill(order, instrument, found, self._kernel.now())
        if inferred is not None:
            self._kernel.note([inferred])

    def doubt_begins(self, attempt_id: AttemptId, monotonic_ns: int) -> None:
        """Say from when on no byte of a write in doubt can have left."""
        self._silent_since.setdefault(attempt_id, monotonic_ns)

    async def orders(self, adapter: Any) -> None:
        """Question what is in doubt or unconfirmed, and compare the lists of open orders.

        An order that cannot be decided holds up neither the others nor the account: it is
        asked about on. Where nothing can be read, the list of open orders cannot either.
        """
        for order in list(self._kernel.state.open_orders(self._account)):
            if order.doubts or not order.venue_order_ids:
                await self._question_or_ask(adapter, order)
        await self.open_orders(adapter)
        await self._legs(adapter)

    async def _question_or_ask(self, adapter: Any, order: OrderState) -> None:
        try:
            await self.question(adapter, order)
        except CANNOT_TELL as error:
            words = self._kernel.scrub(str(error))
            log.info("%s: %s stays open: %s", self._account, order.client_order_id, words)
            self._ask(order)

    async def _legs(self, adapter: Any) -> None:
        """Look up orders whose fills came before them, where they may be legs of ours.

        The venue named them, so nothing else tells: a leg that was done while nobody
        listened stands in no list of open orders. Each is asked for until it is known.
        """
        if not isinstance(adapter, OrderLookup):
            return
        state = self._kernel.state
        for fill in state.unplaced(self._account):
            if not state.has_legs(self._account, fill.instrument):
                continue
            ref = OrderRef(
                instrument=state.instruments[fill.instrument],
                client_order_id=fill.client_order_id,
                venue_order_ids=(fill.venue_order_id,),
            )
            try:
                found = await adapter.order(ref)
            except CANNOT_TELL as error:
                words = self._kernel.scrub(str(error))
                log.info("%s: a leg will be looked up again: %s", self._account, words)
                continue
            if found is not None:
                self._intake.take_report(found, r.Source.LOOKUP)

    async def open_orders(self, adapter: Any) -> None:
        """Take in the venue's open orders; question those of ours that it leaves out."""
        if not isinstance(adapter, OpenOrders):
            return
        began = self._kernel.now()
        try:
            reports = await adapter.open_orders()
        except BadPayload as error:
            words = self._kernel.scrub(str(error))
            log.warning("%s: each order is looked up by itself: %s", self._account, words)
            reports = ()
        listed = set()
        for report in reports:
            order = self._intake.take_report(report, r.Source.LOOKUP)
            if order is not None:
                listed.add(order.order_id)
        known = [
            *self._kernel.state.open_orders(self._account),
            *self._kernel.state.foreign_orders(self._account),
        ]
        for order in known:
            missing = order.order_id not in listed and order.venue_order_ids
            if missing and self._is_visible(order, began):
                await self._question_or_ask(adapter, order)

    def _is_visible(self, order: OrderState, began: int) -> bool:
        """Tell whether a query begun then must show an order that is open."""
        lag_ns = int(self._evidence.visibility_lag_s * SECOND_NS)
        return order.updated_at + lag_ns < began

    # ---- holdings --------------------------------------------------------------

    async def baseline(self, adapter: Any) -> None:
        """Journal what the account holds, read between two equal cursors."""
        self._kernel.note([await first_holdings(self._kernel, self._account, adapter)])

    async def differences(self, adapter: Any) -> list[Difference] | None:
        """Compare holdings with our books. None: things moved meanwhile, ask again.

        Holdings are read between two readings of the histories, of which the second brings
        nothing. Cursors are not compared: two may differ and have the same behind them.
        """
        moved = self._kernel.state.holdings_moved
        _, whole = await self._to_the_end(adapter)
        if not whole:
            return None
        before = moved.get(self._account, 0)
        found = await self.compare(adapter)
        _, whole = await self._to_the_end(adapter)
        if not whole or before != moved.get(self._account, 0):
            return None
        return found

    async def compare(self, adapter: Any) -> list[Difference]:
        """Compare holdings with our books as they are when the holdings have come.

        Where both agree, nothing is missing. Where they do not, something may just have
        moved: `differences` tells.
        """
        return await compared(self._kernel.state, self._account, adapter)
