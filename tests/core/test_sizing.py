"""From an opinion to a position."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.core.execution.sizing import target_quantity
from crossdock.model import Direction, Signal

D = Decimal
shares = st.floats(0, 1, allow_nan=False)


def signal(direction=Direction.LONG, confidence=1.0, strength=1.0):
    return Signal(
        symbol="BTC/USDT",
        direction=direction,
        confidence=confidence,
        strength=strength,
        horizon_s=1,
        strategy="trend",
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
    assert target_quantity(opinion, D(10_000), D(100), D("0.05")) == D(expected)


@pytest.mark.parametrize("price", ["0", "-3"])
def test_there_is_no_size_without_a_positive_price(price):
    with pytest.raises(ValueError, match="BTC/USDT needs a positive price"):
        target_quantity(signal(), D(1), D(price), D(1))


@given(shares, shares)
def test_less_conviction_never_means_a_larger_position(confidence, strength):
    whole = target_quantity(signal(), D(10_000), D(100), D("0.05"))
    opinion = signal(confidence=confidence, strength=strength)
    part = target_quantity(opinion, D(10_000), D(100), D("0.05"))
    assert 0 <= part <= whole
    short = target_quantity(
        signal(Direction.SHORT, confidence, strength), D(10_000), D(100), D("0.05")
    )
    assert short == -part
