"""The state is what its records say, however often it was put away and taken out."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.core import records as r
from crossdock.core.execution import intake
from crossdock.core.risk.reservations import reservation_of
from crossdock.core.state import State
from crossdock.model import (
    AccountEvent,
    AccountEventKind,
    Balance,
    Direction,
    FillKind,
    MarginMode,
    MovementKind,
    OrderStatus,
    Side,
    Signal,
    WriteKind,
)

D = Decimal
S = OrderStatus
DAY = 86_400 * 1_000_000_000
FOREVER_S = 1e9


class Story:
    """Writes records that could have happened, one action at a time."""

    def __init__(self, make):
        self.make = make
        self.state = State()
        self.records = []
        self.at = 1
        balances = (Balance(account="main", asset="USDT", total=D(10_000)),)
        self.tell(r.InstrumentListed(at=self.at, instrument=make.instrument))
        self.tell(
            r.BaselineTaken(
                at=self.at,
                account="main",
                balances=balances,
                positions=(),
                fill_cursor="0",
                event_cursor="0",
            )
        )

    def tell(self, *records):
        for record in records:
            self.records.append(record)
            self.state.apply(record)

    def act(self, action, number, size):
        self.at += 1
        order = self.state.orders.get(f"o{number}")
        getattr(self, action)(order, number, D(size))

    def intend(self, order, number, size):
        if order is None:
            side = Side.SELL if number % 2 else Side.BUY
            client = f"c{number}"
            intent = self.make.intent(
                f"o{number}", client, self.at, side=side, quantity=size
            )
            self.tell(intent, self.make.begun(f"s{number}", f"o{number}", at=self.at))

    def end(self, order, number, size):
        for attempt in list(order.attempts.values()) if order else ():
            kinds = [*r.Outcome]
            outcome = kinds[int(size) % len(kinds)]
            report = None
            if outcome is r.Outcome.ACCEPTED:
                report = self.report_of(order, number, order.quantity)
            ended = self.make.ended(
                attempt.attempt_id, outcome, order.order_id, self.at, report=report
            )
            self.tell(ended)

    def resolve(self, order, number, size):
        for attempt in order.doubts if order else ():
            verdict = [*r.Verdict][int(size) % 3]
            self.tell(
                r.DoubtEscalated(
                    at=self.at,
                    attempt_id=attempt.attempt_id,
                    order_id=order.order_id,
                    words="?",
                ),
                r.DoubtResolved(
                    at=self.at,
                    attempt_id=attempt.attempt_id,
                    order_id=order.order_id,
                    verdict=verdict,
                    by="person:Ann" if size == 1 else "lookup",
                ),
            )

    def replace(self, order, number, size):
        if order and not order.attempts and not order.status.is_terminal:
            begun = self.make.begun(
                f"r{self.at}",
                order.order_id,
                WriteKind.REPLACE,
                self.at,
                quantity=order.cumulative_quantity + size,
                limit_price=D(99),
            )
            self.tell(begun)

    def cancel(self, order, number, size):
        if order and order.attempt_of(WriteKind.CANCEL) is None:
            begun = self.make.begun(
                f"k{self.at}", order.order_id, WriteKind.CANCEL, self.at
            )
            self.tell(begun)

    def report_of(self, order, number, cumulative, status=S.NEW):
        return self.make.report(
            venue_order_id=f"v{number}",
            client_order_id=f"c{number}",
            status=status,
            side=order.request.side,
            quantity=order.quantity,
            cumulative_quantity=min(cumulative, order.quantity),
            venue_time_ns=self.at,
        )

    def report(self, order, number, size):
        if order is None:
            return
        status = (S.NEW, S.PARTIALLY_FILLED, S.CANCELED, S.EXPIRED)[int(size) % 4]
        cumulative = order.cumulative_quantity + (size if status is not S.NEW else 0)
        report = self.report_of(order, number, cumulative, status)
        source = r.Source.STREAM
        self.tell(*intake.take_report(self.state, report, source, self.at, lambda: "x"))
        guess = intake.infer_fill(order, self.make.instrument, report, self.at)
        if guess is not None and size > 2:
            self.tell(guess)

    def fill(self, order, number, size):
        fill = self.make.fill(
            f"e{self.at}",
            size,
            venue_order_id=f"v{number}",
            client_order_id=f"c{number}" if order else "",
            side=order.request.side if order else Side.BUY,
        )
        self.tell(*intake.take_fill(self.state, fill, r.Source.HISTORY, self.at))

    def take_back(self, order, number, size):
        reported = [
            record.fill
            for record in self.records
            if isinstance(record, r.FillRecorded) and record.fill.kind is FillKind.REPORTED
        ]
        if not reported:
            return
        old = reported[int(size) % len(reported)]
        busted = size % 2 == 0
        new = self.make.changed(
            old,
            execution_id=f"b{self.at}",
            kind=FillKind.BUSTED if busted else FillKind.CORRECTED,
            replaces=old.execution_id,
            quantity=D(0) if busted else old.quantity,
            fee=D(0) if busted else old.fee * 2,
            price=old.price + 1,
        )
        self.tell(*intake.take_fill(self.state, new, r.Source.HISTORY, self.at))

    def foreign(self, order, number, size):
        name = f"f{number}"
        report = self.make.report(venue_order_id=name, client_order_id="", quantity=size)
        new = intake.take_report(
            self.state, report, r.Source.STREAM, self.at, lambda: name, adopt=size > 3
        )
        self.tell(*new)

    def account(self, order, number, size):
        at = self.at
        event = AccountEvent(
            account="main",
            event_id=f"d{at}",
            kind=AccountEventKind.DEPOSIT,
            asset="USDT",
            amount=size,
        )
        self.tell(
            r.AccountMoved(at=at, event=event),
            r.CursorsMoved(at=at, account="main", fill_cursor=str(at)),
            r.CursorsMoved(at=at, account="main", event_cursor=str(at)),
            r.DayOpened(
                at=at, account="main", day=f"day {at}", equity=size, currency="USDT"
            ),
        )

    def move(self, order, number, size):
        """Ask for money to move, then end what is open: it may stay in doubt, or not."""
        at = self.at
        opened = list(self.state.movements.open.values())
        self.tell(
            r.MovementIntended(
                at=at,
                movement_id=f"m{at}",
                account="main",
                kind=[*MovementKind][number],
                asset="USDT",
                amount=size,
                source="spot",
            ),
            r.MarginDecided(
                at=at,
                account="main",
                instrument=self.make.instrument.id,
                margin_mode=MarginMode.CROSS,
                leverage=size,
                by="Ann",
            ),
        )
        for movement in opened:
            name = movement.movement_id
            if movement.outcome is None:
                outcome = [*r.Outcome][int(size) % 4]
                end = r.MovementEnded(
                    at=at, movement_id=name, account="main", outcome=outcome
                )
            else:
                verdict = (r.Verdict.LIVE, r.Verdict.ABSENT)[int(size) % 2]
                end = r.MovementSettled(
                    at=at, movement_id=name, account="main", verdict=verdict, by="person:Bo"
                )
            self.tell(end)

    def people(self, order, number, size):
        at, engaged = self.at, size > 2
        account = "main" if number else None
        self.tell(
            r.SessionStarted(
                at=at,
                session="s",
                version="1",
                settings_digest="",
                durability="power",
                process_id=1,
            ),
            r.KillSwitched(at=at, engaged=engaged, by="Ann", reason="why", account=account),
            r.AccountHalted(at=at, account="main", halted=engaged, by="Bo", reason="why"),
            r.StrategySaved(at=at, strategy=f"t{number}", state={"size": int(size)}),
            r.Alarmed(at=at, code="some-alarm", words="words", account="main"),
            r.RequestRefused(at=at, request=self.make.request(), reasons=(("a", "b"),)),
            r.SignalEmitted(
                at=at,
                routed="",
                signal=Signal(
                    symbol="BTC/USDT",
                    direction=Direction.LONG,
                    confidence=1,
                    strength=1,
                    horizon_s=1,
                    strategy="t",
                ),
            ),
            r.SessionEnded(at=at, reason="stopped"),
        )


ACTIONS = ["intend", "end", "resolve", "replace", "cancel", "report", "fill"]
ACTIONS += ["take_back", "foreign", "account", "people", "move", "intend", "fill"]
actions = st.tuples(st.sampled_from(ACTIONS), st.integers(0, 3), st.integers(1, 5))


def through_paper(record):
    return r.decode(r.encode(record))


def image(state):
    """Everything a snapshot holds, and what is derived from it."""
    held = sorted(state.reservations)
    return (
        bytes(state.snapshot(0, FOREVER_S).state),
        sorted(state.working),
        held,
        sorted(state.reservations.lines()),
        {key: order.order_id for key, order in state._index.by_client.items()},
        {key: order.order_id for key, order in state._index.by_venue.items()},
    )


def replayed(records, state=None):
    state = state or State()
    for record in records:
        state.apply(through_paper(record))
    return state


@settings(max_examples=150, deadline=None)
@given(told=st.lists(actions, max_size=25), data=st.data())
def test_a_snapshot_and_what_came_after_give_the_same_state(make, told, data):
    story = Story(make)
    for action in told:
        story.act(*action)
    whole = image(story.state)
    assert image(replayed(story.records)) == whole
    cut = data.draw(st.integers(0, len(story.records)))
    early = replayed(story.records[:cut])
    snapshot = through_paper(early.snapshot(story.at, FOREVER_S))
    assert image(State.restore(snapshot)) == image(early)
    assert image(replayed(story.records[cut:], State.restore(snapshot))) == whole


@settings(max_examples=150, deadline=None)
@given(told=st.lists(actions, max_size=25))
def test_what_is_reserved_is_the_worst_of_every_open_order(make, told):
    story = Story(make)
    for action in told:
        story.act(*action)
        state = story.state
        expected = {
            order.order_id: reservation_of(
                order.request,
                make.instrument,
                order.worst_quantity,
                order.worst_prices,
                order.reference_price,
            )
            for order in state.orders.values()
            if not order.foreign and order.worst_quantity > 0
        }
        assert dict(state.reservations) == expected
        bought = sum(each.quantity for each in expected.values() if each.side is Side.BUY)
        sold = sum(each.quantity for each in expected.values() if each.side is Side.SELL)
        open_now = state.reservations.open_exposure("main", make.instrument.id)
        assert (open_now.buy_quantity, open_now.sell_quantity) == (bought, sold)
        assert set(state.working) == {o for o, x in state.orders.items() if x.is_working}


@settings(max_examples=60, deadline=None)
@given(told=st.lists(actions, max_size=25), keep=st.integers(0, 30))
def test_a_snapshot_leaves_out_only_orders_done_for_long(make, told, keep):
    story = Story(make)
    for action in told:
        story.act(*action)
    state = story.state
    kept = State.restore(through_paper(state.snapshot(story.at, keep / 1e9)))
    for name, order in state.orders.items():
        long_done = not order.is_working and order.updated_at <= story.at - keep
        unexplained = bool(state.inferred.get(name))
        assert (name in kept.orders) == (not long_done or unexplained)
    assert sorted(kept.working) == sorted(state.working)
    assert sorted(kept.reservations) == sorted(state.reservations)
    for asset in ("BTC", "USDT"):
        assert kept.ledger.balance("main", asset) == state.ledger.balance("main", asset)


def test_every_record_but_a_snapshot_can_be_applied(make):
    applied = set(State()._apply)
    assert applied == set(r.AnyRecord.__args__) - {r.Snapshot}


def test_writes_are_counted_by_how_they_ended(make):
    state = make.state()
    outcomes = ["accepted", "accepted", "rejected", "not_sent", "unknown"]
    for number, outcome in enumerate(outcomes):
        order, attempt = f"o{number}", f"a{number}"
        state.apply(make.intent(order, f"c{number}"))
        state.apply(make.begun(attempt, order))
        state.apply(make.ended(attempt, r.Outcome(outcome), order))
    state.apply(r.RequestRefused(at=1, request=make.request(), reasons=()))
    counts = state.counts
    assert (counts.accepted, counts.rejected, counts.failed) == (2, 1, 2)
    assert (counts.refused, counts.doubts_opened) == (1, 1)


@pytest.mark.parametrize(
    ("verdict", "by", "counted"),
    [
        (r.Verdict.LIVE, "lookup", "doubts_live"),
        (r.Verdict.MOOT, "stream", "doubts_live"),
        (r.Verdict.ABSENT, "lookup", "doubts_absent"),
        (r.Verdict.ABSENT, "person:Ann", "doubts_by_person"),
        (r.Verdict.LIVE, "person:Ann", "doubts_by_person"),
    ],
)
def test_doubts_are_counted_by_how_they_ended(make, verdict, by, counted):
    state = make.state(make.intent(), make.begun(), make.ended(outcome=r.Outcome.UNKNOWN))
    assert [order.order_id for order, _ in state.doubts()] == ["o1"]
    resolved = r.DoubtResolved(at=3, attempt_id="a1", order_id="o1", verdict=verdict, by=by)
    state.apply(resolved)
    assert getattr(state.counts, counted) == 1
    assert not list(state.doubts())


def test_an_order_left_out_of_a_snapshot_is_one_that_is_done(make):
    filled = make.fill(quantity="10")
    recorded = r.FillRecorded(at=3, fill=filled, source=r.Source.STREAM, order_id="o1")
    state = make.known_order(recorded)
    assert state.orders["o1"].status is S.FILLED
    old = State.restore(through_paper(state.snapshot(10 * DAY, keep_done_s=86_400)))
    assert not old.orders and old.ledger.has_fill(filled.key)
    young = State.restore(through_paper(state.snapshot(4, keep_done_s=86_400)))
    assert list(young.orders) == ["o1"]


def test_only_the_newest_alarms_are_kept(make):
    state = make.state()
    for number in range(150):
        state.apply(r.Alarmed(at=number, code="some-alarm", words=str(number)))
    assert [alarm.words for alarm in state.alarms][:1] == ["50"]
    kept = State.restore(through_paper(state.snapshot(1, 1)))
    assert list(kept.alarms) == list(state.alarms)


def test_an_order_with_an_inferred_fill_stays_until_that_is_explained(make):
    state = make.known_order(status=S.CANCELED, cumulative_quantity=D(4))
    order = state.orders["o1"]
    report = make.report(status=S.CANCELED, cumulative_quantity=D(4))
    state.apply(intake.infer_fill(order, make.instrument, report, 3))
    assert not order.is_working
    kept = State.restore(through_paper(state.snapshot(30 * DAY, keep_done_s=1)))
    late = make.fill(quantity="4", price="101")
    for record in intake.take_fill(kept, late, r.Source.HISTORY, 31 * DAY):
        kept.apply(record)
    assert kept.ledger.balance("main", "BTC") == 4
    assert not kept.inferred.get("o1")


def test_fills_that_came_before_their_order_was_known_are_given_to_it(make):
    state = make.state(make.intent(strategy="trend"), make.begun())
    early = make.fill(quantity="3", client_order_id="")
    for record in intake.take_fill(state, early, r.Source.STREAM, 2):
        state.apply(record)
    order = state.orders["o1"]
    assert order.filled_quantity == 0
    state.apply(make.ended(report=make.report(cumulative_quantity=D(3))))
    assert (order.filled_quantity, order.owed) == (3, 0)
    assert order.status is S.PARTIALLY_FILLED
    owners = {p.strategy: p.position.quantity for p in state.ledger.attributions()}
    assert owners == {"trend": 3}
    assert state.ledger.balance("main", "BTC") == 3


def told(state, *words):
    """Take in what a venue says of orders, as the desk does."""
    for word in words:
        if hasattr(word, "execution_id"):
            records = intake.take_fill(state, word, r.Source.STREAM, 2)
        else:
            source = r.Source.STREAM
            records = intake.take_report(state, word, source, 2, lambda: "ghost-1")
        for record in records:
            state.apply(record)


@pytest.mark.parametrize("reply", ["stream", "reply"])
@pytest.mark.parametrize("first", ["fill", "report"])
def test_fills_of_an_order_taken_for_a_stranger_are_given_to_ours(make, first, reply):
    """The venue told of it by an id of its own, before its reply named that id."""
    state = make.state(make.intent(strategy="trend"), make.begun())
    seen = make.report(client_order_id="", cumulative_quantity=D(3))
    words = [make.fill(quantity="3", client_order_id=""), seen]
    told(state, *(words if first == "fill" else reversed(words)))
    assert [order.foreign for order in state.orders.values()] == [False, True]
    now = make.report(cumulative_quantity=D(3))
    if reply == "stream":
        told(state, now)
    else:
        state.apply(make.ended(report=now))
    assert list(state.orders) == ["o1"]
    order = state.orders["o1"]
    assert (order.filled_quantity, order.filled_notional, order.owed) == (3, 300, 0)
    assert order.fees == {"USDT": D("0.1")}
    owners = {p.strategy: p.position.quantity for p in state.ledger.attributions()}
    assert owners == {"trend": 3}
    told(state, make.fill("e2", "7"))
    assert (order.status, order.filled_quantity) == (S.FILLED, 10)


def test_what_was_inferred_of_a_stranger_is_replaced_once_it_is_ours(make):
    state = make.state(make.intent(), make.begun())
    told(state, make.report(client_order_id="", cumulative_quantity=D(3)))
    ghost = state.orders["ghost-1"]
    seen = make.report(client_order_id="", cumulative_quantity=D(3))
    state.apply(intake.infer_fill(ghost, make.instrument, seen, 2))
    state.apply(make.ended(report=make.report(cumulative_quantity=D(3))))
    told(state, make.fill(quantity="3"))
    order = state.orders["o1"]
    assert (order.filled_quantity, order.cumulative_quantity) == (3, 3)
    assert state.ledger.balance("main", "BTC") == 3
    assert state.counts.fills == 1


def test_early_fills_take_the_place_of_what_was_inferred_meanwhile(make):
    state = make.known_order(cumulative_quantity=D(3))
    told(state, make.fill(quantity="3", venue_order_id="v2", client_order_id=""))
    order = state.orders["o1"]
    known = make.report(cumulative_quantity=D(3))
    state.apply(intake.infer_fill(order, make.instrument, known, 2))
    assert state.ledger.balance("main", "BTC") == 6  # one of nobody's, one inferred
    amended = make.report(venue_order_id="v2", replaces="v1", cumulative_quantity=D(3))
    told(state, amended)
    assert (order.filled_quantity, order.owed) == (3, 0)
    assert state.ledger.balance("main", "BTC") == 3
    assert (state.counts.fills, state.inferred.get("o1")) == (1, None)


def test_an_early_fill_that_was_corrected_is_given_as_it_stands(make):
    state = make.state(make.intent(), make.begun())
    told(
        state,
        make.fill(quantity="3", client_order_id=""),
        make.fill(
            "e2",
            "3",
            "90",
            client_order_id="",
            kind=FillKind.CORRECTED,
            replaces="e1",
            fee=D("0.09"),
        ),
    )
    state.apply(make.ended(report=make.report(cumulative_quantity=D(3))))
    order = state.orders["o1"]
    assert (order.filled_quantity, order.filled_notional) == (3, 270)
    assert order.fees == {"USDT": D("0.09")}


def test_an_early_fill_is_found_by_the_name_an_order_turns_out_to_have(make):
    """A leg's name is known when the venue tells of the leg, maybe under a newer id."""
    state = make.known_order()
    told(state, make.fill(venue_order_id="leg-1", client_order_id="leg"))
    assert [fill.client_order_id for fill in state.unplaced("main")] == ["leg"]
    kept = State.restore(through_paper(state.snapshot(2, keep_done_s=FOREVER_S)))
    moved = make.report(venue_order_id="leg-2", client_order_id="leg", parent="v1")
    for each in (state, kept):
        told(each, moved)
        leg = each.find("main", venue_order_id="leg-1")
        assert (leg.parent, leg.filled_quantity) == ("o1", 1)
        assert each.unplaced("main") == []
