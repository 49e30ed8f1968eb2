"""Counters: the decay, the table of transactions, and what is said at the end of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.sandbox.faces.kraken.limits import Counter, Transaction

SECOND_NS = 10**9


@pytest.mark.parametrize(
    ("transaction", "age_s", "points"),
    [
        (Transaction.ADD, 0, 1),
        (Transaction.AMEND, 4, 4),
        (Transaction.AMEND, 5, 3),
        (Transaction.AMEND, 15, 1),
        (Transaction.EDIT, 4, 7),
        (Transaction.EDIT, 89, 2),
        (Transaction.CANCEL, 4, 8),
        (Transaction.CANCEL, 14, 5),
        (Transaction.CANCEL, 299, 1),
        (Transaction.CANCEL, 300, 0),
    ],
)
def test_a_write_costs_by_the_age_of_its_order(transaction, age_s, points):
    assert transaction.worth(age_s * SECOND_NS) == points


STEPS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 30)), max_size=20)


@settings(max_examples=100)
@given(STEPS)
def test_a_counter_never_falls_below_nothing_nor_forgets_too_fast(steps):
    counter, now_ns, added = Counter(20, 60), 0, 0
    for points, seconds in steps:
        before = counter.value(now_ns)
        now_ns += seconds * SECOND_NS
        assert counter.value(now_ns) == pytest.approx(max(0, before - seconds))
        counter.add(points, now_ns)
        added += points
        assert 0 <= counter.value(now_ns) <= added


class TestCalls:
    @pytest.fixture
    def limits(self):
        return {"calls_most": 4, "public_most": 3}

    async def test_a_key_that_calls_too_often_is_refused_until_the_counter_falls(
        self, bench
    ):
        await bench.main.ask("TradesHistory")
        await bench.main.ask("Ledgers")
        assert await bench.main.refused("Balance") == "EAPI:Rate limit exceeded"
        assert await bench.other.ask("Balance")
        await bench.clock.advance(1)
        assert await bench.main.ask("Balance")

    async def test_orders_do_not_count_as_calls(self, bench):
        for _ in range(6):
            await bench.main.add()

    async def test_a_refused_call_still_uses_its_nonce_up(self, bench):
        for nonce in (1, 2, 3, 4):
            await bench.main.ask("Balance", nonce=nonce)
        assert await bench.main.refused("Balance", nonce=5) == "EAPI:Rate limit exceeded"
        assert await bench.main.refused("Balance", nonce=5) == "EAPI:Invalid nonce"

    async def test_public_calls_have_a_counter_of_their_own(self, bench):
        for _ in range(3):
            await bench.public("Time")
        assert await bench.public("Time") == {"error": ["EGeneral:Too many requests"]}
        await bench.clock.advance(1)
        assert (await bench.public("Time"))["error"] == []


class TestOrders:
    @pytest.fixture
    def limits(self):
        return {"orders_most": 10, "open_orders_per_pair": 3}

    async def test_quick_cancels_use_the_pair_up_and_are_never_refused(self, bench):
        one, two = await bench.main.add(), await bench.main.add()
        await bench.main.ask("CancelOrder", txid=one)
        terms = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "volume": "1"}
        words = await bench.main.refused("AddOrder", **terms, price="100.0")
        assert words == "EOrder:Rate limit exceeded"
        assert await bench.main.add(pair="ETHUSD")
        assert await bench.main.ask("CancelOrder", txid=two) == {"count": 1}
        await bench.clock.advance(60)
        assert await bench.main.add()

    async def test_a_pair_takes_only_so_many_open_orders(self, bench):
        for _ in range(3):
            await bench.main.add()
        terms = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "volume": "1"}
        words = await bench.main.refused("AddOrder", **terms, price="100.0")
        assert words == "EOrder:Orders limit exceeded"
