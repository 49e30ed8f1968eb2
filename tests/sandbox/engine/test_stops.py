"""Stops trigger on the last trade, each once."""

from decimal import Decimal

import pytest

from crossdock.model import TimeInForce


@pytest.fixture
def traded(pit):
    """Last price 100; asks 101 to 105 and bids 99 to 95, one unit each."""
    pit.enter("bob", "sell", "0.1", "100")
    pit.enter("cat", "buy", "0.1", "100")
    for step in range(1, 6):
        pit.enter("bob", "sell", "1", str(100 + step))
        pit.enter("cat", "buy", "1", str(100 - step))
    return pit


@pytest.mark.parametrize(
    ("side", "stop", "limit", "trade", "status", "filled"),
    [
        ("buy", "102", None, ("buy", "1.5"), "Filled", "0.5"),
        ("buy", "102", None, ("buy", "1"), "New", "0"),
        ("sell", "98", None, ("sell", "1.5"), "Filled", "0.5"),
        ("sell", "98", None, ("sell", "1"), "New", "0"),
        ("buy", "102", "101", ("buy", "1.5"), "New", "0"),
        ("buy", "102", "102", ("buy", "1.5"), "Filled", "0.5"),
        ("sell", "98", "99", ("sell", "2"), "New", "0"),
    ],
)
def test_stop_wakes_on_the_trade_that_reaches_it(
    traded, side, stop, limit, trade, status, filled
):
    order = traded.enter("ann", side, "0.5", limit, stop=stop)
    assert order.status == "New"
    assert order.is_waiting
    bids, asks = traded.venue.book("BTC/USDT", 9)[1:]
    assert len(bids) == len(asks) == 5
    traded.enter("bob" if trade[0] == "sell" else "cat", *trade)
    assert (order.status, order.cumulative_quantity) == (status, Decimal(filled))


def test_woken_stop_limit_rests_in_the_book(traded):
    order = traded.enter("ann", "buy", "3", "101.5", stop="102")
    traded.enter("cat", "buy", "2", "102")
    assert order.status == "New"
    assert not order.is_waiting
    assert traded.venue.book("BTC/USDT", 1)[1] == [(Decimal("101.5"), 3)]


def test_stops_wake_one_another_in_the_order_they_came(traded):
    second = traded.enter("ann", "buy", "1", stop="103")
    first = traded.enter("ann", "buy", "1", stop="102")
    traded.enter("cat", "buy", "2", "102")
    # The first trigger buys at 103, which triggers the second, which buys at 104.
    assert [fill.order_id for fill in traded.venue.fills("ann")] == [first.id, second.id]
    assert [fill.price for fill in traded.venue.fills("ann")] == [103, 104]


def test_woken_stop_that_cannot_be_paid_expires(open_pit):
    pit = open_pit(balance="1000")
    pit.enter("bob", "sell", "0.1", "100")
    pit.enter("cat", "buy", "0.1", "100")
    pit.enter("bob", "sell", "1", "101")
    pit.enter("bob", "sell", "20", "140")
    order = pit.enter("ann", "buy", "9", stop="101")
    pit.enter("cat", "buy", "1", "101")
    assert (order.status, order.reason) == ("Expired", "insufficient_funds")
    assert pit.held("ann") == {}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"time_in_force": TimeInForce.FOK}, "fok_unfillable"),
        ({"post_only": True}, "would_cross"),
        ({"time_in_force": TimeInForce.IOC}, "not_filled_at_once"),
    ],
)
def test_woken_stop_limit_obeys_its_flags(traded, more, reason):
    order = traded.enter("ann", "buy", "3", "103", stop="102", **more)
    traded.enter("cat", "buy", "2", "102")
    assert (order.status, order.reason) == ("Expired", reason)


def test_canceled_stop_never_wakes(traded):
    order = traded.enter("ann", "buy", "1", stop="102")
    traded.venue.cancel("ann", order.id, 2)
    traded.enter("cat", "buy", "2", "102")
    assert (order.status, order.cumulative_quantity) == ("Canceled", 0)


def test_bid_or_ask_alone_wakes_no_stop(traded):
    order = traded.enter("ann", "sell", "1", stop="99")
    traded.venue.cancel_all("cat", 2)
    traded.enter("bob", "sell", "1", "90")
    assert order.status == "New"
