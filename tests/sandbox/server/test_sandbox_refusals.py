"""Every code of the protocol's table: how it is provoked, its status, and what it did."""

import json
import re
from pathlib import Path

import pytest

from crossdock.sandbox.faces.native.refusals import STATUS_OF

PAGE = Path(__file__).parents[3] / "docs/reference/sandbox-protocol.md"

ORDERS = "/v1/orders"


async def _rested(bench, **changed):
    reply = await bench.main.submit(**changed)
    assert reply.status == 200, reply.text
    return reply.json


async def _bad_time(bench):
    return await bench.main.call(
        "POST", ORDERS, bench.order(), time_ms=bench.time_ms() - 6000
    )


async def _bad_key(bench):
    return await bench.main.call("POST", ORDERS, bench.order(), X_Key="nobody")


async def _bad_signature(bench):
    return await bench.main.call("POST", ORDERS, bench.order(), X_Signature="00")


async def _key_revoked(bench):
    await bench.act("revoke_key", account="main")
    return await bench.main.submit()


async def _unknown_symbol(bench):
    return await bench.main.submit(symbol="DOGE/USDT")


async def _bad_tick(bench):
    return await bench.main.submit(limit_price="100.001")


async def _bad_lot(bench):
    return await bench.main.submit(quantity="1.0005")


async def _min_quantity(bench):
    return await bench.main.submit(quantity="0.005", limit_price="90000.00")


async def _max_quantity(bench):
    return await bench.main.submit(quantity="101", limit_price="10.00")


async def _min_notional(bench):
    return await bench.main.submit(quantity="0.01")


async def _insufficient_funds(bench):
    return await bench.main.submit(quantity="99", limit_price="90000.00")


async def _would_cross(bench):
    await bench.other.submit(side="sell")
    return await bench.main.submit(post_only=True)


async def _reduce_only(bench):
    return await bench.main.submit(symbol="BTC/USDT:USDT", reduce_only=True)


async def _stop_price(bench):
    await bench.trade()
    await bench.other.submit(side="sell", limit_price="100.00")
    return await bench.main.submit(type="stop", limit_price=None, stop_price="90.00")


async def _duplicate(bench):
    await _rested(bench, client_order_id="same")
    return await bench.main.submit(client_order_id="same", limit_price="50.00")


async def _unknown_order(bench):
    return await bench.main.call("DELETE", f"{ORDERS}/12345")


async def _order_done(bench):
    order = await bench.trade()
    return await bench.main.call("DELETE", f"{ORDERS}/{order['id']}")


async def _rate_limited(bench):
    for _ in range(50):
        await bench.main.submit(quantity="0")
    return await bench.main.submit()


async def _banned(bench):
    for _ in range(70):
        await bench.main.submit(quantity="0")
    return await bench.main.submit()


async def _internal(bench):
    await bench.arm("server_error")
    return await bench.main.submit()


PROVOKED = {
    "bad_time": _bad_time,
    "bad_key": _bad_key,
    "bad_signature": _bad_signature,
    "key_revoked": _key_revoked,
    "unknown_symbol": _unknown_symbol,
    "bad_tick": _bad_tick,
    "bad_lot": _bad_lot,
    "min_notional": _min_notional,
    "min_quantity": _min_quantity,
    "max_quantity": _max_quantity,
    "insufficient_funds": _insufficient_funds,
    "would_cross": _would_cross,
    "reduce_only": _reduce_only,
    "stop_price": _stop_price,
    "duplicate_client_order_id": _duplicate,
    "unknown_order": _unknown_order,
    "order_done": _order_done,
    "rate_limited": _rate_limited,
    "banned": _banned,
}


ORDERS_BEFORE = {"stop_price": 1, "duplicate_client_order_id": 1, "order_done": 1}
"""Orders of the account that the provocation itself needed."""


@pytest.mark.parametrize("code", PROVOKED)
async def test_refusal_has_its_code_and_status_and_nothing_was_done(bench, code):
    reply = await PROVOKED[code](bench)
    assert (reply.code, reply.status) == (code, STATUS_OF[code])
    assert reply.json["message"]
    assert "main-secret" not in reply.text
    truth = await bench.truth()
    assert len(truth["orders"]) == ORDERS_BEFORE.get(code, 0)


def test_statuses_are_those_of_the_protocol_page():
    text = PAGE.read_text(encoding="utf-8")
    table = text[text.index("| code | status |") : text.index("Every REST reply carries")]
    documented = {}
    for codes, status in re.findall(r"^\| (`.+?`) \| (\d+)", table, re.MULTILINE):
        documented |= dict.fromkeys(re.findall(r"`(\w+)`", codes), int(status))
    assert documented == STATUS_OF


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"client_order_id": ""}, "client_order_id"),
        ({"client_order_id": "x" * 37}, "client_order_id"),
        ({"client_order_id": "with space"}, "client_order_id"),
        ({"client_order_id": "line\n"}, "client_order_id"),
        ({"client_order_id": None}, "client_order_id"),
        ({"symbol": None}, "symbol"),
        ({"side": "long"}, "side"),
        ({"type": "iceberg"}, "type"),
        ({"quantity": None}, "quantity"),
        ({"quantity": 1}, "quantity"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"quantity": "1e3"}, "quantity"),
        ({"quantity": "NaN"}, "quantity"),
        ({"limit_price": "Infinity"}, "limit_price"),
        ({"limit_price": None}, "limit_price"),
        ({"type": "market"}, "limit_price"),
        ({"type": "stop_limit"}, "stop_price"),
        ({"time_in_force": "GTD"}, "expire_time_ns"),
        ({"expire_time_ns": 1}, "expire_time_ns"),
        ({"time_in_force": "IOC", "post_only": True}, "post_only"),
        ({"post_only": "yes"}, "post_only"),
        ({"position_side": "up"}, "position_side"),
    ],
)
async def test_malformed_order_is_a_bad_request_that_names_the_field(bench, changed, field):
    reply = await bench.main.submit(**changed)
    assert (reply.code, reply.status) == ("bad_request", 400)
    assert field in reply.json["message"]
    assert (await bench.truth())["orders"] == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/orders", None),
        ("GET", "/v1/orders?state=done", None),
        ("DELETE", "/v1/orders?client_order_id=", None),
        ("PUT", "/v1/orders/1", {}),
        ("PUT", "/v1/orders/1", {"quantity": "0"}),
        ("GET", "/v1/fills?after=x", None),
        ("GET", "/v1/fills?limit=501", None),
        ("GET", "/v1/ledger?after=-1", None),
        ("GET", "/v1/nothing", None),
        ("PATCH", "/v1/orders", None),
    ],
)
async def test_malformed_call_is_a_bad_request(bench, method, path, body):
    reply = await bench.main.call(method, path, body)
    assert (reply.code, reply.status) == ("bad_request", 400)


@pytest.mark.parametrize(
    "path", ["/v1/book", "/v1/book?symbol=BTC/USDT&depth=0", "/v1/trades?limit=5"]
)
async def test_malformed_public_call_is_a_bad_request(bench, path):
    reply = await bench.request("GET", bench.url + path)
    assert (reply.code, reply.status) == ("bad_request", 400)


async def test_empty_cancel_by_client_id_cancels_nothing(bench):
    order = await _rested(bench)
    await bench.main.call("DELETE", "/v1/orders?client_order_id=")
    assert (await bench.main.get(f"/v1/orders/{order['id']}")).json["status"] == "New"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"X_Time": "soon"}, "bad_signature"),
        ({"X_Window": "60001"}, "bad_request"),
        ({"X_Window": "0"}, "bad_request"),
        ({"X_Window": "wide"}, "bad_request"),
        ({"X_Signature": ""}, "bad_signature"),
        ({"X_Signature": "é"}, "bad_signature"),
        ({"X_Key": ""}, "bad_key"),
    ],
)
async def test_malformed_authentication_is_refused(bench, changed, code):
    reply = await bench.main.call("GET", "/v1/balances", **changed)
    assert reply.code == code


async def test_time_that_is_no_number_is_a_bad_request(bench):
    reply = await bench.main.call("GET", "/v1/balances", time_ms="soon")
    assert reply.code == "bad_request"


async def test_done_order_comes_with_its_refusal(bench):
    order = await bench.trade()
    reply = await bench.main.call("DELETE", f"{ORDERS}/{order['id']}")
    assert reply.json["order"] == order


async def test_replace_to_what_was_filled_already_is_a_bad_request(bench):
    await bench.other.submit(side="sell", quantity="0.5")
    order = await _rested(bench)
    reply = await bench.main.call("PUT", f"{ORDERS}/{order['id']}", {"quantity": "0.5"})
    assert reply.code == "bad_request"
    assert (await bench.main.get(f"{ORDERS}/{order['id']}")).json == order


async def test_unknown_fields_are_ignored(bench):
    assert (await bench.main.submit(colour="green")).status == 200


async def test_body_that_is_no_json_is_a_bad_request(bench):
    data = b'{"client_order_id":'
    signature = bench.main.sign(f"{bench.time_ms()}POST/v1/orders".encode() + data)
    headers = {
        "X-Key": bench.main.key,
        "X-Time": str(bench.time_ms()),
        "X-Signature": signature,
    }
    reply = await bench.request("POST", bench.url + ORDERS, data, headers)
    assert (reply.code, reply.status) == ("bad_request", 400)
    assert json.loads(reply.text)


async def test_spell_of_refusals_ends_and_says_when(bench):
    reply = await _rate_limited(bench)
    assert 0 < float(reply.headers["Retry-After"]) <= 1
    assert (await bench.main.get("/v1/balances")).status == 200
    await bench.clock.advance(float(reply.headers["Retry-After"]))
    assert (await bench.main.submit()).status == 200


async def test_ban_comes_after_twenty_refused_calls_and_lasts_ten_seconds(bench):
    replies = [await bench.main.submit(quantity="0") for _ in range(72)]
    assert [it.code for it in replies[50:]] == ["rate_limited"] * 20 + ["banned"] * 2
    assert float(replies[-1].headers["Retry-After"]) == 10
    assert (await bench.main.get("/v1/balances")).code == "banned"
    assert (await bench.other.get("/v1/balances")).status == 200
    await bench.clock.advance(10)
    assert (await bench.main.submit()).status == 200
