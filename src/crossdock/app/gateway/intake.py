"""The account's sink: what streams, replies and histories say becomes records here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.core.execution import intake
from crossdock.core.orders import OrderState
from crossdock.model import (
    AccountEvent,
    AccountId,
    Fill,
    Instrument,
    InstrumentId,
    OrderId,
    OrderReport,
)


class Intake:
    """Implements `ports.AccountSink` for one account.

    `on_gap` is told why history must be asked again; `on_owed` of orders whose fills
    have not all arrived; `on_foreign` of an order that is not ours.
    """

    def __init__(
        self,
        kernel: Kernel,
        account: AccountId,
        *,
        adopt: bool,
        on_gap: Callable[[str], None],
        on_owed: Callable[[OrderState], None],
        on_foreign: Callable[[OrderState], None],
    ) -> None:
        self._kernel = kernel
        self._account = account
        self._adopt = adopt
        self._on_gap = on_gap
        self._on_owed = on_owed
        self._on_foreign = on_foreign
        self.unlisted: set[InstrumentId] = set()  # spoken of by the venue, not listed

    def orders(self, batch: Sequence[OrderReport]) -> None:
        for report in batch:
            self.take_report(report, r.Source.STREAM)

    def fills(self, batch: Sequence[Fill]) -> None:
        for fill in batch:
            self.take_fill(fill, r.Source.STREAM)

    def account_events(self, batch: Sequence[AccountEvent]) -> None:
        for event in batch:
            self.take_event(event)

    def account_gap(self, reason: str) -> None:
        self._on_gap(reason)

    def instruments_changed(self, instruments: Sequence[Instrument]) -> None:
        self.list_instruments(instruments)

    def list_instruments(self, instruments: Iterable[Instrument]) -> int:
        """Journal what is new or differs from the version known. Returns how many."""
        kernel = self._kernel
        now = kernel.now()
        changed: list[r.AnyRecord] = []
        for instrument in instruments:
            known = kernel.state.instruments.get(instrument.id)
            if known is not None:
                same_age = replace(instrument, valid_from_ns=known.valid_from_ns)
                if same_age == known:
                    continue
                instrument = replace(instrument, valid_from_ns=now)  # noqa: PLW2901
            changed.append(r.InstrumentListed(at=now, instrument=instrument))
        kernel.note(changed)
        if kernel.state.held:
            self._book_held()
        return len(changed)

    def _book_held(self) -> None:
        """Book what was kept of instruments that are listed now, in the order it came."""
        held, listed = self._kernel.state.held, self._kernel.state.instruments
        for record in held.fills:
            if record.fill.account == self._account and record.fill.instrument in listed:
                self.take_fill(record.fill, record.source)
        for each in held.events:
            if each.event.account == self._account and each.event.instrument in listed:
                self.take_event(each.event)

    def _is_listed(self, instrument: InstrumentId, what: str) -> bool:
        """Tell whether an instrument is known; ask for the venue's list when it is not."""
        if instrument in self._kernel.state.instruments:
            return True
        if instrument not in self.unlisted:
            self.unlisted.add(instrument)
            self._on_gap(f"{what} in {instrument}, which is not listed")
        return False

    def take_report(self, report: OrderReport, source: r.Source) -> OrderState | None:
        kernel = self._kernel
        if not self._is_listed(report.instrument, "an order"):
            return None
        new = intake.take_report(
            kernel.state,
            report,
            source,
            kernel.now(),
            lambda: OrderId(kernel.ids.next("x")),
            adopt=self._adopt,
        )
        kernel.note(new)
        order = intake.find_order(kernel.state, report)
        if order is None:
            return None
        if new and isinstance(new[0], r.ForeignOrderSeen):
            if (
                report.parent is not None
                and intake.find_parent(kernel.state, report) is None
            ):
                self._on_gap("a leg came before its parent")
            else:
                self._on_foreign(order)
        self._after(order, source)
        return order

    def take_fill(self, fill: Fill, source: r.Source) -> bool:
        """Record a fill. Returns False when it was known already, or cannot be booked yet.

        One that cannot is kept: the venue's history goes on behind it.
        """
        kernel = self._kernel
        if not self._is_listed(fill.instrument, "a fill"):
            kernel.note(intake.hold_fill(kernel.state, fill, source, kernel.now()))
            return False
        new = intake.take_fill(kernel.state, fill, source, kernel.now())
        if not new:
            return False
        kernel.note(new)
        recorded = new[-1]
        if isinstance(recorded, r.FillRecorded) and recorded.order_id is not None:
            self._after(kernel.state.orders[recorded.order_id], source)
        elif kernel.state.has_legs(self._account, fill.instrument):
            self._on_gap("a fill of an order not known, where a leg may be it")
        return True

    def take_event(self, event: AccountEvent) -> bool:
        kernel = self._kernel
        instrument = event.instrument
        if instrument is not None and not self._is_listed(instrument, "an event"):
            kernel.note(intake.hold_event(kernel.state, event, kernel.now()))
            return False
        new = intake.take_event(kernel.state, event, kernel.now())
        kernel.note(new)
        return bool(new)

    def _after(self, order: OrderState, source: r.Source) -> None:
        """End the doubts that the order, as now proven, leaves no room for."""
        if order.attempts:
            kernel = self._kernel
            kernel.note(intake.doubts_ended(order, source, kernel.now()))
        if order.owed > 0:
            self._on_owed(order)
