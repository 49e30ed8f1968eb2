"""Frames go out no faster than a venue takes them; a book that keeps failing waits longer."""

from __future__ import annotations

import asyncio

import pytest

from crossdock.errors import NotSent
from crossdock.toolkit import ManualClock
from crossdock.toolkit.live.awaited import Awaited
from crossdock.toolkit.live.outbox import Outbox


async def test_frames_beyond_a_second_s_worth_wait_for_the_next():
    clock, sent = ManualClock(), []
    outbox = Outbox(sent.append, clock, 3)
    running = asyncio.create_task(outbox.run())
    outbox.put([b"%d" % number for number in range(7)])
    assert sent == [b"0", b"1", b"2"]
    await clock.advance(0.99)
    assert len(sent) == 3
    await clock.advance(0.01)
    assert len(sent) == 6
    outbox.put([b"7"])
    assert len(sent) == 6, "after what waits already"
    await clock.advance(1)
    assert sent == [b"%d" % number for number in range(8)]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_a_connection_that_takes_no_more_is_told_at_once():
    def refuse(_):
        raise NotSent("closed")

    with pytest.raises(NotSent):
        Outbox(refuse, ManualClock(), 3).put([b"x"])


async def due_after(awaited, clock):
    """Return for how many seconds nothing was due."""
    seconds = 0
    while not awaited.due():
        await clock.advance(1)
        seconds += 1
    return seconds


async def test_a_book_lost_again_and_again_is_asked_for_ever_more_slowly():
    clock = ManualClock()
    awaited = Awaited(clock)
    pauses = []
    for _ in range(9):
        awaited.begun("BTC")
        awaited.lost("BTC")
        pauses.append(await due_after(awaited, clock))
    assert pauses == [0, 1, 2, 4, 8, 16, 32, 60, 60]


async def test_a_book_that_stood_for_a_minute_is_asked_for_at_once():
    clock = ManualClock()
    awaited = Awaited(clock)
    for _ in range(4):
        awaited.begun("BTC")
        awaited.lost("BTC")
    awaited.begun("BTC")
    await clock.advance(60)
    awaited.lost("BTC")
    assert awaited.due() == ["BTC"]


async def test_what_was_asked_for_is_due_again_only_after_some_patience():
    clock = ManualClock()
    awaited = Awaited(clock)
    awaited.expect(["BTC", "ETH"])
    awaited.begun("ETH")
    assert await due_after(awaited, clock) == 15
    assert awaited.has("BTC")
    assert not awaited.has("ETH")
    awaited.failed("BTC", wait_s=30)
    assert await due_after(awaited, clock) == 30
    awaited.forget("BTC")
    await clock.advance(100)
    assert awaited.due() == []
