"""Binance's rules, asked of the face by a client that keeps to the documentation."""

import asyncio
import base64
import json
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

ORDER = "/api/v3/order"

_WITHDRAWALS = "/sapi/v1/capital/withdraw/history"


def said(reply):
    return reply.status, reply.json["code"], reply.json["msg"]


# Who may call, and when.


async def test_documentations_own_example_is_signed_as_the_documentation_says(
    host_face, binance_client
):
    hosted = await host_face("binance", still=True)
    key = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
    secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
    example = (
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1"
        "&recvWindow=5000&timestamp=1499827319559"
    )
    signature = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
    assert binance_client(hosted, key, secret).sign(example) == signature


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"headers": {}}, (401, -2014)),
        ({"headers": {"X-MBX-APIKEY": "nobody"}}, (401, -2015)),
        ({"signature": "0" * 64}, (400, -1022)),
        ({"timestamp": None}, (400, -1102)),
        ({"recvWindow": "60001"}, (400, -1131)),
    ],
)
async def test_call_that_is_not_signed_right_is_refused(main, changed, expected):
    reply = await main.call("GET", "/api/v3/account", **changed)
    assert said(reply)[:2] == expected


@pytest.mark.parametrize(
    ("off_ms", "window_ms", "is_taken"),
    [
        (0, None, True),
        (-5000, None, True),
        (-5001, None, False),
        (999, None, True),
        (1000, None, False),
        (-100, "50", False),
        (-100, "100.5", True),
    ],
)
async def test_timestamp_counts_within_its_window_and_a_second_ahead(
    main, off_ms, window_ms, is_taken
):
    reply = await main.call(
        "GET",
        "/api/v3/account",
        timestamp=main.time_ms() + off_ms,
        recvWindow=window_ms,
    )
    if is_taken:
        assert reply.status == 200
    else:
        assert said(reply)[:2] == (400, -1021)


async def test_window_is_checked_again_before_the_matching_engine(still, main):
    await still.arm("request_late", seconds=6)
    sent = asyncio.create_task(main.place())
    while not (await still.hits()).get("request_late"):
        await asyncio.sleep(0)
    await still.clock.advance(6)
    assert said(await sent)[:2] == (400, -1021)
    assert (await still.truth())["orders"] == []


async def test_hmac_signature_may_be_written_in_either_case(main):
    query = f"timestamp={main.time_ms()}"
    reply = await main.call("GET", "/api/v3/account", signature=main.sign(query).upper())
    assert reply.status == 200


PAIRS = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "rsa": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
}


@pytest.mark.parametrize("kind", PAIRS)
async def test_key_pair_signs_in_place_of_a_secret(still, binance_client, kind):
    private = PAIRS[kind]()
    pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    account = {"venue": "binance", "account": "pair", "key": "pair", "secret": pem.decode()}
    assert (await still.admin("POST", "/accounts", account)).status == 200

    class Pair(binance_client):
        def sign(self, text):
            if isinstance(private, rsa.RSAPrivateKey):
                signed = private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
            else:
                signed = private.sign(text.encode())
            return base64.b64encode(signed).decode().replace("+", "%2B")

    client = Pair(still, "pair", "")
    assert (await client.call("GET", "/api/v3/account")).status == 200
    reply = await client.call("GET", "/api/v3/account", signature="bm8=")
    assert said(reply)[:2] == (400, -1022)


async def test_rights_of_a_key_are_told_and_kept(host_face, binance_client):
    keys = [{"name": "main", "key": "k", "secret": "s", "may_withdraw": True}]
    keys[0]["may_trade"] = False
    venue = await host_face("binance", still=True, accounts=keys)
    client = binance_client(venue, "k", "s")
    rights = (await client.call("GET", "/sapi/v1/account/apiRestrictions")).json
    assert rights["enableWithdrawals"] and not rights["enableSpotAndMarginTrading"]
    assert said(await client.place())[:2] == (401, -2015)


async def test_revoked_key_is_refused(still, main):
    await still.act("revoke_key", account="main")
    assert said(await main.call("GET", "/api/v3/account"))[:2] == (401, -2015)


# Orders.


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"symbol": "NOPE"}, (-1121, "Invalid symbol.")),
        ({"price": "100.001"}, (-1013, "Filter failure: PRICE_FILTER")),
        ({"price": "20000000"}, (-1013, "Filter failure: PRICE_FILTER")),
        ({"quantity": "0.000001"}, (-1013, "Filter failure: LOT_SIZE")),
        ({"quantity": "9001"}, (-1013, "Filter failure: LOT_SIZE")),
        ({"quantity": "0.00001"}, (-1013, "Filter failure: NOTIONAL")),
        (
            {"quantity": "1.000000001"},
            (-1111, "Parameter 'quantity' has too much precision."),
        ),
        (
            {"price": "90000", "quantity": "5"},
            (-2010, "Account has insufficient balance for requested action."),
        ),
        ({"stopPrice": "90"}, (-1106, "Parameter 'stopPrice' sent when not required.")),
        ({"timeInForce": None}, (-1102, None)),
        ({"price": None}, (-1102, None)),
        ({"quantity": "-1"}, (-1100, None)),
        ({"type": "NOPE"}, (-1130, None)),
        ({"newClientOrderId": "no spaces"}, (-1100, None)),
        ({"newClientOrderId": "a" * 37}, (-1100, None)),
        ({"icebergQty": "0.1"}, (-1106, None)),
    ],
)
async def test_order_that_breaks_a_rule_is_refused_in_binances_words(
    still, main, changed, expected
):
    reply = await main.place(**changed)
    assert (reply.status, reply.json["code"]) == (400, expected[0])
    assert expected[1] in (None, reply.json["msg"])
    assert (await still.truth())["orders"] == []


async def test_post_only_order_that_would_take_is_refused(still, main):
    await still.house("sell", "100", "1")
    reply = await main.place(type="LIMIT_MAKER", timeInForce=None, price="100")
    assert said(reply) == (400, -2010, "Order would immediately match and take.")


async def test_stop_that_would_trigger_at_once_is_refused(still, main):
    await still.house("sell", "100", "1")
    await main.place(price="100", quantity="0.5")
    stop = {"type": "STOP_LOSS", "price": None, "timeInForce": None, "side": "SELL"}
    reply = await main.place(**stop, stopPrice="150")
    assert said(reply) == (400, -2010, "Order would trigger immediately.")
    assert (await main.place(**stop, stopPrice="90")).status == 200


async def test_client_order_id_is_unique_among_open_orders_only(still, main):
    first = (await main.place(newClientOrderId="mine.:/_-1")).json
    again = await main.place(newClientOrderId="mine.:/_-1")
    assert said(again) == (400, -2010, "Duplicate order sent.")
    await main.call("DELETE", ORDER, symbol="BTCUSDT", orderId=first["orderId"])
    second = (await main.place(newClientOrderId="mine.:/_-1")).json
    assert second["orderId"] != first["orderId"]
    found = await main.call("GET", ORDER, symbol="BTCUSDT", origClientOrderId="mine.:/_-1")
    assert found.json["orderId"] == second["orderId"]
    named = [it["client_order_id"] for it in (await still.truth())["orders"]]
    assert named == ["mine.:/_-1"] * 2


async def test_truth_names_orders_and_fills_as_clients_see_them(still, main):
    await still.house("sell", "100", "1")
    order = (await main.place(newClientOrderId="seen")).json
    [trade] = (await main.call("GET", "/api/v3/myTrades", symbol="BTCUSDT")).json
    truth = await still.truth()
    [true_order], [fill] = truth["orders"], truth["fills"]
    assert true_order["chain"] == [true_order["id"]] == [str(order["orderId"])]
    assert (true_order["client_order_id"], fill["client_order_id"]) == ("seen", "seen")
    assert fill["execution_id"] == str(trade["id"]) == str(order["fills"][0]["tradeId"])
    assert fill["order_id"] == str(trade["orderId"])
    assert Decimal(trade["commission"]) == Decimal(fill["fee"])


async def test_order_is_looked_up_by_either_id_and_is_unknown_otherwise(main):
    order = (await main.place(newClientOrderId="a")).json
    for name, value in (("orderId", order["orderId"]), ("origClientOrderId", "a")):
        found = await main.call("GET", ORDER, symbol="BTCUSDT", **{name: value})
        assert found.json["orderId"] == order["orderId"]
    missing = await main.call("GET", ORDER, symbol="BTCUSDT", origClientOrderId="b")
    assert said(missing) == (400, -2013, "Order does not exist.")
    of_another = await main.call("GET", ORDER, symbol="ETHUSDT", orderId=order["orderId"])
    assert said(of_another)[:2] == (400, -2013)
    unnamed = await main.call("GET", ORDER, symbol="BTCUSDT")
    assert said(unnamed)[:2] == (400, -1102)


async def test_cancel_of_what_is_not_open_is_refused(main):
    order = (await main.place()).json
    named = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    canceled = (await main.call("DELETE", ORDER, newClientOrderId="c", **named)).json
    assert (canceled["status"], canceled["clientOrderId"]) == ("CANCELED", "c")
    assert canceled["origClientOrderId"] == order["clientOrderId"]
    again = await main.call("DELETE", ORDER, **named)
    assert said(again) == (400, -2011, "Unknown order sent.")
    everything = await main.call("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")
    assert said(everything) == (400, -2011, "Unknown order sent.")


async def test_cancel_keeps_to_its_restriction(main):
    order = (await main.place()).json
    named = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    kept = await main.call(
        "DELETE", ORDER, cancelRestrictions="ONLY_PARTIALLY_FILLED", **named
    )
    assert said(kept)[:2] == (400, -2011)
    gone = await main.call("DELETE", ORDER, cancelRestrictions="ONLY_NEW", **named)
    assert gone.json["status"] == "CANCELED"


async def test_amended_order_keeps_its_id_and_its_place(still, main, other):
    order = (await main.place(newClientOrderId="before")).json
    await still.house("buy", "100", "1")
    amend = f"{ORDER}/amend/keepPriority"
    named = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    amended = await main.call("PUT", amend, newQty="0.4", newClientOrderId="after", **named)
    row = amended.json["amendedOrder"]
    assert (row["orderId"], row["qty"]) == (order["orderId"], "0.40000000")
    assert (row["origClientOrderId"], row["clientOrderId"]) == ("before", "after")
    await other.place(side="SELL", quantity="0.4")
    filled = await main.call("GET", ORDER, symbol="BTCUSDT", origClientOrderId="after")
    assert (filled.json["status"], filled.json["orderId"]) == ("FILLED", order["orderId"])
    assert (await still.truth())["orders"][0]["chain"] == [str(order["orderId"])]


@pytest.mark.parametrize(("quantity", "word"), [("1", "no state"), ("2", "increase")])
async def test_amend_only_makes_smaller(main, quantity, word):
    order = (await main.place()).json
    reply = await main.call(
        "PUT",
        f"{ORDER}/amend/keepPriority",
        symbol="BTCUSDT",
        orderId=order["orderId"],
        newQty=quantity,
    )
    assert reply.json["code"] == -2038
    assert word in reply.json["msg"]


REPLACE = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "1",
    "price": "101",
}


async def test_cancel_replace_cancels_and_places(main):
    order = (await main.place()).json
    reply = await main.call(
        "POST",
        f"{ORDER}/cancelReplace",
        cancelReplaceMode="STOP_ON_FAILURE",
        cancelOrderId=order["orderId"],
        **REPLACE,
    )
    assert reply.json["cancelResult"] == reply.json["newOrderResult"] == "SUCCESS"
    [left] = (await main.call("GET", "/api/v3/openOrders", symbol="BTCUSDT")).json
    assert left["orderId"] == reply.json["newOrderResponse"]["orderId"]
    assert Decimal(left["price"]) == 101


@pytest.mark.parametrize(
    ("mode", "cancels", "price", "expected"),
    [
        ("STOP_ON_FAILURE", False, "101", (400, -2022, "FAILURE", "NOT_ATTEMPTED")),
        ("ALLOW_FAILURE", False, "101", (409, -2021, "FAILURE", "SUCCESS")),
        ("STOP_ON_FAILURE", True, "100.001", (409, -2021, "SUCCESS", "FAILURE")),
        ("ALLOW_FAILURE", False, "100.001", (400, -2022, "FAILURE", "FAILURE")),
    ],
)
async def test_cancel_replace_that_half_succeeds_says_which_half(
    main, mode, cancels, price, expected
):
    order = (await main.place()).json
    reply = await main.call(
        "POST",
        f"{ORDER}/cancelReplace",
        cancelReplaceMode=mode,
        cancelOrderId=order["orderId"] if cancels else 1,
        **REPLACE | {"price": price},
    )
    data = reply.json["data"]
    assert (
        reply.status,
        reply.json["code"],
        data["cancelResult"],
        data["newOrderResult"],
    ) == expected


async def test_market_order_by_quote_amount_spends_no_more_than_it(still, main):
    await still.house("sell", "100", "0.5")
    await still.house("sell", "200", "1")
    order = await main.place(
        type="MARKET", quantity=None, price=None, timeInForce=None, quoteOrderQty="150"
    )
    assert order.json["status"] == "FILLED"
    assert Decimal(order.json["cummulativeQuoteQty"]) == 150
    assert Decimal(order.json["executedQty"]) == 1


async def test_ioc_remainder_expires(still, main):
    await still.house("sell", "100", "0.4")
    order = (await main.place(timeInForce="IOC")).json
    assert (order["status"], order["executedQty"]) == ("EXPIRED", "0.40000000")


async def test_trailing_stop_follows_the_price(still, main):
    await still.house("sell", "100", "1")
    await main.place(quantity="1")
    stop = await main.place(
        type="STOP_LOSS", side="SELL", price=None, timeInForce=None, trailingDelta="1000"
    )
    await still.house("sell", "200", "1")
    await main.place(price="200", quantity="1")
    await still.house("buy", "180", "2")
    await main.place(side="SELL", price="180", quantity="0.5")
    order = await main.call("GET", ORDER, symbol="BTCUSDT", orderId=stop.json["orderId"])
    assert (order.json["status"], order.json["trailingDelta"]) == ("FILLED", 1000)


# Lists.

OCO = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "1",
    "aboveType": "LIMIT_MAKER",
    "abovePrice": "120",
    "aboveClientOrderId": "profit",
    "belowType": "STOP_LOSS_LIMIT",
    "belowStopPrice": "80",
    "belowPrice": "79",
    "belowTimeInForce": "GTC",
    "belowClientOrderId": "loss",
    "listClientOrderId": "pair",
}


async def status(client, name):
    named = {"symbol": "BTCUSDT", "origClientOrderId": name}
    return (await client.call("GET", ORDER, **named)).json["status"]


async def test_oco_fill_of_one_expires_the_other(still, main):
    placed = (await main.call("POST", "/api/v3/orderList/oco", **OCO)).json
    assert [it["clientOrderId"] for it in placed["orders"]] == ["profit", "loss"]
    assert (placed["contingencyType"], placed["listOrderStatus"]) == ("OCO", "EXECUTING")
    await still.house("buy", "120", "0.5")
    assert await status(main, "profit") == "PARTIALLY_FILLED"
    assert await status(main, "loss") == "EXPIRED"
    by_name = {it["client_order_id"]: it for it in (await still.truth())["orders"]}
    assert by_name["loss"]["status"] == "Expired"


@pytest.mark.parametrize("by_list", [True, False])
async def test_oco_is_canceled_as_one(still, main, by_list):
    placed = (await main.call("POST", "/api/v3/orderList/oco", **OCO)).json
    if by_list:
        path, named = "/api/v3/orderList", {"listClientOrderId": "pair"}
    else:
        path, named = ORDER, {"origClientOrderId": "profit"}
    assert (await main.call("DELETE", path, symbol="BTCUSDT", **named)).status == 200
    assert {await status(main, name) for name in ("profit", "loss")} == {"CANCELED"}
    number = placed["orderListId"]
    listed = (await main.call("GET", "/api/v3/orderList", orderListId=number)).json
    assert listed["listOrderStatus"] == "ALL_DONE"
    assert (await main.call("GET", "/api/v3/openOrderList")).json == []


async def test_otoco_places_its_exits_once_the_working_order_has_filled(still, main):
    placed = await main.call(
        "POST",
        "/api/v3/orderList/otoco",
        symbol="BTCUSDT",
        workingType="LIMIT",
        workingSide="BUY",
        workingPrice="100",
        workingQuantity="1",
        workingTimeInForce="GTC",
        pendingSide="SELL",
        pendingQuantity="1",
        pendingAboveType="LIMIT_MAKER",
        pendingAbovePrice="120",
        pendingAboveClientOrderId="profit",
        pendingBelowType="STOP_LOSS",
        pendingBelowStopPrice="80",
        pendingBelowClientOrderId="loss",
    )
    assert placed.status == 200, placed.text
    assert await status(main, "profit") == "PENDING_NEW"
    await still.house("sell", "100", "1")
    assert [await status(main, name) for name in ("profit", "loss")] == ["NEW", "NEW"]


async def test_oco_of_two_contingent_orders_is_refused(main):
    changed = OCO | {"aboveType": "TAKE_PROFIT", "aboveStopPrice": "120"}
    changed.pop("abovePrice")
    reply = await main.call("POST", "/api/v3/orderList/oco", **changed)
    assert said(reply)[:2] == (400, -1158)


# History.


async def test_trades_are_paged_from_an_id_on(still, main):
    for _ in range(5):
        await still.house("sell", "100", "0.1")
        await main.place(quantity="0.1")
    path, seen, first = "/api/v3/myTrades", [], 0
    while page := (
        await main.call("GET", path, symbol="BTCUSDT", fromId=first, limit=2)
    ).json:
        seen += [it["id"] for it in page]
        first = seen[-1] + 1
    assert [str(it) for it in seen] == [
        it["execution_id"] for it in (await still.truth())["fills"]
    ]
    newest = (await main.call("GET", path, symbol="BTCUSDT", limit=2)).json
    assert [it["id"] for it in newest] == seen[-2:]


async def test_trades_and_orders_are_found_by_time(still, main):
    times = []
    for _ in range(3):
        times.append(main.time_ms())
        await still.house("sell", "100", "0.1")
        await main.place(quantity="0.1")
        await still.clock.advance(60)
    for path, name in (("/api/v3/myTrades", "time"), ("/api/v3/allOrders", "time")):
        span = {"startTime": times[1], "endTime": times[1] + 1}
        [row] = (await main.call("GET", path, symbol="BTCUSDT", **span)).json
        assert row[name] == times[1]
        far = {"startTime": times[0], "endTime": times[0] + 86_400_001}
        reply = await main.call("GET", path, symbol="BTCUSDT", **far)
        assert said(reply)[:2] == (400, -1127)


@pytest.mark.parametrize("name", ["fromId", "orderId"])
async def test_trades_are_not_asked_for_by_id_and_time_together(main, name):
    asked = {"symbol": "BTCUSDT", name: 1, "startTime": main.time_ms()}
    reply = await main.call("GET", "/api/v3/myTrades", **asked)
    assert said(reply)[:2] == (400, -1128)


async def test_truncated_page_is_followed_by_the_rest(still, main):
    for _ in range(4):
        await main.place(quantity="0.1")
    await still.arm("history_truncated")
    half = (await main.call("GET", "/api/v3/allOrders", symbol="BTCUSDT")).json
    whole = (await main.call("GET", "/api/v3/allOrders", symbol="BTCUSDT")).json
    assert (len(half), len(whole)) == (2, 4)


# Limits.


async def test_weight_is_counted_by_the_minute_and_shown(main):
    first = await main.public("/api/v3/time")
    second = await main.public("/api/v3/exchangeInfo")
    third = await main.call("GET", "/api/v3/openOrders")
    used = [it.headers["X-MBX-USED-WEIGHT-1M"] for it in (first, second, third)]
    assert used == ["1", "21", "101"]
    await main.hosted.clock.advance(60)
    assert (await main.public("/api/v3/time")).headers["X-MBX-USED-WEIGHT-1M"] == "1"


async def test_who_calls_on_after_429_is_banned_with_418_twice_as_long_each_time(
    host_face, binance_client
):
    limits = {"request_weight_1m": 5, "refused_before_ban": 3, "ban_s": 120}
    venue = await host_face("binance", still=True, limits=limits)
    client, clock = binance_client(venue), venue.clock
    for ban_s in (120, 240):
        await clock.advance(60 - clock.time_ns() / 1e9 % 60)
        statuses = [(await client.public("/api/v3/time")).status for _ in range(9)]
        assert statuses == [200] * 5 + [429] * 3 + [418]
        banned = await client.public("/api/v3/ping")
        assert (banned.status, banned.json["code"]) == (418, -1003)
        assert banned.headers["Retry-After"] == str(ban_s)
        until_ms = clock.time_ns() // 10**6 + ban_s * 1000
        assert f"banned until {until_ms}." in banned.json["msg"]
        await clock.advance(ban_s)
        assert (await client.public("/api/v3/ping")).status == 200


async def test_429_says_how_long_until_the_minute_is_over(host_face, binance_client):
    limits = {"request_weight_1m": 1}
    venue = await host_face("binance", still=True, limits=limits)
    client = binance_client(venue)
    await venue.clock.advance(60 - venue.clock.time_ns() / 1e9 % 60 + 12)
    await client.public("/api/v3/time")
    refused = await client.public("/api/v3/time")
    assert (refused.status, refused.json["code"]) == (429, -1003)
    assert refused.headers["Retry-After"] == "48"


async def test_withdrawals_are_counted_by_user_and_apart_from_the_address(
    host_face, binance_client
):
    """18 000 of 180 000 a minute for each question: ten fit, and the eleventh is refused."""
    venue = await host_face("binance", still=True)
    client, clock = binance_client(venue), venue.clock
    await clock.advance(60 - clock.time_ns() / 1e9 % 60 + 20)
    told = [await client.call("GET", _WITHDRAWALS) for _ in range(11)]
    assert [it.status for it in told] == [200] * 10 + [429]
    assert told[-1].json["code"] == -1003
    assert "180000" in told[-1].json["msg"]
    assert told[-1].headers["Retry-After"] == "40"
    used = [it.headers["X-SAPI-USED-UID-WEIGHT-1M"] for it in told[:2]]
    assert used == ["18000", "36000"]
    assert "X-MBX-USED-WEIGHT-1M" not in told[0].headers
    # Neither another user nor another call is held up, nor what trades.
    other = binance_client(venue, "other-key", "other-secret")
    assert (await other.call("GET", _WITHDRAWALS)).status == 200
    deposits = await client.call("GET", "/sapi/v1/capital/deposit/hisrec")
    assert deposits.headers["X-SAPI-USED-IP-WEIGHT-1M"] == "1"
    assert (await client.place()).status == 200
    assert (await client.public("/api/v3/time")).headers["X-MBX-USED-WEIGHT-1M"] == "2"
    await clock.advance(40)
    assert (await client.call("GET", _WITHDRAWALS)).status == 200


async def test_orders_are_counted_by_account(host_face, binance_client):
    venue = await host_face("binance", still=True, limits={"orders_10s": 2})
    client = binance_client(venue)
    first, second, third = [await client.place() for _ in range(3)]
    assert first.headers["X-MBX-ORDER-COUNT-10S"] == "1"
    assert second.headers["X-MBX-ORDER-COUNT-10S"] == "2"
    assert (third.status, third.json["code"]) == (429, -1015)
    assert "2 orders per 10 SECOND" in third.json["msg"]
    assert (await binance_client(venue, "other-key", "other-secret").place()).status == 200
    rates = (await client.call("GET", "/api/v3/rateLimit/order")).json
    assert [it["count"] for it in rates] == [2, 2]
    await venue.clock.advance(10)
    assert (await client.place()).status == 200


# Faults speak Binance.


@pytest.mark.parametrize(
    ("kind", "expected", "is_done"),
    [
        ("rate_limit", (429, -1003), False),
        ("rate_limit_bare", (429, -1003), False),
        ("server_error", (503, -1008), False),
        ("server_error_after", (504, -1007), True),
        ("key_revoked", (401, -2015), False),
    ],
)
async def test_fault_is_told_in_binances_words(still, main, kind, expected, is_done):
    await still.arm(kind, operation="submit")
    reply = await main.place()
    assert said(reply)[:2] == expected
    assert ("Retry-After" in reply.headers) == (kind == "rate_limit")
    assert len((await still.truth())["orders"]) == is_done
    assert (await still.hits())[kind] == 1


@pytest.mark.parametrize("kind", ["bust", "correction", "liquidation", "funding"])
async def test_fault_without_words_cannot_be_armed(still, kind):
    order = {"venue": "binance", "kind": kind}
    reply = await still.admin("POST", "/faults", order)
    assert reply.status == 400 and "binance" in reply.json["message"]


async def test_lagging_look_up_does_not_find_a_new_order(still, main):
    await still.arm("lookup_lag")
    order = (await main.place()).json
    named = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    assert said(await main.call("GET", ORDER, **named))[:2] == (400, -2013)
    assert (await main.call("GET", "/api/v3/openOrders", symbol="BTCUSDT")).json == []
    assert (await main.call("GET", "/api/v3/allOrders", symbol="BTCUSDT")).json == []
    await still.clock.advance(1)
    assert (await main.call("GET", ORDER, **named)).status == 200


async def test_unknown_limit_is_an_invalid_configuration(host_face):
    with pytest.raises(Exception, match="request_weight_1m"):
        await host_face("binance", limits={"nope": 1})


# Market data.


async def test_exchange_info_tells_the_engines_own_steps(still, main):
    info = (await main.public("/api/v3/exchangeInfo", symbol="BTCUSDT")).json
    [symbol] = info["symbols"]
    filters = {it["filterType"]: it for it in symbol["filters"]}
    market = still.site.host.venue.markets["BTC/USDT"]
    assert Decimal(filters["PRICE_FILTER"]["tickSize"]) == market.ticks[0][1]
    assert Decimal(filters["LOT_SIZE"]["stepSize"]) == market.quantity_step
    assert Decimal(filters["NOTIONAL"]["minNotional"]) == market.min_notional
    assert symbol["permissionSets"] == [["SPOT"]]
    several = await main.public("/api/v3/exchangeInfo", symbols=json.dumps(["ETHBTC"]))
    assert [it["symbol"] for it in several.json["symbols"]] == ["ETHBTC"]


async def test_reads_tell_the_engines_book_and_trades(still, main):
    await still.house("buy", "99", "1")
    await still.house("sell", "101", "2")
    await main.place(price="101", quantity="0.5")
    depth = (await main.public("/api/v3/depth", symbol="BTCUSDT")).json
    last, _, _ = still.site.host.venue.book("BTC/USDT", 1)
    assert depth["lastUpdateId"] == last
    assert depth["asks"] == [["101.00000000", "1.50000000"]] or depth["asks"] == [
        ["101.00000000", "1.5000000000"]
    ]
    [trade] = (await main.public("/api/v3/trades", symbol="BTCUSDT")).json
    assert (Decimal(trade["price"]), trade["isBuyerMaker"]) == (101, False)
    best = (await main.public("/api/v3/ticker/bookTicker", symbol="BTCUSDT")).json
    assert (Decimal(best["bidPrice"]), Decimal(best["askPrice"])) == (99, 101)
    [bar] = (await main.public("/api/v3/klines", symbol="BTCUSDT", interval="1m")).json
    assert [Decimal(it) for it in bar[1:6]] == [101, 101, 101, 101, Decimal("0.5")]
    wrong = await main.public("/api/v3/klines", symbol="BTCUSDT", interval="7m")
    assert said(wrong)[:2] == (400, -1120)
