from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.toolkit import CountedIds, LiveClock, LiveIds, ManualClock

PLAIN = re.compile(r"[a-z0-9-]{1,32}")


@settings(max_examples=25, deadline=None)
@given(
    sleeps=st.lists(st.floats(0, 10), max_size=12),
    steps=st.lists(st.floats(0, 4), min_size=1, max_size=12),
)
def test_sleepers_wake_at_their_time_and_in_its_order(sleeps, steps):
    woken: list[tuple[int, int]] = []

    async def run() -> None:
        clock = ManualClock()

        async def sleeper(number: int, seconds: float) -> None:
            await clock.sleep(seconds)
            woken.append((clock.monotonic_ns(), number))

        async with asyncio.TaskGroup() as tasks:
            for number, seconds in enumerate(sleeps):
                tasks.create_task(sleeper(number, seconds))
            for step in steps:
                await clock.advance(step)
                reached = clock.monotonic_ns()
                due = [s for s in sleeps if round(s * 1e9) <= reached]
                assert len(woken) == len(due)
            await clock.advance(20)

    asyncio.run(run())
    assert woken == sorted(
        (round(seconds * 1e9), number) for number, seconds in enumerate(sleeps)
    )


async def test_a_sleeper_that_sleeps_again_is_woken_on_the_same_way():
    clock = ManualClock()
    ticks: list[int] = []

    async def tick() -> None:
        while True:
            await clock.sleep(1)
            ticks.append(clock.monotonic_ns() // 1_000_000_000)

    ticking = asyncio.create_task(tick())
    await clock.advance(5)
    assert ticks == [1, 2, 3, 4, 5]
    ticking.cancel()
    await clock.settle()
    assert clock.sleepers == 0


async def test_both_times_of_a_manual_clock_move_together_and_a_step_moves_one():
    clock = ManualClock(time_ns=1_000)
    await clock.advance(2)
    assert (clock.time_ns(), clock.monotonic_ns()) == (2_000_001_000, 2_000_000_000)
    clock.step(-1)
    assert (clock.time_ns(), clock.monotonic_ns()) == (1_000_001_000, 2_000_000_000)


async def test_the_live_clock_runs():
    clock = LiveClock()
    before = clock.monotonic_ns(), clock.time_ns()
    await clock.sleep(0)
    assert clock.monotonic_ns() >= before[0]
    assert clock.time_ns() > 1_700_000_000_000_000_000


def test_live_ids_are_plain_sorted_and_never_equal():
    ids = LiveIds()
    made = [ids.next("ord") for _ in range(5000)]
    assert all(PLAIN.fullmatch(one) for one in made)
    assert made == sorted(set(made))


def test_ids_of_two_sources_differ():
    first, second = LiveIds(), LiveIds()
    assert not {first.next("o") for _ in range(1000)} & {
        second.next("o") for _ in range(1000)
    }


def test_ids_of_a_fork_differ():
    # In a process of its own: a fork of this one would carry its threads' locks.
    code = """
import os
from crossdock.toolkit.clock import LiveIds
ids = LiveIds()
ids.next("o")
read, write = os.pipe()
if os.fork() == 0:
    os.write(write, " ".join(ids.next("o") for _ in range(100)).encode())
    os._exit(0)
ours = {ids.next("o") for _ in range(100)}
os.wait()
theirs = set(os.read(read, 100_000).decode().split())
print(len(ours), len(theirs), len(ours & theirs))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert done.stdout.split() == ["100", "100", "0"]


def test_counted_ids_are_the_same_in_every_run():
    first, second = CountedIds(), CountedIds()
    made = [first.next(prefix) for prefix in ("ord", "att-", "")]
    assert made == ["ord-1", "att-2", "3"]
    assert made == [second.next(prefix) for prefix in ("ord", "att-", "")]


@pytest.mark.parametrize("ids", [LiveIds(), CountedIds()])
@pytest.mark.parametrize("prefix", ["Ord", "a_b", "a b", "a" * 32, "\u00e9"])
def test_a_prefix_that_makes_no_valid_id_is_refused(ids, prefix):
    with pytest.raises(ValueError, match="a-z0-9-"):
        ids.next(prefix)


@pytest.mark.parametrize("prefix", ["", "a", "abcdefghijk", "abcdefghijk-"])
def test_every_allowed_prefix_leaves_the_id_short_enough(prefix):
    made = LiveIds().next(prefix)
    assert PLAIN.fullmatch(made)
    assert made.startswith(prefix)
