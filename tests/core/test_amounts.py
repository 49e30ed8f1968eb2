"""Amounts as people read them."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.core.amounts import money

D = Decimal


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (D(1) / 3, "0.33333333"),
        (D(20_000) / 3, "6666.66666667"),
        (D("-0.1250"), "-0.125"),
        (D("100.00"), "100"),
        (D("1E+3"), "1000"),
        (D(0), "0"),
        (D("-0.00"), "0"),
        (D(1) / 70_000, "0.0000142857"),
        (D("0.000000001234567"), "0.00000000123457"),
        (D("1E-30"), "0"),
        (D("-1E-30"), "0"),
        (D("Infinity"), "Infinity"),
        (D("123456789012345678901234567890.1"), "123456789012345678901234567890.1"),
    ],
)
def test_an_amount_is_rounded_for_reading(amount, expected):
    assert money(amount) == expected


@settings(max_examples=200)
@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, min_value=-(10**60), max_value=10**60
    )
)
def test_what_is_read_is_the_amount_to_eight_decimals_or_six_digits(amount):
    read = D(money(amount))
    assert abs(read - amount) <= max(D("1E-16"), min(D("5E-9"), abs(amount) / 10**5))
    assert "E" not in money(amount) and money(amount) != "-0"
