from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import (
    AdapterError,
    AuthFailed,
    BadPayload,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
    Unreachable,
)
from crossdock.toolkit import Backoff, ManualClock, repeat_read
from crossdock.toolkit.retry import refuse_repeated_write

S = 1_000_000_000


@given(seed=st.integers(), failures=st.integers(1, 40))
def test_waits_lie_between_zero_and_a_ceiling_that_doubles_up_to_its_most(seed, failures):
    backoff = Backoff(random.Random(seed), first_s=1, most_s=60)
    for failure in range(failures):
        assert backoff.ceiling_s == min(60, 2**failure)
        ceiling_s = backoff.ceiling_s
        assert 0 <= backoff.next_s() <= ceiling_s
    backoff.reset()
    assert backoff.ceiling_s == 1


def test_equal_seeds_wait_equally():
    first, second = (Backoff(random.Random(7)) for _ in range(2))
    assert [first.next_s() for _ in range(9)] == [second.next_s() for _ in range(9)]


@pytest.mark.parametrize(("first_s", "most_s"), [(0, 1), (-1, 1), (2, 1)])
def test_bounds_that_make_no_sense_are_refused(first_s, most_s):
    with pytest.raises(ValueError, match="first_s"):
        Backoff(random.Random(1), first_s=first_s, most_s=most_s)


class Longest(random.Random):
    def uniform(self, a: float, b: float) -> float:
        return b


class Read:
    """Fails with the errors given, then returns how often it was called."""

    def __init__(self, *errors: AdapterError) -> None:
        self.errors = list(errors)
        self.calls = 0

    async def __call__(self) -> int:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.calls


class Hurried(ManualClock):
    """Sleeps by moving on."""

    async def sleep(self, seconds: float) -> None:
        self._move_to(self._monotonic_ns + round(seconds * 1e9))


async def repeat(read: Read, clock: Hurried, deadline_s: float = 1000) -> int:
    return await repeat_read(
        read,
        clock=clock,
        backoff=Backoff(Longest()),
        deadline_ns=round(deadline_s * S),
    )


async def test_reads_are_repeated_with_growing_waits():
    clock = Hurried()
    assert await repeat(Read(*[Unreachable("no reply")] * 4), clock) == 5
    assert clock.monotonic_ns() == (1 + 2 + 4 + 8) * S


async def test_a_venues_own_wait_is_honoured():
    clock = Hurried()
    await repeat(Read(RateLimited("too many", retry_after_s=33)), clock)
    assert clock.monotonic_ns() == 33 * S


@pytest.mark.parametrize(
    "error",
    [
        AuthFailed("keys"),
        Rejected("no"),
        BadPayload("what"),
        Unavailable("closed"),
        NotSent("not sent"),
        OutcomeUnknown("in doubt"),
    ],
    ids=lambda error: error.code,
)
async def test_only_transient_errors_are_repeated(error):
    read = Read(error)
    with pytest.raises(type(error)):
        await repeat(read, Hurried())
    assert read.calls == 1


async def test_the_last_error_passes_before_a_wait_over_the_deadline():
    read = Read(*[Unreachable("no reply")] * 9)
    clock = Hurried()
    with pytest.raises(Unreachable):
        await repeat(read, clock, deadline_s=10)
    assert (read.calls, clock.monotonic_ns()) == (4, 7 * S)


async def test_each_failure_is_told():
    told: list[tuple[str, float]] = []
    await repeat_read(
        Read(Unreachable("a"), Unreachable("b")),
        clock=Hurried(),
        backoff=Backoff(Longest()),
        deadline_ns=100 * S,
        on_failure=lambda error, wait_s: told.append((str(error), wait_s)),
    )
    assert told == [("a", 1), ("b", 2)]


async def test_writes_are_refused_inside_and_allowed_again_afterwards():
    async def write() -> None:
        refuse_repeated_write()

    with pytest.raises(RuntimeError, match="never repeated"):
        await repeat_read(
            write,
            clock=Hurried(),
            backoff=Backoff(Longest()),
            deadline_ns=S,
        )
    await write()
