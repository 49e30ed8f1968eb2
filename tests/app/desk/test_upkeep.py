"""Projection, snapshots and the opening of days, beside the way of an order."""

from decimal import Decimal

import pytest

from crossdock.adapters.stores.sqlite.projection import SqliteProjection
from crossdock.app.desk.upkeep import RECORDS_PER_SEGMENT, Upkeep
from crossdock.core import records as r
from crossdock.core.projection import SCHEMA
from crossdock.errors import AdapterError, JournalError
from crossdock.model import Balance, WriteKind

D = Decimal


def no_tick(now_ns):
    """The desk has no strategy to tell the time."""


class View:
    def __init__(self):
        self.worth = D(100)
        self.forgotten = []

    def equity(self, account):
        return self.worth

    def forget(self, account):
        self.forgotten.append(account)


@pytest.fixture
def view():
    return View()


@pytest.fixture
def kernel(toy, clock, journal):
    return toy.kernel(clock, journal)


@pytest.fixture
def rows(tmp_path):
    projection = SqliteProjection(tmp_path / "rows.sqlite", SCHEMA)
    yield projection
    projection.close()


@pytest.fixture
def upkeep(kernel, rows, view, journal):
    return Upkeep(
        kernel, rows, view, ["main"], "USDT", lambda: iter(journal.entries), no_tick
    )


def alarm(words):
    return r.Alarmed(at=1, code="loop-lag", words=words)


def words_in(rows):
    return [row["words"] for row in rows.query("alarms")]


def baseline(kernel):
    balance = Balance(account="main", asset="USDT", total=D(1))
    taken = r.BaselineTaken(
        at=1,
        account="main",
        balances=(balance,),
        positions=(),
        fill_cursor="",
        event_cursor="",
    )
    kernel.commit([taken])


# ---- the projection ---------------------------------------------------------------


def test_what_is_new_is_projected_once(upkeep, kernel, rows):
    kernel.commit([alarm("one")])
    upkeep.project()
    kernel.commit([alarm("two"), alarm("three")])
    upkeep.project()
    upkeep.project()
    assert words_in(rows) == ["three", "two", "one"]
    assert rows.position() == kernel.sequence == 3
    assert not kernel.unprojected


def test_what_the_journal_holds_beyond_the_projection_is_caught_up(
    toy, clock, journal, kernel, upkeep, rows, view
):
    kernel.commit([alarm("projected")])
    upkeep.project()
    kernel.commit([alarm("not projected when it died")])
    again = toy.kernel(clock, journal)
    again.recover()
    Upkeep(again, rows, view, [], "USDT", lambda: iter(journal.entries), no_tick).catch_up()
    assert words_in(rows) == ["not projected when it died", "projected"]


def test_a_projection_of_another_journal_is_made_anew(upkeep, kernel, rows):
    rows.upsert([], 700)
    kernel.commit([alarm("one")])
    upkeep.catch_up()
    assert words_in(rows) == ["one"] and rows.position() == 1


def test_catching_up_reads_past_snapshots(upkeep, kernel, rows):
    kernel.commit([alarm("before")])
    kernel.snapshot(keep_done_s=1)
    kernel.commit([alarm("after")])
    upkeep.catch_up()
    assert words_in(rows) == ["after", "before"]
    assert rows.position() == kernel.sequence == 3


def test_what_was_forgotten_since_is_projected_from_the_whole_journal(
    toy, kernel, upkeep, rows
):
    """A projection that fell far behind: the state no longer holds what it missed."""
    kernel.commit([alarm("projected")])
    upkeep.project()
    listed = r.InstrumentListed(at=1, instrument=toy.listed())
    intent = r.OrderIntended(
        at=1,
        order_id="o1",
        client_order_id="c1",
        request=toy.order(),
        approval_id="ap-1",
        reference_price=D(1),
    )
    started = r.AttemptStarted(at=1, attempt_id="a1", order_id="o1", kind=WriteKind.SUBMIT)
    refused = r.AttemptEnded(
        at=1, attempt_id="a1", order_id="o1", outcome=r.Outcome.REJECTED
    )
    kernel.commit([listed, intent, started, refused])
    kernel.snapshot(keep_done_s=0)
    assert not kernel.state.orders
    kernel.commit([alarm("after")])
    upkeep.catch_up()
    [order] = rows.query("orders")
    assert (order["order_id"], order["status"]) == ("o1", "Rejected")
    assert words_in(rows) == ["after", "projected"]
    assert rows.position() == kernel.sequence


def test_a_projection_that_fails_takes_nothing_else_down(toy, kernel, view):
    class Failing:
        def upsert(self, rows, position):
            raise AdapterError("the database is locked")

    upkeep = Upkeep(kernel, Failing(), view, [], "USDT", list, no_tick)
    kernel.commit([alarm("one")])
    upkeep.project()
    assert kernel.state.alarms


# ---- segments ---------------------------------------------------------------------


def test_a_long_segment_is_closed_with_a_snapshot(upkeep, kernel, journal):
    kernel.commit([alarm("one")])
    upkeep._close_segment()
    assert not any(entry.is_snapshot for entry in journal.entries)
    journal.begins_at = len(journal.entries) - RECORDS_PER_SEGMENT
    upkeep._close_segment()
    assert journal.entries[-1].is_snapshot
    upkeep._close_segment()
    assert sum(entry.is_snapshot for entry in journal.entries) == 1


def test_a_segment_that_cannot_be_closed_takes_nothing_else_down(upkeep, kernel, journal):
    journal.begins_at = -RECORDS_PER_SEGMENT
    journal.writable = False
    with pytest.raises(JournalError):
        kernel.snapshot(1)
    upkeep._close_segment()
    assert not journal.entries


# ---- days -------------------------------------------------------------------------


async def test_a_day_is_opened_once_with_the_first_equity_known(
    upkeep, kernel, view, clock
):
    baseline(kernel)
    view.worth = None
    upkeep.open_days()
    assert not kernel.state.account("main").day
    view.worth = D(100)
    upkeep.open_days()
    view.worth = D(90)
    upkeep.open_days()
    account, opened = kernel.state.account("main"), kernel.now()
    assert (account.day, account.day_equity) == ("2023-11-14", 100)
    assert account.day_since == opened
    await clock.advance(86_400)
    upkeep.open_days()
    assert (account.day, account.day_equity) == ("2023-11-15", 90)
    assert account.day_since == opened + 86_400 * 10**9
    assert view.forgotten == ["main", "main"]


def test_no_day_is_opened_before_the_baseline(upkeep, kernel):
    upkeep.open_days()
    assert not kernel.state.account("main").day


# ---- lag --------------------------------------------------------------------------


async def test_a_late_loop_alarms_once_a_minute(upkeep, kernel, clock):
    await clock.advance(120)
    for late_ms in (10, 300, 900):
        upkeep._measure_lag(late_ms)
    assert upkeep.loop_lag_ms == 900
    assert [a.code for a in kernel.state.alarms] == ["loop-lag"]
    await clock.advance(61)
    upkeep._measure_lag(300)
    assert len(kernel.state.alarms) == 2


def test_the_lag_shown_fades_when_the_loop_is_on_time(upkeep):
    upkeep._measure_lag(100)
    for _ in range(50):
        upkeep._measure_lag(0)
    assert upkeep.loop_lag_ms < 1
