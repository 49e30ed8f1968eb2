"""What a projection tells of orders and their fills, however they came to be known."""

import json
from decimal import Decimal

import pytest

from crossdock.adapters.stores.sqlite.projection import SqliteProjection
from crossdock.app.doors.reading.tracing import trace
from crossdock.app.projecting import project, rebuild
from crossdock.core import records as r
from crossdock.core.projection import SCHEMA
from crossdock.model import Fill, OrderReport, OrderStatus, OrderType, Side, WriteKind

D = Decimal
S = OrderStatus


@pytest.fixture
def rows(tmp_path):
    projection = SqliteProjection(tmp_path / "rows.sqlite", SCHEMA)
    yield projection
    projection.close()


@pytest.fixture
def kernel(toy, clock, journal):
    return toy.kernel(clock, journal)


def write_all_at_once(kernel, rows, journal, records):
    kernel.note(records)
    project(rows, kernel.state, kernel.unprojected)


def write_one_by_one(kernel, rows, journal, records):
    for record in records:
        kernel.note([record])
        project(rows, kernel.state, kernel.unprojected)
        kernel.unprojected = []


def write_anew_from_the_journal(kernel, rows, journal, records):
    kernel.note(records)
    rebuild(rows, journal.entries)


WAYS = [write_all_at_once, write_one_by_one, write_anew_from_the_journal]


def sent(toy):
    return [
        r.InstrumentListed(at=1, instrument=toy.listed()),
        r.OrderIntended(
            at=2,
            order_id="o1",
            client_order_id="c1",
            request=toy.order(quantity=D(2)),
            approval_id="ap-1",
            reference_price=D(100),
        ),
        r.AttemptStarted(at=2, attempt_id="a1", order_id="o1", kind=WriteKind.SUBMIT),
    ]


def report(toy, **said):
    request = toy.order()
    return OrderReport(
        **{
            "account": request.account,
            "instrument": request.instrument,
            "venue_order_id": "v1",
            "client_order_id": "c1",
            "status": S.NEW,
            "side": Side.BUY,
            "type": OrderType.LIMIT,
            "quantity": D(2),
            "limit_price": D(100),
            **said,
        }
    )


def fill(toy, execution="e1", quantity="0.5", order_id=None):
    request = toy.order()
    made = Fill(
        account=request.account,
        instrument=request.instrument,
        venue_order_id="v1",
        execution_id=execution,
        side=Side.BUY,
        price=D(100),
        quantity=D(quantity),
        fee=D(0),
        fee_asset="USDT",
    )
    return r.FillRecorded(at=3, fill=made, source=r.Source.STREAM, order_id=order_id)


def accepted(toy):
    return r.AttemptEnded(
        at=4,
        attempt_id="a1",
        order_id="o1",
        outcome=r.Outcome.ACCEPTED,
        report=report(toy),
    )


@pytest.mark.parametrize("write", WAYS)
def test_a_fill_before_the_reply_is_in_its_orders_row(toy, kernel, rows, journal, write):
    write(kernel, rows, journal, [*sent(toy), fill(toy), accepted(toy)])
    [order] = rows.query("orders")
    assert (order["filled"], order["venue_order_ids"]) == ("0.5", "v1")
    assert order["status"] == "PartiallyFilled"
    [told] = rows.query("fills")
    assert (told["order_id"], told["quantity"]) == ("o1", "0.5")


@pytest.mark.parametrize("write", WAYS)
def test_the_story_of_an_order_holds_the_fill_before_its_reply(
    toy, kernel, rows, journal, write
):
    write(kernel, rows, journal, [*sent(toy), fill(toy), accepted(toy)])
    assert "fill_recorded" in [step["record"] for step in trace(rows, "o1")]


@pytest.mark.parametrize("write", WAYS)
def test_fills_of_an_order_taken_for_a_strangers_are_in_our_row(
    toy, kernel, rows, journal, write
):
    told = report(toy, client_order_id="", cumulative_quantity=D("0.5"))
    seen = r.ForeignOrderSeen(at=3, order_id="x1", report=told, adopted=False)
    early, last = fill(toy, order_id="x1"), fill(toy, "e2", "1.5", order_id="o1")
    write(kernel, rows, journal, [*sent(toy), seen, early, accepted(toy), last])
    [order] = rows.query("orders")
    assert (order["order_id"], D(order["filled"])) == ("o1", 2)
    assert order["status"] == "Filled"
    assert [row["order_id"] for row in rows.query("fills")] == ["o1", "o1"]


@pytest.mark.parametrize("write", WAYS)
def test_fills_alone_end_an_order_in_its_row(toy, kernel, rows, journal, write):
    whole = fill(toy, quantity="2", order_id="o1")
    write(kernel, rows, journal, [*sent(toy), accepted(toy), whole])
    [order] = rows.query("orders")
    assert (order["status"], order["filled"]) == ("Filled", "2")


@pytest.mark.parametrize("write", WAYS)
def test_a_stranger_has_no_row_and_keeps_its_fills(toy, kernel, rows, journal, write):
    told = report(toy, client_order_id="", cumulative_quantity=D("0.5"))
    seen = r.ForeignOrderSeen(at=3, order_id="x1", report=told, adopted=False)
    write(kernel, rows, journal, [*sent(toy)[:1], seen, fill(toy, order_id="x1")])
    assert rows.query("orders") == []
    assert [row["order_id"] for row in rows.query("fills")] == ["x1"]


def test_a_record_that_does_not_fit_is_history_only(toy, kernel, rows, journal):
    unlisted = fill(toy)
    kernel.note([unlisted])
    assert len(kernel.unfit) == 1
    rebuild(rows, journal.entries)
    [history] = rows.query("history")
    assert json.loads(history["payload"])["record"] == "fill_recorded"


def test_a_journal_that_begins_with_a_snapshot_is_projected_from_there(
    toy, kernel, rows, journal
):
    kernel.note([*sent(toy), fill(toy)])
    kernel.snapshot(keep_done_s=1)
    kernel.note([accepted(toy)])
    rebuild(rows, journal.entries[-2:])
    [order] = rows.query("orders")
    assert (order["filled"], order["venue_order_ids"]) == ("0.5", "v1")
