"""Bars of the past reach strategies whole, also from a venue that falters."""

import asyncio
import random
from types import SimpleNamespace

import pytest

from crossdock.app.desk.strategies.warming import PATIENCE_S, warm_up
from crossdock.errors import Unavailable, Unreachable
from crossdock.model import Bars
from crossdock.toolkit.retry import Backoff

ID = "BTC/USDT@alpha"
MINUTE_NS = 60_000_000_000


class History:
    """Gives two bars a page; raises what it is told to, first."""

    def __init__(self, *failures):
        self.failures = list(failures)
        self.asked = 0

    async def bars(self, instrument, width_ns, *, start_ns, end_ns):
        self.asked += 1
        if self.failures:
            raise self.failures.pop(0)
        starts = list(range(start_ns, end_ns, width_ns))[:2]
        prices = [1.0] * len(starts)
        return Bars(
            instrument=instrument,
            width_ns=width_ns,
            start_time_ns=starts,
            open=prices,
            high=prices,
            low=prices,
            close=prices,
            volume=prices,
        )


class Wanting:
    bars_wanted = 5
    width_ns = MINUTE_NS

    def __init__(self):
        self.given = []

    def wants(self, instrument):
        return True

    def warm(self, bars):
        self.given += bars


@pytest.fixture
def warming(clock):
    def begin(history):
        ready = asyncio.Event()
        ready.set()
        gateway = SimpleNamespace(
            account="main",
            ready=ready,
            adapter=history,
            kernel=SimpleNamespace(clock=clock),
            streamed_instruments=lambda: [ID],
        )
        strategy = Wanting()
        chance = random.Random(1)
        task = asyncio.ensure_future(
            warm_up([gateway], [strategy], lambda: Backoff(chance))
        )
        return strategy, task

    return begin


def last_starts(clock, count):
    end_ns = clock.time_ns() // MINUTE_NS * MINUTE_NS
    return [end_ns - number * MINUTE_NS for number in range(count, 0, -1)]


async def test_the_last_closed_bars_come_from_as_many_pages_as_it_takes(clock, warming):
    history = History()
    strategy, task = warming(history)
    await task
    assert [bar.start_time_ns for bar in strategy.given] == last_starts(clock, 5)
    assert history.asked == 3


async def test_a_venue_that_falters_is_asked_again(clock, toy, warming):
    wanted = last_starts(clock, 5)
    strategy, task = warming(History(Unreachable("no reply"), Unreachable("no reply")))
    await toy.until(clock, task.done)
    assert [bar.start_time_ns for bar in strategy.given] == wanted


async def test_a_width_that_is_not_offered_is_asked_for_once(warming):
    history = History(Unavailable("no such width"))
    strategy, task = warming(history)
    await task
    assert strategy.given == [] and history.asked == 1


async def test_a_venue_that_stays_silent_leaves_its_strategies_to_live_bars(
    clock, toy, warming
):
    history = History(*[Unreachable("no reply")] * 10_000)
    strategy, task = warming(history)
    await toy.until(clock, task.done, step_s=30)
    assert strategy.given == [] and history.asked > 2
    assert clock.monotonic_ns() < 2 * PATIENCE_S * 1e9
