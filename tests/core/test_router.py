"""The venue that leaves most after fees, among those that can fill the whole quantity."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.book import OrderBook
from crossdock.core.execution.router import Venue, routes, venue_by_hand
from crossdock.model import BookChange, Side

D = Decimal


def venue(make, name, *, bid="99", ask="101", size="10", fee="0.001", **terms):
    instrument = make.changed(
        make.instrument, id=f"BTC/USDT@{name}", taker_fee_rate=D(fee), **terms
    )
    book = OrderBook(instrument.id)
    book.apply(
        BookChange(
            instrument=instrument.id,
            snapshot=True,
            bids=[(bid, size), (str(D(bid) - 1), size)],
            asks=[(ask, size), (str(D(ask) + 1), size)],
            first_sequence=1,
            last_sequence=1,
            venue_time_ns=0,
            received_time_ns=0,
        )
    )
    return Venue(account=name, instrument=instrument, book=book)


def names(found):
    return [route.venue.account for route in found]


@pytest.mark.parametrize(
    ("side", "expected"), [(Side.BUY, ["dear", "cheap"]), (Side.SELL, ["cheap", "dear"])]
)
def test_the_fee_is_in_the_price_that_decides(make, side, expected):
    """For a buyer a worse price without fee beats a better one with it; a seller's is both."""
    cheap = venue(make, "cheap", bid="99.5", ask="100", fee="0.01")
    dear = venue(make, "dear", bid="98", ask="100.5", fee="0")
    assert names(routes([cheap, dear], side, D(1))) == expected


def test_a_route_says_what_a_unit_costs_and_how_far_it_reaches(make):
    [route] = routes([venue(make, "a", fee="0.01")], Side.BUY, D(20))
    assert route.net_price == D("101.5") * D("1.01")
    assert route.worst_price == 102
    [route] = routes([venue(make, "a", fee="0.01")], Side.SELL, D(20))
    assert route.net_price == D("98.5") * D("0.99")
    assert route.worst_price == 98
    assert route.words == f"a {route.net_price:.6f}"


def test_a_venue_that_cannot_fill_all_of_it_is_left_out(make):
    small, large = venue(make, "small", size="1"), venue(make, "large", ask="110")
    assert names(routes([small, large], Side.BUY, D(5))) == ["large"]


def test_a_venue_without_a_good_book_is_left_out(make):
    stale, crossed = venue(make, "stale"), venue(make, "crossed", bid="102")
    stale.book.mark_gap("lost")
    assert routes([stale, crossed], Side.BUY, D(1)) == []


@pytest.mark.parametrize(
    "terms", [{"min_quantity": D(5)}, {"min_notional": D(1000)}, {"max_quantity": D(1)}]
)
def test_a_venue_whose_bounds_the_order_breaks_is_left_out(make, terms):
    assert routes([venue(make, "strict", **terms)], Side.BUY, D(2)) == []


def test_the_quantity_is_cut_to_the_venues_lot(make):
    [route] = routes([venue(make, "a", quantity_step=D("0.1"))], Side.BUY, D("1.29"))
    assert route.quantity == D("1.2")


@settings(max_examples=60, deadline=None)
@given(
    asks=st.lists(st.integers(95, 105), min_size=1, max_size=5),
    fees=st.lists(st.sampled_from(["0", "0.001", "0.02"]), min_size=5, max_size=5),
    side=st.sampled_from(Side),
)
def test_no_route_is_better_than_the_first(make, asks, fees, side):
    venues = [
        venue(make, f"v{n}", bid=str(ask - 2), ask=str(ask), fee=fee)
        for n, (ask, fee) in enumerate(zip(asks, fees, strict=False))
    ]
    found = routes(venues, side, D(3))
    prices = [route.net_price * side.sign for route in found]
    assert len(found) == len(venues) and prices == sorted(prices)


# ---- an order by hand that names no venue --------------------------------------------


def by_hand(venues, side, quantity, limit=None, **terms):
    found = venue_by_hand(venues, side, D(quantity), limit and D(limit), **terms)
    return found and found.account


@pytest.mark.parametrize(
    ("side", "quantity", "limit", "expected"),
    [
        (Side.BUY, "5", "101", "dear"),  # its price is worse and its fee lower: 101 < 101.9
        (Side.BUY, "5", "100.9", "cheap"),  # dear offers nothing within the limit
        (Side.BUY, "5", None, "dear"),
        (Side.BUY, "15", "101", "cheap"),  # nobody at once: most within the limit
        (Side.SELL, "5", "98", "dear"),
        (Side.SELL, "5", "98.5", "cheap"),
        (Side.SELL, "40", None, "cheap"),  # more than either has
    ],
)
def test_by_hand_goes_where_all_of_it_fills_for_least(
    make, side, quantity, limit, expected
):
    cheap = venue(make, "cheap", bid="99", ask="100.9", size="12", fee="0.02")
    dear = venue(make, "dear", bid="98", ask="101", size="10", fee="0")
    for venues in ([cheap, dear], [dear, cheap]):
        assert by_hand(venues, side, quantity, limit) == expected


def test_by_hand_leaves_out_venues_whose_steps_it_does_not_fit(make):
    coarse = venue(make, "coarse", ask="100", quantity_step=D(1))
    fine = venue(make, "fine", ask="101")
    assert by_hand([coarse, fine], Side.BUY, "0.5") == "fine"
    assert by_hand([coarse, fine], Side.BUY, "2") == "coarse"
    assert by_hand([coarse], Side.BUY, "0.5") == "coarse", "risk then says what is wrong"
    small = venue(make, "small", ask="100", min_notional=D(1000))
    assert by_hand([small, fine], Side.BUY, "2", "101") == "fine"


def test_by_hand_what_would_only_rest_goes_to_the_lower_maker_fee(make):
    first = venue(make, "first", maker_fee_rate=D("0.0002"))
    second = venue(make, "second", maker_fee_rate=D("-0.0001"))
    assert by_hand([first, second], Side.BUY, "1", "90") == "second"
    assert by_hand([first, first], Side.BUY, "1", "90") == "first"


def test_by_hand_what_may_not_take_goes_where_it_rests(make):
    low = venue(make, "low", ask="100", maker_fee_rate=D("-0.001"))
    high = venue(make, "high", bid="100", ask="102")
    assert by_hand([low, high], Side.BUY, "1", "101", takes=False) == "high"
    assert by_hand([low, high], Side.BUY, "1", "101") == "low"


def test_by_hand_without_a_good_book_there_is_no_choice(make):
    stale = venue(make, "stale")
    stale.book.mark_gap("lost")
    assert by_hand([stale], Side.BUY, "1") is None
    assert by_hand([], Side.BUY, "1") is None
    assert by_hand([stale, venue(make, "good")], Side.BUY, "1") == "good"
