"""What Coinbase Exchange says to the letter, under a clock that stands still."""

import pytest

ORDER = {
    "type": "limit",
    "side": "buy",
    "product_id": "BTC-USD",
    "price": "100",
    "size": "1",
}


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"key": "nobody"}, 401, "Invalid API Key"),
        ({"secret": "d3Jvbmc="}, 401, "invalid signature"),
        ({"passphrase": "wrong"}, 401, "Invalid Passphrase"),
        ({"at": "1699999969.9"}, 400, "request timestamp expired"),
        ({"at": "1700000030.1"}, 400, "request timestamp expired"),
        ({"at": "yesterday"}, 400, "invalid timestamp"),
    ],
)
async def test_proof_of_a_call_is_verified(still, changed, status, words):
    assert await still.call("GET", "/accounts", **changed) == (status, {"message": words})


REFUSED = [
    ({"price": "100.001"}, "price is too accurate. Smallest unit is 0.01"),
    ({"size": "0.000000001"}, "size is too accurate. Smallest unit is 0.00000001"),
    ({"size": "0.001"}, "size is too small. Minimum size is 0.00000001"),
    ({"size": "10000"}, "size is too large. Maximum size is 1000"),
    ({"size": "999", "price": "60000"}, "Insufficient funds"),
    ({"client_oid": "not-a-uuid"}, "Invalid client_oid"),
    ({"side": "up"}, "Invalid side"),
    (
        {"type": "market", "stop": "loss", "stop_price": "9"},
        "stop orders must be limit orders",
    ),
]


@pytest.mark.parametrize(("changed", "words"), REFUSED)
async def test_order_is_refused_by_words(still, changed, words):
    assert await still.call("POST", "/orders", ORDER | changed) == (400, {"message": words})
    assert (await still.call("GET", "/orders"))[1] == []


async def test_post_only_that_would_take_is_rejected_and_gone(still):
    await still.hosted.house("sell", "100", "1", "BTC/USD")
    status, told = await still.call("POST", "/orders", ORDER | {"post_only": True})
    assert (status, told["status"], told["reject_reason"]) == (200, "rejected", "post only")
    assert (await still.call("GET", f"/orders/{told['id']}"))[0] == 404


async def test_what_filled_in_part_stays_and_what_did_not_is_gone(still):
    _, kept = await still.call("POST", "/orders", ORDER)
    await still.hosted.house("sell", "100", "0.4", "BTC/USD")
    await still.call("DELETE", f"/orders/{kept['id']}")
    _, found = await still.call("GET", f"/orders/{kept['id']}")
    assert (found["status"], found["done_reason"], found["filled_size"]) == (
        "done",
        "canceled",
        "0.4",
    )
    status, told = await still.call("DELETE", f"/orders/{kept['id']}")
    assert (status, told["message"]) == (400, "Order already done")
    _, gone = await still.call("POST", "/orders", ORDER)
    await still.call("DELETE", f"/orders/{gone['id']}")
    status, told = await still.call("GET", f"/orders/{gone['id']}")
    assert (status, told["message"]) == (404, "NotFound")
    status, told = await still.call("DELETE", f"/orders/{gone['id']}")
    assert (status, told["message"]) == (404, "order not found")


async def test_more_candles_than_three_hundred_are_refused(still):
    span = {"granularity": 60, "start": 0, "end": 300 * 60}
    status, told = await still.public("/products/BTC-USD/candles", **span)
    assert status == 400 and "exceeds 300" in told["message"]


async def test_tokens_run_out_and_come_back(host_face, still):
    limits = {"private_per_s": 1, "private_burst": 1}
    hosted = await host_face("coinbaseexchange", still=True, limits=limits)
    caller = type(still)(hosted)
    assert (await caller.call("GET", "/accounts"))[0] == 200
    status, told = await caller.call("GET", "/accounts")
    assert (status, told["message"]) == (429, "Private rate limit exceeded")
    await hosted.clock.advance(1)
    assert (await caller.call("GET", "/accounts"))[0] == 200


def subscription(still, sign, channel, **changed):
    at = str(still.hosted.clock.time_ns() / 10**9)
    return {
        "type": "subscribe",
        "product_ids": ["BTC-USD"],
        "channels": [channel],
        "key": "sandbox-coinbaseexchange",
        "passphrase": "sandbox-passphrase",
        "timestamp": at,
        "signature": sign(f"{at}GET/users/self/verify"),
    } | changed


async def test_user_channel_tells_the_life_of_an_order(still, sign):
    async with still.hosted.session.ws_connect(f"{still.hosted.ws}/") as socket:
        await socket.send_json(subscription(still, sign, "user"))
        assert (await socket.receive_json())["type"] == "subscriptions"
        _, placed = await still.call("POST", "/orders", ORDER)
        await still.hosted.house("sell", "100", "0.4", "BTC/USD")
        await still.call("DELETE", f"/orders/{placed['id']}")
        told = [await socket.receive_json() for _ in range(4)]
    assert [it["type"] for it in told] == ["received", "open", "match", "done"]
    numbers = [it["sequence"] for it in told]
    assert numbers == list(range(numbers[0], numbers[0] + 4))
    received, opened, match, done = told
    assert (received["size"], opened["remaining_size"]) == ("1", "1")
    assert (match["maker_order_id"], match["side"], match["size"]) == (
        placed["id"],
        "buy",
        "0.4",
    )
    assert (done["reason"], done["remaining_size"]) == ("canceled", "0.6")


async def test_wrong_signature_hears_nothing(still, sign):
    async with still.hosted.session.ws_connect(f"{still.hosted.ws}/") as socket:
        await socket.send_json(subscription(still, sign, "user", signature=sign("nothing")))
        told = await socket.receive_json()
        assert (told["type"], told["message"]) == ("error", "Authentication Failed")


async def test_books_need_no_key_where_they_are_told_in_batches(still):
    async with still.hosted.session.ws_connect(f"{still.hosted.ws}/") as socket:
        asked = {"type": "subscribe", "product_ids": ["BTC-USD"]}
        await socket.send_json(asked | {"channels": ["level2"]})
        assert (await socket.receive_json())["message"] == "Authentication Failed"
        await socket.send_json(asked | {"channels": ["level2_batch", "heartbeat"]})
        assert (await socket.receive_json())["type"] == "snapshot"
        await socket.receive_json()
        await still.hosted.house("buy", "99", "1", "BTC/USD")
        await still.hosted.clock.advance(0.1)
        still.hosted.site.tick()
        assert (await socket.receive_json())["changes"] == [["buy", "99", "1"]]
        still.hosted.site.beat()
        assert (await socket.receive_json())["type"] == "heartbeat"
