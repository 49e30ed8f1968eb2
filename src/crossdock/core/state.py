"""Everything the desk knows, built only by applying records."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from crossdock.core import records as r
from crossdock.core.births import claim, intended, leg_of, seen
from crossdock.core.filling import Filling
from crossdock.core.held import Held
from crossdock.core.image import AccountState, Counts, Image
from crossdock.core.ledger import Ledger
from crossdock.core.legs import Legs
from crossdock.core.movements import Movements
from crossdock.core.order_index import OrderIndex
from crossdock.core.orders import TAKEN_BACK, OrderState
from crossdock.core.reserving import Reserving
from crossdock.core.risk.day_trades import US_EQUITY
from crossdock.core.risk.reservations import Reservation
from crossdock.core.steering import Steering
from crossdock.model import (
    ZERO,
    AccountId,
    Asset,
    ClientOrderId,
    Fill,
    Instrument,
    InstrumentId,
    OrderId,
    OrderStatus,
    StrategyId,
    VenueOrderId,
    WriteKind,
)

KEPT_ALARMS = 100


class State:
    """The desk's memory. `apply` is the only way in."""

    def __init__(self, ledger: Ledger | None = None, counts: Counts | None = None) -> None:
        self.orders: dict[OrderId, OrderState] = {}
        self.working: dict[OrderId, OrderState] = {}
        self.accounts: dict[AccountId, AccountState] = {}
        self.instruments: dict[InstrumentId, Instrument] = {}
        self.ledger = Ledger() if ledger is None else ledger
        self.held = Held()
        self.movements = Movements()
        self.steering = Steering()
        self.holdings_moved: dict[AccountId, int] = {}  # how often they may have
        self.listings = 0  # instruments listed so far, new versions included
        self.strategies: dict[StrategyId, dict[str, Any]] = {}
        self.alarms: deque[r.Alarmed] = deque(maxlen=KEPT_ALARMS)
        self.counts = Counts() if counts is None else counts
        self.killed = ""
        self._filling = Filling(self.ledger, self.counts)
        self.inferred = self._filling.inferred
        self._index = OrderIndex()
        self._legs = Legs()
        self._reserving = Reserving(self.orders, self.instruments, self._legs)
        self.reservations = self._reserving.ours
        self.foreign_reservations = self._reserving.foreign
        self._apply: dict[type, Callable[[Any], None]] = {
            r.InstrumentListed: self._list_instrument,
            r.BaselineTaken: self._take_baseline,
            r.DayOpened: self._open_day,
            r.RequestRefused: self._count_refusal,
            r.OrderIntended: self._intend,
            r.AttemptStarted: self._begin_attempt,
            r.AttemptEnded: self._end_attempt,
            r.DoubtResolved: self._resolve_doubt,
            r.DoubtEscalated: self._escalate_doubt,
            r.OrderReported: self._report,
            r.ForeignOrderSeen: self._see_foreign,
            r.LegSeen: self._see_leg,
            r.FillRecorded: self._fill,
            r.FillHeld: self.held.keep_fill,
            r.EventHeld: self.held.keep_event,
            r.MovementIntended: self.movements.intend,
            r.MovementEnded: self.movements.end,
            r.MovementSettled: self.movements.settle,
            r.AccountMoved: self._move_account,
            r.CursorsMoved: self._move_cursors,
            r.KillSwitched: self._switch_kill,
            r.AccountHalted: self._halt,
            r.LiveConfirmed: self._confirm_live,
            r.StrategySaved: self._save_strategy,
            r.FlagSet: self.steering.set_flag,
            r.LimitSet: self.steering.set_limit,
            r.StrategySteered: self.steering.steer,
            r.Alarmed: self.alarms.append,
            r.SessionStarted: _no_change,
            r.SessionEnded: _no_change,
            r.SignalEmitted: _no_change,
            r.MarginDecided: _no_change,
            r.PersonActed: _no_change,
        }

    def apply(self, record: r.AnyRecord) -> None:
        """Change the state by one record. A `Snapshot` is restored, not applied."""
        self._apply[type(record)](record)

    def account(self, account: AccountId) -> AccountState:
        state = self.accounts.get(account)
        if state is None:
            state = self.accounts[account] = AccountState()
        return state

    def find(
        self,
        account: AccountId,
        *,
        client_order_id: ClientOrderId | None = None,
        venue_order_id: VenueOrderId | None = None,
    ) -> OrderState | None:
        """Return the order a venue speaks of, by any id it may use."""
        return self._index.find(account, client_order_id, venue_order_id)

    def open_orders(self, account: AccountId | None = None) -> Iterator[OrderState]:
        """Yield orders that are ours and may still change."""
        for order in self.working.values():
            if not order.foreign and account in (None, order.request.account):
                yield order

    def foreign_orders(self, account: AccountId) -> Iterator[OrderState]:
        for order in self.working.values():
            if order.foreign and order.request.account == account:
                yield order

    def paid_in(self, account: AccountId) -> dict[Asset, Decimal]:
        """Return what was paid in, less what was taken out, since the day began."""
        before = self.account(account).day_capital
        return {
            asset: amount - before.get(asset, ZERO)
            for asset, amount in self.ledger.capital(account).items()
        }

    def worst_of(self, order: OrderState) -> Reservation | None:
        """Return the worst an order may still do, whether or not it is set aside."""
        return self._reserving.worst_of(order)

    def legs_of(self, order: OrderState) -> list[OrderState]:
        """Return the attached legs of an order that the venue has told of."""
        return list(self._legs.of(order))

    def unplaced(self, account: AccountId) -> list[Fill]:
        """Return a fill of each order that nobody here knows."""
        return self._filling.early.one_of_each(account)

    def has_legs(self, account: AccountId, instrument: InstrumentId) -> bool:
        """Tell whether an order of ours came with legs, which the venue names itself."""
        return any(
            order.request.attached and not order.foreign
            for order in self.orders.values()
            if order.request.account == account and order.request.instrument == instrument
        )

    def doubts(self) -> Iterator[tuple[OrderState, Any]]:
        for order in self.working.values():
            for attempt in order.doubts:
                yield order, attempt

    # ---- records ---------------------------------------------------------------

    def _list_instrument(self, record: r.InstrumentListed) -> None:
        self.ledger.list_instrument(record.instrument)  # may refuse; first, then
        self.instruments[record.instrument.id] = record.instrument
        self.listings += 1

    def _take_baseline(self, record: r.BaselineTaken) -> None:
        self.ledger.set_baseline(record.account, record.balances, record.positions)
        self._holdings_move(record.account)
        account = self.account(record.account)
        account.has_baseline = True
        account.fill_cursor = record.fill_cursor
        account.event_cursor = record.event_cursor

    def _open_day(self, record: r.DayOpened) -> None:
        account = self.account(record.account)
        account.day = record.day
        account.day_since = record.at
        account.day_equity = record.equity
        account.day_currency = record.currency
        account.day_capital = self.ledger.capital(record.account)

    def _count_refusal(self, record: r.RequestRefused) -> None:
        self.counts.refused += 1

    def _intend(self, record: r.OrderIntended) -> None:
        self._keep(intended(record))

    def _keep(self, order: OrderState) -> None:
        self.orders[order.order_id] = order
        self._index.add(order)
        self._legs.add(order)
        self._settle(order, order.created_at)

    def _settle(self, order: OrderState, at: int) -> None:
        """Bring what is derived from an order in line with it."""
        order.updated_at = at
        if self._filling.early:
            self._filling.place(order)
        for venue_order_id in tuple(order.venue_order_ids):
            ghost = self._index.name(order, venue_order_id)
            if ghost is not None:
                self._retire(ghost, order)
            if not order.foreign:
                self._claim(order, self._legs.strays(order, venue_order_id))
        if order.is_working:
            self.working[order.order_id] = order
        else:
            self.working.pop(order.order_id, None)
        self._reserving.follow(order)

    def _claim(self, parent: OrderState, strays: list[OrderState]) -> None:
        """Take over legs that were seen before anybody knew their parent by its id."""
        for leg in strays:
            if leg is parent:
                continue
            self.foreign_reservations.release(leg.order_id)
            claim(leg, parent)
            self._legs.add(leg)
            for venue_order_id in leg.venue_order_ids:
                self._filling.assign(leg, venue_order_id)

    def _retire(self, ghost: OrderState, order: OrderState) -> None:
        """Forget a foreign order that turned out to be one of ours, under its venue id.

        What was filled of it was filled of ours.
        """
        self.orders.pop(ghost.order_id, None)
        self._index.forget(ghost)
        self._legs.forget(ghost)
        self.working.pop(ghost.order_id, None)
        self.foreign_reservations.release(ghost.order_id)
        if not ghost.fill_count:
            return
        self._filling.pass_on(ghost, order)
        for venue_order_id in ghost.venue_order_ids:
            self._index.name(order, venue_order_id)
            if not order.foreign:
                self._filling.assign(order, venue_order_id)

    def _begin_attempt(self, record: r.AttemptStarted) -> None:
        order = self.orders[record.order_id]
        order.begin(record)
        if record.kind is WriteKind.SUBMIT and order.status is OrderStatus.SENT:
            order.updated_at = record.at  # its intent has settled all there is
        else:
            self._settle(order, record.at)

    def _end_attempt(self, record: r.AttemptEnded) -> None:
        order = self.orders[record.order_id]
        self.counts.end(order.attempts.get(record.attempt_id), record.outcome)
        order.end(record.attempt_id, record.outcome, record.words)
        if record.report is not None:
            order.merge(record.report)
        self._settle(order, record.at)

    def _resolve_doubt(self, record: r.DoubtResolved) -> None:
        order = self.orders[record.order_id]
        order.resolve(
            record.attempt_id,
            took_effect=record.verdict is r.Verdict.LIVE,
            words=record.words,
        )
        self.counts.resolve(record)
        self._settle(order, record.at)

    def _escalate_doubt(self, record: r.DoubtEscalated) -> None:
        attempt = self.orders[record.order_id].attempts.get(record.attempt_id)
        if attempt is not None:
            attempt.escalated = True

    def _report(self, record: r.OrderReported) -> None:
        order = self.orders[record.order_id]
        order.merge(record.report)
        self._settle(order, record.at)

    def _see_foreign(self, record: r.ForeignOrderSeen) -> None:
        self._keep(seen(record))

    def _see_leg(self, record: r.LegSeen) -> None:
        self._keep(leg_of(record, self.orders[record.parent]))

    def _fill(self, record: r.FillRecorded) -> None:
        fill = record.fill
        order = self.orders.get(record.order_id) if record.order_id is not None else None
        self._holdings_move(fill.account)
        if order is None or not record.supersedes:
            self._count_day_trade(fill, record.at)
        self._filling.book(fill, order, record.supersedes)
        self.held.booked_fill(fill.key)
        if order is not None:
            self._settle(order, record.at)

    def _holdings_move(self, account: AccountId) -> None:
        self.holdings_moved[account] = self.holdings_moved.get(account, 0) + 1

    def _count_day_trade(self, fill: Fill, at: int) -> None:
        instrument = self.instruments.get(fill.instrument)
        is_counted = instrument is not None and US_EQUITY in instrument.tags
        if instrument is not None and is_counted and fill.kind not in TAKEN_BACK:
            held = self.ledger.holding(fill.account, instrument)
            self.account(fill.account).note_fill(fill, held, at)

    def _move_account(self, record: r.AccountMoved) -> None:
        self._holdings_move(record.event.account)
        self.ledger.apply_event(record.event)
        self.held.booked_event(record.event.account, record.event.event_id)
        self.movements.book(record.event)

    def _move_cursors(self, record: r.CursorsMoved) -> None:
        account = self.account(record.account)
        if record.fill_cursor is not None:
            account.fill_cursor = record.fill_cursor
        if record.event_cursor is not None:
            account.event_cursor = record.event_cursor

    def _switch_kill(self, record: r.KillSwitched) -> None:
        words = ": ".join([each for each in (record.by, record.reason) if each])
        words = words if record.engaged else ""
        if record.account is None:
            self.killed = words
        else:
            self.account(record.account).killed = words

    def _halt(self, record: r.AccountHalted) -> None:
        self.account(record.account).halted = record.reason if record.halted else ""

    def _confirm_live(self, record: r.LiveConfirmed) -> None:
        account = self.account(record.account)
        account.live_as = f"{record.adapter} {record.venue}"
        account.live_since = record.at

    def _save_strategy(self, record: r.StrategySaved) -> None:
        self.strategies[record.strategy] = record.state

    # ---- snapshots -------------------------------------------------------------

    def snapshot(self, at: int, keep_done_s: float) -> r.Snapshot:
        """Return a record that restores this state.

        Orders done for longer than `keep_done_s` are left out: they stay in the journal
        and in its projection, and the venue no longer speaks of them. One with a fill
        that is still only inferred stays: the reported one must find it.
        """
        oldest = at - round(keep_done_s * 1e9)
        image = Image(
            orders=[o for o in self.orders.values() if self._is_kept(o, oldest)],
            accounts=self.accounts,
            instruments=list(self.instruments.values()),
            ledger=self.ledger.to_state(),
            strategies=self.strategies,
            alarms=list(self.alarms),
            counts=self.counts,
            killed=self.killed,
            inferred={k: v for k, v in self.inferred.items() if v},
            unplaced=list(self._filling.early),
            held_fills=self.held.fills,
            held_events=self.held.events,
            movements=self.movements.to_image(),
            steering=self.steering.to_image(),
        )
        return r.Snapshot(at=at, state=msgspec.Raw(msgspec.json.encode(image)))

    def forget_done(self, at: int, keep_done_s: float) -> None:
        """Forget what a snapshot taken at `at` leaves out: live and restored are one."""
        oldest = at - round(keep_done_s * 1e9)
        for order in [o for o in self.orders.values() if not self._is_kept(o, oldest)]:
            del self.orders[order.order_id]
            self._index.forget(order)
            self._legs.forget(order)

    def _is_kept(self, order: OrderState, oldest: int) -> bool:
        recent = order.is_working or order.updated_at > oldest
        return recent or bool(self.inferred.get(order.order_id))

    @classmethod
    def restore(cls, snapshot: r.Snapshot) -> State:
        image = msgspec.json.decode(snapshot.state, type=Image)
        state = cls(Ledger.from_state(image.ledger), image.counts)
        state.accounts = image.accounts
        state.strategies = image.strategies
        state.alarms.extend(image.alarms)
        state.killed = image.killed
        state.inferred.update(image.inferred)
        for fill in image.unplaced:
            state._filling.early.keep(fill)
        state.held.restore(image.held_fills, image.held_events)
        state.movements.restore(image.movements)
        state.steering.restore(image.steering)
        state.instruments.update((each.id, each) for each in image.instruments)
        for order in image.orders:
            updated_at = order.updated_at
            state._keep(order)
            order.updated_at = updated_at
        return state


def _no_change(record: r.Record) -> None:
    """Leave the state as it is: the record is for readers of the journal."""
