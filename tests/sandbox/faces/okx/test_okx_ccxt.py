"""ccxt, unmodified: its REST and its WebSockets trade here as they would there."""

import asyncio

import ccxt
import ccxt.pro
import pytest

SPOT, LINEAR, INVERSE = "BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"
OURS = "cd0123456789abcdef"
MANY = dict.fromkeys(("writes_2s", "reads_2s", "slow_reads_2s", "public_2s"), 10_000)


@pytest.fixture
async def hosted(host_face):
    return await host_face("okx", limits=MANY)


@pytest.fixture
async def connect(hosted):
    """Make a ccxt with its addresses changed, and nothing else."""
    made = []

    async def make(**keys):
        usual = {"apiKey": "sandbox-okx", "secret": "sandbox-okx-secret"}
        passphrase = {"password": "sandbox-okx-passphrase"}
        exchange = ccxt.pro.okx(usual | passphrase | {"enableRateLimit": False} | keys)
        exchange.urls["api"]["rest"] = hosted.url
        exchange.urls["api"]["ws"] = f"{hosted.ws}/ws/v5"
        made.append(exchange)
        return exchange

    yield make
    for exchange in made:
        await exchange.close()


@pytest.fixture
async def exchange(connect):
    exchange = await connect()
    await exchange.load_markets()
    return exchange


async def heard(hosted, channel, watch):
    """Begin to watch, and return the task once the venue knows of the subscription."""
    task = asyncio.create_task(watch)
    connections = hosted.site.host.connections
    while not any(it.is_signed_in and it.hears(channel) for it in connections):
        await asyncio.sleep(0)
    return task


async def test_markets_are_what_they_are(exchange):
    assert set(exchange.markets) == {SPOT, "ETH/USDT", LINEAR, INVERSE}
    assert exchange.market(SPOT)["id"] == "BTC-USDT"
    linear, inverse = exchange.market(LINEAR), exchange.market(INVERSE)
    assert (linear["id"], linear["contractSize"], linear["linear"]) == (
        "BTC-USDT-SWAP",
        0.01,
        True,
    )
    assert (inverse["settle"], inverse["contractSize"]) == ("BTC", 100.0)
    assert set(exchange.currencies) >= {"BTC", "USDT", "ETH"}


async def test_public_reads(exchange, hosted):
    await hosted.house("buy", "99", "4")
    await hosted.house("sell", "102", "2")
    await exchange.create_order(SPOT, "market", "buy", 1)
    book = await exchange.fetch_order_book(SPOT)
    assert [row[:2] for row in book["bids"] + book["asks"]] == [[99.0, 4.0], [102.0, 1.0]]
    ticker = await exchange.fetch_ticker(SPOT)
    assert (ticker["bid"], ticker["ask"], ticker["last"]) == (99.0, 102.0, 102.0)
    [trade] = await exchange.fetch_trades(SPOT)
    assert (trade["price"], trade["amount"], trade["side"]) == (102.0, 1.0, "buy")
    assert (await exchange.fetch_ohlcv(SPOT, "1m"))[-1][4] == 102.0
    assert abs(await exchange.fetch_time() - exchange.milliseconds()) < 60_000


async def test_an_order_lives_is_amended_and_canceled(exchange):
    params = {"clientOrderId": OURS, "postOnly": True}
    placed = await exchange.create_order(SPOT, "limit", "buy", 1, 100, params)
    assert placed["clientOrderId"] == OURS
    await exchange.edit_order(placed["id"], SPOT, "limit", "buy", 2, 99)
    [order] = await exchange.fetch_open_orders(SPOT)
    assert (order["id"], order["price"], order["amount"]) == (placed["id"], 99.0, 2.0)
    await exchange.cancel_order(None, SPOT, {"clientOrderId": OURS})
    order = await exchange.fetch_order(placed["id"], SPOT)
    assert (order["status"], order["clientOrderId"]) == ("canceled", OURS)
    for write in (
        lambda: exchange.cancel_order(placed["id"], SPOT),
        lambda: exchange.edit_order(placed["id"], SPOT, "limit", "buy", 3, 98),
        lambda: exchange.fetch_order("1000000000000000001", SPOT),
    ):
        with pytest.raises(ccxt.OrderNotFound):
            await write()


async def test_a_fill_is_told_the_same_everywhere(exchange, hosted):
    await hosted.house("sell", "100", "2")
    placed = await exchange.create_order(SPOT, "market", "buy", 1.5)
    order = await exchange.fetch_order(placed["id"], SPOT)
    assert (order["status"], order["filled"], order["average"]) == ("closed", 1.5, 100.0)
    [trade] = await exchange.fetch_my_trades(SPOT)
    [fill] = (await hosted.truth())["fills"]
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (trade["fee"]["cost"], trade["takerOrMaker"]) == (0.15, "taker")
    balance = await exchange.fetch_balance()
    assert balance["total"]["BTC"] == 3.5
    assert balance["total"]["USDT"] == 100_000 - 150.15
    bills = await exchange.fetch_ledger()
    assert {(it["currency"], it["amount"]) for it in bills} == {
        ("BTC", 1.5),
        ("USDT", -150.15),
    }


@pytest.mark.parametrize(("symbol", "price"), [(LINEAR, "60000"), (INVERSE, "60000")])
async def test_positions_of_swaps_are_in_contracts(exchange, hosted, symbol, price):
    await hosted.house("sell", price, "5", symbol)
    await exchange.create_order(symbol, "market", "buy", 2)
    [position] = await exchange.fetch_positions()
    assert (position["symbol"], position["side"], position["contracts"]) == (
        symbol,
        "long",
        2.0,
    )
    assert position["entryPrice"] == float(price)


@pytest.mark.parametrize(
    ("kind", "price", "params", "type_", "trigger"),
    [
        ("market", None, {"stopLossPrice": 90}, "stop", 90),
        ("limit", 89, {"stopLossPrice": 90}, "stop_limit", 90),
        ("market", None, {"takeProfitPrice": 110}, "market_if_touched", 110),
        ("limit", 109, {"takeProfitPrice": 110}, "limit_if_touched", 110),
        ("market", None, {"triggerPrice": 90}, "stop", 90),
        ("limit", 120, {"triggerPrice": 110}, "limit_if_touched", 110),
        ("market", None, {"trailingPercent": "5"}, "trailing_stop", 95),
        ("market", None, {"trailingAmount": "7"}, "trailing_stop", 93),
    ],
)
async def test_each_algo_order_of_ccxt_arrives_as_meant_and_lives_apart(
    exchange, hosted, kind, price, params, type_, trigger
):
    await hosted.house("sell", "100", "1")
    await exchange.create_order(SPOT, "market", "buy", 1)
    placed = await exchange.create_order(SPOT, kind, "sell", 1, price, params)
    order = (await hosted.truth())["orders"][-1]
    assert (order["type"], float(order["stop_price"])) == (type_, trigger)
    assert await exchange.fetch_open_orders(SPOT) == []
    is_trailing = type_ == "trailing_stop"
    apart = {"trailing": True} if is_trailing else {"trigger": True}
    is_conditional = "stopLossPrice" in params or "takeProfitPrice" in params
    named = apart | ({"ordType": "conditional"} if is_conditional else {})
    [listed] = await exchange.fetch_open_orders(SPOT, params=named)
    assert listed["id"] == placed["id"] == order["id"]
    await exchange.cancel_order(placed["id"], SPOT, apart)
    found = await exchange.fetch_order(placed["id"], SPOT, apart)
    assert found["status"] == "canceled"


async def test_a_stop_that_triggers_is_an_order_of_its_own(exchange, hosted):
    await hosted.house("sell", "100", "1")
    await exchange.create_order(SPOT, "market", "buy", 1)
    placed = await exchange.create_order(
        SPOT, "market", "sell", 1, None, {"stopLossPrice": 90}
    )
    await hosted.house("buy", "89", "5")
    await exchange.create_order(SPOT, "market", "sell", 0.5)
    algo = await exchange.fetch_order(placed["id"], SPOT, {"trigger": True})
    assert algo["status"] == "closed"
    made = await exchange.fetch_order(algo["info"]["ordId"], SPOT)
    assert (made["filled"], made["info"]["algoId"]) == (1.0, placed["id"])
    trades = await exchange.fetch_my_trades(SPOT)
    assert trades[-1]["order"] == algo["info"]["ordId"]
    assert (await hosted.truth())["orders"][1]["chain"] == [
        placed["id"],
        algo["info"]["ordId"],
    ]


async def test_exits_begin_when_their_order_has_filled(exchange, hosted):
    exits = {
        "stopLoss": {"triggerPrice": 90, "type": "market"},
        "takeProfit": {"triggerPrice": 120, "price": 120, "type": "limit"},
    }
    placed = await exchange.create_order(SPOT, "limit", "buy", 1, 100, exits)
    [order] = await exchange.fetch_open_orders(SPOT)
    assert (order["stopLossPrice"], order["takeProfitPrice"]) == (90.0, 120.0)
    await hosted.house("sell", "100", "1")
    [gain] = await exchange.fetch_open_orders(SPOT)
    [loss] = await exchange.fetch_open_orders(
        SPOT, params={"trigger": True, "ordType": "conditional"}
    )
    assert (gain["price"], loss["stopLossPrice"]) == (120.0, 90.0)
    assert placed["id"] not in (gain["id"], loss["id"])


async def test_refusals_are_the_errors_ccxt_knows(exchange, hosted):
    params = {"clientOrderId": OURS}
    await exchange.create_order(SPOT, "limit", "buy", 1, 100, params)
    with pytest.raises(ccxt.InvalidOrder, match="51016"):
        await exchange.create_order(SPOT, "limit", "buy", 1, 100, params)
    with pytest.raises(ccxt.InsufficientFunds, match="51008"):
        await exchange.create_order(SPOT, "limit", "buy", 1000, 50_000)
    with pytest.raises(ccxt.InvalidOrder, match="51020"):
        await exchange.create_order("ETH/USDT", "limit", "buy", 0.00005, 100)
    assert len((await hosted.truth())["orders"]) == 1


@pytest.mark.parametrize(
    ("keys", "number"),
    [
        ({"apiKey": "nobody"}, "50111"),
        ({"secret": "guessed"}, "50113"),
        ({"password": "guessed"}, "50105"),
    ],
)
async def test_wrong_keys_are_refused(connect, keys, number):
    exchange = await connect(**keys)
    with pytest.raises(ccxt.AuthenticationError, match=number):
        await exchange.fetch_balance()


async def test_a_call_from_another_time_is_refused(exchange):
    exchange.nonce = lambda: exchange.milliseconds() - 31_000
    with pytest.raises(ccxt.InvalidNonce, match="50102"):
        await exchange.fetch_balance()


async def test_too_many_calls_are_refused_with_429(hosted, exchange):
    await hosted.arm("rate_limit", operation="submit")
    with pytest.raises(ccxt.RateLimitExceeded, match="50011"):
        await exchange.create_order(SPOT, "limit", "buy", 1, 100)


async def test_the_account_is_watched(exchange, hosted):
    orders = await heard(hosted, "orders", exchange.watch_orders())
    placed = await exchange.create_order(SPOT, "limit", "buy", 1, 100)
    assert (await orders)[-1]["id"] == placed["id"]
    trades = await heard(hosted, "orders", exchange.watch_my_trades())
    await hosted.house("sell", "100", "0.4")
    [trade] = await trades
    [fill] = (await hosted.truth())["fills"]
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (trade["amount"], trade["takerOrMaker"]) == (0.4, "maker")
    assert (await exchange.watch_balance())["total"]["BTC"] == 2.4


async def test_algo_orders_are_watched_on_the_business_path(exchange, hosted):
    orders = await heard(
        hosted, "orders-algo", exchange.watch_orders(params={"trigger": True})
    )
    placed = await exchange.create_order(
        SPOT, "market", "sell", 1, None, {"stopLossPrice": 90}
    )
    assert (await orders)[-1]["id"] == placed["id"]


async def test_the_market_is_watched(exchange, hosted):
    await hosted.house("buy", "99", "1")
    await hosted.house("sell", "101", "1")
    book = await exchange.watch_order_book(SPOT)
    assert (book["bids"][0], book["asks"][0]) == ([99.0, 1.0], [101.0, 1.0])
    await hosted.house("buy", "100", "2")
    while (book := await exchange.watch_order_book(SPOT))["bids"][0][0] != 100.0:
        pass
    assert book["bids"][:2] == [[100.0, 2.0], [99.0, 1.0]]
    trades = asyncio.create_task(exchange.watch_trades(SPOT))
    while not hosted.site.host.feed.hears(("trades", SPOT)):
        await asyncio.sleep(0)
    await exchange.create_order(SPOT, "market", "buy", 0.5)
    assert (await trades)[-1]["amount"] == 0.5
    assert (await exchange.watch_ticker(SPOT))["last"] == 101.0
    assert (await exchange.watch_ohlcv(SPOT))[-1][4] == 101.0


async def test_a_key_tells_its_rights(exchange):
    [config] = (await exchange.private_get_account_config())["data"]
    assert config["perm"] == "read_only,trade"
