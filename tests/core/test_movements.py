"""Money that moves at our asking: open until proven, never twice, and followed by the books."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.core import records as r
from crossdock.core.movements import Wish, bookings, orphaned
from crossdock.core.projection import describe, rows_of
from crossdock.core.state import State
from crossdock.model import MovementKind

D = Decimal
HOUR = 3_600 * 1_000_000_000


def intended(name="m1", at=1, **values):
    return r.MovementIntended(
        **{
            "at": at,
            "movement_id": name,
            "account": "main",
            "kind": MovementKind.TRANSFER,
            "asset": "USDT",
            "amount": D(100),
            "source": "spot",
            "destination": "swap",
            "by": "Ann",
            **values,
        }
    )


def ended(name="m1", outcome=r.Outcome.ACCEPTED, at=2, **values):
    return r.MovementEnded(
        at=at, movement_id=name, account="main", outcome=outcome, **values
    )


def settled(name="m1", verdict=r.Verdict.LIVE, at=3, by="person:Bo"):
    return r.MovementSettled(
        at=at, movement_id=name, account="main", verdict=verdict, by=by
    )


def told(*records):
    state = State()
    for record in records:
        state.apply(r.decode(r.encode(record)))
    return state


def wish(**values):
    return Wish(
        **{
            "account": "main",
            "kind": MovementKind.TRANSFER,
            "asset": "USDT",
            "amount": D("100.0"),
            "source": "spot",
            "destination": "swap",
            **values,
        }
    )


UNKNOWN = ended(outcome=r.Outcome.UNKNOWN, words="no reply")


@pytest.mark.parametrize(
    ("records", "status", "is_open"),
    [
        ([], "Sent", True),
        ([ended(venue_movement_id="7")], "Done", False),
        ([ended(is_under_way=True)], "UnderWay", False),
        ([ended(outcome=r.Outcome.REJECTED)], "Rejected", False),
        ([ended(outcome=r.Outcome.NOT_SENT)], "NotSent", False),
        ([UNKNOWN], "Unknown", True),
        ([UNKNOWN, settled()], "Done", False),
        ([UNKNOWN, settled(verdict=r.Verdict.ABSENT)], "NeverMoved", False),
        ([ended(), settled(verdict=r.Verdict.ABSENT)], "Done", False),
        ([UNKNOWN, settled(), ended(outcome=r.Outcome.REJECTED)], "Done", False),
    ],
)
def test_a_movement_is_open_until_its_fate_is_proven(records, status, is_open):
    state = told(intended(), *records)
    [movement] = state.movements.of("main")
    assert (movement.shown_status, movement.is_open) == (status, is_open)
    assert ("m1" in state.movements.open) is is_open
    assert (state.movements.identical(wish()) is movement) is is_open
    assert bool(state.movements.doubts()) is (status == "Unknown")


@pytest.mark.parametrize(
    "other",
    [
        {"account": "second"},
        {"kind": MovementKind.BORROW},
        {"asset": "BTC"},
        {"amount": D("100.01")},
        {"source": "funding"},
        {"destination": "margin"},
        {"instrument": "BTC/USDT@alpha"},
        {"product": "p1"},
    ],
)
def test_what_differs_in_anything_is_no_repetition(other):
    assert told(intended(), UNKNOWN).movements.identical(wish(**other)) is None


def test_an_intent_without_an_end_is_in_doubt_once_its_process_is_gone():
    state = told(intended())
    [movement] = state.movements.open.values()
    state.apply(orphaned(movement, 9))
    assert state.movements.doubts() == [movement]
    assert movement.words == "the process ended before the reply"


actions = st.tuples(st.integers(0, 4), st.sampled_from([*r.Outcome, *r.Verdict]))


@settings(max_examples=100, deadline=None)
@given(told_in_order=st.lists(actions, max_size=20), cut=st.integers(0, 20))
def test_movements_survive_a_snapshot_at_any_record(told_in_order, cut):
    records, known = [], set()
    for at, (number, word) in enumerate(told_in_order, 1):
        name = f"m{number}"
        if name not in known:
            known.add(name)
            records.append(intended(name, at, amount=D(number + 1)))
        elif isinstance(word, r.Outcome):
            records.append(ended(name, word, at))
        else:
            records.append(settled(name, word, at))
    whole = told(*records).movements.to_image()
    early = told(*records[:cut]).snapshot(99, 0)
    restored = State.restore(r.decode(r.encode(early)))
    for record in records[cut:]:
        restored.apply(record)
    assert restored.movements.to_image() == whole
    named = [movement.movement_id for movement in whole]
    assert sorted(named) == sorted(known), "none is lost, none is there twice"


@pytest.mark.parametrize(
    ("kind", "difference"),
    [
        (MovementKind.BORROW, D(100)),
        (MovementKind.REPAY, D(-100)),
        (MovementKind.EARN_SUBSCRIBE, D(-100)),
        (MovementKind.EARN_REDEEM, D(100)),
        (MovementKind.TRANSFER, D(100)),
        (MovementKind.TRANSFER, D(-100)),
    ],
)
def test_books_follow_a_movement_that_makes_the_difference_once(kind, difference):
    state = told(intended(kind=kind), ended())
    [booked] = bookings(state.movements.of("main"), "USDT", difference, 3)
    assert (booked.event.amount, booked.event.asset) == (difference, "USDT")
    state.apply(booked)
    assert state.ledger.balance("main", "USDT") == difference
    assert bookings(state.movements.of("main"), "USDT", difference, 4) == []
    again = State.restore(r.decode(r.encode(state.snapshot(5, 0))))
    assert bookings(again.movements.of("main"), "USDT", difference, 6) == []


@pytest.mark.parametrize(
    ("records", "asset", "difference", "now"),
    [
        ([ended()], "USDT", D("100.01"), 3),
        ([ended()], "BTC", D(100), 3),
        ([ended()], "USDT", D(100), 2 * HOUR),
        ([UNKNOWN], "USDT", D(100), 3),
        ([ended(outcome=r.Outcome.REJECTED)], "USDT", D(100), 3),
        ([UNKNOWN, settled(verdict=r.Verdict.ABSENT)], "USDT", D(100), 4),
    ],
)
def test_what_did_not_move_explains_no_difference(records, asset, difference, now):
    movements = told(intended(), *records).movements
    assert bookings(movements.of("main"), asset, difference, now) == []


def test_several_movements_together_may_make_a_difference():
    state = told(
        intended("m1", kind=MovementKind.BORROW),
        ended("m1"),
        intended("m2", kind=MovementKind.EARN_SUBSCRIBE, amount=D(30)),
        ended("m2"),
        intended("m3", kind=MovementKind.REPAY, amount=D(5)),
        ended("m3"),
    )
    booked = bookings(state.movements.of("main"), "USDT", D(70), 3)
    assert [it.event.amount for it in booked] == [D(100), D(-30)]


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (
            intended(),
            "transfer 100 USDT of main from spot to swap about to be asked for, by Ann (m1)",
        ),
        (ended(), "movement m1 accepted"),
        (UNKNOWN, "movement m1 unknown: no reply"),
        (settled(), "movement m1 is live, by person:Bo: "),
        (
            r.MarginDecided(
                at=1,
                account="main",
                instrument="BTC/USDT:USDT@alpha",
                margin_mode="cross",
                leverage=D(5),
                by="Ann",
            ),
            "BTC/USDT:USDT@alpha leverage 5 margin cross: about to be set, by Ann",
        ),
    ],
)
def test_the_journals_story_tells_of_money(record, words):
    payload = r.encode(record)
    assert describe(json.loads(payload)) == words
    ids = [] if isinstance(record, r.MarginDecided) else ["m1"]
    (table, row), *named = rows_of(1, r.decode(payload), payload)
    assert table == "history"
    assert row["ids"] == " ".join(ids)
    assert named == [("named", {"id": name, "sequence": 1}) for name in ids]
