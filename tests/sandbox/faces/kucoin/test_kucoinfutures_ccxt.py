"""ccxt, unmodified, trades contracts here as it would at KuCoin Futures."""

import asyncio

import ccxt
import pytest

SYMBOL = "BTC/USDT:USDT"
INVERSE = "BTC/USD:BTC"
ORDERS = "/contractMarket/tradeOrders"
WALLET = "/contractAccount/wallet"


@pytest.fixture
async def venue(host_face):
    return await host_face("kucoinfutures")


@pytest.fixture
async def exchange(judge, venue):
    found = await judge(venue, "kucoinfutures")
    await found.load_markets()
    return found


@pytest.fixture
async def other(judge, venue):
    found = await judge(venue, "kucoinfutures", account="other")
    await found.load_markets()
    return found


async def test_contracts_are_what_they_are(exchange):
    assert set(exchange.markets) == {SYMBOL, "ETH/USDT:USDT", INVERSE}
    market = exchange.market(SYMBOL)
    assert (market["id"], market["contractSize"]) == ("XBTUSDTM", 0.001)
    assert (market["linear"], market["type"], market["settle"]) == (True, "swap", "USDT")
    assert market["precision"] == {"price": 0.1, "amount": 1.0}
    inverse = exchange.market(INVERSE)
    assert (inverse["id"], inverse["contractSize"]) == ("XBTUSDM", 1.0)
    assert (inverse["inverse"], inverse["settle"]) == (True, "BTC")


async def test_public_reads(exchange, other):
    await other.create_order(SYMBOL, "limit", "sell", 2, 101.5)
    await exchange.create_order(SYMBOL, "limit", "buy", 2, 101.5)
    await other.create_order(SYMBOL, "limit", "sell", 3, 102)
    await other.create_order(SYMBOL, "limit", "buy", 4, 99)
    for limit in (None, 20, 100):
        book = await exchange.fetch_order_book(SYMBOL, limit)
        assert (book["bids"], book["asks"]) == ([[99.0, 4.0]], [[102.0, 3.0]])
    ticker = await exchange.fetch_ticker(SYMBOL)
    assert (ticker["bid"], ticker["ask"], ticker["last"]) == (99.0, 102.0, 101.5)
    [trade] = await exchange.fetch_trades(SYMBOL)
    assert (trade["price"], trade["amount"], trade["side"]) == (101.5, 2.0, "buy")
    assert (await exchange.fetch_ohlcv(SYMBOL, "1m"))[-1][4:] == [101.5, 2.0]
    assert (await exchange.fetch_funding_rate(SYMBOL))["fundingRate"] == 0
    assert abs(await exchange.fetch_time() - exchange.milliseconds()) < 60_000


async def test_an_order_lives_and_is_canceled(exchange):
    params = {"clientOid": "mine-1"}
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 10, 100, params=params)
    [order] = await exchange.fetch_open_orders(SYMBOL)
    assert (order["id"], order["clientOrderId"]) == (placed["id"], "mine-1")
    with pytest.raises(ccxt.ExchangeError, match="300018"):
        await exchange.create_order(SYMBOL, "limit", "buy", 10, 100, params=params)
    await exchange.cancel_order(placed["id"], SYMBOL)
    order = await exchange.fetch_order(None, SYMBOL, params)
    assert (order["id"], order["status"]) == (placed["id"], "canceled")
    with pytest.raises(ccxt.BadRequest, match="100004"):
        await exchange.cancel_order(placed["id"], SYMBOL)
    with pytest.raises(ccxt.OrderNotFound):
        await exchange.fetch_order("1" * 18, SYMBOL)


async def test_a_fill_makes_a_position_and_is_told_the_same(exchange, other, venue):
    await other.create_order(SYMBOL, "limit", "sell", 20, 100)
    placed = await exchange.create_order(SYMBOL, "market", "buy", 15)
    order = await exchange.fetch_order(placed["id"], SYMBOL)
    assert (order["status"], order["filled"], order["average"]) == ("closed", 15.0, 100.0)
    [trade] = await exchange.fetch_my_trades(SYMBOL)
    [fill] = (await venue.truth())["fills"]
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (trade["fee"]["cost"], trade["takerOrMaker"]) == (0.0009, "taker")
    [position] = await exchange.fetch_positions()
    assert (position["side"], position["contracts"]) == ("long", 15.0)
    assert (position["entryPrice"], position["marginMode"]) == (100.0, "cross")
    balance = await exchange.fetch_balance()
    assert balance["USDT"]["total"] == 100_000 - 0.0009
    with pytest.raises(ccxt.InsufficientFunds, match="300003"):
        await exchange.create_order(SYMBOL, "limit", "buy", 900_000, 90_000)


async def test_an_inverse_contract_is_worth_its_money_in_coins(exchange, other):
    await other.create_order(INVERSE, "limit", "sell", 50, 50_000)
    placed = await exchange.create_order(INVERSE, "limit", "buy", 50, 50_000)
    order = await exchange.fetch_order(placed["id"], INVERSE)
    assert (order["average"], order["cost"]) == (50_000.0, 0.001)
    [trade] = await exchange.fetch_my_trades(INVERSE)
    assert (trade["fee"]["currency"], trade["fee"]["cost"]) == ("BTC", 0.0000006)


@pytest.mark.parametrize(
    ("kind", "side", "price", "params", "type_"),
    [
        ("market", "sell", None, {"stopPrice": 90, "stop": "down"}, "stop"),
        ("limit", "sell", 89, {"stopPrice": 90, "stop": "down"}, "stop_limit"),
        ("market", "buy", None, {"stopPrice": 110, "stop": "up"}, "stop"),
        ("market", "sell", None, {"stopPrice": 110, "stop": "up"}, "market_if_touched"),
        ("limit", "buy", 91, {"stopPrice": 90, "stop": "down"}, "limit_if_touched"),
    ],
)
async def test_stops_live_apart_until_they_trigger(
    exchange, other, venue, kind, side, price, params, type_
):
    await other.create_order(SYMBOL, "limit", "sell", 1, 100)
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 100)
    placed = await exchange.create_order(SYMBOL, kind, side, 5, price, params)
    order = (await venue.truth())["orders"][-1]
    assert (order["type"], order["chain"]) == (type_, [placed["id"]])
    assert not await exchange.fetch_open_orders(SYMBOL)
    [stop] = await exchange.fetch_open_orders(SYMBOL, params={"trigger": True})
    assert (stop["id"], stop["triggerPrice"]) == (placed["id"], params["stopPrice"])
    await exchange.cancel_all_orders(params={"trigger": True})
    assert (await exchange.fetch_order(placed["id"], SYMBOL))["status"] == "canceled"


async def test_money_moves_without_orders(exchange, other, venue):
    await other.create_order(SYMBOL, "limit", "sell", 1000, 100)
    await exchange.create_order(SYMBOL, "limit", "buy", 1000, 100)
    await venue.act("deposit", account="main", asset="USDT", amount="5")
    await venue.act("funding", symbol=SYMBOL, rate="0.01")
    [moved] = await exchange.fetch_ledger(params={"hf": False})
    assert (moved["type"], moved["direction"], moved["amount"]) == ("transfer", "in", 5.0)
    [paid] = await exchange.fetch_funding_history(SYMBOL)
    assert paid["amount"] == -1.0


async def test_a_book_and_an_account_are_heard(exchange, other, venue, heard):
    await other.create_order(SYMBOL, "limit", "buy", 1, 99)
    books = await heard(
        venue,
        exchange,
        exchange.watch_order_book(SYMBOL),
        f"orderbook:{SYMBOL}",
        topic="/contractMarket/level2:XBTUSDTM",
    )
    orders = await heard(
        venue, exchange, exchange.watch_orders(), "orders-contract", channel=ORDERS
    )
    money = await heard(
        venue, exchange, exchange.watch_balance(), "contract:balance", channel=WALLET
    )
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 10, 98)
    [order] = await orders
    assert (order["id"], order["status"]) == (placed["id"], "open")
    assert (await money)["USDT"]["used"] > 0
    for price in (90, 91, 92, 93, 94, 95):
        await other.create_order(SYMBOL, "limit", "buy", 1, price)
    book = await books
    assert [row[:2] for row in book["bids"]][:2] == [[99.0, 1.0], [98.0, 10.0]]
    orders = asyncio.create_task(exchange.watch_orders())
    await exchange.cancel_order(placed["id"], SYMBOL)
    assert (await orders)[0]["status"] == "canceled"
