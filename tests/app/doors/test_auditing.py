"""Why a position is what it is: fills, what took their place, and moves without an order."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.adapters.stores.sqlite.projection import SqliteProjection
from crossdock.app.doors.reading.auditing import why
from crossdock.app.doors.watching.topics import Fills
from crossdock.core import records as r
from crossdock.core.projection import SCHEMA, rows_of
from crossdock.model import AccountEvent, AccountEventKind, Fill, FillKind, Side

D = Decimal
NAME = "BTC/USDT@alpha"
BOUGHT = Fill(
    account="main",
    instrument=NAME,
    venue_order_id="v1",
    execution_id="e1",
    side=Side.BUY,
    price=D(100),
    quantity=D(2),
    fee=D(0),
    fee_asset="USDT",
)


def fill(at, supersedes=(), **changes):
    return r.FillRecorded(
        at=at,
        fill=replace(BOUGHT, **changes),
        source=r.Source.STREAM,
        supersedes=supersedes,
    )


def moved(at, quantity, kind=AccountEventKind.LIQUIDATION):
    event = AccountEvent(
        account="main",
        event_id=f"m{at}",
        kind=kind,
        asset="USDT",
        amount=D(0),
        instrument=NAME if quantity else None,
        quantity=D(quantity),
        price=D(90),
    )
    return r.AccountMoved(at=at, event=event)


@pytest.fixture
def told(tmp_path):
    projection = SqliteProjection(tmp_path / "rows.sqlite", SCHEMA)

    def tell(records, held, limit=100):
        for sequence, record in enumerate(records, 1):
            rows = rows_of(sequence, record, r.encode(record))
            projection.upsert(rows, sequence)
        steps = why(projection, {"main": D(held)}, NAME, limit)
        return [(step["kind"], step["change"], step["quantity_after"]) for step in steps]

    yield tell
    projection.close()


def test_each_fill_says_what_it_changed_and_what_was_held_then(told):
    sold = {"side": Side.SELL, "quantity": D("0.5"), "execution_id": "e2"}
    assert told([fill(1), fill(2, **sold)], held="1.5") == [
        ("fill", "-0.5", "1.5"),
        ("fill", "2", "2.0"),
    ]


def test_a_fill_that_was_taken_back_counts_against_itself(told):
    busted = {"kind": FillKind.BUSTED, "execution_id": "e2", "replaces": "e1"}
    assert told([fill(1), fill(2, **busted)], held="0") == [
        ("fill", "-2", "0"),
        ("fill", "2", "2"),
    ]


def test_a_corrected_fill_counts_as_the_difference(told):
    corrected = {"kind": FillKind.CORRECTED, "execution_id": "e2", "replaces": "e1"}
    assert told([fill(1), fill(2, **corrected, quantity=D(3))], held="3") == [
        ("fill", "1", "3"),
        ("fill", "2", "2"),
    ]


def test_a_reported_fill_takes_the_place_of_the_inferred_one(told):
    inferred = fill(1, kind=FillKind.INFERRED, execution_id="inferred-1")
    assert told([inferred, fill(2, supersedes=("inferred-1",))], held="2") == [
        ("fill", "0", "2"),
        ("fill", "2", "2"),
    ]


def test_a_move_without_an_order_is_told_and_one_of_cash_is_not(told):
    deposit = moved(3, "0", AccountEventKind.DEPOSIT)
    assert told([fill(1), moved(2, "-2"), deposit], held="0") == [
        ("event", "-2", "0"),
        ("fill", "2", "2"),
    ]


def test_the_newest_are_right_however_few_are_asked_for(told):
    records = [fill(at, execution_id=f"e{at}") for at in range(1, 6)]
    assert told(records, held="10", limit=2) == [("fill", "2", "10"), ("fill", "2", "8")]


def test_what_came_after_the_moment_asked_about_is_left_out(tmp_path):
    with closing(SqliteProjection(tmp_path / "rows.sqlite", SCHEMA)) as projection:
        for sequence in range(1, 8):
            record = fill(sequence, execution_id=f"e{sequence}")
            projection.upsert(rows_of(sequence, record, r.encode(record)), sequence)
        steps = why(projection, {"main": D(6)}, NAME, limit=2, until=3)
    assert [(step["sequence"], step["quantity_after"]) for step in steps] == [
        (3, "6"),
        (2, "4"),
    ]


@pytest.fixture
async def busy_threads():
    """Keep every thread that questions are answered in busy, until it is set."""
    gate, threads = threading.Event(), ThreadPoolExecutor(1)
    loop = asyncio.get_running_loop()
    loop.set_default_executor(threads)
    blocking = loop.run_in_executor(None, gate.wait)
    yield gate
    gate.set()
    await blocking


async def test_orders_go_on_while_somebody_reads_what_was(
    venue, open_toy_desk, toy, clock, busy_threads
):
    async with open_toy_desk(venue) as desk:
        bought = desk.dealing.place(toy.order(limit_price=D(101)))
        await clock.settle()
        venue.fill(bought.venue_order_ids[-1])
        await clock.settle()
        table = desk.operations.table()
        asking = asyncio.ensure_future(table["why"](instrument=NAME))
        checking = asyncio.ensure_future(table["verify"]())
        tracing = asyncio.ensure_future(table["trace"](id=bought.order_id))
        filling = asyncio.ensure_future(table["fills"](limit=10))
        topic = Fills(desk, desk.operations.fills)
        watching = asyncio.ensure_future(topic.news())
        await clock.settle()
        sold = desk.dealing.place(toy.order(side=Side.SELL, limit_price=D(99)))
        await clock.settle()
        venue.fill(sold.venue_order_ids[-1])
        await clock.settle()
        desk.upkeep.project()
        under_way = (asking, checking, tracing, filling, watching)
        assert not any(each.done() for each in under_way)
        busy_threads.set()
        assert [(it["change"], it["quantity_after"]) for it in await asking] == [("1", "1")]
        assert (await checking)["whole"]
        assert "order_intended" in [it["record"] for it in await tracing]
        assert [it["side"] for it in await filling] == ["sell", "buy"]
        assert (await watching).is_snapshot
        assert [it["side"] for it in topic.news().data] == ["sell"]
        newer = await table["why"](instrument=NAME)
        assert [it["quantity_after"] for it in newer] == ["0", "1"]
