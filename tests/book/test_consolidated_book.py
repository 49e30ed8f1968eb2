from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.book import ConsolidatedBook, OrderBook, VenueLevel
from crossdock.model import BookChange, InstrumentId, Side

ALPHA = InstrumentId("BTC/USDT@alpha")
BETA = InstrumentId("BTC/USDT@beta")


def book(instrument, bids=(), asks=()) -> OrderBook:
    made = OrderBook(instrument)
    made.apply(BookChange(instrument, True, list(bids), list(asks), 1, 1, 0, 0))
    return made


@pytest.fixture
def alpha():
    return book(ALPHA, [("99", "1"), ("98", "5")], [("101", "2"), ("103", "5")])


@pytest.fixture
def beta():
    return book(BETA, [("98.5", "2")], [("100.9", "1"), ("102", "1")])


def test_the_best_venue_of_each_side_wins(alpha, beta):
    both = ConsolidatedBook([alpha, beta])
    assert both.best_bid == VenueLevel(ALPHA, D(99), D(1), D(99))
    assert both.best_ask == VenueLevel(BETA, D("100.9"), D(1), D("100.9"))
    assert both.ready and not both.crossed


def test_taker_fees_turn_the_order_of_venues(alpha, beta):
    both = ConsolidatedBook([alpha, beta], {BETA: D("0.002"), ALPHA: D("0.0005")})
    assert both.best_ask == VenueLevel(ALPHA, D(101), D(2), D("101.0505"))
    assert [level.net_price for level in both.levels(Side.BUY)] == [
        D("98.9505"),
        D("98.303"),
        D("97.951"),
    ]


def test_books_that_are_not_ready_or_crossed_are_left_out(alpha, beta):
    beta.mark_gap("lost")
    both = ConsolidatedBook([alpha, beta])
    assert [level.instrument for level in both.levels(Side.SELL)] == [ALPHA, ALPHA]
    alpha.apply(BookChange(ALPHA, False, [("101", "1")], [], 2, 2, 0, 0))
    assert not both.ready
    assert both.best_bid is None and both.best_ask is None and not both.crossed
    assert both.split(Side.BUY, D(1)) == {}


def test_venues_crossed_against_each_other_are_an_opportunity_net_of_fees(alpha, beta):
    beta.apply(BookChange(BETA, True, [("101.5", "1")], [("102", "1")], 2, 2, 0, 0))
    assert ConsolidatedBook([alpha, beta]).crossed
    assert not ConsolidatedBook([alpha, beta], {BETA: D("0.01")}).crossed
    assert beta.ready


def test_a_split_sends_each_part_where_it_is_cheapest(alpha, beta):
    both = ConsolidatedBook([alpha, beta])
    assert both.split(Side.BUY, D("3.5")) == {BETA: D("1.5"), ALPHA: D(2)}
    assert both.split(Side.SELL, D(2)) == {ALPHA: D(1), BETA: D(1)}
    cost = both.cost_to_fill(Side.BUY, D(4))
    assert cost == (D("101.225"), D(102), D(4))


def test_a_fee_makes_a_negative_price_worse_for_both_sides():
    power = ConsolidatedBook(
        [book(ALPHA, [("-20", "1")], [("-10", "1")])], {ALPHA: D("0.1")}
    )
    assert power.best_bid is not None and power.best_ask is not None
    assert (power.best_bid.net_price, power.best_ask.net_price) == (D(-22), D(-9))


rows = st.dictionaries(st.integers(1, 60), st.integers(1, 9), max_size=6)


@settings(max_examples=80, deadline=None)
@given(st.lists(rows, min_size=1, max_size=4), st.integers(1, 40), st.integers(0, 3))
def test_merged_depth_and_splits_equal_one_sorted_list_of_everything(venues, wanted, fee):
    ids = [InstrumentId(f"X@v{number}") for number in range(len(venues))]
    books = [
        book(name, asks=[(str(price), str(quantity)) for price, quantity in asks.items()])
        for name, asks in zip(ids, venues, strict=True)
    ]
    fees = {ids[0]: D(fee) / 100}
    merged = ConsolidatedBook(books, fees)
    expected = sorted(
        (price * (1 + fees.get(name, D(0))), quantity)
        for name, asks in zip(ids, venues, strict=True)
        for price, quantity in asks.items()
    )
    levels = merged.levels(Side.SELL)
    assert sorted((level.net_price, level.quantity) for level in levels) == expected
    assert [level.net_price for level in levels] == [net for net, _ in expected]
    parts = merged.split(Side.BUY, D(wanted))
    cost = merged.cost_to_fill(Side.BUY, D(wanted))
    offered = sum(quantity for _, quantity in expected)
    assert sum(parts.values()) == min(wanted, offered) == cost.filled
    for name, part in parts.items():
        assert 0 < part <= sum(venues[ids.index(name)].values())
    if cost.average_price is not None:
        units = [net for net, quantity in expected for _ in range(quantity)][:wanted]
        assert abs(cost.average_price - sum(units) / len(units)) < D("1e-20")
