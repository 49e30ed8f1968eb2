"""The worked examples, against a desk that only remembers what it was asked."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model import Contingency, Direction, OrderType, Side, TimeInForce
from crossdock.strategies import Strategy
from crossdock.strategies.exercise import Exercise
from crossdock.strategies.quoting import Quoting
from crossdock.strategies.trend import Trend

D = Decimal
SECOND = 1_000_000_000
BTC = "BTC/USDT@alpha"


@pytest.mark.parametrize("kind", [Exercise, Quoting, Trend])
def test_no_example_acts_on_a_book_that_is_not_ready_or_not_its_own(toy, kind):
    desk = toy.Desk()
    made = toy.started(kind, desk)
    for _ in range(50):
        made.on_book(BTC, toy.Book(ready=False))
        made.on_book("ETH/USDT@alpha", toy.Book())
        desk.now += SECOND
    assert not desk.requests and not desk.signals


def test_the_bare_strategy_does_nothing_and_keeps_nothing(toy):
    made = toy.started(Strategy, toy.Desk())
    made.on_book(BTC, toy.Book())
    made.on_timer(1)
    made.restore({"left": "over"})
    made.stop()
    assert made.state() == {} and made.desk.requests == []


# ---- quoting ----------------------------------------------------------------------


def test_quoting_rests_a_bid_and_an_offer_away_from_the_middle(toy):
    desk = toy.Desk()
    toy.started(Quoting, desk, distance_bps=10, notional="500").on_book(BTC, toy.Book())
    bid, offer = desk.requests
    assert (bid.side, bid.limit_price) == (Side.BUY, D("99.9"))
    assert (offer.side, offer.limit_price) == (Side.SELL, D("100.1"))
    assert all(each.post_only for each in desk.requests)
    assert all(500 <= each.quantity * each.limit_price < 501 for each in desk.requests)


def test_a_quote_is_moved_only_once_it_is_off_by_more_than_the_tolerance(toy):
    desk = toy.Desk()
    made = toy.started(Quoting, desk, distance_bps=10, tolerance_bps=25, every_s=1)
    made.on_book(BTC, toy.Book())
    desk.now += SECOND
    made.on_book(BTC, toy.Book(100.0, 100.2))
    assert not desk.amends and len(desk.requests) == 2
    desk.now += SECOND
    made.on_book(BTC, toy.Book(100.9, 101.1))
    assert desk.amends == [("o1", None, D("100.8")), ("o2", None, D("101.2"))]


def test_a_quote_in_doubt_or_unconfirmed_is_left_alone(toy):
    desk = toy.Desk()
    made = toy.started(Quoting, desk, every_s=1)
    made.on_book(BTC, toy.Book())
    first, second = desk.orders
    desk.orders = [
        replace(first, in_doubt=("replace",)),
        replace(second, venue_order_ids=()),
    ]
    desk.now += SECOND
    made.on_book(BTC, toy.Book(109.9, 110.1))
    assert not desk.amends and len(desk.requests) == 2


def test_quoting_looks_at_an_instrument_no_more_often_than_told(toy):
    desk = toy.Desk()
    made = toy.started(Quoting, desk, every_s=2)
    for _ in range(4):
        desk.orders.clear()
        made.on_book(BTC, toy.Book())
        desk.now += SECOND
    assert len(desk.requests) == 4


# ---- trend ------------------------------------------------------------------------


def walk(toy, made, desk, prices):
    for price in prices:
        made.on_book(BTC, toy.Book(price - 0.1, price + 0.1))
        desk.now += SECOND


@pytest.mark.parametrize(
    ("step", "direction"), [(1, Direction.LONG), (-1, Direction.SHORT)]
)
def test_a_trend_is_signalled_the_way_it_goes(toy, step, direction):
    desk = toy.Desk()
    walk(toy, toy.started(Trend, desk), desk, [100 + step * n for n in range(8)])
    assert desk.signals
    assert {signal.direction for signal in desk.signals} == {direction}
    strengths = [signal.strength for signal in desk.signals]
    assert all(0 < strength <= 1 for strength in strengths)
    times = [signal.time_ns for signal in desk.signals]
    gaps = [late - early for early, late in pairwise(times)]
    assert all(gap >= 2 * SECOND for gap in gaps)


def test_a_flat_market_is_no_trend(toy):
    desk = toy.Desk()
    walk(toy, toy.started(Trend, desk), desk, [100.0] * 60)
    assert not desk.signals


# ---- exercise ---------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    prices=st.lists(st.floats(50, 500), min_size=20, max_size=60),
)
def test_exercise_asks_only_for_what_an_instrument_allows(toy, seed, prices):
    desk = toy.Desk()
    made = toy.started(Exercise, desk, seed=seed, rate_per_s=2, most_open=4)
    walk(toy, made, desk, prices)
    assert desk.requests
    for request in desk.requests:
        assert desk.listed.quantity(request.quantity) == request.quantity
        for price in (request.limit_price, request.stop_price):
            assert price is None or desk.listed.price(price) == price
        if request.time_in_force is TimeInForce.GTD:
            assert request.expire_time_ns > 0
    assert len(desk.orders) <= 4
    for _, quantity, _ in desk.amends:
        assert quantity > desk.listed.min_quantity


def test_exercise_waits_and_attaches_exits_as_often_as_it_is_told(toy):
    desk = toy.Desk()
    shares = {"waits_pct": 40, "exits_pct": 100}
    made = toy.started(Exercise, desk, seed=3, rate_per_s=2, most_open=400, **shares)
    walk(toy, made, desk, [100 + n % 7 for n in range(300)])
    kinds = {request.type for request in desk.requests}
    assert kinds >= {
        OrderType.MARKET_IF_TOUCHED,
        OrderType.LIMIT_IF_TOUCHED,
        OrderType.TRAILING_STOP,
    }
    groups = {(len(it.attached), it.contingency) for it in desk.requests if it.attached}
    assert groups == {(2, Contingency.OTO), (1, Contingency.OCO)}
    for request in desk.requests:
        for leg in request.attached:
            for price in (leg.limit_price, leg.stop_price):
                assert price is None or desk.listed.price(price) == price


def test_exercise_does_the_same_for_the_same_seed(toy):
    made = []
    for _ in range(2):
        desk = toy.Desk()
        walk(
            toy, toy.started(Exercise, desk, seed=7), desk, [100 + n % 5 for n in range(60)]
        )
        made.append((desk.requests, desk.amends, desk.canceled))
    assert made[0] == made[1]
    kinds = {request.type for request in made[0][0]}
    assert {OrderType.LIMIT, OrderType.MARKET} <= kinds
    assert made[0][2]
