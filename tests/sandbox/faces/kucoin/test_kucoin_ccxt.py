"""ccxt, unmodified: its REST and its WebSockets trade here as they would at KuCoin."""

import asyncio

import ccxt
import pytest

SYMBOL = "BTC/USDT"
ORDERS = "/spotMarket/tradeOrders"
BALANCES = "/account/balance"
CONFIG = {"options": {"fetchMarkets": {"types": ["spot"]}}}


@pytest.fixture
async def venue(host_face):
    return await host_face("kucoin")


@pytest.fixture
async def exchange(judge, venue):
    found = await judge(venue, "kucoin", **CONFIG)
    await found.load_markets()
    return found


@pytest.fixture
async def other(judge, venue):
    found = await judge(venue, "kucoin", account="other", **CONFIG)
    await found.load_markets()
    return found


async def test_markets_are_what_they_are(exchange):
    assert set(exchange.markets) == {"BTC/USDT", "ETH/USDT", "ETH/BTC"}
    market = exchange.market(SYMBOL)
    assert market["id"] == "BTC-USDT"
    assert market["precision"] == {"price": 0.1, "amount": 1e-8}
    assert (market["maker"], market["taker"]) == (0.001, 0.001)
    assert market["limits"]["amount"] == {"min": 0.00001, "max": 10_000.0}
    assert exchange.options["hf"] is True


async def test_public_reads(exchange, other):
    await other.create_order(SYMBOL, "limit", "sell", 1, 101.5)
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 101.5)
    await other.create_order(SYMBOL, "limit", "sell", 0.3, 102)
    await other.create_order(SYMBOL, "limit", "buy", 4, 99)
    for limit in (None, 20, 100):
        book = await exchange.fetch_order_book(SYMBOL, limit)
        assert (book["bids"], book["asks"]) == ([[99.0, 4.0]], [[102.0, 0.3]])
    ticker = await exchange.fetch_ticker(SYMBOL)
    assert (ticker["bid"], ticker["ask"], ticker["last"]) == (99.0, 102.0, 101.5)
    [trade] = await exchange.fetch_trades(SYMBOL)
    assert (trade["price"], trade["amount"], trade["side"]) == (101.5, 1.0, "buy")
    # Since a while ago: without it ccxt asks up to this second, of which the bar may be.
    since = exchange.milliseconds() - 300_000
    assert (await exchange.fetch_ohlcv(SYMBOL, "1m", since))[-1][4:] == [101.5, 1.0]
    assert (await exchange.fetch_status())["status"] == "ok"
    assert abs(await exchange.fetch_time() - exchange.milliseconds()) < 60_000


async def test_an_order_lives_and_is_canceled(exchange):
    params = {"clientOid": "mine-1", "postOnly": True}
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, params)
    [order] = await exchange.fetch_open_orders(SYMBOL)
    assert (order["id"], order["clientOrderId"]) == (placed["id"], "mine-1")
    assert (order["price"], order["amount"], order["postOnly"]) == (100.0, 1.0, True)
    altered = await exchange.edit_order(placed["id"], SYMBOL, "limit", "buy", 2, 99)
    assert altered["id"] != placed["id"]
    order = await exchange.fetch_order(altered["id"], SYMBOL)
    assert (order["price"], order["amount"], order["status"]) == (99.0, 2.0, "open")
    await exchange.cancel_order(altered["id"], SYMBOL)
    [order] = await exchange.fetch_closed_orders(SYMBOL)
    assert (order["status"], order["clientOrderId"]) == ("canceled", "mine-1")
    with pytest.raises(ccxt.OrderNotFound):
        await exchange.cancel_order(altered["id"], SYMBOL)


async def test_an_id_is_taken_while_its_order_is_open(exchange):
    params = {"clientOid": "mine-2"}
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, params)
    with pytest.raises(ccxt.ExchangeError, match="102426"):
        await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, params)
    await exchange.cancel_order(None, SYMBOL, params)
    again = await exchange.create_order(SYMBOL, "limit", "buy", 1, 98, params)
    found = await exchange.fetch_order(None, SYMBOL, params)
    assert (found["id"], found["price"]) == (again["id"], 98.0)


async def test_a_fill_is_told_the_same_everywhere(exchange, other, venue):
    await other.create_order(SYMBOL, "limit", "sell", 2, 100)
    placed = await exchange.create_order(SYMBOL, "market", "buy", 1.5)
    order = await exchange.fetch_order(placed["id"], SYMBOL)
    assert (order["status"], order["filled"], order["average"]) == ("closed", 1.5, 100.0)
    assert (order["fee"]["cost"], order["fee"]["currency"]) == (0.15, "USDT")
    [trade] = await exchange.fetch_my_trades(SYMBOL)
    [fill] = (await venue.truth())["fills"]
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (trade["fee"]["cost"], trade["takerOrMaker"]) == (0.15, "taker")
    balance = await exchange.fetch_balance()
    assert balance["BTC"]["total"] == 3.5
    assert balance["USDT"]["total"] == 100_000 - 150.15
    assert (await exchange.fetch_trading_fee(SYMBOL))["taker"] == 0.001


@pytest.mark.parametrize(
    ("kind", "side", "price", "params", "type_"),
    [
        ("market", "sell", None, {"stopLossPrice": 90}, "stop"),
        ("limit", "sell", 89, {"stopLossPrice": 90}, "stop_limit"),
        ("market", "buy", None, {"stopLossPrice": 110}, "stop"),
        ("market", "sell", None, {"takeProfitPrice": 110}, "market_if_touched"),
        ("limit", "buy", 91, {"takeProfitPrice": 90}, "limit_if_touched"),
    ],
)
async def test_stops_live_apart_until_they_trigger(
    exchange, other, venue, kind, side, price, params, type_
):
    await other.create_order(SYMBOL, "limit", "sell", 1, 100)
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 100)
    placed = await exchange.create_order(SYMBOL, kind, side, 0.5, price, params)
    order = (await venue.truth())["orders"][-1]
    assert (order["type"], order["chain"]) == (type_, [placed["id"]])
    assert not await exchange.fetch_open_orders(SYMBOL)
    [stop] = await exchange.fetch_open_orders(SYMBOL, params={"trigger": True})
    [trigger] = params.values()
    assert (stop["id"], stop["triggerPrice"]) == (placed["id"], trigger)
    await exchange.cancel_order(placed["id"], SYMBOL, {"trigger": True})
    assert not await exchange.fetch_open_orders(SYMBOL, params={"trigger": True})


async def test_a_stop_that_triggers_is_an_order_with_another_id(exchange, other):
    await other.create_order(SYMBOL, "limit", "buy", 5, 90)
    stop = await exchange.create_order(
        SYMBOL, "market", "sell", 1, None, {"stopLossPrice": 95, "clientOid": "guard"}
    )
    await exchange.create_order(SYMBOL, "limit", "sell", 0.1, 90)
    found = await exchange.fetch_order(None, SYMBOL, {"clientOid": "guard"})
    assert found["status"] == "closed"
    assert found["filled"] == 1.0
    assert found["id"] != stop["id"]


async def test_refusals_have_the_venues_codes(exchange, judge, venue):
    with pytest.raises(ccxt.InsufficientFunds, match="200004"):
        await exchange.create_order(SYMBOL, "limit", "buy", 1000, 5000)
    with pytest.raises(ccxt.ExchangeError, match="Order size below the minimum"):
        await exchange.create_order(SYMBOL, "limit", "buy", 0.000001, 5000)
    with pytest.raises(ccxt.OrderNotFound):
        await exchange.fetch_order("6" + "0" * 23, SYMBOL)
    forger = await judge(venue, "kucoin", secret="wrong", **CONFIG)
    with pytest.raises(ccxt.AuthenticationError, match="400004"):
        await forger.private_get_user_api_key()
    stranger = await judge(venue, "kucoin", **CONFIG)
    stranger.apiKey = "nobody"
    with pytest.raises(ccxt.AuthenticationError, match="400003"):
        await stranger.private_get_user_api_key()


async def test_a_request_signed_for_something_else_is_refused(exchange, venue):
    signed = exchange.sign("user/api-key", ["private"], "GET")
    url = signed["url"].replace("user/api-key", "accounts")
    async with venue.session.get(url, headers=signed["headers"]) as reply:
        assert (reply.status, (await reply.json())["code"]) == (401, "400005")
    headers = signed["headers"] | {"KC-API-TIMESTAMP": "1700000000000"}
    async with venue.session.get(signed["url"], headers=headers) as reply:
        assert (reply.status, (await reply.json())["code"]) == (401, "400002")


async def test_calls_too_many_are_refused_until_the_pool_is_full_again(host_face):
    venue = await host_face("kucoin", still=True, limits={"public_most": 6})
    for expected in (200, 200, 429):
        async with venue.session.get(f"{venue.url}/api/v1/timestamp") as reply:
            assert reply.status == expected
            told = await reply.json()
    assert told["code"] == "429000"
    assert reply.headers["gw-ratelimit-remaining"] == "0"
    assert reply.headers["gw-ratelimit-reset"] == "30000"
    await venue.clock.advance(30)
    async with venue.session.get(f"{venue.url}/api/v1/timestamp") as reply:
        assert reply.status == 200


async def test_a_book_is_followed(exchange, other, venue, heard):
    await other.create_order(SYMBOL, "limit", "buy", 1, 99)
    watching = await heard(
        venue,
        exchange,
        exchange.watch_order_book(SYMBOL),
        f"orderbook:{SYMBOL}",
        topic="/market/level2:BTC-USDT",
    )
    for price in (90, 91, 92, 93, 94, 95, 96):  # it asks for the whole after five
        await other.create_order(SYMBOL, "limit", "buy", 0.1, price)
    book = await watching
    assert book["bids"][0] == [99.0, 1.0]
    watching = asyncio.create_task(exchange.watch_order_book(SYMBOL))
    await other.create_order(SYMBOL, "limit", "sell", 1, 101)
    assert (await watching)["asks"][0][:2] == [101.0, 1.0]
    assert book["nonce"] == (await exchange.fetch_order_book(SYMBOL))["nonce"]


async def test_trades_are_told(exchange, other, venue, heard):
    watching = await heard(
        venue,
        exchange,
        exchange.watch_trades(SYMBOL),
        f"trades:{SYMBOL}",
        topic="/market/match:BTC-USDT",
    )
    await other.create_order(SYMBOL, "limit", "sell", 1, 101)
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 101)
    [trade] = await watching
    assert (trade["price"], trade["amount"], trade["side"]) == (101.0, 1.0, "buy")


async def test_an_account_hears_of_its_orders_and_money(exchange, other, venue, heard):
    orders = await heard(
        venue, exchange, exchange.watch_orders(), "orders-spot", channel=ORDERS
    )
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 2, 100)
    [order] = await orders
    assert (order["id"], order["status"]) == (placed["id"], "open")
    fills = await heard(
        venue, exchange, exchange.watch_my_trades(), "myTrades-spot", channel=ORDERS
    )
    orders = asyncio.create_task(exchange.watch_orders())
    money = await heard(
        venue, exchange, exchange.watch_balance(), "trade:balance", channel=BALANCES
    )
    await other.create_order(SYMBOL, "limit", "sell", 2, 100)
    [fill] = await fills
    assert (fill["order"], fill["price"], fill["amount"]) == (placed["id"], 100.0, 2.0)
    assert (await orders)[0]["filled"] == 2.0
    assert (await money)["USDT"]["total"] == 100_000 - 200.2
