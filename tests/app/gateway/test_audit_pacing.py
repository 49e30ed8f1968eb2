"""When the next audit is due."""

import asyncio
import random

import pytest

from crossdock.app.gateway.pacing import (
    AT_MOST_S,
    EVENTS_S,
    REPEAT_AT_MOST_S,
    SHARE,
    Pacing,
)
from crossdock.errors import RateLimited, Unreachable
from crossdock.ports import RateLimit
from crossdock.toolkit import Backoff, ManualClock, Meter, RateLimiter, metered

EVERY_S = 5.0
STEP_S = 0.125


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def pacing(clock):
    return Pacing(clock, EVERY_S, Backoff(random.Random(1)))


async def waited_s(clock, pacing, most_s=1000.0, **happens):
    """Return how long the next audit waits; `after_s` from now on something happens."""
    began_ns = clock.monotonic_ns()
    waiting = asyncio.ensure_future(pacing.wait())
    after_s = happens.get("after_s", 0.0)
    await clock.advance(after_s)
    if "does" in happens:
        happens["does"]()
        await clock.settle()
    passed_s = after_s
    while not waiting.done() and passed_s < most_s:
        await clock.advance(STEP_S)
        passed_s += STEP_S
    asked = await waiting
    return pytest.approx((clock.monotonic_ns() - began_ns) / 1e9, abs=STEP_S), asked


def spent(clock, calls, per_s, weight):
    limiter = RateLimiter([RateLimit(scope="all", calls=calls, per_s=per_s)], clock)
    with metered() as meter:
        assert limiter.try_acquire("all", weight)
    return meter


async def test_a_cheap_audit_comes_as_often_as_is_set(clock, pacing):
    pacing.succeeded(spent(clock, 6000, 60.0, 100))
    assert await waited_s(clock, pacing) == (EVERY_S, False)


@pytest.mark.parametrize(
    ("calls", "per_s", "weight"), [(20, 45.0, 4), (6000, 60.0, 2320), (100, 600.0, 3)]
)
async def test_a_dear_audit_takes_its_share_of_the_limit_and_no_more(
    clock, pacing, calls, per_s, weight
):
    pacing.succeeded(spent(clock, calls, per_s, weight))
    least_s = weight / (SHARE * calls / per_s)
    assert least_s > EVERY_S
    assert await waited_s(clock, pacing) == (least_s, False)


async def test_a_loss_is_looked_after_at_once_however_dear_the_last_audit_was(
    clock, pacing
):
    pacing.succeeded(spent(clock, 20, 45.0, 18))
    assert await waited_s(clock, pacing, after_s=1.0, does=pacing.want) == (1.0, True)


async def test_a_loss_is_looked_after_at_once_though_audits_failed_for_long(clock, pacing):
    for _ in range(12):
        pacing.failed(Meter(), Unreachable("away"))
        await waited_s(clock, pacing)
    pacing.failed(Meter(), Unreachable("away"))
    assert await waited_s(clock, pacing, after_s=STEP_S, does=pacing.want) == (STEP_S, True)


async def test_a_loss_waits_for_as_long_as_the_venue_said(clock, pacing):
    pacing.failed(Meter(), RateLimited("too many", retry_after_s=7.0))
    assert await waited_s(clock, pacing, after_s=1.0, does=pacing.want) == (7.0, True)


async def test_a_doubtful_picture_is_looked_at_no_sooner_than_the_limit_allows(
    clock, pacing
):
    pacing.succeeded(spent(clock, 20, 45.0, 4))
    assert await waited_s(clock, pacing, after_s=1.0, does=pacing.look) == (27.0, True)
    pacing.succeeded(spent(clock, 6000, 60.0, 100))
    assert await waited_s(clock, pacing, after_s=3.5, does=pacing.look) == (3.5, True)


async def test_failures_make_audits_rarer_up_to_a_minute_and_success_ends_that(
    clock, pacing
):
    waits = []
    for _ in range(40):
        pacing.failed(Meter(), Unreachable("away"))
        before_ns = clock.monotonic_ns()
        await waited_s(clock, pacing)
        waits.append((clock.monotonic_ns() - before_ns) / 1e9)
    assert max(waits) <= 60 + STEP_S
    assert sum(waits[:4]) < 15 < sum(waits[-10:]) / 10
    pacing.succeeded(Meter())
    assert await waited_s(clock, pacing) == (EVERY_S, False)


async def test_what_is_no_fill_is_asked_for_at_its_own_slow_pace(clock, pacing):
    assert pacing.events_are_due(was_wanted=False)
    pacing.events_asked(spent(clock, 180_000, 60.0, 18_000))
    await clock.advance(35.9)
    assert not pacing.events_are_due(was_wanted=True)
    await clock.advance(0.2)
    assert pacing.events_are_due(was_wanted=True)
    assert not pacing.events_are_due(was_wanted=False)
    await clock.advance(EVENTS_S)
    assert pacing.events_are_due(was_wanted=False)


async def test_without_a_pace_an_audit_waits_until_it_is_asked_for(clock):
    pacing = Pacing(clock, None, Backoff(random.Random(1)))
    assert await waited_s(clock, pacing, after_s=500.0, does=pacing.look) == (500.0, True)
    pacing.repeat()
    assert await waited_s(clock, pacing) == (0.5, False)


@pytest.mark.parametrize("took_s", [0.0, 10.0, 60.0, 400.0])
async def test_the_time_an_audit_took_counts_for_the_pause_after_it(clock, pacing, took_s):
    await waited_s(clock, pacing)
    await clock.advance(took_s)
    pacing.succeeded(spent(clock, 6000, 60.0, 2320))
    least_s = 2320 / (SHARE * 6000 / 60) - took_s
    assert await waited_s(clock, pacing) == (max(EVERY_S, least_s), False)


async def test_the_dearest_audit_is_repeated_within_minutes(clock, pacing):
    dearest = spent(clock, 1000, 2250.0, 400)
    assert dearest.pause_s(SHARE) == pytest.approx(2700)
    pacing.succeeded(dearest)
    assert await waited_s(clock, pacing) == (AT_MOST_S, False)
    pacing.failed(dearest, Unreachable("away"))
    assert await waited_s(clock, pacing) == (AT_MOST_S, False)
    pacing.repeat()
    pacing.succeeded(dearest)
    assert await waited_s(clock, pacing) == (REPEAT_AT_MOST_S, False)
