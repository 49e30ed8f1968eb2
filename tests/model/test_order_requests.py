"""Which orders can be asked for at all, and in which words the others are refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.model import (
    LIMITED,
    TRIGGERED,
    Contingency,
    Leg,
    OrderRequest,
    OrderType,
    Side,
    TimeInForce,
)

D = Decimal
TP, SL, SLL = (
    Leg(limit_price=D(110)),
    Leg(stop_price=D(90)),
    Leg(stop_price=D(90), limit_price=D(89)),
)
OCO = Contingency.OCO


def asked(**values):
    return OrderRequest(
        **{
            "account": "main",
            "instrument": "BTC/USDT@alpha",
            "side": Side.BUY,
            "type": OrderType.LIMIT,
            "quantity": D(1),
            "limit_price": D(100),
            **values,
        }
    )


@pytest.mark.parametrize("kind", OrderType)
@pytest.mark.parametrize("limit", [None, D(100)])
@pytest.mark.parametrize("stop", [None, D(99)])
@pytest.mark.parametrize("amount", [None, D(5)])
@pytest.mark.parametrize("percent", [None, D(5)])
def test_each_type_takes_exactly_its_own_prices(kind, limit, stop, amount, percent):
    trails = (amount is not None) + (percent is not None)
    fits = (
        (limit is not None) == (kind in LIMITED)
        and (stop is not None) == (kind in TRIGGERED)
        and trails == (kind is OrderType.TRAILING_STOP)
    )
    values = {
        "type": kind,
        "limit_price": limit,
        "stop_price": stop,
        "trail_amount": amount,
        "trail_percent": percent,
    }
    if fits:
        assert asked(**values).type is kind
    else:
        with pytest.raises(ValueError, match=r"order (needs|takes)"):
            asked(**values)


GOOD = {
    "bracket around a limit": {"attached": (TP, SL)},
    "bracket with a stop-limit": {"attached": (TP, SLL)},
    "legs in the other order": {"attached": (SL, TP)},
    "one take-profit": {"attached": (TP,)},
    "one stop-loss": {"attached": (SL,)},
    "bracket at market": {
        "type": OrderType.MARKET,
        "limit_price": None,
        "attached": (TP, SL),
    },
    "bracket behind a stop": {
        "type": OrderType.STOP,
        "limit_price": None,
        "stop_price": D(105),
        "attached": (TP, SL),
    },
    "bracket of a sale": {
        "side": Side.SELL,
        "attached": (Leg(limit_price=D(90)), Leg(stop_price=D(110))),
    },
    "exit pair of a sale": {
        "side": Side.SELL,
        "attached": (SL,),
        "contingency": OCO,
    },
    "exit pair that only reduces": {
        "side": Side.SELL,
        "attached": (SLL,),
        "contingency": OCO,
        "reduce_only": True,
    },
    "exit pair of a purchase": {
        "attached": (Leg(stop_price=D(110)),),
        "contingency": OCO,
    },
    "for the day": {"attached": (TP, SL), "time_in_force": TimeInForce.DAY},
}


@pytest.mark.parametrize("name", GOOD)
def test_groups_that_make_sense_can_be_asked_for(name):
    assert asked(**GOOD[name]).attached


BAD = {
    "two take-profits": ({"attached": (TP, TP)}, "one take-profit and one stop-loss"),
    "two stop-losses": ({"attached": (SL, SLL)}, "one take-profit and one stop-loss"),
    "three legs": ({"attached": (TP, SL, TP)}, "one take-profit and one stop-loss"),
    "profit below the entry": (
        {"attached": (Leg(limit_price=D(99)),)},
        "a sell exit stops below the entry and takes profit above it, got 100, 99",
    ),
    "profit at the entry": ({"attached": (Leg(limit_price=D(100)),)}, "takes profit above"),
    "loss above the entry": ({"attached": (Leg(stop_price=D(101)),)}, "stops below"),
    "legs the wrong way round": (
        {
            "type": OrderType.MARKET,
            "limit_price": None,
            "attached": (Leg(limit_price=D(90)), Leg(stop_price=D(110))),
        },
        "stops below",
    ),
    "sale with a purchase's legs": (
        {"side": Side.SELL, "attached": (TP, SL)},
        "a buy exit stops above the entry and takes profit below it",
    ),
    "not a number": (
        {"attached": (Leg(limit_price=D("NaN")),)},
        "must be finite numbers",
    ),
    "at once or never": (
        {"attached": (TP,), "time_in_force": TimeInForce.IOC},
        "a IOC order takes no attached legs",
    ),
    "all or nothing": (
        {"attached": (TP,), "time_in_force": TimeInForce.FOK},
        "a FOK order takes no attached legs",
    ),
    "legs of an exit": (
        {"attached": (TP,), "reduce_only": True},
        "opens nothing that legs could close",
    ),
    "pair without its stop": ({"contingency": OCO}, "OCO needs an attached leg"),
    "pair with a profit leg": (
        {"contingency": OCO, "attached": (TP,)},
        "OCO is a limit order with exactly one stop leg",
    ),
    "pair of three": (
        {"contingency": OCO, "attached": (TP, SL)},
        "OCO is a limit order with exactly one stop leg",
    ),
    "pair at market": (
        {
            "contingency": OCO,
            "type": OrderType.MARKET,
            "limit_price": None,
            "attached": (SL,),
        },
        "OCO is a limit order with exactly one stop leg",
    ),
    "pair the wrong way round": (
        {"contingency": OCO, "attached": (SL,)},
        "a buy exit stops above the entry and takes profit below it, got 90, 100",
    ),
    "trail of nothing": (
        {"type": OrderType.TRAILING_STOP, "limit_price": None, "trail_amount": D(0)},
        "a trail must be positive, got 0",
    ),
    "trail without end": (
        {
            "type": OrderType.TRAILING_STOP,
            "limit_price": None,
            "trail_amount": D("Infinity"),
        },
        "a trail must be positive",
    ),
    "trail of the whole price": (
        {"type": OrderType.TRAILING_STOP, "limit_price": None, "trail_percent": D(100)},
        "a trail percent must be below 100, got 100",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_no_venue_could_understand_is_refused_in_words(name):
    values, words = BAD[name]
    with pytest.raises(ValueError, match=words):
        asked(**values)


def test_leg_without_a_price_is_no_leg():
    with pytest.raises(ValueError, match="needs a limit price or a stop price"):
        Leg()


@pytest.mark.parametrize(
    ("leg", "kind"),
    [(TP, OrderType.LIMIT), (SL, OrderType.STOP), (SLL, OrderType.STOP_LIMIT)],
)
def test_leg_is_the_type_its_prices_say(leg, kind):
    assert leg.type is kind


prices = st.integers(1, 20).map(D)


@given(side=st.sampled_from(Side), entry=prices, gain=prices, loss=prices)
def test_bracket_is_taken_exactly_when_the_entry_lies_between(side, entry, gain, loss):
    legs = (Leg(limit_price=gain), Leg(stop_price=loss))
    between = loss < entry < gain if side is Side.BUY else gain < entry < loss
    try:
        asked(side=side, limit_price=entry, attached=legs)
    except ValueError:
        assert not between
    else:
        assert between
