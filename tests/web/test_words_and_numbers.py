"""What does not fit is told in words; numbers are taken digit by digit."""

import re
from decimal import Decimal

import pytest
from fastapi.routing import iter_route_contexts
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from crossdock.web.exact_numbers import ExactRoute, read_json
from crossdock.web.identity.roles import Access, Role
from crossdock.web.misfits import words_of
from crossdock.web.parts import parts
from crossdock.web.shapes._shape import Amount
from crossdock.web.shapes.orders import OrderTerms
from crossdock.web.shapes.platforms import CustomChart, MarketData

ORDER = {"side": "BUY", "symbol": "BTC/USDT@alpha"}
LIBRARY = re.compile(
    r"should|input|valid (string|list|dict)|pattern|pydantic|Value error", re.IGNORECASE
)


@pytest.fixture
def signed_in(site):
    """A dashboard of all its parts without a desk, and the browser of an administrator."""
    made = site(made_of=parts())
    made.add("ada", Role.ADMIN)
    browser = made.browser()
    assert made.sign_in(browser, "ada").is_success
    return made, browser


def asked(made):
    """The arguments of what the desk was asked last."""
    return made.application.dashboard.link.asked[-1][1]


# ---- numbers -------------------------------------------------------------------


@given(
    st.decimals(
        allow_nan=False,
        allow_infinity=False,
        places=20,
        min_value=-(10**9),
        max_value=10**9,
    )
)
@settings(max_examples=60)
def test_an_amount_is_the_same_as_a_number_and_as_text(amount):
    """More digits than a float holds, and none of them is another one."""
    text = f"{amount:f}"
    told = TypeAdapter(Amount).validate_python(read_json(text))
    assert Decimal(told) == amount
    assert TypeAdapter(Amount).validate_python(text) == text


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("0.01", "0.01"),
        ("0.1000000000000000000001", "0.1000000000000000000001"),
        ("12345678901234567890", "12345678901234567890"),
        ("2e-3", "0.002"),
        ("1E3", "1000"),
        ('"0.5"', "0.5"),
    ],
)
def test_an_orders_quantity_may_be_a_number_and_reaches_the_desk_exactly(
    signed_in, written, taken
):
    made, browser = signed_in
    body = f'{{"side": "BUY", "symbol": "BTC/USDT@alpha", "quantity": {written}}}'
    headers = {"Content-Type": "application/json"}
    reply = browser.post("/api/v1/orders/dry-run", content=body, headers=headers)
    assert reply.status_code == 503, reply.text
    assert asked(made)["quantity"] == taken


@pytest.mark.parametrize(
    "written",
    ["true", "null", "[]", '"1e3"', '"x"', "1e400", "1e-40", "1e99999999999999999999"],
)
def test_an_amount_that_is_none_is_refused_with_how_one_looks(signed_in, written):
    _, browser = signed_in
    body = f'{{"side": "BUY", "symbol": "BTC/USDT@alpha", "quantity": {written}}}'
    headers = {"Content-Type": "application/json"}
    reply = browser.post("/api/v1/orders/dry-run", content=body, headers=headers)
    assert reply.status_code == 422
    wanted = 'quantity: a plain decimal number, like "0.05" or 0.05'
    assert reply.json()["detail"] == wanted


def test_a_float_whose_text_is_not_known_is_refused():
    with pytest.raises(ValidationError, match="plain decimal"):
        OrderTerms(**ORDER, quantity=0.1)


def test_every_route_that_takes_amounts_reads_numbers_exactly(signed_in):
    made, _ = signed_in
    described = made.application.api.openapi()
    found = 0
    for route in iter_route_contexts(made.application.api.routes):
        for method in (each.lower() for each in route.methods or ()):
            told = described["paths"].get(route.path or "", {}).get(method, {})
            body = told.get("requestBody", {}).get("content", {}).get("application/json")
            if body and takes_amounts(body["schema"], described["components"]["schemas"]):
                assert isinstance(route.original_route, ExactRoute), route.path
                found += 1
    assert found > 15


def takes_amounts(schema, shapes):
    """Tell whether somewhere in a schema text or a number is taken for the same thing."""
    if isinstance(schema, list):
        return any(takes_amounts(each, shapes) for each in schema)
    if not isinstance(schema, dict):
        return False
    if "$ref" in schema:
        return takes_amounts(shapes[schema["$ref"].rpartition("/")[2]], {**shapes})
    types = {each.get("type") for each in schema.get("anyOf", ()) if isinstance(each, dict)}
    if {"string", "number"} <= types and "boolean" not in types:
        return True
    return any(takes_amounts(each, shapes) for each in schema.values())


# ---- words ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("POST", "orders", {}, "side is missing; symbol is missing; quantity is missing"),
        ("POST", "orders", None, "the body is missing: send an object in JSON, sent with"),
        ("POST", "orders", [], "the body is an object in JSON, sent with Content-Type"),
        ("POST", "orders", {**ORDER, "quantity": "1", "qty": 1}, "there is no field qty"),
        (
            "POST",
            "orders",
            {**ORDER, "quantity": "1", "side": "up"},
            "side is 'BUY', 'SELL', 'buy' or 'sell'",
        ),
        (
            "POST",
            "orders",
            {**ORDER, "quantity": "1", "post_only": "perhaps"},
            "post_only is true or false",
        ),
        (
            "POST",
            "orders",
            {**ORDER, "quantity": "1", "time_in_force": "X"},
            "time_in_force: one of GTC, IOC, FOK, DAY and GTD",
        ),
        (
            "PATCH",
            "orders/x",
            {},
            "say what becomes different: quantity, limit or stop",
        ),
        (
            "POST",
            "backtests",
            {"strategy": "sma_cross", "symbol": "BTC"},
            "symbol: a symbol with its venue, like BTC/USDT@binance, 64 characters at most",
        ),
        (
            "POST",
            "backtests",
            {"strategy": "s", "symbol": "B@x", "params": {"fast": [1]}},
            "params.fast is text in quotes or a whole number or a number or true or false",
        ),
        ("POST", "platforms/mine/market-data", {"symbol": "ES"}, "say a price of it: bid"),
        (
            "POST",
            "platforms/mine/market-data",
            [{"symbol": "ES", "bid": 1}, {"symbol": "ES", "bid": True}],
            "1.bid: a finite number",
        ),
        ("POST", "platforms/mine/market-data", [], "the body has 1 entries or more"),
        (
            "POST",
            "platforms/mine/orders",
            {"order_id": "1", "symbol": "ES", "side": "BUY", "quantity": -1},
            "quantity: more than 0: `side` says",
        ),
        ("GET", "orders?limit=0", None, "limit is 1 or more"),
        ("GET", "orders?limit=many", None, "limit is a whole number"),
        ("GET", "integrations?month=13", None, "month: a month, like 2026-11"),
    ],
)
def test_what_does_not_fit_is_told_in_words_of_ours(signed_in, method, path, body, words):
    _, browser = signed_in
    given = {} if body is None else {"json": body}
    reply = browser.request(method, f"/api/v1/{path}", **given)
    told = reply.json()
    assert (reply.status_code, told["code"]) == (422, "bad-argument")
    assert told["detail"].startswith(words)
    assert not LIBRARY.search(told["detail"])
    assert told["detail"] == "; ".join(each["words"] for each in told["fields"])


def test_a_body_that_is_no_json_says_where(signed_in):
    _, browser = signed_in
    headers = {"Content-Type": "application/json"}
    reply = browser.post("/api/v1/orders", content=b'{"side": BUY}', headers=headers)
    assert reply.json()["detail"] == "the body is no JSON: Expecting value at character 9"


def test_a_choice_of_shapes_is_told_by_the_one_that_was_meant():
    either = TypeAdapter(MarketData | list[MarketData] | CustomChart)
    said = {"symbol": "ES", "bid": "x"}
    with pytest.raises(ValidationError) as refused:
        either.validate_python([said])
    assert words_of(refused.value.errors(), [said]).startswith("0.bid: a finite number")


def test_the_type_is_about_blank_and_the_code_says_what_it_is(signed_in):
    """A link that leads nowhere would be worse; RFC 9457 has the title of the status then."""
    _, browser = signed_in
    told = browser.get("/api/v1/nothing").json()
    assert (told["type"], told["title"], told["status"]) == (
        "about:blank",
        "Not Found",
        404,
    )
    assert told["code"] == "not-found"


@pytest.mark.parametrize(("method", "status"), [("POST", 404), ("GET", 405)])
@pytest.mark.parametrize("tail", ["cdw_verysecret", "verysecret", "verysecret/more"])
def test_no_refusal_says_the_token_of_a_webhook_back(signed_in, method, status, tail):
    made, _ = signed_in
    path = f"/api/v1/signals/webhook/{tail}"
    reply = made.browser().request(method, path, json={"ticker": "X", "action": "buy"})
    assert reply.status_code in (status, 404)
    assert "verysecret" not in reply.text
    assert reply.json()["instance"] == "/api/v1/signals/webhook/…"


# ---- who lacks what ------------------------------------------------------------


def test_a_key_without_the_scope_is_told_which_it_takes(signed_in):
    made, _ = signed_in
    token, _ = made.identity.keys.make("ada", "look", [Access.VIEW], 1)
    headers = {"Authorization": f"Bearer {token}"}
    reply = made.browser().delete("/api/v1/orders/x", headers=headers)
    told = reply.json()
    assert (reply.status_code, told["code"]) == (403, "forbidden")
    assert told["detail"] == "this takes a key with the scope trade; the one sent has view"
    assert "page Settings" in told["hint"]


def test_a_person_without_the_role_is_told_which_it_takes(signed_in):
    made, _ = signed_in
    made.add("bo", Role.VIEWER)
    browser = made.browser()
    assert made.sign_in(browser, "bo").is_success
    told = browser.delete("/api/v1/orders/x").json()
    assert told["detail"] == "this takes the role trader; bo has viewer"
