"""What a venue says, and the records that it proves."""

from decimal import Decimal

import pytest

from crossdock.core import records as r
from crossdock.core.execution import intake
from crossdock.model import (
    AccountEvent,
    AccountEventKind,
    FillKind,
    OrderStatus,
    WriteKind,
)

D = Decimal
S = OrderStatus


def new_id():
    return "x1"


def take(state, *messages):
    """Take in reports and fills as a gateway does; return the records they made."""
    made = []
    for message in messages:
        if hasattr(message, "execution_id"):
            new = intake.take_fill(state, message, r.Source.STREAM, 9)
        else:
            new = intake.take_report(state, message, r.Source.STREAM, 9, new_id)
        for record in new:
            state.apply(record)
        made += new
    return made


def codes(records):
    return [record.code for record in records if isinstance(record, r.Alarmed)]


# ---- whose word it is -------------------------------------------------------------


@pytest.mark.parametrize(
    "ids",
    [
        {"client_order_id": "c1", "venue_order_id": "v9"},
        {"client_order_id": "", "venue_order_id": "v1"},
        {"client_order_id": "", "venue_order_id": "v9", "replaces": "v1"},
    ],
    ids=["our id", "the venue's id", "the id it took over from"],
)
def test_a_report_finds_its_order_by_any_id_it_may_carry(make, ids):
    state = make.known_order()
    found = intake.find_order(state, make.report(**ids))
    assert found is state.orders["o1"]


def test_an_id_of_another_account_finds_nothing(make):
    state = make.known_order()
    assert intake.find_order(state, make.report(account="other")) is None


@pytest.mark.parametrize("adopt", [False, True])
def test_an_order_nobody_here_knows_is_foreign_or_adopted(make, adopt):
    state = make.state()
    stranger = make.report(client_order_id="", venue_order_id="z1")
    [seen] = intake.take_report(state, stranger, r.Source.STREAM, 9, new_id, adopt=adopt)
    state.apply(seen)
    order = state.orders["x1"]
    assert (order.foreign, order.status) == (not adopt, S.NEW)
    assert list(state.reservations) == [] if not adopt else len(state.reservations) == 1
    assert not intake.take_report(state, stranger, r.Source.LOOKUP, 9, new_id)


def test_strangers_that_share_a_name_stay_different_orders(make):
    state = make.state()
    ids = iter(("x1", "x2"))
    for venue_order_id in ("z1", "z2"):
        stranger = make.report(client_order_id="0", venue_order_id=venue_order_id)
        [seen] = intake.take_report(state, stranger, r.Source.STREAM, 9, ids.__next__)
        state.apply(seen)
    for venue_order_id, order_id in (("z1", "x1"), ("z2", "x2")):
        found = state.find("main", client_order_id="0", venue_order_id=venue_order_id)
        assert found.order_id == order_id


def test_a_stranger_that_turned_out_to_be_ours_is_found_under_no_name_any_more(make):
    state = make.state(make.intent(), make.begun())
    take(state, make.report(client_order_id="0", venue_order_id="v1"))
    assert "x1" in state.orders
    take(state, make.report(venue_order_id="v1", status=S.PARTIALLY_FILLED))
    assert "x1" not in state.orders
    [seen] = take(state, make.report(client_order_id="0", venue_order_id="z9"))
    assert isinstance(seen, r.ForeignOrderSeen)


def test_what_is_known_already_makes_no_record(make):
    state = make.known_order(status=S.PARTIALLY_FILLED, cumulative_quantity=D(3))
    known = make.report(status=S.PARTIALLY_FILLED, cumulative_quantity=D(3))
    late = make.report(cumulative_quantity=D(1))
    assert take(state, known, late, known) == []


# ---- fills ------------------------------------------------------------------------


def test_a_fill_is_recorded_once(make):
    state = make.known_order()
    assert len(take(state, make.fill())) == 1
    assert take(state, make.fill(), make.fill(price="999")) == []


@pytest.mark.parametrize(
    ("end", "alarms"),
    [
        (S.CANCELED, ["fill-after-done"]),
        (S.EXPIRED, ["fill-after-done"]),
        (S.REJECTED, ["fill-after-done"]),
    ],
)
def test_a_fill_beats_a_status_that_denies_it_and_alarms(make, end, alarms):
    state = make.known_order(status=end)
    assert codes(take(state, make.fill(quantity="2"))) == alarms
    order = state.orders["o1"]
    assert (order.status, order.cumulative_quantity) == (S.PARTIALLY_FILLED, 2)
    assert state.reservations.get("o1").quantity == 8
    final = make.report(status=end, cumulative_quantity=D(2))
    take(state, final)
    assert order.status is end and state.reservations.get("o1") is None


def test_a_fill_that_the_end_had_counted_is_no_surprise(make):
    state = make.known_order(status=S.CANCELED, cumulative_quantity=D(2))
    assert codes(take(state, make.fill(quantity="2"))) == []
    assert state.orders["o1"].status is S.CANCELED


def test_an_order_proven_absent_that_shows_up_is_open_again_with_an_alarm(make):
    unsure = make.ended(outcome=r.Outcome.UNKNOWN)
    state = make.state(make.intent(), make.begun(), unsure)
    order = state.orders["o1"]
    state.apply(intake.absence(order, order.doubts[0], "not there", 3))
    assert order.status is S.NEVER_ACCEPTED
    assert codes(take(state, make.report())) == ["report-after-done"]
    assert order.status is S.NEW and state.reservations.get("o1").quantity == 10
    assert "o1" in state.working


@pytest.mark.parametrize(("status", "open_again"), [(S.PENDING_NEW, False), (S.NEW, True)])
def test_a_rejected_order_that_rests_is_open_again_with_an_alarm(make, status, open_again):
    """A venue may stream that it looks at an order after its reply refused it."""
    refused = make.ended(outcome=r.Outcome.REJECTED)
    state = make.state(make.intent(), make.begun(), refused)
    alarms = codes(take(state, make.report(status=status)))
    assert alarms == (["report-after-done"] if open_again else [])
    assert state.orders["o1"].status is (S.NEW if open_again else S.REJECTED)


# ---- amends -----------------------------------------------------------------------


def replacing(make, quantity="12", **values):
    return make.begun(
        "a2",
        kind=WriteKind.REPLACE,
        at=3,
        quantity=D(quantity),
        limit_price=D(99),
        **values,
    )


def test_fills_that_add_up_do_not_end_an_order_whose_amend_may_have_enlarged_it(make):
    state = make.known_order(replacing(make))
    order = state.orders["o1"]
    take(state, make.fill(quantity="10"))
    assert (order.status, order.worst_quantity) == (S.PARTIALLY_FILLED, 2)
    state.apply(make.ended("a2", r.Outcome.REJECTED))
    assert (order.status, order.worst_quantity) == (S.FILLED, 0)


def test_an_amend_that_enlarged_a_filled_order_keeps_it_open(make):
    state = make.known_order(replacing(make))
    take(state, make.fill(quantity="10"))
    new = make.report(
        venue_order_id="v2",
        replaces="v1",
        quantity=D(12),
        limit_price=D(99),
        status=S.PARTIALLY_FILLED,
        cumulative_quantity=D(10),
    )
    state.apply(make.ended("a2", report=new))
    order = state.orders["o1"]
    assert (order.status, order.quantity, order.worst_quantity) == (
        S.PARTIALLY_FILLED,
        12,
        2,
    )
    assert order.venue_order_ids == ["v1", "v2"]


@pytest.mark.parametrize(
    "arrival", [(1, 2, 3), (1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2), (3, 2, 1)]
)
def test_a_chain_of_amends_is_in_order_whatever_came_first(make, arrival):
    state = make.state(make.intent(), make.begun())
    links = {
        1: make.report(venue_order_id="v1", venue_time_ns=1),
        2: make.report(venue_order_id="v2", replaces="v1", quantity=D(12), venue_time_ns=2),
        3: make.report(venue_order_id="v3", replaces="v2", quantity=D(14), venue_time_ns=3),
    }
    take(state, *(links[number] for number in arrival))
    order = state.orders["o1"]
    assert order.venue_order_ids == ["v1", "v2", "v3"]
    assert order.quantity == 14


def test_a_late_report_does_not_undo_an_amend_that_kept_the_id(make):
    state = make.known_order(venue_time_ns=5)
    take(state, make.report(quantity=D(14), venue_time_ns=7))
    assert take(state, make.report(venue_time_ns=6)) == []
    assert state.orders["o1"].quantity == state.reservations.get("o1").quantity == 14


def test_the_end_of_an_id_that_was_replaced_is_not_the_end_of_the_order(make):
    state = make.known_order()
    take(state, make.report(venue_order_id="v2", replaces="v1", quantity=D(12)))
    take(state, make.report(venue_order_id="v1", status=S.CANCELED))
    assert state.orders["o1"].status is S.NEW
    assert state.reservations.get("o1").quantity == 12


# ---- doubts -----------------------------------------------------------------------

NEW_VALUES = {"quantity": D(12), "limit_price": D(99)}


@pytest.mark.parametrize(
    ("kind", "seen", "verdict"),
    [
        (WriteKind.SUBMIT, {}, r.Verdict.LIVE),
        (WriteKind.SUBMIT, {"status": S.CANCELED}, r.Verdict.LIVE),
        (WriteKind.CANCEL, {}, None),
        (WriteKind.CANCEL, {"status": S.CANCELED}, r.Verdict.LIVE),
        (
            WriteKind.CANCEL,
            {"status": S.FILLED, "cumulative_quantity": D(10)},
            r.Verdict.MOOT,
        ),
        (WriteKind.CANCEL, {"status": S.EXPIRED}, r.Verdict.MOOT),
        (WriteKind.REPLACE, {}, None),
        (WriteKind.REPLACE, NEW_VALUES, r.Verdict.LIVE),
        (WriteKind.REPLACE, {"quantity": D(12)}, None),
        (
            WriteKind.REPLACE,
            {**NEW_VALUES, "venue_order_id": "v2", "replaces": "v1"},
            r.Verdict.LIVE,
        ),
        (WriteKind.REPLACE, {"status": S.CANCELED}, r.Verdict.MOOT),
        (WriteKind.REPLACE, {**NEW_VALUES, "status": S.CANCELED}, r.Verdict.LIVE),
    ],
)
def test_a_report_ends_the_doubts_it_leaves_no_room_for(make, kind, seen, verdict):
    if kind is WriteKind.SUBMIT:
        state = make.state(make.intent(), make.begun(attempt="a2"))
    else:
        values = NEW_VALUES if kind is WriteKind.REPLACE else {}
        state = make.known_order(make.begun("a2", kind=kind, at=3, **values))
    state.apply(make.ended("a2", r.Outcome.UNKNOWN))
    take(state, make.report(**seen))
    order = state.orders["o1"]
    ends = intake.doubts_ended(order, r.Source.LOOKUP, 9)
    assert [(end.attempt_id, end.verdict) for end in ends] == (
        [("a2", verdict)] if verdict else []
    )
    for end in ends:
        state.apply(end)
    assert bool(order.doubts) is (verdict is None)
    assert intake.doubts_ended(order, r.Source.LOOKUP, 9) == []


def test_a_write_still_awaited_is_no_doubt_to_end(make):
    state = make.known_order(make.begun("a2", kind=WriteKind.CANCEL, at=3))
    take(state, make.report(status=S.CANCELED))
    assert intake.doubts_ended(state.orders["o1"], r.Source.STREAM, 9) == []


def test_a_doubt_about_an_order_nobody_has_heard_of_stays(make):
    unsure = make.ended(outcome=r.Outcome.UNKNOWN)
    state = make.state(make.intent(), make.begun(), unsure)
    assert intake.doubts_ended(state.orders["o1"], r.Source.LOOKUP, 9) == []


# ---- inferred fills ---------------------------------------------------------------


def owing(make, cumulative="4", **values):
    values = {"status": S.PARTIALLY_FILLED, "cumulative_quantity": D(cumulative), **values}
    return make.known_order(**values), make.report(**values)


def test_an_inferred_fill_is_what_no_history_explains(make):
    state, report = owing(make, average_price=D("100.5"))
    order = state.orders["o1"]
    recorded = intake.infer_fill(order, make.instrument, report, 9)
    assert recorded == intake.infer_fill(order, make.instrument, report, 9)
    fill = recorded.fill
    assert (fill.kind, fill.quantity, fill.price) == (FillKind.INFERRED, 4, D("100.5"))
    state.apply(recorded)
    assert order.owed == 0
    assert intake.infer_fill(order, make.instrument, report, 10) is None


def test_the_price_of_an_inferred_fill_makes_the_average_come_out(make):
    state, report = owing(make, average_price=D("101.5"))
    take(state, make.fill(quantity="1", price="98"))
    order = state.orders["o1"]
    recorded = intake.infer_fill(order, make.instrument, report, 9)
    assert recorded.fill.quantity == 3
    state.apply(recorded)
    assert order.view().average_price == D("101.5")


def test_without_an_average_the_limit_is_the_price(make):
    state, report = owing(make)
    recorded = intake.infer_fill(state.orders["o1"], make.instrument, report, 9)
    assert recorded.fill.price == 100


def test_ids_of_inferred_fills_never_repeat(make):
    """Each reported fill takes back what was inferred, and the rest is inferred anew."""
    state, report = owing(make)
    order, seen = state.orders["o1"], set()
    for number in range(1, 5):
        recorded = intake.infer_fill(order, make.instrument, report, 9)
        assert recorded.fill.execution_id not in seen
        seen.add(recorded.fill.execution_id)
        state.apply(recorded)
        take(state, make.fill(f"e{number}", "1"))
    assert order.owed == 0 and state.ledger.balance("main", "BTC") == 4


def test_reported_fills_leave_things_as_if_nothing_had_been_inferred(make):
    fills = [make.fill("e1", "1", "98"), make.fill("e2", "3", "101")]
    plain, _ = owing(make)
    take(plain, *fills)
    state, report = owing(make)
    guess = intake.infer_fill(state.orders["o1"], make.instrument, report, 9)
    state.apply(guess)
    records = take(state, *fills)
    assert records[0].supersedes == (guess.fill.execution_id,)
    assert records[1].supersedes == ()
    ours, theirs = state.orders["o1"], plain.orders["o1"]
    for name in ("status", "filled_quantity", "filled_notional", "fees"):
        assert getattr(ours, name) == getattr(theirs, name), name
    assert ours.view().average_price == theirs.view().average_price
    assert state.ledger.balances("main") == plain.ledger.balances("main")
    assert state.ledger.positions("main") == plain.ledger.positions("main")
    assert state.counts.fills == plain.counts.fills == 2


def test_a_reported_fill_larger_than_the_inferred_one_reopens_with_an_alarm(make):
    state, report = owing(make, status=S.CANCELED)
    order = state.orders["o1"]
    state.apply(intake.infer_fill(order, make.instrument, report, 9))
    assert codes(take(state, make.fill(quantity="5"))) == ["fill-after-done"]
    assert order.cumulative_quantity == 5


# ---- corrections ------------------------------------------------------------------


def test_a_correction_moves_price_and_fee_and_no_quantity(make):
    state = make.known_order()
    take(state, make.fill("e1", "2"), make.fill("e2", "2"))
    corrected = make.fill(
        "e3", "2", "104", kind=FillKind.CORRECTED, replaces="e1", fee=D("0.5")
    )
    assert len(take(state, corrected)) == 1
    view = state.orders["o1"].view()
    assert (view.cumulative_quantity, view.average_price) == (4, 102)
    assert dict(view.fees) == {"USDT": D("0.6")}
    assert state.ledger.balance("main", "USDT") == -(2 * 100 + 2 * 104) - D("0.6")
    assert take(state, corrected) == []


def test_a_bust_takes_the_money_back_and_leaves_the_order(make):
    state = make.known_order()
    take(state, make.fill("e1", "2"))
    busted = make.fill("e2", "0", "0", kind=FillKind.BUSTED, replaces="e1", fee=D(0))
    take(state, busted)
    view = state.orders["o1"].view()
    assert (view.cumulative_quantity, view.status) == (2, S.PARTIALLY_FILLED)
    assert dict(view.fees) == {"USDT": 0}
    assert state.ledger.balance("main", "USDT") == state.ledger.balance("main", "BTC") == 0


def test_a_correction_of_a_correction_counts_once(make):
    state = make.known_order()
    take(state, make.fill("e1", "2"))
    for execution, price in (("e2", "102"), ("e3", "106")):
        take(
            state,
            make.fill(execution, "2", price, kind=FillKind.CORRECTED, replaces="e1"),
        )
    view = state.orders["o1"].view()
    assert view.average_price == 106
    assert dict(view.fees) == {"USDT": D("0.1")}


# ---- events -----------------------------------------------------------------------


def test_an_event_is_recorded_once(make):
    state = make.state()
    event = AccountEvent(
        account="main",
        event_id="d1",
        kind=AccountEventKind.DEPOSIT,
        asset="USDT",
        amount=D(5),
    )
    [moved] = intake.take_event(state, event, 9)
    state.apply(moved)
    assert intake.take_event(state, event, 9) == []
    assert state.ledger.balance("main", "USDT") == 5
