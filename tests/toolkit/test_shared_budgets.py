"""What a venue counts by address is one budget for every account behind it."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model import AccountId
from crossdock.ports import RateLimit
from crossdock.toolkit import HttpClient, ManualClock, Masker, Purpose, RateBudgets

S = 1_000_000_000
FAR_NS = 10_000 * S
HOST = "api.alpha.example"
MAIN, OTHER = AccountId("main"), AccountId("other")
BY_ADDRESS = RateLimit(
    scope="all", calls=6, per_s=1.0, used_header="X-Used", per_address=True
)
BY_ACCOUNT = RateLimit(scope="orders", calls=4, per_s=1.0)


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def budgets(clock):
    return RateBudgets(clock)


def spent(budget, scope="all"):
    return [q.ours for q in budget.quotas() if q.scope == scope]


@settings(max_examples=50)
@given(
    calls=st.lists(
        st.tuples(
            st.sampled_from(["main", "other", "third"]),
            st.sampled_from(["orders", "reads"]),
            st.integers(1, 3),
            st.floats(0, 0.5),
        ),
        max_size=40,
    )
)
def test_however_many_accounts_call_their_address_never_exceeds_its_limit(calls):
    granted = []

    async def run():
        clock = ManualClock()
        budgets = RateBudgets(clock)

        async def call(account, scope, weight):
            budget = budgets.of(AccountId(account), HOST, [BY_ADDRESS, BY_ACCOUNT])
            await budget.acquire(scope, weight, deadline_ns=FAR_NS)
            granted.append((clock.monotonic_ns(), account, scope, weight))

        async with asyncio.TaskGroup() as tasks:
            for account, scope, weight, wait_s in calls:
                await clock.advance(wait_s)
                tasks.create_task(call(account, scope, weight))
            await clock.advance(100)

    asyncio.run(run())
    assert len(granted) == len(calls)
    for at, account, _, _ in granted:
        window = [each for each in granted if at - S < each[0] <= at]
        assert sum(weight for *_, weight in window) <= BY_ADDRESS.calls
        mine = [each for each in window if each[1:3] == (account, "orders")]
        assert sum(weight for *_, weight in mine) <= BY_ACCOUNT.calls


async def test_limits_by_account_are_each_accounts_own(budgets):
    one = budgets.of(MAIN, HOST, [BY_ADDRESS, BY_ACCOUNT])
    other = budgets.of(OTHER, HOST.upper(), [BY_ADDRESS, BY_ACCOUNT])
    assert one.try_acquire("orders", 4)
    assert not one.try_acquire("orders")
    assert other.try_acquire("orders", 2)
    assert not other.try_acquire("orders")
    assert (spent(one), spent(other)) == ([6], [6])
    assert (spent(one, "orders"), spent(other, "orders")) == ([4], [2])


async def test_another_host_is_another_address(budgets):
    assert budgets.of(MAIN, HOST, [BY_ADDRESS]).try_acquire("all", 6)
    assert budgets.of(MAIN, "fapi.alpha.example", [BY_ADDRESS]).try_acquire("all", 6)


async def test_an_account_that_asks_often_does_not_overtake_one_that_waits(clock, budgets):
    one = budgets.of(MAIN, HOST, [BY_ADDRESS])
    other = budgets.of(OTHER, HOST, [BY_ADDRESS])
    assert other.try_acquire("reads", 5)
    waiting = asyncio.create_task(one.acquire("reads", 3, deadline_ns=FAR_NS))
    await clock.settle()
    assert not other.try_acquire("reads", 1), "the one unit left is not its to take"
    await clock.advance(1)
    assert waiting.done()
    assert spent(one) == [3]


async def test_a_refusal_by_address_holds_back_every_account_behind_it(clock, budgets):
    one = budgets.of(MAIN, HOST, [BY_ADDRESS])
    other = budgets.of(OTHER, HOST, [BY_ADDRESS])
    one.penalise(5)
    assert not other.try_acquire("reads", purpose=Purpose.CANCEL)
    await clock.advance(5)
    assert other.try_acquire("reads")


async def test_a_refusal_of_one_account_is_its_own_where_nothing_is_counted_by_address(
    budgets,
):
    one = budgets.of(MAIN, HOST, [BY_ACCOUNT])
    one.penalise(5)
    assert not one.try_acquire("orders")
    assert budgets.of(OTHER, HOST, [BY_ACCOUNT]).try_acquire("orders")


async def test_the_venues_own_count_in_a_header_sets_foreign_spend_aside_for_all(
    clock, budgets, wire, pool, make_reply
):
    wire.answer = lambda seen: make_reply(headers="x-used: 5\r\n")
    limiter = budgets.of(MAIN, HOST, [BY_ADDRESS])
    client = HttpClient(pool, wire.url, clock=clock, masker=Masker([]), limiter=limiter)
    assert await client.read("GET", "/", into=dict) == {}
    [quota] = budgets.quotas(OTHER, HOST) or budgets.of(OTHER, HOST, [BY_ADDRESS]).quotas()
    assert (quota.ours, quota.foreign, quota.used_pct) == (1, 4, pytest.approx(500 / 6))
    assert not budgets.of(OTHER, HOST, [BY_ADDRESS]).try_acquire("reads", 2)
    wire.answer = lambda seen: make_reply(headers="x-used: many\r\n")
    await client.read("GET", "/", into=dict)
    assert budgets.of(OTHER, HOST, [BY_ADDRESS]).quotas()[0].foreign == 4
