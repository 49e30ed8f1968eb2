"""Every REST call of the protocol, and how a call is signed."""

import re

import pytest

PAGE = "docs/reference/sandbox-protocol.md"


async def test_time_is_the_venues_clock(bench):
    reply = await bench.request("GET", f"{bench.url}/v1/time")
    assert reply.json == {"time_ns": bench.clock.time_ns()}


async def test_instruments_hold_exactly_the_fields_of_the_protocol(bench):
    reply = await bench.request("GET", f"{bench.url}/v1/instruments")
    spot, perpetual = reply.json["instruments"]
    assert spot == {
        "symbol": "BTC/USDT",
        "key": "BTC-USDT",
        "kind": "spot",
        "base": "BTC",
        "quote": "USDT",
        "settle": "USDT",
        "ticks": [["0", "0.01"]],
        "quantity_step": "0.001",
        "min_quantity": "0.01",
        "max_quantity": "100",
        "min_notional": "5",
        "multiplier": "1",
        "maker_fee": "0.0002",
        "taker_fee": "0.0005",
        "version": 1,
    }
    assert (perpetual["symbol"], perpetual["kind"]) == ("BTC/USDT:USDT", "linear")


async def test_order_is_the_same_object_from_every_call(bench):
    submitted = (await bench.main.submit(client_order_id="mine")).json
    assert set(submitted) == {
        "id",
        "client_order_id",
        "symbol",
        "side",
        "type",
        "quantity",
        "cumulative_quantity",
        "limit_price",
        "stop_price",
        "time_in_force",
        "expire_time_ns",
        "post_only",
        "reduce_only",
        "position_side",
        "status",
        "reason",
        "replaces",
        "created_time_ns",
        "updated_time_ns",
    }
    assert submitted["status"] == "New"
    by_id = await bench.main.get(f"/v1/orders/{submitted['id']}")
    by_client = await bench.main.get("/v1/orders?client_order_id=mine")
    listed = await bench.main.get("/v1/orders?state=open")
    assert by_id.json == by_client.json == submitted
    assert listed.json == {"orders": [submitted]}


async def test_book_shows_what_rests(bench):
    await bench.main.submit(limit_price="99.00")
    await bench.other.submit(side="sell", limit_price="101.00", quantity="2")
    reply = await bench.request("GET", f"{bench.url}/v1/book?symbol=BTC/USDT&depth=5")
    book = reply.json
    assert book["type"] == "book" and book["snapshot"] is True
    assert book["first"] == book["last"]
    assert (book["bids"], book["asks"]) == ([["99.00", "1"]], [["101.00", "2"]])


async def test_trade_reaches_fills_balances_and_the_public_tape(bench):
    order = await bench.trade()
    page = (await bench.main.get("/v1/fills?after=0&limit=10")).json
    assert page["last"] == 1
    fill = page["fills"][0]
    assert fill["order_id"] == order["id"]
    assert fill["client_order_id"] == order["client_order_id"]
    assert (fill["sequence"], fill["price"], fill["quantity"]) == (1, "100.00", "1")
    assert (fill["liquidity"], fill["kind"], fill["replaces"]) == (
        "taker",
        "reported",
        None,
    )
    balances = {
        row["asset"]: row for row in (await bench.main.get("/v1/balances")).json["balances"]
    }
    assert float(balances["BTC"]["total"]) == 11
    assert float(balances["USDT"]["total"]) == 100000 - 100 - 0.05
    tape = await bench.request("GET", f"{bench.url}/v1/trades?symbol=BTC/USDT&limit=5")
    [trade] = tape.json["trades"]
    assert set(trade) == {"id", "symbol", "price", "quantity", "side", "time_ns"}
    assert (trade["price"], trade["side"]) == ("100.00", "buy")


async def test_pages_of_history_join_without_a_gap(bench):
    for _ in range(5):
        await bench.trade()
    seen, after = [], 0
    while True:
        page = (await bench.main.get(f"/v1/fills?after={after}&limit=2")).json
        if not page["fills"]:
            break
        seen += [fill["sequence"] for fill in page["fills"]]
        after = seen[-1]
        assert page["last"] == 5
    assert seen == [1, 2, 3, 4, 5]


async def test_ledger_tells_what_moved_without_an_order(bench):
    await bench.act("deposit", account="main", asset="USDT", amount="7")
    page = (await bench.main.get("/v1/ledger?after=0&limit=10")).json
    assert page["last"] == 1
    [event] = page["events"]
    assert (event["kind"], event["asset"], event["amount"]) == ("deposit", "USDT", "7")


async def test_positions_hold_derivatives_only(bench):
    await bench.trade()
    assert (await bench.main.get("/v1/positions")).json == {"positions": []}
    await bench.trade(symbol="BTC/USDT:USDT")
    [position] = (await bench.main.get("/v1/positions")).json["positions"]
    assert position["symbol"] == "BTC/USDT:USDT"
    assert (position["quantity"], position["settle"]) == ("1", "USDT")
    assert float(position["entry_price"]) == 100


async def test_replace_makes_a_new_id_and_any_id_of_the_chain_finds_the_order(bench):
    first = (await bench.main.submit()).json
    path = f"/v1/orders/{first['id']}"
    second = (await bench.main.call("PUT", path, {"limit_price": "90.00"})).json
    assert second["id"] != first["id"] and second["replaces"] == first["id"]
    assert second["client_order_id"] == first["client_order_id"]
    assert (await bench.main.get(path)).json == second
    third = (await bench.main.call("PUT", path, {"quantity": "0.5"})).json
    [order] = (await bench.truth())["orders"]
    assert order["chain"] == [first["id"], second["id"], third["id"]]


async def test_cancel_by_either_id_and_of_all(bench):
    orders = [(await bench.main.submit()).json for _ in range(4)]
    by_id = await bench.main.call("DELETE", f"/v1/orders/{orders[0]['id']}")
    client_id = orders[1]["client_order_id"]
    by_client = await bench.main.call("DELETE", f"/v1/orders?client_order_id={client_id}")
    rest = await bench.main.call("DELETE", "/v1/orders")
    assert by_id.json["status"] == by_client.json["status"] == "Canceled"
    assert [it["id"] for it in rest.json["canceled"]] == [it["id"] for it in orders[2:]]
    assert (await bench.main.get("/v1/orders?state=open")).json == {"orders": []}


async def test_session_of_the_key_lies_ahead(bench):
    reply = await bench.main.get("/v1/session")
    assert reply.json["expires_ns"] > bench.clock.time_ns()


async def test_every_reply_carries_the_rate_headers(bench):
    replies = [
        await bench.request("GET", f"{bench.url}/v1/time"),
        await bench.main.get("/v1/balances"),
        await bench.main.submit(),
        await bench.main.submit(quantity="0"),
        await bench.main.call("GET", "/v1/balances", X_Key="nobody"),
        await bench.request("GET", f"{bench.url}/v1/nothing"),
    ]
    for reply in replies:
        for name in ("X-Rate-Limit", "X-Rate-Remaining", "X-Rate-Reset"):
            assert re.fullmatch(r"\d+(\.\d+)?", reply.headers[name])


async def test_orders_and_reads_have_their_own_budget(bench):
    first = await bench.main.submit()
    second = await bench.main.submit()
    read = await bench.main.get("/v1/balances")
    assert first.headers["X-Rate-Remaining"] == "49"
    assert second.headers["X-Rate-Remaining"] == "48"
    assert read.headers["X-Rate-Remaining"] == "49"


@pytest.mark.parametrize(
    ("offset_ms", "is_good"), [(-5000, True), (5000, True), (-5001, False), (5001, False)]
)
async def test_call_is_good_within_its_window_on_both_sides(bench, offset_ms, is_good):
    time_ms = bench.time_ms() + offset_ms
    reply = await bench.main.call("POST", "/v1/orders", bench.order(), time_ms=time_ms)
    assert reply.status == (200 if is_good else 400)
    assert (reply.code == "bad_time") is not is_good
    assert len((await bench.truth())["orders"]) == is_good


async def test_window_is_what_the_call_says_it_is(bench):
    time_ms = bench.time_ms() - 1500
    narrow = await bench.main.call("GET", "/v1/balances", time_ms=time_ms, window=1000)
    wide = await bench.main.call("GET", "/v1/balances", time_ms=time_ms, window=2000)
    assert (narrow.code, wide.status) == ("bad_time", 200)


async def test_signature_covers_query_and_body(bench):
    signed = bench.main.sign(f"{bench.time_ms()}GET/v1/fills?after=0".encode())
    other_query = await bench.main.call("GET", "/v1/fills?after=1", X_Signature=signed)
    assert other_query.code == "bad_signature"
    signed = bench.main.sign(f"{bench.time_ms()}POST/v1/orders".encode() + b"{}")
    other_body = await bench.main.call(
        "POST", "/v1/orders", bench.order(), X_Signature=signed
    )
    assert other_body.code == "bad_signature"
    assert (await bench.truth())["orders"] == []
