"""A desk killed at any record of a purchase: the period has one purchase all the same."""

from decimal import Decimal

import pytest

from crossdock.core import records as r
from crossdock.model import OrderStatus

D = Decimal
HOUR = 3600 * 10**9
SAVER = """
[strategies.saver]
kind = "dca"
symbols = ["BTC/USDT"]
params = { amount = "100", every = "1d" }
"""


async def settled(desk, clock):
    for gateway in desk.gateways.values():
        await gateway.writes.settle()
    await clock.settle()


def due(clock, hours):
    now = clock.time_ns()
    return now - now % HOUR + hours * HOUR


@pytest.fixture
def morning(clock):
    """Be early enough in a day for several looks before the next."""
    clock.step(-10 * 3600)
    return clock


async def first_purchase(toy, clock, venue, open_toy_desk):
    """Buy, be filled and go on; return the journal, entry by entry."""
    journal = toy.MemoryJournal()
    async with open_toy_desk(venue, text=SAVER, journal=journal, strategies=True) as desk:
        desk.strategies["saver"].tick(due(clock, 1))
        await settled(desk, clock)
        venue.fill("v1", "1", "100.1")
        await clock.settle()
        desk.strategies["saver"].tick(due(clock, 2))
        entries = list(journal.entries)
    kinds = [type(r.decode(entry.payload)) for entry in entries]
    return entries, kinds


def reopened(toy, entries, venue, open_toy_desk):
    journal = toy.MemoryJournal()
    journal.entries = list(entries)
    return open_toy_desk(venue, text=SAVER, journal=journal, strategies=True)


async def test_a_purchase_that_reached_the_venue_is_not_repeated(
    toy, morning, venue, open_toy_desk
):
    entries, kinds = await first_purchase(toy, morning, venue, open_toy_desk)
    assert {r.AttemptStarted, r.StrategySaved, r.FillRecorded} <= set(kinds)
    assert kinds.index(r.StrategySaved) < kinds.index(r.AttemptEnded)
    for cut in range(kinds.index(r.AttemptStarted) + 1, len(entries) + 1):
        async with reopened(toy, entries[:cut], venue, open_toy_desk) as desk:
            for hour in (1, 2, 3):
                desk.strategies["saver"].tick(due(morning, hour))
                await settled(desk, morning)
            assert not desk.strategies["saver"].failed
            assert desk.kernel.state.orders
    assert len(venue.called("submit")) == 1


async def test_a_purchase_that_never_reached_the_venue_is_made(
    toy, morning, venue, open_toy_desk
):
    entries, kinds = await first_purchase(toy, morning, venue, open_toy_desk)
    ordered, saved = kinds.index(r.OrderIntended), kinds.index(r.StrategySaved)
    assert kinds[ordered : saved + 1] == [
        r.OrderIntended,
        r.AttemptStarted,
        r.StrategySaved,
    ]
    for cut in (ordered, ordered + 2, saved + 1):  # intent and attempt are one write
        fresh = toy.Venue(morning)
        async with reopened(toy, entries[:cut], fresh, open_toy_desk) as desk:
            for _ in range(50):
                desk.kernel.ids.next("o")  # ids of another process are others
            runner, orders = desk.strategies["saver"], desk.kernel.state.orders
            runner.tick(due(morning, 1))
            await settled(desk, morning)
            await toy.until(
                morning,
                lambda orders=orders: not any(order.attempts for order in orders.values()),
            )
            runner.tick(due(morning, 2))
            await settled(desk, morning)
            runner.tick(due(morning, 3))
            await settled(desk, morning)
            assert not runner.failed
            ends = [order.status for order in orders.values()]
            assert set(ends) <= {OrderStatus.NEW, OrderStatus.NEVER_ACCEPTED}
        assert len(fresh.called("submit")) == 1, cut
