"""Ids look like Kraken's and stand for the engine's numbers."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.sandbox.faces.kraken.ids import ledger_id, number_of, order_id, trade_id

NUMBERS = st.integers(min_value=1, max_value=10**9)


@settings(max_examples=100)
@given(NUMBERS)
def test_an_id_leads_back_to_its_number(number):
    text = order_id(str(number))
    assert re.fullmatch(r"O[A-Z2-7]{5}-[A-Z2-7]{5}-[A-Z2-7]{6}", text)
    assert number_of(text) == str(number)
    assert number_of(trade_id(f"E{number}"), "T") == str(number)


@settings(max_examples=100)
@given(NUMBERS, NUMBERS)
def test_two_numbers_have_two_ids(one, two):
    assert (order_id(str(one)) == order_id(str(two))) == (one == two)
    assert ledger_id(one, 0) != ledger_id(two, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "O",
        "123",
        "OARXDO-TJVDS-4G3G54",
        "TARXDO-TJVDS-4G3G54",
        order_id("7").lower(),
        order_id("7").replace("-", ""),
        order_id("7")[1:],
        f"{order_id('7')}A",
        trade_id("E7"),
    ],
)
def test_what_was_never_given_out_leads_nowhere(text):
    assert number_of(text) is None
