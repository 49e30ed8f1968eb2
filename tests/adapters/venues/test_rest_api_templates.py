"""Nothing that is filled into a template can become more than the value it stands for."""

import json
from decimal import Decimal
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.venues.rest_api.described.template import (
    Moment,
    body_of,
    holes_of,
    path_of,
    query_of,
    template,
)
from crossdock.adapters.venues.rest_api.rows import exact, find, nanoseconds
from crossdock.errors import BadPayload, NotSent

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False).filter(
    lambda it: abs(it.adjusted()) < 30
)
MOMENT = Moment(1_700_000_000_123_456_789)


@settings(max_examples=60)
@given(TEXTS.filter(lambda text: text not in (".", "..")))
def test_a_value_stays_one_segment_of_its_path(text):
    path = path_of("/v1/{id}/cancel", {"id": text})
    lead, segment, tail = path[1:].split("/")
    assert (lead, unquote(segment), tail) == ("v1", text, "cancel")
    assert not set("?#") & set(path)


@pytest.mark.parametrize("value", [None, "", ".", ".."])
def test_a_segment_that_would_name_another_resource_is_not_sent(value):
    with pytest.raises(NotSent):
        path_of("/v1/{id}", {"id": value})


@settings(max_examples=60)
@given(TEXTS)
def test_a_value_stays_one_parameter_of_its_query(text):
    query = query_of({"id": "{id}", "more": 1, "flag": True}, {"id": text})
    assert parse_qsl(query, keep_blank_values=True) == [
        ("id", text),
        ("more", "1"),
        ("flag", "true"),
    ]


@settings(max_examples=60)
@given(TEXTS)
def test_a_value_stays_one_string_of_its_body(text):
    body = body_of({"a": "{id}", "b": ["x{id}", {"c": "{id}"}]}, {"id": text})
    assert json.loads(body) == {"a": text, "b": [f"x{text}", {"c": text}]}


@settings(max_examples=100)
@given(AMOUNTS)
def test_an_amount_goes_out_and_comes_back_with_every_digit(amount):
    values = {"quantity": amount}
    as_text = json.loads(body_of({"q": "{quantity}"}, values))["q"]
    as_number = json.loads(
        body_of({"q": "{quantity:number}"}, values), parse_float=Decimal, parse_int=Decimal
    )["q"]
    assert Decimal(as_text) == as_number == amount
    assert "e" not in as_text.lower()
    assert query_of({"q": "{quantity}"}, values) == f"q={amount:f}"
    assert exact(as_text, "q") == amount


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{t:s}", 1_700_000_000),
        ("{t:ms}", 1_700_000_000_123),
        ("{t:us}", 1_700_000_000_123_456),
        ("{t:ns}", 1_700_000_000_123_456_789),
        ("{t:iso}", "2023-11-14T22:13:20.123Z"),
        ("at {t:ms}", "at 1700000000123"),
    ],
)
def test_a_moment_goes_out_in_the_unit_it_is_asked_in(text, value):
    assert template(text).value({"t": MOMENT}) == value


def test_what_has_no_value_is_left_out_with_what_held_it():
    body = {"a": "{x}", "b": {"c": "{x}"}, "d": ["{x}"], "e": {}, "f": False}
    assert json.loads(body_of(body, {"x": None})) == {"e": {}, "f": False}
    assert query_of({"a": "{x}", "b": "-{x}"}, {}) == ""


def test_doubled_braces_are_braces():
    assert template("{{{x}}}").text({"x": 1}) == "{1}"
    assert holes_of("/{a}", {"b": ["{c}"]}, None) == {"a", "c"}


@pytest.mark.parametrize("text", ["{", "a}b", "{a", "{}"])
def test_a_lone_brace_is_refused(text):
    with pytest.raises(ValueError, match="brace"):
        template(text)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", {"a": [{"b": 1}], "0": 2}),
        ("a.0.b", 1),
        ("a.-1.b", 1),
        ("0", 2),
        ("a.1.b", None),
        ("a.b", None),
        ("a.0.b.c", None),
    ],
)
def test_a_path_leads_to_a_value_or_to_none(path, found):
    assert find({"a": [{"b": 1}], "0": 2}, path) == found


@pytest.mark.parametrize(
    ("value", "unit", "time_ns"),
    [
        (1_700_000_000, "s", 1_700_000_000_000_000_000),
        ("1700000000.123456789", "s", 1_700_000_000_123_456_789),
        (Decimal("1700000000123.5"), "ms", 1_700_000_000_123_500_000),
        (1_700_000_000_123_456, "us", 1_700_000_000_123_456_000),
        ("1700000000123456789", "ns", 1_700_000_000_123_456_789),
        ("2023-11-14T22:13:20.123456Z", "iso", 1_700_000_000_123_456_000),
        ("2023-11-14T23:13:20+01:00", "iso", 1_700_000_000_000_000_000),
        ("2023-11-14 22:13:20", "iso", 1_700_000_000_000_000_000),
    ],
)
def test_a_time_is_read_exactly(value, unit, time_ns):
    assert nanoseconds(value, unit, "at") == time_ns


@pytest.mark.parametrize("value", [True, None, "x", "NaN", "Infinity", "1E+101", {}, 1.5])
def test_what_is_no_amount_is_refused(value):
    with pytest.raises(BadPayload):
        exact(value, "price")
