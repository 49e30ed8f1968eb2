"""From an opinion to a position."""

from dataclasses import fields, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.core.execution.sizing import (
    METHODS,
    EquityShare,
    FixedRisk,
    Unsized,
    VolatilityTarget,
    parse_sizing,
    sizing_table,
    target_quantity,
)
from crossdock.model import Direction, Signal

D = Decimal
shares = st.floats(0, 1, allow_nan=False)
positive = st.floats(1e-6, 1e6)
SHARE = EquityShare(share=D("0.05"))
EACH = (SHARE, VolatilityTarget(), FixedRisk())


def signal(direction=Direction.LONG, confidence=1.0, strength=1.0, **values):
    return Signal(
        symbol="BTC/USDT",
        direction=direction,
        confidence=confidence,
        strength=strength,
        horizon_s=1,
        strategy="trend",
        **{"volatility": 0.5, "stop_distance": 4.0, **values},
    )


@pytest.mark.parametrize(
    ("direction", "confidence", "strength", "expected"),
    [
        (Direction.LONG, 1.0, 1.0, "5"),
        (Direction.SHORT, 1.0, 1.0, "-5"),
        (Direction.FLAT, 1.0, 1.0, "0"),
        (Direction.LONG, 0.5, 0.1, "0.25"),
        (Direction.LONG, 0.0, 1.0, "0"),
    ],
)
def test_a_full_opinion_asks_for_its_share_of_capital(
    direction, confidence, strength, expected
):
    opinion = signal(direction, confidence, strength)
    assert target_quantity(opinion, D(10_000), D(100), SHARE) == D(expected)


@pytest.mark.parametrize(
    ("sizing", "values", "expected"),
    [
        (VolatilityTarget(target=D("0.2")), {"volatility": 0.5}, "40"),
        (VolatilityTarget(target=D("0.2")), {"volatility": 0.8}, "25"),
        (VolatilityTarget(target=D("0.2")), {"volatility": 0.1}, "95"),  # capped
        (VolatilityTarget(most_share=D(3)), {"volatility": 0.1}, "200"),
        (FixedRisk(risk=D("0.01")), {"stop_distance": 4.0}, "25"),
        (FixedRisk(risk=D("0.02")), {"stop_distance": 4.0}, "50"),
        (FixedRisk(risk=D("0.01")), {"stop_distance": 0.5}, "95"),  # capped
        (EquityShare(share=D("0.5"), most_share=D("0.25")), {}, "25"),
    ],
)
def test_each_method_asks_for_what_it_says_within_its_cap(sizing, values, expected):
    opinion = signal(**values)
    assert target_quantity(opinion, D(10_000), D(100), sizing) == D(expected)
    short = replace(opinion, direction=Direction.SHORT)
    assert target_quantity(short, D(10_000), D(100), sizing) == -D(expected)


@given(st.decimals("0.01", 1, places=3), positive, positive)
def test_a_position_sized_by_risk_loses_that_share_at_its_stop(risk, stop, price):
    sizing = FixedRisk(risk=risk, most_share=D(10**15))
    quantity = target_quantity(
        signal(stop_distance=stop), D(10_000), D(repr(price)), sizing
    )
    lost = quantity * D(repr(stop))
    assert abs(lost - 10_000 * risk) < D("1e-12")


@given(positive, positive)
def test_a_position_sized_by_volatility_moves_as_aimed_at(volatility, price):
    sizing = VolatilityTarget(target=D("0.2"), most_share=D(10**15))
    opinion = signal(volatility=volatility)
    quantity = target_quantity(opinion, D(10_000), D(repr(price)), sizing)
    assert abs(quantity * D(repr(price)) * D(repr(volatility)) - 2_000) < D("1e-12")


@given(
    st.sampled_from(EACH), positive, positive, positive, st.decimals("0.01", 2, places=2)
)
def test_no_position_is_worth_more_than_its_cap(sizing, volatility, stop, price, most):
    capped = replace(sizing, most_share=most)
    opinion = signal(volatility=volatility, stop_distance=stop)
    worth = target_quantity(opinion, D(10_000), D(repr(price)), capped) * D(repr(price))
    assert 0 < worth <= 10_000 * most * (1 + D("1e-20"))


@pytest.mark.parametrize("sizing", EACH)
@pytest.mark.parametrize("price", ["0", "-3"])
def test_there_is_no_size_without_a_positive_price(sizing, price):
    with pytest.raises(ValueError, match="BTC/USDT needs a positive price"):
        target_quantity(signal(), D(1), D(price), sizing)


@pytest.mark.parametrize(
    ("sizing", "values", "words"),
    [
        (VolatilityTarget(), {"volatility": None}, "no volatility"),
        (FixedRisk(), {"stop_distance": None}, "no stop distance"),
    ],
)
def test_what_a_method_goes_by_must_be_in_the_signal_except_to_go_flat(
    sizing, values, words
):
    with pytest.raises(Unsized, match=words):
        target_quantity(signal(**values), D(1), D(1), sizing)
    flat = signal(Direction.FLAT, **values)
    assert target_quantity(flat, D(1), D(1), sizing) == 0


@given(st.sampled_from(EACH), shares, shares)
def test_less_conviction_never_means_a_larger_position(sizing, confidence, strength):
    whole = target_quantity(signal(), D(10_000), D(100), sizing)
    opinion = signal(confidence=confidence, strength=strength)
    part = target_quantity(opinion, D(10_000), D(100), sizing)
    assert 0 <= part <= whole
    short = signal(Direction.SHORT, confidence, strength)
    assert target_quantity(short, D(10_000), D(100), sizing) == -part


@pytest.mark.parametrize("capital", ["0", "-500"])
def test_nobody_goes_the_other_way_for_want_of_capital(capital):
    for sizing in EACH:
        assert target_quantity(signal(), D(capital), D(100), sizing) == 0


# ---- settings ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, EquityShare()),
        ("", EquityShare()),
        ({"share": "0.1"}, EquityShare(share=D("0.1"))),
        ({"method": "volatility"}, VolatilityTarget(target=D("0.2"))),
        ({"method": "volatility", "target": D("0.3")}, VolatilityTarget(target=D("0.3"))),
        ("volatility target=0.3", VolatilityTarget(target=D("0.3"))),
        (
            "fixed_risk risk=0.02 most_share=2",
            FixedRisk(risk=D("0.02"), most_share=D(2)),
        ),
        ({"method": "fixed_risk", "most_share": 2}, FixedRisk(most_share=D(2))),
    ],
)
def test_a_table_or_a_text_says_the_same(given, expected):
    assert parse_sizing(given) == expected


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"method": "volatilty"}, "did you mean volatility"),
        ({"method": "kelly"}, "there are equity_share, volatility, fixed_risk"),
        ({"method": 3}, "there is no sizing method 3"),
        ({"method": "volatility", "share": "0.1"}, "volatility has no setting share"),
        ({"sahre": "0.1"}, "did you mean share"),
        ({"share": 0.1}, 'expected a positive number, as in "0.05"'),
        ({"share": "much"}, "share = 'much'"),
        ({"share": True}, "share = True"),
        ({"share": "NaN"}, "a positive number"),
        ({"share": "-0.1"}, "a positive number"),
        ({"share": "5"}, "expected a share of capital, 1 at most"),
        ({"most_share": "0"}, "most_share"),
        ("volatility 0.2", "expected name=value"),
    ],
)
def test_a_sizing_that_cannot_be_says_what_is_wrong(given, words):
    with pytest.raises(ValueError) as refused:
        parse_sizing(given)
    assert words in str(refused.value)


def test_everything_wrong_with_a_sizing_is_said_at_once():
    with pytest.raises(ValueError) as refused:
        parse_sizing({"method": "fixed_risk", "risk": "2", "target": 1, "most_share": "x"})
    assert all(name in str(refused.value) for name in ("risk = 2", "target", "most_share"))


@given(st.sampled_from(EACH), st.decimals("0.001", 1, places=3))
def test_a_sizing_is_read_back_from_its_table(sizing, value):
    name = fields(sizing)[0].name
    changed = replace(sizing, **{name: value})
    assert parse_sizing(sizing_table(changed)) == changed
    words = sizing_table(changed)
    method = words.pop("method")
    assert method in METHODS
    assert parse_sizing(f"{method} " + " ".join(f"{k}={v}" for k, v in words.items())) == (
        changed
    )
