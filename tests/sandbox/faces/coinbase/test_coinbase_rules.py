"""Coinbase's door and its reads, asked by a client that only signs."""

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from crossdock.sandbox.faces.described import semantics


async def trade_at(coinbase, trader, price, size="0.1"):
    """Let the last price be this one."""
    await coinbase.house("sell", price, size, symbol="BTC/USD")
    taking = {"sor_limit_ioc": {"base_size": size, "limit_price": price}}
    await trader.placed(taking)


def test_every_rule_names_a_page_of_the_day_it_was_read():
    rules = semantics("coinbase")
    assert len({rule.topic for rule in rules}) == len(rules)
    assert all(rule.source.startswith("https://") for rule in rules)


async def test_a_key_tells_what_it_may_do(trader):
    told = (await trader.get("/key_permissions")).json
    assert (told["can_view"], told["can_trade"], told["can_transfer"]) == (
        True,
        True,
        False,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"exp": 1},
        {"nbf": 1_700_000_060},
        {"exp": 1_700_000_121},
        {"sub": "somebody else"},
        {"iss": "nobody"},
        {"headers": {"kid": "organizations/nobody/apiKeys/none"}},
        {"uri": "POST api.coinbase.com/api/v3/brokerage/accounts"},
        {"uri": "GET api.coinbase.com/api/v3/brokerage/products"},
        {"uri": "GET elsewhere.com/api/v3/brokerage/accounts"},
    ],
    ids=str,
)
async def test_a_token_for_something_else_is_unauthorized(trader, wrong):
    uri = wrong.pop("uri", "GET api.coinbase.com/api/v3/brokerage/accounts")
    refused = await trader.get("/accounts", token=trader.token(uri, **wrong))
    assert (refused.status, refused.text) == (401, "Unauthorized\n")


async def test_a_token_signed_by_another_key_is_unauthorized(coinbase, client_of):
    stranger = ed25519.Ed25519PrivateKey.generate()
    pem = stranger.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    client = client_of(coinbase, secret=pem, algorithm="EdDSA")
    assert (await client.get("/accounts")).status == 401


async def test_a_token_is_good_for_two_minutes(coinbase, trader):
    token = trader.token("GET api.coinbase.com/api/v3/brokerage/accounts")
    await coinbase.clock.advance(119)
    assert (await trader.get("/accounts", token=token)).status == 200
    await coinbase.clock.advance(2)
    assert (await trader.get("/accounts", token=token)).status == 401


async def test_ed25519_keys_are_taken_as_coinbase_hands_them_out(host_face, client_of):
    private = ed25519.Ed25519PrivateKey.generate()
    raw = private.private_bytes_raw() + private.public_key().public_bytes_raw()
    account = {
        "name": "main",
        "key": "edwards",
        "secret": base64.b64encode(raw).decode(),
        "balances": {"USD": "5"},
    }
    hosted = await host_face("coinbase", still=True, accounts=[account])
    client = client_of(hosted, "edwards", private, "EdDSA")
    rows = (await client.get("/accounts")).json["accounts"]
    assert {it["currency"]: it["available_balance"]["value"] for it in rows}["USD"] == "5"


async def test_a_key_without_the_right_may_not_trade(host_face, client_of, sandbox_keys):
    key, secret = sandbox_keys
    account = {"name": "main", "key": key, "secret": secret, "may_trade": False}
    client = client_of(await host_face("coinbase", still=True, accounts=[account]))
    refused = await client.post("/orders", {})
    assert refused.status == 403
    assert refused.json["error_details"] == "Missing required scopes"
    assert (await client.get("/key_permissions")).json["can_trade"] is False


@pytest.mark.parametrize("cut", [False, True])
async def test_pages_lead_to_every_order_and_fill_once(coinbase, trader, cut):
    await coinbase.house("sell", "100", "20", symbol="BTC/USD")
    placed = [await trader.placed() for _ in range(7)]
    for path, key in (("batch", "orders"), ("fills", "fills")):
        found, cursor = [], ""
        while True:
            if cut and not found:
                await coinbase.arm("history_truncated")
            params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = (await trader.get(f"/orders/historical/{path}", **params)).json
            found += [it["order_id"] for it in page[key]]
            cursor = page["cursor"]
            if not cursor:
                break
        assert found == placed[::-1]


async def test_orders_are_chosen_by_status_product_and_time(coinbase, trader):
    open_one = await trader.placed()
    gone = await trader.placed()
    await trader.post("/orders/batch_cancel", {"order_ids": [gone]})

    async def chosen(**filters):
        told = (await trader.get("/orders/historical/batch", **filters)).json
        return [it["order_id"] for it in told["orders"]]

    assert await chosen(order_status="OPEN") == [open_one]
    assert await chosen(order_status=["CANCELLED", "FILLED"]) == [gone]
    assert await chosen(product_ids="ETH-USD") == []
    assert await chosen(start_date="2023-11-14T22:13:21Z") == []
    assert await chosen(end_date="2023-11-14T22:13:21Z") == [gone, open_one]
    paired = await trader.get("/orders/historical/batch", order_status=["OPEN", "FILLED"])
    assert paired.status == 400


async def test_held_money_is_not_available(coinbase, trader):
    await trader.placed()
    first = (await trader.get("/accounts", limit=1)).json
    assert (first["has_next"], first["size"]) == (True, 1)
    rest = (await trader.get("/accounts", cursor=first["cursor"])).json
    rows = {it["currency"]: it for it in first["accounts"] + rest["accounts"]}
    assert rows["USD"]["hold"]["value"] == "101.2"
    assert rows["USD"]["available_balance"]["value"] == "99898.8"
    one = (await trader.get(f"/accounts/{rows['BTC']['uuid']}")).json["account"]
    assert one["available_balance"]["value"] == "100"


async def test_above_the_limit_calls_are_refused_until_the_second_is_over(coinbase, trader):
    replies = [await trader.get("/portfolios") for _ in range(31)]
    assert [it.status for it in replies[:30]] == [200] * 30
    assert replies[29].headers["x-ratelimit-remaining"] == "0"
    assert replies[30].status == 429
    assert replies[30].json["errors"][0]["id"] == "rate_limit_exceeded"
    await coinbase.clock.advance(1)
    assert (await trader.get("/portfolios")).status == 200


async def test_a_fault_limits_for_as_long_as_its_header_says(coinbase, trader):
    await coinbase.arm("rate_limit", operation="read", seconds=5)
    refused = await trader.get("/accounts")
    assert (refused.status, refused.headers["x-ratelimit-reset"]) == (429, "5")
    await coinbase.clock.advance(5)
    assert (await trader.get("/accounts")).status == 200


async def test_candles_add_up_to_the_trades_and_come_newest_first(coinbase, trader):
    for price in ("100", "110", "95"):
        await trade_at(coinbase, trader, price, "1")
    now_s = coinbase.clock.time_ns() // 10**9
    told = await trader.get(
        "/market/products/BTC-USD/candles",
        granularity="ONE_HOUR",
        start=now_s - 7200,
        end=now_s,
    )
    bar = told.json["candles"][0]
    prices = [bar[name] for name in ("open", "high", "low", "close", "volume")]
    assert prices == ["100", "110", "95", "95", "3"]
