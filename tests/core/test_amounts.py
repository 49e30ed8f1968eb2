"""Amounts as people read them."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.core.amounts import money, telling

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


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (("1001.001", "1001"), ("1001.001", "1001")),
        (("1001.0010000000001", "1001.001"), ("1001.0010000000001", "1001.001")),
        (("1000.123456789", "1000"), ("1000.12345679", "1000")),
        (("1E-30", "0"), ("0.000000000000000000000000000001", "0")),
        (("5", "5.0"), ("5", "5")),
        (("Infinity", "1E+3"), ("Infinity", "1000")),
        (("NaN", "NaN"), ("NaN", "NaN")),
        ((), ()),
    ],
)
def test_amounts_are_told_apart_with_as_few_digits_as_it_takes(amounts, expected):
    assert telling(*map(D, amounts)) == expected


def test_a_sum_that_is_above_a_limit_reads_above_it():
    amounts = D("5000.000000001"), D("5000.000000001"), D(10_000)
    told = telling(*amounts, claim=lambda a, b, limit: a + b > limit)
    assert told == ("5000.000000001", "5000.000000001", "10000")


def test_a_claim_that_no_digit_makes_true_ends_at_the_amounts_themselves():
    assert telling(D("1.0000000000001"), claim=lambda _: False) == ("1.0000000000001",)


_AMOUNT = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20
)
_SLIGHT = st.builds(D.scaleb, st.integers(-9, 9).map(D), st.integers(-30, -7))
_CLOSE = st.builds(
    lambda amount, slight: (amount, amount + slight), _AMOUNT, st.just(D(0)) | _SLIGHT
)


@settings(max_examples=200)
@given(_CLOSE | st.tuples(_AMOUNT, _AMOUNT))
def test_two_amounts_read_in_their_own_order_and_the_same_only_where_they_are(amounts):
    one, other = amounts
    first, second = map(D, telling(one, other))
    assert (first > second, first == second) == (one > other, one == other)
    assert abs(first - one) <= abs(D(money(one)) - one)
