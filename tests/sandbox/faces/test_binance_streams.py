"""Binance's market streams and WebSocket API, asked by a plain client."""

import asyncio
import json
from decimal import Decimal

import pytest

SYMBOL = "BTC/USDT"


async def market(hosted, path):
    return await hosted.session.ws_connect(hosted.ws + path, autoping=False)


async def receive(socket):
    return json.loads((await socket.receive()).data)


async def tick(hosted, seconds=0.1):
    await hosted.clock.advance(seconds)
    hosted.site.tick()


def apply(book, rows):
    for price, quantity in rows:
        if Decimal(quantity):
            book[Decimal(price)] = Decimal(quantity)
        else:
            book.pop(Decimal(price), None)


async def test_depth_events_and_a_snapshot_join_to_the_engines_own_book(still, main):
    socket = await market(still, "/ws/btcusdt@depth@100ms")
    for price in ("99", "98", "97"):
        await main.place(price=price)
    await tick(still)
    await main.place(price="96")
    await main.call("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")
    await main.place(price="95")
    snapshot = (await main.public("/api/v3/depth", symbol="BTCUSDT")).json
    await main.place(price="94")
    await tick(still)
    await main.place(price="93")
    await tick(still)
    bids, last = {}, snapshot["lastUpdateId"]
    apply(bids, snapshot["bids"])
    joined = 0
    for _ in range(3):
        event = await receive(socket)
        if event["u"] <= last:
            continue
        assert event["U"] <= last + 1 <= event["u"]
        apply(bids, event["b"])
        last = event["u"]
        joined += 1
    sequence, rows, _ = still.site.host.venue.book(SYMBOL, 100)
    assert (joined, last, bids) == (2, sequence, dict(rows))


async def test_gap_in_the_book_shows_in_the_update_ids(still, main):
    socket = await market(still, "/ws/btcusdt@depth@100ms")
    await main.place(price="99")
    await tick(still)
    first = await receive(socket)
    await still.arm("market_gap")
    await main.place(price="98")
    await tick(still)
    await main.place(price="97")
    await tick(still)
    assert (await receive(socket))["U"] > first["u"] + 1


async def test_slow_depth_gathers_what_the_fast_one_tells_in_pieces(still, main):
    fast = await market(still, "/ws/btcusdt@depth@100ms")
    slow = await market(still, "/ws/btcusdt@depth")
    await tick(still, 1)
    await main.place(price="99")
    await tick(still)
    await main.place(price="98")
    await tick(still, 1)
    one, two, whole = await receive(fast), await receive(fast), await receive(slow)
    assert (whole["U"], whole["u"]) == (one["U"], two["u"])
    assert whole["b"] == one["b"] + two["b"]


async def test_partial_depth_is_the_top_of_the_book(still, main):
    socket = await market(still, "/ws/btcusdt@depth5@100ms")
    for price in range(90, 99):
        await main.place(price=str(price))
    await tick(still)
    told = await receive(socket)
    assert [Decimal(price) for price, _ in told["bids"]] == [98, 97, 96, 95, 94]


async def test_combined_streams_name_the_stream(still, main):
    socket = await market(still, "/stream?streams=btcusdt@trade/btcusdt@aggTrade")
    await still.house("sell", "100", "1")
    await main.place()
    trade, aggregate = await receive(socket), await receive(socket)
    assert (trade["stream"], trade["data"]["e"]) == ("btcusdt@trade", "trade")
    assert (aggregate["stream"], aggregate["data"]["a"]) == ("btcusdt@aggTrade", 1)
    assert (trade["data"]["p"], trade["data"]["m"]) == ("100.00000000", False)


async def test_streams_are_subscribed_and_unsubscribed_live(still, main):
    socket = await market(still, "/ws")
    streams = ["btcusdt@bookTicker"]
    await socket.send_json({"method": "SUBSCRIBE", "params": streams, "id": 1})
    assert await receive(socket) == {"result": None, "id": 1}
    await main.place(price="99")
    await still.house("sell", "101", "1")
    best = await receive(socket)
    assert (Decimal(best["b"]), Decimal(best["a"])) == (99, 101)
    await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 2})
    assert (await receive(socket))["result"] == streams
    await socket.send_json({"method": "UNSUBSCRIBE", "params": streams, "id": 3})
    await receive(socket)
    await main.place(price="99.5")
    await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 4})
    assert await receive(socket) == {"result": [], "id": 4}


async def test_sixth_message_within_a_second_closes_the_connection(still):
    socket = await market(still, "/ws")
    for number in range(6):
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": number})
    answers = [json.loads(it.data)["id"] async for it in socket]
    assert answers == [0, 1, 2, 3, 4]
    assert socket.closed


async def test_bar_is_told_as_it_grows_and_when_it_closes(still, main):
    socket = await market(still, "/ws/btcusdt@kline_1m")
    await tick(still)
    await still.house("sell", "100", "1")
    await main.place()
    grown = (await receive(socket))["k"]
    await tick(still, 60)
    closed = (await receive(socket))["k"]
    assert (grown["x"], closed["x"]) == (False, True)
    assert closed["t"] == grown["t"] and closed["T"] == closed["t"] + 59_999
    assert (closed["o"], closed["c"]) == ("100.00000000", "100.00000000")


# The WebSocket API.


async def test_requests_answer_as_rest_does(still, main, requests_of):
    api = await requests_of(main)
    order = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "1",
        "price": "100",
        "newClientOrderId": "ws",
    }
    placed, _ = await api.ask("order.place", order, signed=True)
    assert (placed["status"], placed["result"]["status"]) == (200, "NEW")
    counts = {(it["rateLimitType"], it["intervalNum"]): it for it in placed["rateLimits"]}
    assert counts["ORDERS", 10]["count"] == 1
    named = {"symbol": "BTCUSDT", "origClientOrderId": "ws"}
    found, _ = await api.ask("order.status", named, signed=True)
    rest = await main.call("GET", "/api/v3/order", **named)
    assert found["result"] == rest.json
    gone, _ = await api.ask("order.cancel", named, signed=True)
    assert gone["result"]["status"] == "CANCELED"
    again, _ = await api.ask("order.cancel", named, signed=True)
    assert (again["status"], again["error"]["code"]) == (400, -2011)


async def test_request_signed_wrong_is_refused(main, requests_of):
    api = await requests_of(main)
    params = main.signed({}) | {"signature": "0" * 64}
    refused, _ = await api.ask("account.status", params)
    assert (refused["status"], refused["error"]["code"]) == (400, -1022)
    unknown, _ = await api.ask("nope")
    assert unknown["error"]["code"] == -1000


async def test_session_signs_for_its_requests_until_logged_out(main, requests_of):
    api = await requests_of(main)
    logged_on, _ = await api.ask("session.logon", signed=True)
    assert logged_on["result"]["apiKey"] == main.key
    timed = {"timestamp": main.time_ms()}
    assert (await api.ask("account.status", timed))[0]["status"] == 200
    started, _ = await api.ask("userDataStream.subscribe")
    assert started["result"] == {"subscriptionId": 0}
    status, _ = await api.ask("session.status")
    assert status["result"]["userDataStream"] is True
    ended, events = await api.ask("session.logout")
    assert ended["result"]["apiKey"] is None
    assert [it["event"]["e"] for it in events] == ["eventStreamTerminated"]
    assert (await api.ask("account.status", timed))[0]["error"]["code"] == -2014


async def test_user_data_tells_the_life_of_an_order_and_its_balances(
    still, main, requests_of
):
    api = await requests_of(main)
    await api.ask("userDataStream.subscribe.signature", signed=True)
    await main.place(newClientOrderId="life")
    new, balances = await api.events()
    assert (new["x"], new["X"], new["c"], new["w"]) == ("NEW", "NEW", "life", True)
    assert balances["e"] == "outboundAccountPosition"
    [quote] = balances["B"]
    assert (quote["a"], Decimal(quote["l"])) == ("USDT", Decimal("100.1"))
    await still.house("sell", "100", "0.4")
    trade, balances = await api.events()
    assert (trade["x"], trade["X"], trade["l"], trade["L"]) == (
        "TRADE",
        "PARTIALLY_FILLED",
        "0.40000000",
        "100.00000000",
    )
    assert (trade["z"], trade["Z"], trade["m"]) == ("0.40000000", "40.00000000", True)
    [row] = (await main.call("GET", "/api/v3/myTrades", symbol="BTCUSDT")).json
    assert (trade["t"], trade["n"], trade["N"]) == (row["id"], row["commission"], "USDT")
    assert {it["a"] for it in balances["B"]} == {"BTC", "USDT"}
    named = {"symbol": "BTCUSDT", "origClientOrderId": "life"}
    await main.call("DELETE", "/api/v3/order", newClientOrderId="end", **named)
    ended = (await api.events())[0]
    assert (ended["x"], ended["c"], ended["C"]) == ("CANCELED", "end", "life")


async def test_deposit_is_told_as_a_balance_update(still, main, requests_of):
    api = await requests_of(main)
    await api.ask("userDataStream.subscribe.signature", signed=True)
    await still.act("deposit", account="main", asset="USDT", amount="7")
    update, position = await api.events()
    assert (update["e"], update["a"], Decimal(update["d"])) == ("balanceUpdate", "USDT", 7)
    assert position["e"] == "outboundAccountPosition"


async def test_amend_and_list_have_events_of_their_own(still, main, requests_of):
    api = await requests_of(main)
    await api.ask("userDataStream.subscribe.signature", signed=True)
    order = (await main.place()).json
    await api.events()
    amend = {"symbol": "BTCUSDT", "orderId": order["orderId"], "newQty": "0.5"}
    await main.call("PUT", "/api/v3/order/amend/keepPriority", **amend)
    assert (await api.events())[0]["x"] == "REPLACED"
    pair = {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "quantity": "1",
        "aboveType": "LIMIT_MAKER",
        "abovePrice": "120",
        "belowType": "STOP_LOSS",
        "belowStopPrice": "80",
    }
    await main.call("POST", "/api/v3/orderList/oco", **pair)
    lists = [it for it in await api.events() if it["e"] == "listStatus"]
    await still.house("buy", "120", "1")
    told = await api.events()
    lists += [it for it in told if it["e"] == "listStatus"]
    assert [it["L"] for it in lists] == ["EXECUTING", "ALL_DONE"]
    expired = [it for it in told if it.get("x") == "EXPIRED"]
    assert [it["eR"] for it in expired] == ["OCO_TRIGGER"]


async def test_account_hears_only_of_itself(still, main, other, requests_of):
    api = await requests_of(other)
    await api.ask("userDataStream.subscribe.signature", signed=True)
    await main.place()
    assert await api.events() == []


async def test_listen_token_opens_a_subscription_that_says_when_it_ends(main, requests_of):
    api = await requests_of(main)
    token = (await main.call("POST", "/sapi/v1/userListenToken")).json
    asked = {"listenToken": token["token"]}
    started, _ = await api.ask("userDataStream.subscribe.listenToken", asked)
    assert started["result"]["expirationTime"] == token["expirationTime"]
    refused, _ = await api.ask("userDataStream.subscribe.listenToken", {"listenToken": "x"})
    assert refused["error"]["code"] == -1125


async def test_subscription_is_one_for_an_account_on_a_connection(main, requests_of):
    api = await requests_of(main)
    subscribe = "userDataStream.subscribe.signature"
    await api.ask(subscribe, signed=True)
    assert (await api.ask(subscribe, signed=True))[0]["error"]["code"] == -2035
    ended, events = await api.ask("userDataStream.unsubscribe")
    assert (ended["result"], len(events)) == ({}, 1)
    again, _ = await api.ask(subscribe, signed=True)
    assert again["result"] == {"subscriptionId": 1}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("stream_missing", ["CANCELED"]),
        ("stream_duplicate", ["NEW", "NEW", "CANCELED"]),
        ("stream_reorder", ["CANCELED", "NEW"]),
        ("stream_mute", []),
    ],
)
async def test_stream_fault_befalls_user_data(
    host_face, binance_client, requests_of, kind, expected
):
    hosted = await host_face("binance", still=True)
    client = binance_client(hosted)
    hosted.site.face.tells_balances = False
    api = await requests_of(client)
    await api.ask("userDataStream.subscribe.signature", signed=True)
    await hosted.arm(kind)
    order = (await client.place()).json
    named = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    await client.call("DELETE", "/api/v3/order", **named)
    told = [it["x"] for it in await api.events()]
    assert told == expected
    assert (await hosted.hits())[kind] == 1


async def test_expired_session_ends_the_stream_and_says_so(still, main, requests_of):
    api = await requests_of(main)
    await api.ask("session.logon", signed=True)
    await api.ask("userDataStream.subscribe")
    await still.arm("session_expired")
    assert [it["e"] for it in await api.events()] == ["eventStreamTerminated"]
    assert (await still.hits())["session_expired"] == 1
    timed = {"timestamp": main.time_ms()}
    assert (await api.ask("account.status", timed))[0]["status"] == 401


@pytest.mark.parametrize(
    ("kind", "ends"),
    [("reply_lost_before", False), ("reply_lost_after", True), ("reply_cut", True)],
)
async def test_lost_answer_leaves_the_truth_to_be_asked_for(
    still, main, requests_of, kind, ends
):
    api = await requests_of(main)
    await still.arm(kind, operation="submit", seconds=0)
    order = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "1",
        "price": "100",
    }
    sent = asyncio.create_task(api.ask("order.place", order, signed=True))
    with pytest.raises((TypeError, ValueError)):
        await sent
    assert len((await still.truth())["orders"]) == ends


async def test_server_pings_every_twenty_seconds(still):
    socket = await market(still, "/ws")
    await still.clock.advance(19)
    still.site.beat()
    await still.clock.advance(1)
    still.site.beat()
    message = await socket.receive()
    assert message.type.name == "PING"
    assert int(message.data) == still.clock.time_ns() // 10**6
