"""What an audit asks a venue: no more than a comparison of holdings needs."""

from decimal import Decimal

import pytest

from crossdock.core import records as r
from crossdock.errors import RateLimited, Unreachable
from crossdock.model import MovementKind
from crossdock.ports import CONNECTED
from crossdock.toolkit import Purpose, purpose_of

D = Decimal
HISTORIES = ("fills_after", "account_events_after")


@pytest.fixture
def kernel(toy, clock, journal):
    return toy.kernel(clock, journal)


@pytest.fixture
def gateway(toy, kernel, venue):
    return toy.gateway(kernel, venue)


@pytest.fixture
def asked(venue):
    """Count the pages of both histories that were asked for since the last time."""

    def since_last():
        found = tuple(len(venue.called(name)) for name in HISTORIES)
        venue.calls.clear()
        return found

    return since_last


@pytest.fixture
async def audited(toy, clock, gateway):
    async with toy.running(gateway):
        await toy.until(clock, lambda: gateway.audits > 0)
        yield gateway


async def test_where_books_and_holdings_agree_fills_are_asked_for_once(toy, audited, asked):
    asked()
    await toy.until_audited(audited)
    fills, _ = asked()
    assert fills == 1


async def test_events_are_asked_for_less_often_than_audits_run(
    toy, clock, kernel, venue, asked
):
    gateway = toy.gateway(kernel, venue, audit_s=5)
    async with toy.running(gateway):
        await toy.until(clock, lambda: gateway.audits > 0)
        before = gateway.audits
        asked()
        for _ in range(4):
            await clock.advance(30)
        fills, events = asked()
        assert fills == gateway.audits - before >= 20
        assert 1 <= events <= 2


async def test_a_difference_is_asked_about_between_two_more_passes_until_it_is_told(
    toy, audited, kernel, venue, asked
):
    venue.cash["BTC"] += 1
    asked()
    for _ in range(2):
        await toy.until_audited(audited)
        assert asked()[0] % 3 == 0
    assert "BTC" in kernel.state.account("main").halted
    for _ in range(3):  # the same difference again needs no more care
        asked()
        await toy.until_audited(audited)
    assert asked()[0] == 1
    assert audited.unexplained


async def test_a_deposit_that_no_stream_told_is_found_by_the_difference_it_makes(
    toy, clock, kernel, venue
):
    gateway = toy.gateway(kernel, venue, audit_s=5)
    async with toy.running(gateway):
        await toy.until(clock, lambda: gateway.audits > 1)
        venue.is_mute = True
        venue.deposit(5)
        before_ns = clock.monotonic_ns()
        await toy.until(clock, lambda: bool(kernel.journal.records(r.AccountMoved)))
        assert clock.monotonic_ns() - before_ns < 10e9
        await toy.until_audited(gateway)
        assert not gateway.unexplained
        assert not kernel.state.account("main").halted


async def test_failing_audits_are_repeated_ever_more_rarely(toy, clock, kernel, venue):
    gateway = toy.gateway(kernel, venue, audit_s=5)
    async with toy.running(gateway):
        await toy.until(clock, lambda: gateway.audits > 0)
        venue.failure = RateLimited("too many", retry_after_s=20.0)
        venue.calls.clear()
        for _ in range(60):
            await clock.advance(1)
        assert 2 <= len(venue.called("fills_after")) <= 4
        venue.failure = None
        before = gateway.audits
        await toy.until(clock, lambda: gateway.audits > before)


async def test_a_comparison_is_told_with_its_age(toy, clock, audited):
    assert audited.steps()["positions"] == "agree"
    assert audited.compared_ns
    await clock.advance(200)
    age_s = int(audited.steps()["positions"].removeprefix("agreed ").split()[0])
    assert 195 <= age_s <= 205


async def test_recovery_reads_as_urgently_as_orders_and_audits_do_not(
    toy, clock, kernel, venue
):
    seen = []
    answer = venue.fills_after

    async def fills_after(cursor):
        seen.append(purpose_of(Purpose.READING))
        return await answer(cursor)

    venue.fills_after = fills_after
    gateway = toy.gateway(kernel, venue)
    async with toy.running(gateway):
        await toy.until(clock, lambda: gateway.audits > 0)
        assert seen[0] is Purpose.ORDER
        seen.clear()
        await toy.until_audited(gateway)
        assert set(seen) == {Purpose.READING}


async def test_a_gap_is_looked_after_at_once_though_audits_have_failed(
    toy, clock, kernel, venue
):
    gateway = toy.gateway(kernel, venue, audit_s=5)
    async with toy.running(gateway):
        await toy.until(clock, lambda: gateway.audits > 0)
        venue.failure = Unreachable("away")
        for _ in range(40):
            await clock.advance(5)
        venue.failure = None
        stranger = venue.place(quantity="5")
        venue.fill(stranger.venue_order_id, told=False)
        venue.tell(lambda sink: sink.account_gap("sequence 7 after 5"))
        await clock.settle(200)
        assert kernel.journal.records(r.FillRecorded)


async def test_what_a_failed_audit_was_wanted_for_is_no_news_to_its_repetition(
    toy, clock, gateway, kernel, venue, asked
):
    """Its stream is healthy: it told that it began anew, and the look after that failed."""
    async with toy.running(gateway):
        await toy.until(clock, lambda: gateway.audits > 0)
        await clock.advance(30)  # events may be asked for, and are not due yet
        stranger = venue.place(quantity="5")
        venue.fill(stranger.venue_order_id, told=False)
        asked()
        venue.failure = Unreachable("away")
        gateway.intake.account_gap(CONNECTED)
        await clock.settle()
        venue.failure = None
        before = gateway.audits
        await toy.until(clock, lambda: gateway.audits > before)
        assert kernel.journal.records(r.FillRecorded)
        assert gateway.streams()["account"].gaps == 0
        assert asked()[1] == 1


async def test_what_an_open_movement_may_have_moved_is_asked_about_no_more_than_once(
    toy, audited, kernel, venue, asked
):
    kernel.commit(
        [
            r.MovementIntended(
                at=kernel.now(),
                movement_id="m1",
                account="main",
                kind=MovementKind.TRANSFER,
                asset="USDT",
                amount=D(7),
                source="spot",
                destination="funding",
                by="Ann",
                correlation="c1",
            )
        ]
    )
    venue.cash["USDT"] -= 7
    for _ in range(3):
        asked()
        await toy.until_audited(audited)
        assert asked()[0] == 1
    assert not audited.unexplained
    venue.cash["BTC"] += 1  # what it has no part in is looked into as ever
    await toy.until_audited(audited)
    await toy.until_audited(audited)
    assert [each.what for each in audited.unexplained] == ["BTC"]


async def test_clocks_that_are_apart_are_compared_alone_until_they_are_not(
    toy, clock, kernel, venue
):
    venue.ahead_s = 0.0

    async def server_time_ns():
        await venue._read("server_time_ns")
        return clock.time_ns() + round(venue.ahead_s * 1e9)

    venue.server_time_ns = server_time_ns
    gateway = toy.gateway(kernel, venue, audit_s=300)
    async with toy.running(gateway):
        await toy.until(clock, lambda: gateway.audits > 0)
        gateway.streams()["account"].connected()
        venue.ahead_s = 60.0
        await toy.until_audited(gateway)
        assert gateway.skewed
        venue.calls.clear()
        await clock.advance(20)
        assert 30 <= len(venue.called("server_time_ns")) <= 45
        assert not venue.called("fills_after")
        venue.failure = Unreachable("away")
        await clock.advance(1)
        venue.failure = None
        assert gateway.skewed
        venue.ahead_s = 0.0
        await clock.advance(2)
        assert not gateway.skewed
        venue.calls.clear()
        await clock.advance(20)
        assert not venue.called("server_time_ns")
