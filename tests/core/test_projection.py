"""Rows and lines for people, made from records."""

import json
from decimal import Decimal

import pytest

from crossdock.core import records as r
from crossdock.core.projection import SCHEMA, describe, order_row, rows_of
from crossdock.model import (
    AccountEvent,
    AccountEventKind,
    Direction,
    Signal,
    WriteKind,
)

D = Decimal


def rows(record, sequence=7):
    made = rows_of(sequence, record, r.encode(record))
    for table, row in made:
        assert set(row) <= set(SCHEMA[table].columns)
        assert set(SCHEMA[table].key) <= set(row)
    return made


def row(record, table):
    [found] = [row for name, row in rows(record) if name == table]
    return found


def signal():
    return Signal(
        symbol="BTC/USDT",
        direction=Direction.LONG,
        confidence=1,
        strength=0.5,
        horizon_s=1,
        strategy="trend",
        correlation="c-9",
    )


def test_every_record_but_a_snapshot_is_in_the_history(make):
    record = r.SessionEnded(at=3, reason="stopped")
    history = row(record, "history")
    assert (history["sequence"], history["at"]) == (7, 3)
    assert json.loads(history["payload"])["reason"] == "stopped"
    assert rows(r.Snapshot(at=1, state=b"{}")) == []


def test_the_history_can_be_searched_by_every_id(make):
    record = make.ended(report=make.report(venue_order_id="v7"))
    history = row(record, "history")
    assert history["order_id"] == "o1"
    assert {"a1", "c1", "v7"} <= set(history["ids"].split())


@pytest.mark.parametrize("where", ["request", "signal", "alarm"])
def test_the_history_finds_the_correlation_wherever_it_is(make, where):
    record = {
        "request": make.intent(correlation="c-9"),
        "signal": r.SignalEmitted(at=1, signal=signal(), routed=""),
        "alarm": r.Alarmed(at=1, code="x", words="y", correlation="c-9"),
    }[where]
    assert row(record, "history")["correlation"] == "c-9"


def test_an_orders_row_is_what_all_its_records_have_made_of_it(make):
    state = make.state(make.intent(strategy="trend"))
    whole = order_row(state.orders["o1"])
    assert tuple(whole) == SCHEMA["orders"].columns
    assert (whole["strategy"], whole["status"]) == ("trend", "Journaled")
    assert (whole["quantity"], whole["limit_price"], whole["stop_price"]) == (
        "10",
        "100",
        None,
    )
    moved = make.report(venue_order_id="v2", replaces="v1", quantity=D(20))
    for record in (
        make.begun(),
        make.ended(report=make.report()),
        r.OrderReported(at=3, order_id="o1", report=moved, source=r.Source.STREAM),
        r.FillRecorded(
            at=4, order_id="o1", source=r.Source.STREAM, fill=make.fill(quantity="0.5")
        ),
    ):
        state.apply(record)
    now = order_row(state.orders["o1"])
    assert now["status"] == "PartiallyFilled"
    assert (now["quantity"], now["filled"]) == ("20", "0.5")
    assert now["venue_order_ids"] == "v1 v2"
    assert now["at"] == whole["at"]


def test_numbers_are_plain_text_without_exponents(make):
    fill = make.fill(quantity="1E-8", price="1E+5")
    recorded = r.FillRecorded(at=2, fill=fill, source=r.Source.HISTORY, order_id="o1")
    made = row(recorded, "fills")
    assert (made["quantity"], made["price"]) == ("0.00000001", "100000")
    assert (made["source"], made["kind"]) == ("history", "reported")


def test_events_and_alarms_have_tables_of_their_own(make):
    event = AccountEvent(
        account="main",
        event_id="d1",
        kind=AccountEventKind.DEPOSIT,
        asset="USDT",
        amount=D(5),
    )
    assert row(r.AccountMoved(at=2, event=event), "events")["amount"] == "5"
    alarm = r.Alarmed(at=2, code="loop-lag", words="late", account="main")
    assert row(alarm, "alarms")["code"] == "loop-lag"


DESCRIBED = [
    ("intent", "intended buy 10 BTC/USDT at limit 100 on main, approved as ap-1"),
    ("begun", "submit about to be sent (a1)"),
    ("refused", "attempt rejected: no funds"),
    ("reported", "stream reports New, filled 0 of 10"),
    ("filled", "reported fill 1 at 100, fee 0.1 USDT, by stream"),
    ("resolved", "doubt ended: absent, by lookup: not there"),
    ("escalated", "doubt needs a person: no look-up"),
    ("alarmed", "alarm loop-lag: late"),
    ("risk", "refused by risk: price: too far; size: too large"),
    ("signal", "signal long BTC/USDT strength 0.5: alpha 100"),
    ("cursors", "cursors moved"),
]


@pytest.mark.parametrize(("which", "words"), DESCRIBED)
def test_a_record_is_told_in_one_line(make, which, words):
    rejected = r.Outcome.REJECTED
    stream = r.Source.STREAM
    reasons = (("price", "too far"), ("size", "too large"))
    ids = {"at": 1, "attempt_id": "a1", "order_id": "o1"}
    record = {
        "intent": make.intent(),
        "begun": make.begun(kind=WriteKind.SUBMIT),
        "refused": make.ended(outcome=rejected, words="no funds"),
        "reported": r.OrderReported(
            at=1, order_id="o1", report=make.report(), source=stream
        ),
        "filled": r.FillRecorded(at=1, fill=make.fill(), source=stream),
        "resolved": r.DoubtResolved(
            **ids, verdict=r.Verdict.ABSENT, by="lookup", words="not there"
        ),
        "escalated": r.DoubtEscalated(**ids, words="no look-up"),
        "alarmed": r.Alarmed(at=1, code="loop-lag", words="late"),
        "risk": r.RequestRefused(at=1, request=make.request(), reasons=reasons),
        "signal": r.SignalEmitted(at=1, signal=signal(), routed="alpha 100"),
        "cursors": r.CursorsMoved(at=1, account="main", fill_cursor="2"),
    }[which]
    assert describe(json.loads(r.encode(record))) == words
