"""If-touched orders wake on the other side of the market; trailing stops follow it."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model import OrderType
from crossdock.sandbox.engine import Refused

TRAIL = {"type": OrderType.TRAILING_STOP}


def trade(pit, price):
    """Let a trade happen at a price, in an empty book or a crossing one."""
    pit.enter("bob", "sell", "0.1", str(price))
    pit.enter("cat", "buy", "0.1", str(price))


@pytest.fixture
def at_100(open_pit):
    pit = open_pit()
    trade(pit, 100)
    return pit


def touched(pit, side, stop, limit=None):
    kind = OrderType.MARKET_IF_TOUCHED if limit is None else OrderType.LIMIT_IF_TOUCHED
    return pit.enter("ann", side, "0.1", limit, stop=stop, type=kind)


@pytest.mark.parametrize(
    ("side", "stop", "short_of_it", "there"),
    [("buy", "95", 95.5, 95), ("sell", "105", 104.5, 105)],
)
def test_if_touched_wakes_when_the_price_comes_to_it(
    at_100, side, stop, short_of_it, there
):
    order = touched(at_100, side, stop)
    at_100.enter("cat", "buy", "1", "90")
    at_100.enter("bob", "sell", "1", "110")
    trade(at_100, short_of_it)
    assert (order.status, order.is_waiting) == ("New", True)
    trade(at_100, there)
    assert order.status == "Filled"


def test_limit_if_touched_rests_at_its_limit(at_100):
    order = touched(at_100, "buy", "95", "94")
    trade(at_100, 95)
    assert (order.status, order.is_waiting) == ("New", False)
    assert at_100.venue.book("BTC/USDT", 1)[1] == [(94, Decimal("0.1"))]


@pytest.mark.parametrize(("side", "stop"), [("buy", "100"), ("sell", "99")])
def test_if_touched_that_is_touched_already_is_refused(at_100, side, stop):
    with pytest.raises(Refused, match="would trigger at once"):
        touched(at_100, side, stop)


@pytest.mark.parametrize(
    ("side", "trail", "path", "stops"),
    [
        ("sell", {"trail_amount": Decimal(5)}, [103, 101, 110], [95, 98, 98, 105]),
        ("buy", {"trail_amount": Decimal(5)}, [97, 99, 90], [105, 102, 102, 95]),
        ("sell", {"trail_percent": Decimal(10)}, [111, 105], [90, "99.5", "99.5"]),
        ("buy", {"trail_percent": Decimal(10)}, [91, 95], [110, "100.5", "100.5"]),
    ],
)
def test_trailing_stop_follows_and_never_backs_off(at_100, side, trail, path, stops):
    order = at_100.enter("ann", side, "0.1", **TRAIL, **trail)
    seen = [order.stop_price]
    for price in path:
        trade(at_100, price)
        seen.append(order.stop_price)
    assert seen == [Decimal(stop) for stop in stops]
    assert order.is_waiting


def test_trailing_stop_sells_when_the_price_falls_back(at_100):
    order = at_100.enter("ann", "sell", "0.1", **TRAIL, trail_amount=Decimal(5))
    trade(at_100, 120)
    at_100.enter("cat", "buy", "1", "114")
    trade(at_100, 115)
    assert order.status == "Filled"
    assert at_100.venue.fills("ann")[0].price == 114


@pytest.mark.parametrize(
    "trail",
    [
        {},
        {"trail_amount": Decimal(1), "trail_percent": Decimal(1)},
        {"trail_amount": Decimal(0)},
        {"trail_percent": Decimal(100)},
        {"trail_amount": Decimal(5), "stop": "90"},
    ],
)
def test_trail_that_says_nothing_is_refused(at_100, trail):
    with pytest.raises(Refused, match="bad_request"):
        at_100.enter("ann", "sell", "0.1", **TRAIL, **trail)


def test_stop_cannot_trail_a_market_without_a_price(pit):
    with pytest.raises(Refused, match="no price yet"):
        pit.enter("ann", "sell", "0.1", **TRAIL, trail_amount=Decimal(5))


def test_trail_longer_than_the_price_is_refused(at_100):
    with pytest.raises(Refused, match="too long"):
        at_100.enter("ann", "sell", "0.1", **TRAIL, trail_amount=Decimal(100))


def test_stop_price_of_a_trailing_stop_cannot_be_replaced(at_100):
    order = at_100.enter("ann", "sell", "0.1", **TRAIL, trail_amount=Decimal(5))
    with pytest.raises(Refused, match="bad_request"):
        at_100.venue.replace("ann", order.id, stop_price=Decimal(99), now_ns=2)


@settings(max_examples=60, deadline=None)
@given(
    path=st.lists(st.integers(60, 140), min_size=1, max_size=12),
    trail=st.integers(1, 30),
    side=st.sampled_from(["buy", "sell"]),
)
def test_trailing_stop_wakes_exactly_where_arithmetic_says(open_pit, path, trail, side):
    pit = open_pit()
    trade(pit, 100)
    order = pit.enter("ann", side, "0.1", **TRAIL, trail_amount=Decimal(trail))
    sign = 1 if side == "buy" else -1
    extreme, expected = 100, False
    for price in path:
        trade(pit, price)
        if not expected and (price - extreme) * sign >= trail:
            expected = True
        extreme = min(extreme, price) if side == "buy" else max(extreme, price)
        assert order.has_triggered or order.is_done if expected else order.is_waiting
