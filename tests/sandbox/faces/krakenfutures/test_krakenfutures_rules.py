"""What Kraken Futures says to the letter, under a clock that stands still."""

import pytest

BTC = "BTC/USD:USD"
ORDER = {
    "symbol": "PF_XBTUSD",
    "side": "buy",
    "orderType": "lmt",
    "size": "1",
    "limitPrice": "100",
}


async def test_nonces_of_a_key_rise(still):
    for nonce, said in (
        ("5", "success"),
        ("5", "nonceDuplicate"),
        ("4", "nonceBelowThreshold"),
        ("6", "success"),
    ):
        _, told = await still.call("GET", "/openorders", nonce=nonce)
        assert told.get("error", told["result"]) == said, nonce


@pytest.mark.parametrize("wrong", [{"secret": "d3Jvbmc="}, {"key": "nobody"}])
async def test_wrong_signature_is_refused(still, wrong):
    status, told = await still.call("GET", "/accounts", **wrong)
    assert (status, told["error"]) == (401, "authenticationError")


async def test_order_is_looked_up_for_five_seconds_after_its_end(still):
    _, placed = await still.call("POST", "/sendorder", **ORDER, cliOrdId="a-1")
    named = {"orderIds": placed["sendStatus"]["order_id"]}
    await still.call("POST", "/cancelorder", cliOrdId="a-1")
    for seconds, statuses in ((5, ["CANCELLED"]), (0.001, [])):
        await still.hosted.clock.advance(seconds)
        _, told = await still.call("POST", "/orders/status", **named)
        assert [it["status"] for it in told["orders"]] == statuses


@pytest.mark.parametrize(("mode", "total"), [("RELATIVE", "1.4"), ("ABSOLUTE", "1")])
async def test_edit_says_what_is_to_be_open_or_the_total(still, mode, total):
    _, placed = await still.call("POST", "/sendorder", **ORDER)
    await still.hosted.house("sell", "100", "0.4", BTC)
    number = placed["sendStatus"]["order_id"]
    changed = {"orderId": number, "size": "1", "limitPrice": "101", "qtyMode": mode}
    _, told = await still.call("POST", "/editorder", **changed)
    assert told["editStatus"]["status"] == "edited"
    [order] = (await still.hosted.truth())["orders"]
    assert order["quantity"] == total


async def test_cancel_of_what_is_done_tells_filled_from_not_found(still):
    _, placed = await still.call("POST", "/sendorder", **ORDER)
    number = placed["sendStatus"]["order_id"]
    await still.hosted.house("sell", "100", "1", BTC)
    _, told = await still.call("POST", "/cancelorder", order_id=number)
    assert told["cancelStatus"]["status"] == "filled"
    _, told = await still.call("POST", "/cancelorder", order_id="nothing")
    assert told["cancelStatus"]["status"] == "notFound"
    _, told = await still.call("POST", "/cancelallorders")
    assert told["cancelStatus"]["status"] == "noOrdersToCancel"


async def test_calls_cost_and_the_pool_fills_up_again(host_face, still):
    hosted = await host_face("krakenfutures", still=True, limits={"derivatives_10s": 10})
    caller = type(still)(hosted)
    assert (await caller.call("POST", "/sendorder", **ORDER))[0] == 200
    status, told = await caller.call("GET", "/accounts")
    assert (status, told["error"]) == (429, "apiLimitExceeded")
    await hosted.clock.advance(2)
    assert (await caller.call("GET", "/accounts"))[0] == 200


async def begin(socket, sign, feed, *, secret):
    key = "sandbox-krakenfutures"
    assert (await socket.receive_json())["event"] == "info"
    await socket.send_json({"event": "challenge", "api_key": key})
    challenge = (await socket.receive_json())["message"]
    proof = {"original_challenge": challenge, "signed_challenge": sign(secret, challenge)}
    await socket.send_json({"event": "subscribe", "feed": feed, "api_key": key} | proof)
    return await socket.receive_json()


async def test_private_feed_needs_the_challenge_answered(still, sign):
    async with still.hosted.session.ws_connect(f"{still.hosted.ws}/ws/v1") as socket:
        told = await begin(socket, sign, "fills", secret="d3Jvbmc=")
        assert told["event"] == "alert"


async def test_open_orders_are_told_whole_and_their_ends_by_ids(still, sign):
    secret = "c2FuZGJveC1rcmFrZW5mdXR1cmVz"
    async with still.hosted.session.ws_connect(f"{still.hosted.ws}/ws/v1") as socket:
        assert (await begin(socket, sign, "open_orders", secret=secret))["event"] == (
            "subscribed"
        )
        assert (await socket.receive_json())["orders"] == []
        await still.call("POST", "/sendorder", **ORDER, cliOrdId="a-1")
        told = await socket.receive_json()
        assert (told["reason"], told["order"]["qty"]) == ("new_placed_order_by_user", 1)
        await still.hosted.house("sell", "100", "0.4", BTC)
        told = await socket.receive_json()
        assert (told["reason"], told["order"]["filled"]) == ("partial_fill", 0.4)
        await still.hosted.house("sell", "100", "0.6", BTC)
        told = await socket.receive_json()
        assert (told["is_cancel"], told["reason"]) == (True, "full_fill")
        assert (told["cli_ord_id"], "order" in told) == ("a-1", False)


async def test_changes_of_the_book_are_counted(still):
    async with still.hosted.session.ws_connect(f"{still.hosted.ws}/ws/v1") as socket:
        await socket.receive_json()
        asked = {"event": "subscribe", "feed": "book", "product_ids": ["PF_XBTUSD"]}
        await socket.send_json(asked)
        await socket.receive_json()
        before = (await socket.receive_json())["seq"]
        for price in ("98", "99"):
            await still.hosted.house("buy", price, "1", BTC)
            before += 1
            assert (await socket.receive_json())["seq"] == before
        await socket.send_json(asked)
        assert "Already subscribed" in (await socket.receive_json())["message"]
