"""The loop that lives by a clock somebody sets."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.app.replay.loop import ReplayClock, ReplayLoop

BEGAN_NS = 1_700_000_000_000_000_000
SECOND_NS = 1_000_000_000


@pytest.fixture
def loop():
    made = ReplayLoop(ReplayClock(BEGAN_NS))
    with made.running():
        yield made


def passed_s(loop):
    return (loop._clock.now_ns - BEGAN_NS) / SECOND_NS


def test_sleeping_takes_virtual_time_only(loop):
    async def sleeps():
        await asyncio.sleep(86_400)
        return "woke"

    assert loop.finish(sleeps()) == "woke"
    assert passed_s(loop) == 86_400


def test_timeouts_groups_and_waits_live_by_the_same_clock(loop):
    async def lives():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.sleep(30)
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(1))
            group.create_task(asyncio.sleep(2))
        done, pending = await asyncio.wait(
            {asyncio.ensure_future(asyncio.sleep(9))}, timeout=1
        )
        for each in pending:
            each.cancel()
        await asyncio.gather(asyncio.sleep(1), asyncio.sleep(3))
        return len(done)

    assert loop.finish(lives()) == 0
    assert passed_s(loop) == 5 + 2 + 1 + 3


def test_a_cancelled_timer_does_not_move_the_clock(loop):
    async def hurries():
        async with asyncio.timeout(3600):
            await asyncio.sleep(1)

    loop.finish(hurries())
    loop.settle()
    assert passed_s(loop) == 1


def test_a_wait_for_nothing_is_told_instead_of_hanging(loop):
    async def waits():
        await loop.create_future()

    with pytest.raises(RuntimeError, match="cannot come"):
        loop.finish(waits())


def test_an_error_that_nobody_takes_ends_the_replay(loop):
    loop.call_soon(lambda: loop.call_exception_handler({"exception": KeyError("lost")}))
    with pytest.raises(KeyError, match="lost"):
        loop.settle()


def test_advancing_stops_at_each_timer_on_its_way(loop):
    seen = []
    for seconds in (3, 1, 2, 2):
        loop.call_later(seconds, lambda s=seconds: seen.append((s, passed_s(loop))))
    loop.advance(BEGAN_NS + 2 * SECOND_NS)
    assert seen == [(1, 1), (2, 2), (2, 2)]
    assert passed_s(loop) == 2
    loop.advance(BEGAN_NS + 10 * SECOND_NS)
    assert seen[-1] == (3, 3)
    assert passed_s(loop) == 10


def test_the_clock_never_goes_back(loop):
    loop.advance(BEGAN_NS + 5 * SECOND_NS)
    loop.advance(BEGAN_NS + 1 * SECOND_NS)
    assert passed_s(loop) == 5


@settings(max_examples=50)
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=30))
def test_timers_fire_in_order_of_time_and_then_of_making(delays):
    loop = ReplayLoop(ReplayClock(BEGAN_NS))
    fired = []
    with loop.running():
        for index, delay in enumerate(delays):
            loop.call_later(delay, fired.append, (delay, index))
        loop.advance(BEGAN_NS + 1000 * SECOND_NS)
    assert fired == sorted((delay, index) for index, delay in enumerate(delays))
