"""Orders through the API, on a desk that trades in the sandbox."""

import uuid
from itertools import pairwise

import pytest

from crossdock.web.identity.roles import Access

BUY = {"side": "BUY", "symbol": "BTC/USDT@alpha", "quantity": "0.01"}


def resting_price(site, venue="alpha"):
    """A price to buy at that nobody sells at, well inside the collar."""
    books = {book["instrument"]: book for book in site.get("/api/v1/market/books")}
    return f"{float(books[f'BTC/USDT@{venue}']['bid']) * 0.99:.1f}"


def placed(site, **terms):
    return site.do(
        "POST",
        "/api/v1/orders",
        201,
        json={**BUY, "limit": resting_price(site), **terms},
        access=Access.TRADE,
    )


def test_an_order_is_placed_amended_and_canceled(site):
    order = placed(site)
    assert (order["side"], order["type"], order["symbol"]) == ("buy", "limit", "BTC/USDT")
    path = f"/api/v1/orders/{order['order_id']}"
    site.until("/api/v1/orders", lambda rows: _status(rows, order) == "New")
    amended = site.do("PATCH", path, json={"quantity": "0.02"}, access=Access.TRADE)
    assert amended["order_id"] == order["order_id"]
    site.until("/api/v1/orders", lambda rows: _of(rows, order)["quantity"] == "0.02")
    site.do("DELETE", path, access=Access.TRADE)
    site.until(
        "/api/v1/orders?all=true", lambda rows: _of(rows, order)["status"] == "Canceled"
    )
    story = site.get(f"{path}/story", access=Access.VIEW)
    assert [line["sequence"] for line in story] == sorted(
        line["sequence"] for line in story
    )
    assert {"person_acted", "order_intended"} <= {line["record"] for line in story}


@pytest.mark.parametrize("portfolio", ["Main", "main ", "nosuch"])
@pytest.mark.parametrize("path", ["/api/v1/orders", "/api/v1/orders/dry-run"])
def test_no_order_trades_for_a_portfolio_that_there_is_not(site, path, portfolio):
    asked = {**BUY, "limit": resting_price(site), "portfolio": portfolio}
    reply = site.ask("POST", path, json=asked)
    told = reply.json()
    assert (reply.status_code, told["code"]) == (404, "unknown-portfolio"), reply.text
    assert "main" in told["hint"]


def test_ones_own_orders_and_fills_are_asked_for_apart_from_a_strategys(site):
    order = placed(site, limit=None)
    where = "strategy=manual&symbol=BTC/USDT@alpha"
    site.until(f"/api/v1/orders?all=true&{where}", lambda rows: _of(rows, order))
    fills = site.until(f"/api/v1/fills?{where}", lambda rows: _fills_of(rows, order))
    assert {row["strategy"] for row in fills} == {"manual"}
    for other in ("strategy=nobody", "strategy=manual&symbol=ETH/USDT"):
        rows = site.get(f"/api/v1/orders?all=true&{other}")
        assert not [row for row in rows if row["order_id"] == order["order_id"]]


def test_an_order_by_the_old_name_is_the_same_order(site):
    terms = {**BUY, "limit": resting_price(site)}
    order = site.do("POST", "/api/place-order", 201, json=terms, access=Access.TRADE)
    site.do("DELETE", f"/api/v1/orders/{order['order_id']}")


def test_a_market_order_is_filled_and_told_with_its_owner(site):
    order = site.do("POST", "/api/v1/orders", 201, json=BUY)
    fills = site.until(
        "/api/v1/fills", lambda rows: any(f["order_id"] == order["order_id"] for f in rows)
    )
    fill = next(f for f in fills if f["order_id"] == order["order_id"])
    assert fill["portfolio"] == "main" and fill["strategy"] == "manual"
    why = site.get("/api/v1/audit/why/BTC/USDT@alpha")
    assert why[0]["kind"] == "fill" and "asks by api: place" in why[0]["because"]
    by_account = [step for step in why if step["account"] == why[0]["account"]]
    for newer, older in pairwise(by_account):
        assert float(newer["quantity_after"]) == pytest.approx(
            float(older["quantity_after"]) + float(newer["change"])
        )
    positions = site.get("/api/v1/positions")
    held = [
        float(row["quantity"]) for row in positions if row["instrument"] == "BTC/USDT@alpha"
    ]
    assert sum(held) == pytest.approx(float(why[0]["quantity_after"]))


def test_a_dry_run_says_what_placing_would(site):
    told = site.do("POST", "/api/v1/orders/dry-run", json=BUY, access=Access.VIEW)
    assert told["passes"] and told["confirmation"] in ("none", "click", "type")
    assert told["notional"] and told["fee"]


def test_an_order_that_risk_refuses_tells_every_reason(site):
    terms = {**BUY, "quantity": "100000", "limit": resting_price(site)}
    reply = site.ask("POST", "/api/v1/orders", json=terms)
    assert reply.status_code == 409
    assert reply.headers["content-type"] == "application/problem+json"
    told = reply.json()
    assert told["code"] == "risk-refused" and told["reasons"]
    rehearsal = site.do("POST", "/api/v1/orders/dry-run", json=terms)
    assert not rehearsal["passes"]
    checks = {check for check, _ in rehearsal["reasons"]}
    assert checks == {check for check, _ in told["reasons"]}


def test_the_same_key_and_body_place_one_order(site):
    key = {"Idempotency-Key": uuid.uuid4().hex}
    terms = {**BUY, "limit": resting_price(site)}
    first = site.ask("POST", "/api/v1/orders", json=terms, headers=key)
    again = site.ask("POST", "/api/v1/orders", json=terms, headers=key)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    other = site.ask(
        "POST", "/api/v1/orders", json={**terms, "quantity": "0.02"}, headers=key
    )
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    site.do("DELETE", f"/api/v1/orders/{first.json()['order_id']}")


@pytest.mark.parametrize(
    ("path", "asked"),
    [("orders", BUY), ("strategies/start-trading", {"strategy": "sma_cross"})],
)
def test_a_program_says_by_a_key_what_it_means_to_do_once(site, path, asked):
    reply = site.browser.post(
        f"/api/v1/{path}",
        json=asked,
        headers={"Authorization": f"Bearer {site.tokens[Access.TRADE]}"},
    )
    assert (reply.status_code, reply.json()["code"]) == (422, "idempotency-key-missing")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"side": "HOLD"}, "side"),
        ({"quantity": "a lot"}, "quantity"),
        ({"quantity": "1e5"}, "quantity"),
        ({"quantity": True}, "quantity"),
        ({"limit": "NaN"}, "limit"),
        ({"stop_loss": "1:2:3"}, "stop_loss"),
        ({"time_in_force": "forever"}, "time_in_force"),
        ({"expire_time_ns": 2**63}, "expire_time_ns"),
        ({"limits": "100"}, "limits"),
        ({"symbol": ""}, "symbol"),
    ],
)
def test_an_order_of_the_wrong_shape_names_the_field(site, wrong, field):
    reply = site.ask("POST", "/api/v1/orders", json={**BUY, **wrong})
    told = reply.json()
    assert (reply.status_code, told["code"]) == (422, "bad-argument")
    assert [each["where"][-1] for each in told["fields"]] == [field]


@pytest.mark.parametrize(
    ("terms", "status", "code"),
    [
        ({"symbol": "NOPE/USDT"}, 404, "unknown-symbol"),
        ({"account": "nobody"}, 404, "unknown-account"),
        ({"stop": "1", "if_touched": "2"}, 422, "bad-argument"),
        ({"oco": True}, 422, "bad-argument"),
    ],
)
def test_terms_that_make_no_order_are_refused_in_the_desks_words(site, terms, status, code):
    reply = site.ask("POST", "/api/v1/orders", json={**BUY, **terms})
    assert (reply.status_code, reply.json()["code"]) == (status, code), reply.text
    assert reply.json()["detail"]


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_an_order_nobody_knows_is_not_found(site, method):
    body = {"json": {"quantity": "1"}} if method == "PATCH" else {}
    reply = site.ask(method, "/api/v1/orders/nobody", **body)
    assert (reply.status_code, reply.json()["code"]) == (404, "unknown-order")


def test_an_amendment_changes_something(site):
    reply = site.ask("PATCH", "/api/v1/orders/nobody", json={})
    assert (reply.status_code, reply.json()["code"]) == (422, "bad-argument")


def _of(rows, order):
    return next(row for row in rows if row["order_id"] == order["order_id"])


def _status(rows, order):
    return _of(rows, order)["status"]


def _fills_of(rows, order):
    return [row for row in rows if row["order_id"] == order["order_id"]]
