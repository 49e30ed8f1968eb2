"""ccxt, unmodified: its REST and its WebSockets trade here as they would there."""

import asyncio
from decimal import Decimal

import ccxt
import ccxt.pro
import pytest

SPOT, LINEAR, INVERSE = "BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"
OURS = "cd-0123456789_abcdef"
MANY = dict.fromkeys(("writes_1s", "reads_1s", "address_5s"), 10_000)
SEEN = {"acknowledged": True}


@pytest.fixture
async def hosted(host_face):
    return await host_face("bybit", limits=MANY)


@pytest.fixture
async def connect(hosted):
    """Make a ccxt with its addresses changed, and nothing else."""
    made = []

    async def make(**keys):
        usual = {"apiKey": "sandbox-bybit", "secret": "sandbox-bybit-secret"}
        exchange = ccxt.pro.bybit(usual | {"enableRateLimit": False} | keys)
        urls = exchange.urls["api"]
        urls["public"] = urls["private"] = hosted.url
        for category in ("spot", "linear", "inverse"):
            urls["ws"]["public"][category] = f"{hosted.ws}/v5/public/{category}"
        urls["ws"]["private"]["contract"] = f"{hosted.ws}/v5/private"
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


async def heard(hosted, topic, watch):
    """Begin to watch, and return the task once the venue knows of the subscription."""
    task = asyncio.create_task(watch)
    connections = hosted.site.host.connections
    while not any(it.is_signed_in and it.hears(topic) for it in connections):
        await asyncio.sleep(0)
    return task


async def test_markets_are_what_they_are(exchange):
    assert set(exchange.markets) == {SPOT, "ETH/USDT", LINEAR, INVERSE}
    assert exchange.market(SPOT)["id"] == exchange.market(LINEAR)["id"] == "BTCUSDT"
    inverse = exchange.market(INVERSE)
    assert (inverse["id"], inverse["settle"], inverse["contractSize"]) == (
        "BTCUSD",
        "BTC",
        1.0,
    )
    assert exchange.market(SPOT)["limits"]["cost"]["min"] == 5.0
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


@pytest.mark.parametrize("symbol", [SPOT, LINEAR])
async def test_an_order_lives_is_amended_and_canceled(exchange, symbol):
    params = {"clientOrderId": OURS, "postOnly": True}
    placed = await exchange.create_order(symbol, "limit", "buy", 1, 100, params)
    assert placed["clientOrderId"] == OURS
    await exchange.edit_order(placed["id"], symbol, "limit", "buy", 2, 99)
    [order] = await exchange.fetch_open_orders(symbol)
    assert (order["id"], order["price"], order["amount"]) == (placed["id"], 99.0, 2.0)
    await exchange.cancel_order(None, symbol, {"orderLinkId": OURS})
    order = await exchange.fetch_order(placed["id"], symbol, SEEN)
    assert (order["status"], order["clientOrderId"]) == ("canceled", OURS)
    [done] = await exchange.fetch_canceled_orders(symbol)
    assert done["id"] == placed["id"]
    for write in (
        lambda: exchange.cancel_order(placed["id"], symbol),
        lambda: exchange.edit_order(placed["id"], symbol, "limit", "buy", 3, 98),
        lambda: exchange.fetch_order("2000000000000000001", symbol, SEEN),
    ):
        with pytest.raises(ccxt.OrderNotFound):
            await write()


async def test_open_orders_come_in_pages(exchange):
    for price in range(100, 125):
        await exchange.create_order(SPOT, "limit", "buy", 0.1, price)
    assert len(await exchange.fetch_open_orders(SPOT)) == 20
    everything = await exchange.fetch_open_orders(SPOT, params={"paginate": True})
    assert len({it["id"] for it in everything}) == 25
    canceled = await exchange.cancel_all_orders(SPOT)
    assert len(canceled) == 25


async def test_a_fill_is_told_the_same_everywhere(exchange, hosted):
    await hosted.house("sell", "100", "2")
    placed = await exchange.create_order(SPOT, "market", "buy", 1.5)
    order = await exchange.fetch_order(placed["id"], SPOT, SEEN)
    assert (order["status"], order["filled"], order["average"]) == ("closed", 1.5, 100.0)
    [trade] = await exchange.fetch_my_trades(SPOT)
    [fill] = (await hosted.truth())["fills"]
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (trade["fee"]["cost"], trade["takerOrMaker"]) == (0.15, "taker")
    balance = await exchange.fetch_balance()
    assert balance["total"]["BTC"] == 3.5
    assert balance["total"]["USDT"] == 100_000 - 150.15
    log = await exchange.fetch_ledger()
    assert {(it["currency"], it["after"]) for it in log} == {
        ("BTC", 3.5),
        ("USDT", 99_849.85),
    }


async def test_the_log_follows_what_swaps_realise(exchange, hosted):
    await hosted.house("sell", "60000", "1", LINEAR)
    await exchange.create_order(LINEAR, "market", "buy", 1)
    await hosted.house("buy", "61000", "1", LINEAR)
    await exchange.create_order(LINEAR, "market", "sell", 1)
    rows = await exchange.fetch_ledger()
    truth = await hosted.truth()
    assert rows[-1]["after"] == float(truth["cash"]["USDT"])


@pytest.mark.parametrize(("symbol", "subtype"), [(LINEAR, "linear"), (INVERSE, "inverse")])
async def test_positions_are_told(exchange, hosted, symbol, subtype):
    await hosted.house("sell", "60000", "5", symbol)
    await exchange.create_order(symbol, "market", "buy", 2)
    [position] = await exchange.fetch_positions(params={"subType": subtype})
    assert (position["symbol"], position["side"], position["contracts"]) == (
        symbol,
        "long",
        2.0,
    )
    assert position["entryPrice"] == 60_000.0


@pytest.mark.parametrize(
    ("symbol", "kind", "price", "side", "params", "type_"),
    [
        (SPOT, "market", None, "sell", {"triggerPrice": 90}, "stop"),
        (SPOT, "limit", 89, "sell", {"triggerPrice": 90}, "stop_limit"),
        (SPOT, "market", None, "sell", {"triggerPrice": 110}, "market_if_touched"),
        (SPOT, "limit", 109, "sell", {"takeProfitPrice": 110}, "limit_if_touched"),
        (LINEAR, "market", None, "buy", {"triggerPrice": 110}, "stop"),
        (LINEAR, "limit", 90, "buy", {"triggerPrice": 90}, "limit_if_touched"),
    ],
)
async def test_each_conditional_order_of_ccxt_arrives_as_meant(
    exchange, hosted, symbol, kind, price, side, params, type_
):
    await hosted.house("sell", "100", "1", symbol)
    await exchange.create_order(symbol, "market", "buy", 1)
    if symbol == LINEAR:
        rises = params["triggerPrice"] > 100
        params = params | {"triggerDirection": "ascending" if rises else "descending"}
    placed = await exchange.create_order(symbol, kind, side, 1, price, params)
    order = (await hosted.truth())["orders"][-1]
    assert (order["type"], order["id"]) == (type_, placed["id"])
    [listed] = await exchange.fetch_open_orders(symbol)
    assert listed["info"]["orderStatus"] == "Untriggered"
    if symbol == SPOT:
        with pytest.raises(ccxt.OrderNotFound, match="170213"):
            await exchange.cancel_order(placed["id"], symbol)
    await exchange.cancel_order(placed["id"], symbol, {"trigger": True})
    found = await exchange.fetch_order(placed["id"], symbol, SEEN)
    assert (found["status"], found["info"]["orderStatus"]) == ("canceled", "Deactivated")


async def test_refusals_are_the_errors_ccxt_knows(exchange, hosted):
    params = {"clientOrderId": OURS}
    await exchange.create_order(SPOT, "limit", "buy", 1, 100, params)
    with pytest.raises(ccxt.InvalidOrder, match="170141"):
        await exchange.create_order(SPOT, "limit", "buy", 1, 100, params)
    with pytest.raises(ccxt.InvalidOrder, match="110072"):
        await exchange.create_order(LINEAR, "limit", "buy", 1, 100, params)
    with pytest.raises(ccxt.InsufficientFunds, match="170131"):
        await exchange.create_order(SPOT, "limit", "buy", 100, 50_000)
    with pytest.raises(ccxt.InsufficientFunds, match="110007"):
        await exchange.create_order(LINEAR, "limit", "buy", 999, 50_000)
    with pytest.raises(ccxt.InvalidOrder, match="170140"):
        await exchange.create_order(SPOT, "limit", "buy", 0.001, 100)
    with pytest.raises(ccxt.InvalidOrder, match="110092"):
        await hosted.house("sell", "100", "1", LINEAR)
        await exchange.create_order(LINEAR, "market", "buy", 1)
        await exchange.create_order(
            LINEAR,
            "market",
            "buy",
            1,
            None,
            {"triggerPrice": 90, "triggerDirection": "ascending"},
        )
    assert len((await hosted.truth())["orders"]) == 2


@pytest.mark.parametrize(
    ("keys", "number"), [({"apiKey": "nobody"}, "10003"), ({"secret": "guessed"}, "10004")]
)
async def test_wrong_keys_are_refused(connect, keys, number):
    exchange = await connect(**keys)
    with pytest.raises(ccxt.AuthenticationError, match=number):
        await exchange.private_get_v5_account_info()


@pytest.mark.parametrize("off_ms", [-6000, 2000])
async def test_a_call_from_another_time_is_refused(exchange, off_ms):
    exchange.nonce = lambda: exchange.milliseconds() + off_ms
    with pytest.raises(ccxt.InvalidNonce, match="10002"):
        await exchange.private_get_v5_account_info()


async def test_too_many_calls_are_told_with_their_limit(host_face):
    hosted = await host_face("bybit", limits={"address_5s": 2})
    statuses = []
    for _ in range(3):
        async with hosted.session.get(f"{hosted.url}/v5/market/time") as reply:
            statuses.append(reply.status)
    assert statuses == [200, 200, 403]


async def test_a_throttled_order_is_the_error_ccxt_knows(exchange, hosted):
    await hosted.arm("rate_limit", operation="submit")
    with pytest.raises(ccxt.RateLimitExceeded, match="10006"):
        await exchange.create_order(SPOT, "limit", "buy", 1, 100)
    assert exchange.last_response_headers["X-Bapi-Limit"] == "10000"


async def test_the_account_is_watched(exchange, hosted):
    orders = await heard(hosted, "order", exchange.watch_orders())
    placed = await exchange.create_order(SPOT, "limit", "buy", 1, 100)
    assert (await orders)[-1]["id"] == placed["id"]
    trades = await heard(hosted, "execution", exchange.watch_my_trades())
    wallet = await heard(hosted, "wallet", exchange.watch_balance())
    await hosted.house("sell", "100", "0.4")
    [trade] = await trades
    [fill] = (await hosted.truth())["fills"]
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (trade["amount"], trade["takerOrMaker"]) == (0.4, "maker")
    assert (await wallet)["total"]["BTC"] == 2.4


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
    while not hosted.site.host.feed.hears(("publicTrade", SPOT)):
        await asyncio.sleep(0)
    await exchange.create_order(SPOT, "market", "buy", 0.5)
    assert (await trades)[-1]["amount"] == 0.5
    assert (await exchange.watch_ticker(SPOT))["last"] == 101.0


async def test_a_key_tells_its_rights(exchange):
    told = (await exchange.private_get_v5_user_query_api())["result"]
    assert (told["readOnly"], told["permissions"]["Wallet"]) == (0, [])


async def test_each_entry_of_the_log_adds_up_and_funding_counts_once(exchange, hosted):
    await hosted.house("sell", "100", "5", LINEAR)
    await exchange.create_order(LINEAR, "market", "buy", 2)
    await hosted.act("funding", symbol=LINEAR, rate="0.01")
    rows = [it["info"] for it in await exchange.fetch_ledger()]
    assert {it["type"] for it in rows} == {"TRADE", "SETTLEMENT"}
    for row in rows:
        moved = [Decimal(row[it] or 0) for it in ("cashFlow", "funding")]
        assert Decimal(row["change"]) == sum(moved) - Decimal(row["fee"])
