"""What Binance's futures exchanges say to the letter, under a clock that stands still."""

import pytest

ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "1",
    "price": "100",
}
ALGO = {
    "algoType": "CONDITIONAL",
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "STOP_MARKET",
    "quantity": "1",
    "triggerPrice": "120",
}
CONDITIONAL = (
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
)


def without(order, *names):
    return {name: it for name, it in order.items() if name not in names}


@pytest.mark.parametrize("kind", CONDITIONAL)
async def test_conditional_orders_are_sent_on_to_the_algo_service(still_usdm, kind):
    status, said, _ = await still_usdm.call("POST", "/v1/order", **ORDER | {"type": kind})
    assert (status, said["code"]) == (400, -4120)


REFUSED = [
    ({"price": "100.05"}, -4014),
    ({"quantity": "0.0001"}, -1111),
    ({"quantity": "100000"}, -4005),
    ({"quantity": "0.001"}, -4164),
    ({"quantity": "1000", "price": "60000"}, -2019),
    ({"reduceOnly": "true"}, -2022),
    ({"positionSide": "LONG"}, -4061),
    ({"symbol": "NOPE"}, -1121),
    ({"timeInForce": "GTD"}, -1102),
    ({"side": "UP"}, -1130),
    ({"newClientOrderId": "no spaces"}, -1100),
]


@pytest.mark.parametrize(("changed", "code"), REFUSED, ids=lambda it: str(it))
async def test_order_is_refused_by_the_documented_code(still_usdm, changed, code):
    status, said, _ = await still_usdm.call("POST", "/v1/order", **ORDER | changed)
    assert (status, said["code"]) == (400, code)
    assert (await still_usdm.call("GET", "/v1/openOrders"))[1] == []


TRAILING = without(ALGO, "triggerPrice") | {"type": "TRAILING_STOP_MARKET"}


@pytest.mark.parametrize("rate", ["0.05", "20.1"])
async def test_callback_rate_has_bounds(still_usdm, rate):
    said = (await still_usdm.call("POST", "/v1/algoOrder", **TRAILING, callbackRate=rate))[
        1
    ]
    assert said["code"] == -2007


@pytest.mark.parametrize(("rate", "code"), [("10.1", -2007), ("10", -2021)])
async def test_coin_margined_callback_rate_ends_at_ten(still_coinm, rate, code):
    """The next refusal after the bounds': nothing trails in a book that nobody is in."""
    order = TRAILING | {"symbol": "BTCUSD_PERP", "callbackRate": rate}
    said = (await still_coinm.call("POST", "/v1/algoOrder", **order))[1]
    assert said["code"] == code


async def test_linear_callback_rate_may_exceed_ten(still_usdm):
    order = TRAILING | {"callbackRate": "20"}
    assert (await still_usdm.call("POST", "/v1/algoOrder", **order))[1]["code"] == -2021


async def test_amend_to_what_is_filled_cancels_the_order(still_usdm):
    placed = (await still_usdm.call("POST", "/v1/order", **ORDER))[1]
    await still_usdm.hosted.house("sell", "100", "0.6", "BTC/USDT:USDT")
    named = {"symbol": "BTCUSDT", "side": "BUY", "orderId": placed["orderId"]}
    same = named | {"quantity": "1", "price": "100"}
    assert (await still_usdm.call("PUT", "/v1/order", **same))[1]["code"] == -5027
    less = named | {"quantity": "0.6", "price": "100"}
    said = (await still_usdm.call("PUT", "/v1/order", **less))[1]
    assert (said["status"], said["executedQty"], said["origQty"]) == (
        "CANCELED",
        "0.6",
        "1",
    )


async def test_ids_of_algo_orders_name_no_orders(still_usdm):
    algo = (await still_usdm.call("POST", "/v1/algoOrder", **ALGO, clientAlgoId="c-1"))[1]
    assert (algo["algoStatus"], algo["actualOrderId"]) == ("NEW", "")
    missing = {"symbol": "BTCUSDT", "origClientOrderId": "c-1"}
    assert (await still_usdm.call("GET", "/v1/order", **missing))[1]["code"] == -2013
    assert (await still_usdm.call("DELETE", "/v1/order", **missing))[1]["code"] == -2011
    found = (await still_usdm.call("GET", "/v1/algoOrder", clientAlgoId="c-1"))[1]
    assert found["algoId"] == algo["algoId"]
    every = {"symbol": "BTCUSDT"}
    said = (await still_usdm.call("DELETE", "/v1/algoOpenOrders", **every))[1]
    assert said["code"] == 200
    assert (await still_usdm.call("GET", "/v1/openAlgoOrders"))[1] == []


async def test_signature_time_and_key_are_verified(still_usdm):
    now_ms = still_usdm.hosted.clock.time_ns() // 10**6
    for given, code in (
        ({"secret": "wrong"}, -1022),
        ({"key": "nobody"}, -2015),
        ({"key": ""}, -2014),
        ({"at_ms": now_ms - 5001}, -1021),
        ({"at_ms": now_ms + 1000}, -1021),
    ):
        _, said, _ = await still_usdm.call("GET", "/v3/account", **given)
        assert said["code"] == code, given


async def test_headers_count_weight_and_orders(still_usdm):
    _, _, headers = await still_usdm.call("POST", "/v1/order", **ORDER)
    counts = {it: headers[f"X-MBX-ORDER-COUNT-{it}"] for it in ("10S", "1M")}
    assert counts == {"10S": "1", "1M": "1"}
    _, _, headers = await still_usdm.call("GET", "/v1/income")
    assert headers["X-MBX-USED-WEIGHT-1M"] == "31"


async def test_too_many_orders_are_refused_until_the_window_ends(host_face, still_usdm):
    limits = {"orders_10s": 1}
    hosted = await host_face("binanceusdm", still=True, limits=limits)
    caller = type(still_usdm)(hosted, "binanceusdm")
    await caller.call("POST", "/v1/order", **ORDER)
    status, said, headers = await caller.call("POST", "/v1/order", **ORDER)
    assert (status, said["code"], headers["Retry-After"]) == (429, -1015, "10")


async def test_listen_key_is_one_per_account_and_ends_within_the_hour(still_usdm):
    _, made, _ = await still_usdm.named("POST", "/v1/listenKey")
    assert (await still_usdm.named("POST", "/v1/listenKey"))[1] == made
    hosted = still_usdm.hosted
    url = f"{hosted.ws}/private/ws?listenKey={made['listenKey']}"
    async with hosted.session.ws_connect(url) as socket:
        await still_usdm.call("POST", "/v1/order", **ORDER | {"newClientOrderId": "a-1"})
        told = await socket.receive_json()
        assert (told["e"], told["o"]["c"], told["o"]["x"]) == (
            "ORDER_TRADE_UPDATE",
            "a-1",
            "NEW",
        )
        await hosted.clock.advance(3600)
        hosted.site.tick()
        assert (await socket.receive_json())["e"] == "listenKeyExpired"
    assert (await still_usdm.named("PUT", "/v1/listenKey"))[1]["code"] == -1125


async def test_account_update_tells_what_changed_and_why(still_usdm):
    hosted = still_usdm.hosted
    _, made, _ = await still_usdm.named("POST", "/v1/listenKey")
    url = f"{hosted.ws}/private/ws/{made['listenKey']}"
    async with hosted.session.ws_connect(url) as socket:
        await still_usdm.call("POST", "/v1/order", **ORDER)
        await hosted.house("sell", "100", "1", "BTC/USDT:USDT")
        told = [await socket.receive_json() for _ in range(3)]
        assert [it["e"] for it in told] == ["ORDER_TRADE_UPDATE"] * 2 + ["ACCOUNT_UPDATE"]
        change = told[2]["a"]
        assert (change["m"], change["B"][0]["bc"]) == ("ORDER", "-0.02")
        assert (change["P"][0]["pa"], change["P"][0]["ep"]) == ("1", "100")
        await hosted.act("funding", symbol="BTC/USDT:USDT", rate="0.001")
        change = (await socket.receive_json())["a"]
        assert (change["m"], change["B"][0]["bc"]) == ("FUNDING_FEE", "-0.1")


async def test_changes_of_the_book_say_where_the_one_before_ended(still_usdm):
    hosted = still_usdm.hosted
    url = f"{hosted.ws}/public/stream?streams=btcusdt@depth@100ms"
    async with hosted.session.ws_connect(url) as socket:
        ended = hosted.site.host.venue.book("BTC/USDT:USDT", 1)[0]
        for price in ("98", "99"):
            await hosted.house("buy", price, "1", "BTC/USDT:USDT")
            await hosted.clock.advance(0.2)
            hosted.site.tick()
            told = (await socket.receive_json())["data"]
            assert told["pu"] == ended
            ended = told["u"]


async def test_income_of_more_than_a_week_is_refused(still_usdm):
    span = {"startTime": 1, "endTime": 1 + 8 * 86_400_000}
    assert (await still_usdm.call("GET", "/v1/income", **span))[1]["code"] == -4166
