"""What moves in an instrument that the venue does not list yet is kept, and booked once."""

from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from crossdock.core import records as r
from crossdock.model import AccountEvent, AccountEventKind, InstrumentId

D = Decimal
NEW = InstrumentId("NEW/USDT@alpha")


@pytest.fixture
def newcomer(toy):
    return toy.listed(id=NEW, base="NEW", venue_key="2")


@pytest.fixture
def speaking(venue):
    """A venue that tells of a fill and an event in what it does not list."""
    listed = venue.instruments
    venue.also = []

    async def instruments():
        return [*await listed(), *venue.also]

    def deal(*, told):
        stranger = venue.place(quantity="5")
        fill = replace(venue.fill(stranger.venue_order_id, told=False), instrument=NEW)
        venue.fills[-1] = fill
        event = AccountEvent(
            account=venue.account,
            event_id="n1",
            kind=AccountEventKind.FUNDING,
            asset="USDT",
            amount=D(3),
            instrument=NEW,
        )
        venue.events.append(event)
        venue.cash["BTC"] -= fill.quantity
        venue.cash["NEW"] = fill.quantity
        venue.cash["USDT"] += 3
        if told:
            venue.tell(lambda sink: sink.fills([fill]))
            venue.tell(lambda sink: sink.account_events([event]))

    venue.instruments, venue.deal = instruments, deal
    return venue


def started(toy, clock, journal, venue):
    kernel = toy.kernel(clock, journal)
    kernel.recover()
    return kernel, toy.gateway(kernel, venue)


def booked(journal):
    return len(journal.records(r.FillRecorded)), len(journal.records(r.AccountMoved))


def is_alarmed(kernel):
    held = bool(kernel.state.held.events)
    return held and "symbol-not-listed" in [it.code for it in kernel.state.alarms]


@pytest.mark.parametrize("told", [True, False], ids=["streamed", "listed"])
@pytest.mark.parametrize("restarts", [0, 1, 2])
@pytest.mark.parametrize("snapshot", [True, False])
async def test_it_is_booked_when_it_is_listed_also_by_another_process(
    toy, clock, journal, speaking, newcomer, told, restarts, snapshot
):
    for start in range(restarts + 1):
        kernel, gateway = started(toy, clock, journal, speaking)
        async with toy.running(gateway):
            await toy.until(clock, gateway.ready.is_set)
            if start == 0:
                speaking.deal(told=told)
            if not told:
                gateway.intake.account_gap("what the stream left out")
            await toy.until(clock, partial(is_alarmed, kernel))
            assert (len(kernel.state.held.fills), len(kernel.state.held.events)) == (1, 1)
            assert booked(journal) == (0, 0)
        if snapshot:
            kernel.snapshot(keep_done_s=1)
    speaking.also = [newcomer]
    kernel, gateway = started(toy, clock, journal, speaking)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        assert booked(journal) == (1, 1)
        assert not kernel.state.held
        assert kernel.state.ledger.balance("main", "NEW") == 1
        await toy.until_audited(gateway)
        assert not gateway.unexplained
    kernel, gateway = started(toy, clock, journal, speaking)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
    assert booked(journal) == (1, 1)
    assert len(journal.records(r.FillHeld)) == len(journal.records(r.EventHeld)) == 1


async def test_it_is_booked_by_the_process_that_learns_of_it(
    toy, clock, journal, speaking, newcomer
):
    kernel, gateway = started(toy, clock, journal, speaking)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        speaking.deal(told=True)
        await toy.until(clock, lambda: bool(kernel.state.held.fills))
        speaking.tell(lambda sink: sink.instruments_changed([newcomer]))
        await toy.until(clock, lambda: booked(journal)[0] == 1)
        assert kernel.state.ledger.balance("main", "NEW") == 1


async def test_a_listing_that_lacks_it_is_not_asked_for_again_and_again(
    toy, clock, journal, speaking
):
    kernel, gateway = started(toy, clock, journal, speaking)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        speaking.deal(told=True)
        await toy.until(clock, partial(is_alarmed, kernel))
        asked = len(speaking.called("instruments"))
        for _ in range(20):
            gateway.intake.account_gap("again")
            await clock.advance(1)
        assert len(speaking.called("instruments")) <= asked + 1
