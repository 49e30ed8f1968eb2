"""Trailing stops, if-touched orders and attached legs before the gate."""

from decimal import Decimal

import pytest

from crossdock.core.risk import Working
from crossdock.errors import RiskRefused
from crossdock.model import Contingency, Leg, OrderType, Side

D = Decimal
PERPETUAL = "BTC/USDT:USDT@alpha"
SPOT = "BTC/USDT@alpha"
OTO, OCO = Contingency.OTO, Contingency.OCO
BRACKET = (Leg(limit_price=D(110)), Leg(stop_price=D(90)))
TRAIL = {"kind": OrderType.TRAILING_STOP, "limit_price": None}


@pytest.fixture
def able(desk):
    desk.set_limits()
    desk.allow(contingencies=frozenset(Contingency), most_legs=2)
    return desk


def reserved(desk, **values):
    return desk.check(desk.order(**values)).reserved


REFUSED = {
    "legs nobody holds": (
        lambda d: d.allow(contingencies=frozenset({OCO})),
        {"attached": BRACKET},
        "attached_legs",
        "the venue holds no OTO legs here",
    ),
    "pair nobody holds": (
        lambda d: d.allow(contingencies=frozenset({OTO})),
        {"side": Side.SELL, "attached": BRACKET[1:], "contingency": OCO},
        "attached_legs",
        "the venue holds no OCO legs here",
    ),
    "one leg too many": (
        lambda d: d.allow(most_legs=1),
        {"attached": BRACKET},
        "attached_legs",
        "2 legs, the venue attaches 1 at most",
    ),
    "leg of a type not taken": (
        lambda d: d.allow(order_types=frozenset({OrderType.LIMIT})),
        {"attached": BRACKET},
        "attached_legs",
        "the venue takes no stop orders here",
    ),
    "trail not taken": (
        lambda d: d.allow(order_types=frozenset({OrderType.LIMIT})),
        {**TRAIL, "trail_percent": D(5)},
        "order_type",
        "the venue takes no trailing_stop orders here",
    ),
    "leg between two ticks": (
        lambda d: None,
        {"attached": (Leg(stop_price=D("90.05")),)},
        "tick",
        "does not fit its step 0.1",
    ),
    "market that is closed": (
        lambda d: d.list(PERPETUAL, is_trading=False),
        {},
        "instrument",
        "takes no orders now",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_venue_cannot_do_is_refused_before_it_is_sent(able, name):
    arrange, values, check, words = REFUSED[name]
    arrange(able)
    with pytest.raises(RiskRefused) as refused:
        able.check(able.order(**values))
    [(found, said)] = refused.value.reasons
    assert (found, words in said) == (check, True), said
    assert len(able.reservations) == 0


def test_bracket_sets_aside_what_it_opens_and_no_more(able):
    assert reserved(able, attached=BRACKET) == reserved(able)


def test_oco_pair_is_counted_once_at_its_dearer_price(able):
    pair = reserved(
        able,
        name=SPOT,
        side=Side.BUY,
        limit_price="90",
        attached=(Leg(stop_price=D(120)),),
        contingency=OCO,
    )
    assert (pair.quantity, pair.notional, pair.orders) == (1, 120, 1)


@pytest.mark.parametrize(
    ("side", "trail", "worst"),
    [
        (Side.BUY, {"trail_amount": D(7)}, 107),
        (Side.BUY, {"trail_percent": D(3)}, 103),
        (Side.SELL, {"trail_amount": D(7)}, 100),
    ],
)
def test_trailing_stop_counts_where_it_begins(able, side, trail, worst):
    assert reserved(able, **TRAIL, side=side, **trail).notional == worst


@pytest.mark.parametrize(
    ("kind", "limit"),
    [(OrderType.MARKET_IF_TOUCHED, None), (OrderType.LIMIT_IF_TOUCHED, "95")],
)
def test_if_touched_counts_at_the_price_it_waits_for(able, kind, limit):
    held = reserved(able, kind=kind, limit_price=limit, stop_price="95")
    assert held.notional == 95


def test_collar_of_a_limit_if_touched_is_drawn_around_its_trigger(able):
    able.set_limits(price_collar_bps=D(100))
    values = {"kind": OrderType.LIMIT_IF_TOUCHED, "stop_price": "50"}
    able.check(able.order(**values, limit_price="50.5"))
    with pytest.raises(RiskRefused, match="bps from 50"):
        able.check(able.order(**values, limit_price="51"))


def test_same_order_with_other_legs_is_no_duplicate(able):
    able.set_limits(duplicate_window_s=D(5))
    able.check(able.order())
    able.check(able.order(attached=BRACKET))
    with pytest.raises(RiskRefused, match="duplicate"):
        able.check(able.order(attached=BRACKET))


@pytest.mark.parametrize(
    "trail",
    [{"trail_amount": D("5")}, {"trail_percent": D("5")}],
)
def test_quantity_of_a_trailing_stop_can_be_replaced(able, trail):
    request = able.order(**TRAIL, **trail)
    held = able.place(request)
    assert isinstance(held, Working)
    approved = able.gate.check_replace(request, held, able, quantity=D(2))
    assert approved.request.quantity == 2


def test_stop_price_of_a_trailing_stop_cannot_be_replaced(able):
    request = able.order(**TRAIL, trail_amount=D(5))
    held = able.place(request)
    with pytest.raises(RiskRefused, match="takes no stop price"):
        able.gate.check_replace(request, held, able, stop_price=D(90))
