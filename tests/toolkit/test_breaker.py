from __future__ import annotations

import pytest

from crossdock.errors import Unreachable
from crossdock.toolkit import BreakerState, CircuitBreaker, ManualClock

FAIL, WORK, ASK, WAIT = "fails", "works", "asks", "30 s pass"
CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN


@pytest.mark.parametrize(
    ("steps", "state", "allowed"),
    [
        ([], CLOSED, True),
        ([FAIL, FAIL], CLOSED, True),
        ([FAIL, FAIL, WORK, FAIL, FAIL], CLOSED, True),
        ([FAIL, FAIL, FAIL], OPEN, False),
        ([FAIL, FAIL, FAIL, WAIT], HALF_OPEN, True),
        ([FAIL, FAIL, FAIL, WAIT, ASK], HALF_OPEN, False),
        ([FAIL, FAIL, FAIL, WAIT, ASK, WORK], CLOSED, True),
        ([FAIL, FAIL, FAIL, WAIT, ASK, FAIL], OPEN, False),
        ([FAIL, FAIL, FAIL, WAIT, ASK, FAIL, WAIT], HALF_OPEN, True),
        ([FAIL, FAIL, FAIL, WAIT, ASK, WAIT], HALF_OPEN, True),
        ([FAIL, FAIL, FAIL, WAIT, ASK, WORK, FAIL, FAIL], CLOSED, True),
        ([FAIL, FAIL, FAIL, FAIL], OPEN, False),
        ([FAIL, FAIL, FAIL, WORK], CLOSED, True),  # a call made before it opened
    ],
)
async def test_the_breaker_follows_its_table(steps, state, allowed):
    clock = ManualClock()
    breaker = CircuitBreaker(clock, failures=3, open_s=30)
    for step in steps:
        if step == WAIT:
            await clock.advance(30)
        elif step == ASK:
            assert breaker.allow()
        else:
            breaker.record(ok=step == WORK)
    assert breaker.state is state
    assert breaker.allow() is allowed


def test_a_refusal_says_that_nobody_was_asked():
    breaker = CircuitBreaker(ManualClock(), failures=1)
    breaker.check("GET alpha")
    breaker.record(ok=False)
    with pytest.raises(Unreachable, match="GET alpha: not asked"):
        breaker.check("GET alpha")


@pytest.mark.parametrize(("failures", "open_s"), [(0, 1), (1, 0)])
def test_bounds_that_make_no_sense_are_refused(failures, open_s):
    with pytest.raises(ValueError, match="positive"):
        CircuitBreaker(ManualClock(), failures=failures, open_s=open_s)
