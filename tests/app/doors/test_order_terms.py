"""Prices and legs as people say them, and the orders they mean."""

from decimal import Decimal

import pytest

from crossdock.app.doors.acting.terms import read_terms
from crossdock.errors import DeskError
from crossdock.model import Contingency, Leg, OrderType

D = Decimal
NOTHING = dict.fromkeys(
    (
        "limit",
        "stop",
        "if_touched",
        "trail_amount",
        "trail_percent",
        "take_profit",
        "stop_loss",
    )
)


def terms(**said):
    return read_terms(**{**NOTHING, "oco": False, **said})


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({}, "market"),
        ({"limit": "99"}, "limit"),
        ({"stop": "99"}, "stop"),
        ({"stop": "99", "limit": "98"}, "stop_limit"),
        ({"if_touched": "99"}, "market_if_touched"),
        ({"if_touched": "99", "limit": "98"}, "limit_if_touched"),
        ({"trail_amount": "5"}, "trailing_stop"),
        ({"trail_percent": "0.5"}, "trailing_stop"),
    ],
)
def test_prices_say_the_type(said, kind):
    read = terms(**said)
    assert read.type is OrderType(kind)
    assert read.limit_price == (D(said["limit"]) if "limit" in said else None)
    waits = said.get("stop") or said.get("if_touched")
    assert read.stop_price == (D(waits) if waits else None)
    assert read.limit_at_once == (D(99) if said == {"limit": "99"} else None)


@pytest.mark.parametrize(
    ("said", "legs"),
    [
        ({"take_profit": "110"}, (Leg(limit_price=D(110)),)),
        ({"stop_loss": "90"}, (Leg(stop_price=D(90)),)),
        ({"stop_loss": "90:89.5"}, (Leg(stop_price=D(90), limit_price=D("89.5")),)),
        (
            {"take_profit": "110", "stop_loss": "90"},
            (Leg(limit_price=D(110)), Leg(stop_price=D(90))),
        ),
    ],
)
def test_exits_become_legs(said, legs):
    read = terms(**said)
    assert (read.attached, read.contingency) == (legs, Contingency.OTO)


def test_exit_pair_is_a_limit_order_with_its_stop():
    read = terms(limit="110", stop_loss="90", oco=True)
    assert read.type is OrderType.LIMIT
    assert read.attached == (Leg(stop_price=D(90)),)
    assert read.contingency is Contingency.OCO


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"stop": "9", "if_touched": "9"}, "not for a stop and if-touched"),
        ({"stop": "9", "trail_amount": "1"}, "not for a stop and a trail amount"),
        (
            {"trail_amount": "1", "trail_percent": "1"},
            "not for a trail amount and a trail percent",
        ),
        ({"trail_amount": "1", "limit": "9"}, "a trailing stop takes no limit"),
        ({"oco": True, "limit": "9"}, "OCO is a limit order with a stop loss"),
        ({"oco": True, "stop_loss": "9"}, "OCO is a limit order with a stop loss"),
        (
            {"oco": True, "limit": "9", "stop_loss": "8", "take_profit": "10"},
            "OCO is a limit order with a stop loss",
        ),
        ({"stop_loss": "9:"}, "stop loss limit is a plain number"),
        ({"stop_loss": ":9"}, "stop loss is a plain number"),
        ({"take_profit": "much"}, "take profit is a plain number"),
        ({"trail_percent": "5 %"}, "trail percent is a plain number"),
    ],
)
def test_what_says_two_things_or_none_is_refused(said, words):
    with pytest.raises(DeskError) as refused:
        terms(**said)
    assert words in str(refused.value)
    assert refused.value.code == "bad-argument"
