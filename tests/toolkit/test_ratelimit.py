"""Rate budgets never exceed what is declared, and are fair about it."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.errors import NotSent, RateLimited
from crossdock.model import AccountId
from crossdock.ports import RateLimit
from crossdock.toolkit import (
    CancelledUnsent,
    ManualClock,
    Purpose,
    RateBudgets,
    RateLimiter,
    metered,
    purpose_of,
    serves,
    serving,
)

S = 1_000_000_000
FAR_NS = 10_000 * S


def limit(
    calls: int, per_s: float = 1.0, scope: str = "all", reserve: int = 0
) -> RateLimit:
    return RateLimit(scope=scope, calls=calls, per_s=per_s, reserve=reserve)


CALLS = st.lists(
    st.tuples(
        st.floats(0, 0.7),  # seconds after the call before
        st.sampled_from(["orders", "reads", "all"]),
        st.integers(1, 3),  # weight
        st.sampled_from(Purpose),
        st.one_of(st.none(), st.floats(0.05, 3)),  # deadline
    ),
    max_size=40,
)
LIMITS = st.tuples(
    st.integers(5, 9), st.integers(5, 6), st.integers(0, 1), st.sampled_from([0.3, 1.0])
)


@settings(max_examples=60, deadline=None)
@given(calls=CALLS, limits=LIMITS)
def test_no_window_ever_holds_more_than_its_limit(calls, limits):
    every, orders, reserve, per_s = limits
    declared = [
        limit(every, 1.0, reserve=reserve),
        limit(orders, per_s, "orders", reserve),
        limit(every * 3, 5.0),
    ]
    granted: list[tuple[int, str, int, Purpose]] = []

    async def run() -> None:
        clock = ManualClock()
        limiter = RateLimiter(declared, clock)

        async def call(scope: str, weight: int, purpose: Purpose, deadline_ns: int) -> None:
            try:
                await limiter.acquire(
                    scope, weight, deadline_ns=deadline_ns, purpose=purpose
                )
            except RateLimited:
                assert clock.monotonic_ns() <= deadline_ns + 1
                return
            assert clock.monotonic_ns() <= deadline_ns
            granted.append((clock.monotonic_ns(), scope, weight, purpose))

        async with asyncio.TaskGroup() as tasks:
            for wait_s, scope, weight, purpose, within_s in calls:
                await clock.advance(wait_s)
                deadline_ns = FAR_NS
                if within_s is not None:
                    deadline_ns = clock.monotonic_ns() + round(within_s * S)
                tasks.create_task(call(scope, weight, purpose, deadline_ns))
            await clock.advance(300)
            assert limiter.waiting == 0

    asyncio.run(run())
    for one in declared:
        counted = [
            (at, weight, purpose)
            for at, scope, weight, purpose in granted
            if one.scope in (scope, "all")
        ]
        for start, _, _ in counted:
            window = [c for c in counted if start <= c[0] < start + round(one.per_s * S)]
            assert sum(weight for _, weight, _ in window) <= one.calls
            # What was there when the last of its kind came kept clear of what is reserved.
            for purpose in (Purpose.ORDER, Purpose.READING):
                last = [index for index, c in enumerate(window) if c[2] is purpose]
                if last:
                    until = window[: last[-1] + 1]
                    room = one.calls - one.reserve * purpose
                    assert sum(w for _, w, _ in until) <= room


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def test_calls_go_first_come_first_served(clock):
    limiter = RateLimiter([limit(2)], clock)
    order: list[int] = []

    async def call(number: int, weight: int) -> None:
        await limiter.acquire("orders", weight, deadline_ns=FAR_NS)
        order.append(number)

    async with asyncio.TaskGroup() as tasks:
        for number in range(8):
            # A heavy call in front is not overtaken by the light ones behind it.
            tasks.create_task(call(number, 2 if number % 3 == 1 else 1))
        await clock.advance(20)
    assert order == list(range(8))


async def test_a_call_waits_only_for_limits_of_its_own(clock):
    limiter = RateLimiter([limit(100), limit(1, 60, "orders")], clock)
    assert limiter.try_acquire("orders")
    waiting = asyncio.create_task(limiter.acquire("orders", deadline_ns=FAR_NS))
    await clock.settle()
    await limiter.acquire("reads", deadline_ns=0)
    assert not waiting.done()
    await clock.advance(60)
    await waiting


async def test_the_reserve_is_for_cancels_and_readings_leave_as_much_again(clock):
    limiter = RateLimiter([limit(7, reserve=2)], clock)

    def let_through(purpose: Purpose) -> int:
        return sum(limiter.try_acquire(purpose=purpose) for _ in range(9))

    assert let_through(Purpose.READING) == 3
    assert let_through(Purpose.ORDER) == 2
    assert let_through(Purpose.CANCEL) == 2


async def test_readings_always_get_half_of_what_is_not_for_cancels(clock):
    limiter = RateLimiter([limit(5, reserve=4), limit(10, reserve=4)], clock)
    assert limiter.try_acquire(purpose=Purpose.READING)


async def test_calls_counted_apart_leave_the_other_limits_alone_and_are_refused_alone(
    clock,
):
    apart = RateLimit(scope="user", calls=2, per_s=60.0, apart=True)
    limiter = RateLimiter([limit(1, 60), apart], clock)
    assert limiter.try_acquire("user", 2)
    assert not limiter.try_acquire("user")
    limiter.penalise(90, "user")
    assert limiter.try_acquire("orders")
    await clock.advance(60)
    assert limiter.wait_s("user") == 30
    assert not limiter.try_acquire("user")
    assert limiter.try_acquire("orders")
    limiter.penalise(5, "orders")
    await clock.advance(30)
    assert limiter.try_acquire("user")


async def test_cancels_overtake_orders_and_orders_overtake_readings(clock):
    limiter = RateLimiter([limit(1)], clock)
    assert limiter.try_acquire()
    order: list[str] = []

    async def call(name: str, purpose: Purpose) -> None:
        await limiter.acquire(deadline_ns=FAR_NS, purpose=purpose)
        order.append(name)

    async with asyncio.TaskGroup() as tasks:
        for name, purpose in (
            ("audit", Purpose.READING),
            ("submit", Purpose.ORDER),
            ("cancel", Purpose.CANCEL),
        ):
            tasks.create_task(call(name, purpose))
            await clock.settle()
        await clock.advance(4)
    assert order == ["cancel", "submit", "audit"]


async def test_a_deadline_that_cannot_be_kept_is_refused_at_once(clock):
    limiter = RateLimiter([limit(1, 10)], clock)
    assert limiter.try_acquire()
    with pytest.raises(RateLimited) as caught:
        await limiter.acquire(deadline_ns=9 * S)
    assert caught.value.retry_after_s == 10
    assert clock.monotonic_ns() == 0


async def test_a_deadline_that_passes_in_the_queue_is_refused_then(clock):
    limiter = RateLimiter([limit(1, 10)], clock)
    assert limiter.try_acquire()
    first = asyncio.create_task(limiter.acquire(deadline_ns=FAR_NS))
    second = asyncio.create_task(limiter.acquire(deadline_ns=12 * S))
    await clock.advance(11.9)
    assert first.done()
    assert not second.done()
    await clock.advance(0.2)
    with pytest.raises(RateLimited):
        await second


async def test_a_write_that_gets_no_room_is_not_sent(clock):
    limiter = RateLimiter([limit(1, 10)], clock)
    await limiter.admit_write("orders", where="POST alpha", deadline_ns=FAR_NS)
    with pytest.raises(NotSent, match="POST alpha"):
        await limiter.admit_write("orders", where="POST alpha", deadline_ns=S)
    waiting = asyncio.create_task(
        limiter.admit_write("orders", where="POST alpha", deadline_ns=FAR_NS)
    )
    await clock.settle()
    waiting.cancel()
    with pytest.raises(CancelledUnsent):
        await waiting


@pytest.mark.parametrize("granted_first", [False, True])
async def test_a_cancelled_call_spends_nothing(clock, granted_first):
    limiter = RateLimiter([limit(1, 10)], clock)
    assert limiter.try_acquire()
    waiting = asyncio.create_task(limiter.acquire(deadline_ns=FAR_NS))
    await clock.settle()
    if granted_first:
        clock._move_to(10 * S)
        limiter._line.dispatch()  # lets it go; it is cancelled before it has run
        assert limiter.waiting == 0
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await clock.advance(10)
    assert limiter.try_acquire()
    assert clock.sleepers == 0


async def test_what_others_spend_is_learned_from_the_venue(clock):
    limiter = RateLimiter([limit(10, 60)], clock)
    assert limiter.try_acquire(weight=2)
    limiter.observe(remaining=3, reset_s=20)
    assert [limiter.try_acquire() for _ in range(4)] == [True, True, True, False]
    await clock.advance(20)
    assert limiter.try_acquire(weight=5)
    assert not limiter.try_acquire()


async def test_more_than_we_count_is_not_believed(clock):
    limiter = RateLimiter([limit(3, 60)], clock)
    assert limiter.try_acquire(weight=3)
    limiter.observe(remaining=3, reset_s=1)
    assert not limiter.try_acquire()


async def test_a_refusal_holds_back_everybody_cancels_too(clock):
    limiter = RateLimiter([limit(100)], clock)
    limiter.penalise(7.5)
    assert not limiter.try_acquire(purpose=Purpose.CANCEL)
    assert limiter.wait_s() == 7.5
    limiter.penalise(1)  # a shorter one does not shorten it
    waiting = asyncio.create_task(limiter.acquire(deadline_ns=FAR_NS))
    await clock.advance(7.4)
    assert not waiting.done()
    await clock.advance(0.1)
    await waiting


async def test_nothing_declared_is_nothing_limited(clock):
    limiter = RateLimiter([], clock)
    assert all(limiter.try_acquire("orders", 1000) for _ in range(1000))


@pytest.mark.parametrize("weight", [0, -1, 6])
async def test_a_weight_that_never_fits_is_a_mistake(clock, weight):
    limiter = RateLimiter([limit(5)], clock)
    with pytest.raises(ValueError, match="weigh"):
        await limiter.acquire(weight=weight, deadline_ns=FAR_NS)


@pytest.mark.parametrize(
    "declared", [limit(0), limit(5, 0.0), limit(5, reserve=5), limit(5, reserve=-1)]
)
def test_a_limit_that_lets_nothing_through_is_a_mistake(clock, declared):
    with pytest.raises(ValueError, match="rate limit"):
        RateLimiter([declared], clock)


def test_a_budget_is_shared_by_account_and_host(clock):
    budgets = RateBudgets(clock)
    main, other = AccountId("main"), AccountId("other")
    budget = budgets.of(main, "api.alpha.example", [limit(5)])
    assert budgets.of(main, "API.alpha.example", []) is budget
    assert budgets.of(other, "api.alpha.example", []) is not budget
    assert budgets.of(main, "api.beta.example", []) is not budget


def test_what_is_around_a_call_makes_it_more_urgent_and_never_less():
    assert purpose_of(Purpose.READING) is Purpose.READING
    with serving(Purpose.ORDER):
        assert purpose_of(Purpose.READING) is Purpose.ORDER
        assert purpose_of(Purpose.CANCEL) is Purpose.CANCEL
        with serving(Purpose.CANCEL), serving(Purpose.READING):
            assert purpose_of(Purpose.ORDER) is Purpose.CANCEL
    assert purpose_of(Purpose.READING) is Purpose.READING


async def test_a_method_that_serves_does_so_for_all_it_awaits():
    async def seen() -> Purpose:
        return purpose_of(Purpose.READING)

    @serves(Purpose.CANCEL)
    async def cancel() -> list[Purpose]:
        await asyncio.sleep(0)
        return [await seen(), await asyncio.ensure_future(seen())]

    assert await cancel() == [Purpose.CANCEL] * 2
    assert await seen() is Purpose.READING


async def test_what_was_spent_says_how_often_the_same_may_be(clock):
    budgets = RateBudgets(clock)
    shared = RateLimit(scope="all", calls=600, per_s=60.0, per_address=True)
    declared = [shared, limit(10, 10.0, "reads")]
    limiter = budgets.of(AccountId("main"), "alpha", declared)
    with metered() as spent:
        assert limiter.try_acquire("reads", 4)
        with metered() as apart:
            await limiter.acquire("reads", 3, deadline_ns=FAR_NS)
    assert spent.pause_s(0.5) == pytest.approx(4 * 10 / 10 / 0.5)
    assert apart.pause_s(0.5) == pytest.approx(3 * 10 / 10 / 0.5)
    for name in ("other", "third"):
        budgets.of(AccountId(name), "alpha", declared)
    with metered() as spent:
        assert limiter.try_acquire("orders", 60)
    assert spent.pause_s(1) == pytest.approx(3 * 60 * 60 / 600)  # three share it
    with metered() as nothing:
        assert not limiter.try_acquire("reads", 4)
    assert nothing.pause_s(1) == 0
