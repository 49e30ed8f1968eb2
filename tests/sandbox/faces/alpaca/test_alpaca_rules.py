"""The face by plain HTTP: refusals, limits, pages, chains, and what it says of itself."""

import asyncio
import itertools
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.sandbox.config import parse
from crossdock.sandbox.faces import FACES
from crossdock.sandbox.faces.alpaca.ids import execution_id, order_id, order_number
from crossdock.sandbox.faces.alpaca.times import text_of, time_ns
from crossdock.sandbox.faces.described import guide, semantics, title_of, venue_of

REFUSED = {
    "nothing known": ({"symbol": "NONE", "qty": "1", "limit_price": "9"}, 422, 42210000),
    "no quantity": ({"limit_price": "9"}, 422, 42210000),
    "below nothing": ({"qty": "-1", "limit_price": "9"}, 422, 40010001),
    "no side": ({"side": "hold", "qty": "1", "limit_price": "9"}, 422, 40010001),
    "no price": ({"qty": "1"}, 422, 42210000),
    "sub-penny": ({"qty": "1", "limit_price": "9.001"}, 422, 42210000),
    "auction": ({"time_in_force": "opg", "qty": "1", "limit_price": "9"}, 422, 42210000),
    "half an exit": (
        {"qty": "1", "limit_price": "9", "order_class": "bracket"},
        *(422, 42210000),
    ),
    "exit on the wrong side": (
        {
            "qty": "1",
            "limit_price": "9",
            "order_class": "oto",
            "stop_loss": {"stop_price": "10"},
        },
        *(422, 42210000),
    ),
    "coin by the day": (
        {"symbol": "BTC/USD", "time_in_force": "day", "qty": "1", "limit_price": "9"},
        *(422, 42210000),
    ),
    "dust of a coin": (
        {"symbol": "BTC/USD", "qty": "0.001", "limit_price": "100"},
        *(403, 40310000),
    ),
    "night market order": (
        {"type": "market", "qty": "1", "extended_hours": True},
        *(422, 42210000),
    ),
    "no JSON number": ({"qty": "many", "limit_price": "9"}, 422, 40010001),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_refused_order_has_a_code_and_is_not_kept(call_face, name):
    call, hosted = await call_face()
    fields, status, code = REFUSED[name]
    told, body, _ = await call.submit(**fields)
    assert (told, body["code"]) == (status, code), body
    assert (await hosted.truth())["orders"] == []


async def test_keys_that_are_not_good_are_unauthorised(call_face):
    call, hosted = await call_face()
    for name, value in (("APCA-API-KEY-ID", "nobody"), ("APCA-API-SECRET-KEY", "wrong")):
        other = type(call)(hosted)
        other.headers[name] = value
        assert (await other("GET", "/v2/account"))[:2] == (
            401,
            {"message": "unauthorized."},
        )
    await hosted.arm("key_revoked", operation="read")
    assert (await call("GET", "/v2/account"))[0] == 401


async def test_every_reply_tells_what_is_left_of_the_minute(call_face):
    call, hosted = await call_face(still=True, limits={"trading_per_minute": 3})
    now_s = hosted.clock.time_ns() // 10**9
    for left in (2, 1, 0):
        status, _, headers = await call("GET", "/v2/clock")
        assert status == 200
        assert headers["X-RateLimit-Limit"] == "3"
        assert headers["X-RateLimit-Remaining"] == str(left)
        assert headers["X-RateLimit-Reset"] == str(now_s + 60)
    status, body, headers = await call("GET", "/v2/clock")
    assert (status, body["code"], headers["X-RateLimit-Remaining"]) == (429, 42910000, "0")
    await hosted.clock.advance(60)
    assert (await call("GET", "/v2/clock"))[0] == 200


async def test_a_throttled_order_was_not_made(call_face):
    call, hosted = await call_face()
    await hosted.arm("rate_limit_bare", operation="submit")
    status, _, headers = await call.submit(qty="1", limit_price="9")
    assert status == 429
    assert "X-RateLimit-Reset" not in headers
    assert (await hosted.truth())["orders"] == []


@pytest.mark.parametrize("direction", ["asc", "desc"])
async def test_activities_are_paged_by_token_to_an_empty_page(call_face, direction):
    call, hosted = await call_face(limits={"trading_per_minute": 1000})
    await hosted.house("sell", "250", "9", "AAPL/USD")
    for _ in range(5):
        await call.made(qty="1", limit_price="250")
    await hosted.act("deposit", account="main", asset="USD", amount="7")
    _, whole, _ = await call("GET", "/v2/account/activities", direction=direction)
    seen, token = [], ""
    while True:
        more = {"page_token": token} if token else {}
        _, page, _ = await call(
            "GET", "/v2/account/activities", direction=direction, page_size="2", **more
        )
        if not page:
            break
        seen += page
        token = page[-1]["id"]
    assert seen == whole
    assert len(seen) == 6
    kinds = [it["activity_type"] for it in whole]
    assert sorted(kinds) == ["CSD", *["FILL"] * 5]
    _, fills, _ = await call("GET", "/v2/account/activities/FILL")
    assert [it["cum_qty"] for it in fills] == ["1"] * 5


async def test_a_short_page_of_activities_is_never_an_empty_one(call_face):
    call, hosted = await call_face()
    await hosted.house("sell", "250", "9", "AAPL/USD")
    await hosted.arm("history_truncated", count=9)
    for count, shown in ((1, 1), (2, 1), (4, 2)):
        while len((await hosted.truth())["fills"]) < count:
            await call.made(qty="1", limit_price="250")
        _, page, _ = await call("GET", "/v2/account/activities/FILL")
        assert len(page) == shown


async def test_fees_are_activities_of_their_own(call_face):
    fee = {"taker_fee": "0.001", "symbol": "AAPL/USD", "quantity_step": "1"}
    call, hosted = await call_face(markets=[fee | {"ticks": [["0", "0.01"]]}])
    await hosted.house("sell", "250", "1", "AAPL/USD")
    await call.made(qty="1", limit_price="250")
    _, [booked], _ = await call(
        "GET", "/v2/account/activities", category="non_trade_activity"
    )
    assert (booked["activity_type"], booked["net_amount"]) == ("FEE", "-0.25")
    _, account, _ = await call("GET", "/v2/account")
    assert Decimal(account["cash"]) == 100_000 - 250 - Decimal("0.25")


async def test_a_fill_that_overtakes_a_replace_comes_on_top(call_face):
    call, hosted = await call_face()
    first = await call.made(qty="4", limit_price="240")
    await hosted.arm("replace_fill_race")
    path = f"/v2/orders/{first['id']}"
    status, second, _ = await call("PATCH", path, {"qty": "3"})
    _, old, _ = await call("GET", path)
    if status == 422:
        assert old["status"] == "filled"
        return
    assert (second["qty"], second["filled_qty"], second["replaces"]) == (
        *("3", "0", first["id"]),
    )
    assert (old["status"], old["replaced_by"]) == ("replaced", second["id"])
    [held] = (await hosted.truth())["orders"]
    assert Decimal(held["quantity"]) == 3 + Decimal(old["filled_qty"])
    assert held["chain"] == [first["id"], second["id"]]


async def test_a_replace_that_changes_nothing_is_refused(call_face):
    call, _ = await call_face()
    order = await call.made(qty="4", limit_price="240")
    path = f"/v2/orders/{order['id']}"
    for body in ({}, {"qty": "4"}, {"limit_price": 240}):
        status, told, _ = await call("PATCH", path, body)
        assert (status, told["message"]) == (403, "order parameters are not changed")
    assert (await call("PATCH", path, {"qty": "0"}))[0] == 422
    status, later, _ = await call("PATCH", path, {"qty": "5"})
    assert (status, later["qty"]) == (200, "5")
    told = (await call("PATCH", path, {"qty": "6"}))[1]
    assert told == {"code": 42210000, "message": 'order is already in "replaced" state'}


async def test_an_order_that_would_trade_with_ones_own_is_refused(call_face):
    call, _ = await call_face()
    order = await call.made(side="sell", qty="1", limit_price="250")
    status, body, _ = await call.submit(qty="1", limit_price="250")
    assert (status, body["existing_order_id"]) == (403, order["id"])
    assert (await call.submit(qty="1", limit_price="249.99"))[0] == 200


async def test_orders_are_listed_by_status_symbol_and_page(call_face):
    call, _ = await call_face()
    ids = [(await call.made(qty="1", limit_price=str(it)))["id"] for it in range(5, 10)]
    other = await call.made(symbol="TRY", qty="1", limit_price="9")
    await call("DELETE", f"/v2/orders/{ids[0]}")

    async def listed(**query):
        return [it["id"] for it in (await call("GET", "/v2/orders", **query))[1]]

    assert await listed(symbols="AAPL") == ids[:0:-1]
    assert await listed(status="closed") == [ids[0]]
    assert await listed(status="all", direction="asc") == [*ids, other["id"]]
    assert await listed(status="all", limit="2", before_order_id=ids[3]) == ids[2:0:-1]
    assert await listed(side="sell") == []


async def test_nothing_is_found_under_an_id_that_never_was(call_face):
    call, _ = await call_face()
    for method, path in itertools.product(("GET", "DELETE"), ("x", order_id("1"))):
        status, body, _ = await call(method, f"/v2/orders/{path}")
        assert (status, body["code"]) == (404, 40410000)
    status, body, _ = await call(
        "GET", "/v2/orders:by_client_order_id", client_order_id="x"
    )
    assert (status, body["code"]) == (404, 40410000)
    assert (await call("GET", "/v2/nothing"))[0] == 404


async def test_the_account_stream_refuses_keys_and_tells_nothing_unasked(call_face):
    call, hosted = await call_face()
    socket = await hosted.session.ws_connect(f"{hosted.ws}/stream")

    async def ask(action, **data):
        await socket.send_json({"action": action, "data": data})
        return json.loads(await socket.receive_bytes())

    listen = {"streams": ["trade_updates"]}
    assert (await ask("listen", **listen))["data"]["status"] == "unauthorized"
    keys = {"key_id": "PKJUDGE", "secret_key": "wrong"}
    assert (await ask("authenticate", **keys))["data"]["status"] == "unauthorized"
    keys["secret_key"] = "not-to-be-seen"
    assert (await ask("authenticate", **keys))["data"]["status"] == "authorized"
    await call.made(qty="1", limit_price="9")
    assert (await ask("listen", **listen))["data"] == listen
    await call("DELETE", "/v2/orders")
    told = [json.loads(await socket.receive_bytes())["data"] for _ in range(2)]
    assert [it["event"] for it in told] == ["pending_cancel", "canceled"]


async def test_a_busted_fill_is_told_and_names_the_one_before(call_face):
    call, hosted = await call_face()
    socket = await hosted.session.ws_connect(f"{hosted.ws}/stream")
    keys = {"key_id": "PKJUDGE", "secret_key": "not-to-be-seen"}
    for frame in (
        {"action": "authenticate", "data": keys},
        {"action": "listen", "data": {"streams": ["trade_updates"]}},
    ):
        await socket.send_json(frame)
        await socket.receive_bytes()
    await hosted.house("sell", "250", "1", "AAPL/USD")
    await call.made(qty="1", limit_price="250")
    told = [json.loads(await socket.receive_bytes())["data"] for _ in range(3)]
    fill = told[-1]
    [name] = [it["execution_id"] for it in (await hosted.truth())["fills"]]
    assert name == f"{fill['order']['id']}:1"
    engine_id = hosted.site.host.venue.fills("main")[0].execution_id
    await hosted.act("bust", account="main", execution_id=engine_id)
    bust = json.loads(await socket.receive_bytes())["data"]
    assert (bust["event"], bust["previous_execution_id"]) == (
        *("trade_bust", fill["execution_id"]),
    )


async def test_a_fault_ends_the_session_of_the_account_stream(call_face):
    _, hosted = await call_face()
    socket = await hosted.session.ws_connect(f"{hosted.ws}/stream")
    keys = {"key_id": "PKJUDGE", "secret_key": "not-to-be-seen"}
    await socket.send_json({"action": "authenticate", "data": keys})
    await socket.receive_bytes()
    await hosted.arm("session_expired")
    async with asyncio.timeout(20):
        assert (await socket.receive()).data is None or socket.closed


@given(st.integers(1, 2**47))
def test_an_order_id_leads_back_to_its_number(number):
    assert order_number(order_id(str(number))) == str(number)
    assert order_number(execution_id(f"E{number}")) is None


@given(st.integers(0, 4 * 10**18))
def test_a_time_is_read_as_it_was_written(at_ns):
    assert time_ns(text_of(at_ns)) == at_ns


def test_the_face_describes_itself_with_sources():
    assert "alpaca" in FACES
    assert title_of("alpaca").startswith("Alpaca")
    rules = semantics("alpaca")
    assert all(rule.source.startswith("https://") for rule in rules)
    assert len({rule.topic for rule in rules}) == len(rules)
    told = guide("alpaca", url="http://127.0.0.1:1", key="K", secret="S")
    assert 'url_override="ws://127.0.0.1:1/stream"' in told
    config = parse({"venues": [venue_of("alpaca")]})
    assert config.venues[0].face == "alpaca"
