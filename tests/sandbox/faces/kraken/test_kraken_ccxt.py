"""ccxt, unmodified: its REST and its WebSockets trade here as they would there."""

import asyncio

import ccxt
import ccxt.pro
import pytest

SYMBOL = "BTC/USD"
UUID = "6d1b345e-2821-40e2-ad83-4ecb18a06876"


@pytest.fixture
def secret():
    return "bm9ib2R5IGd1ZXNzZXMgbWFpbg=="  # of the account main


@pytest.fixture
async def exchange(bench, secret):
    """ccxt with its addresses changed, and nothing else."""
    exchange = ccxt.pro.kraken(
        {"apiKey": "main-key", "secret": secret, "enableRateLimit": False}
    )
    urls = exchange.urls["api"]
    urls["public"] = urls["private"] = bench.url
    urls["ws"]["publicV2"] = f"{bench.ws}/v2"
    urls["ws"]["privateV2"] = f"{bench.ws}/v2/private"
    try:
        await exchange.load_markets()
        yield exchange
    finally:
        await exchange.close()


async def heard(bench, channel, watch):
    """Begin to watch, and return the task once the venue knows of the subscription."""
    task = asyncio.create_task(watch)
    feed = bench.site.host.feed
    topic = ("trade", SYMBOL)
    while not (feed.hears(topic) if channel == "trade" else hears(bench, channel)):
        await asyncio.sleep(0)
    return task


def hears(bench, channel):
    return any(it.hears(channel) for it in bench.site.host.connections)


async def test_markets_are_what_they_are(exchange):
    assert set(exchange.markets) == {"BTC/USD", "ETH/USD", "ETH/USDT"}
    market = exchange.market(SYMBOL)
    assert market["id"] == "XXBTZUSD"
    assert market["precision"] == {"price": 0.1, "amount": 1e-8}
    assert (market["maker"], market["taker"]) == (0.0025, 0.004)
    assert market["limits"]["amount"]["min"] == 0.0001
    assert market["limits"]["cost"]["min"] == 0.5


async def test_public_reads(exchange, bench):
    await bench.trade("101.5", "2")
    await bench.other.add("sell", "102.0", "3")
    await bench.other.add("buy", "99.0", "4")
    book = await exchange.fetch_order_book(SYMBOL)
    assert [row[:2] for row in book["bids"] + book["asks"]] == [[99.0, 4.0], [102.0, 3.0]]
    ticker = await exchange.fetch_ticker(SYMBOL)
    assert (ticker["bid"], ticker["ask"], ticker["last"]) == (99.0, 102.0, 101.5)
    [trade] = await exchange.fetch_trades(SYMBOL)
    assert (trade["price"], trade["amount"], trade["side"]) == (101.5, 2.0, "buy")
    assert (await exchange.fetch_ohlcv(SYMBOL, "1m"))[-1][4] == 101.5
    assert (await exchange.fetch_status())["status"] == "ok"
    assert await exchange.fetch_time() == bench.clock.time_ns() // 10**9 * 1000


async def test_an_order_lives_and_is_canceled(exchange, bench):
    params = {"clientOrderId": UUID, "postOnly": True}
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, params)
    [order] = await exchange.fetch_open_orders(SYMBOL)
    assert (order["id"], order["clientOrderId"]) == (placed["id"], UUID)
    assert (order["price"], order["amount"], order["postOnly"]) == (100.0, 1.0, True)
    await exchange.edit_order(placed["id"], SYMBOL, "limit", "buy", 2, 99)
    order = await exchange.fetch_order(placed["id"])
    assert (order["price"], order["amount"], order["status"]) == (99.0, 2.0, "open")
    await exchange.cancel_order(placed["id"])
    [order] = await exchange.fetch_closed_orders()
    assert (order["status"], order["clientOrderId"]) == ("canceled", UUID)
    with pytest.raises(ccxt.OrderNotFound):
        await exchange.cancel_order(placed["id"])


async def test_a_fill_is_told_the_same_everywhere(exchange, bench):
    await bench.other.add("sell", "100.0", "2")
    placed = await exchange.create_order(SYMBOL, "market", "buy", 1.5)
    order = await exchange.fetch_order(placed["id"])
    assert (order["status"], order["filled"], order["average"]) == ("closed", 1.5, 100.0)
    assert order["fee"]["currency"] == "USD"
    [trade] = await exchange.fetch_my_trades(SYMBOL)
    [fill] = (await bench.truth())["fills"]
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (trade["fee"]["cost"], trade["takerOrMaker"]) == (0.6, "taker")
    balance = await exchange.fetch_balance()
    assert balance["total"]["BTC"] == 101.5
    assert balance["total"]["USD"] == 1_000_000 - 150.6
    ledger = await exchange.fetch_ledger()
    assert {it["referenceId"] for it in ledger} == {trade["id"]}
    assert (await exchange.fetch_trading_fee(SYMBOL))["taker"] == 0.004


@pytest.mark.parametrize(
    ("kind", "price", "params", "type_", "trigger"),
    [
        ("market", None, {"stopLossPrice": 90}, "stop", "90"),
        ("limit", 89, {"stopLossPrice": 90}, "stop_limit", "90"),
        ("market", None, {"takeProfitPrice": 110}, "market_if_touched", "110"),
        ("limit", 109, {"takeProfitPrice": 110}, "limit_if_touched", "110"),
        ("market", None, {"trailingPercent": "5"}, "trailing_stop", "95"),
        ("market", None, {"trailingAmount": "7"}, "trailing_stop", "93"),
    ],
)
async def test_each_order_type_of_ccxt_arrives_as_meant(
    exchange, bench, kind, price, params, type_, trigger
):
    await bench.trade("100.0", "5")
    await exchange.create_order(SYMBOL, kind, "sell", 1, price, params)
    order = (await bench.truth())["orders"][-1]
    assert order["type"] == type_
    assert float(order["stop_price"]) == float(trigger)
    assert len(await exchange.fetch_open_orders()) == 1


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (("limit", "buy", 1000, 5000), ccxt.InsufficientFunds),
        (("limit", "buy", 0.00005, 100), ccxt.InvalidOrder),
    ],
)
async def test_a_refusal_is_the_error_ccxt_knows(exchange, bench, order, error):
    with pytest.raises(error):
        await exchange.create_order(SYMBOL, *order)


async def test_a_bad_nonce_is_the_error_ccxt_knows(exchange, bench):
    await exchange.fetch_balance()
    exchange.incrementing_nonce = lambda: 1
    with pytest.raises(ccxt.InvalidNonce):
        await exchange.fetch_balance()


async def test_a_throttled_order_is_the_error_ccxt_knows(exchange, bench):
    await bench.arm("rate_limit", operation="submit")
    with pytest.raises(ccxt.DDoSProtection):
        await exchange.create_order(SYMBOL, "limit", "buy", 1, 100)


async def test_orders_and_fills_are_watched(exchange, bench):
    orders = await heard(bench, "executions", exchange.watch_orders())
    txid = (await exchange.create_order(SYMBOL, "limit", "buy", 1, 100))["id"]
    assert (await orders)[-1]["id"] == txid
    trades = await heard(bench, "executions", exchange.watch_my_trades())
    await bench.other.add("sell")
    [trade] = await trades
    [fill] = (await bench.truth())["fills"]
    assert (trade["id"], trade["order"]) == (fill["execution_id"], txid)
    assert trade["fee"] == {"cost": 0.25, "currency": "USD"}


async def test_the_market_is_watched(exchange, bench):
    await bench.other.add("buy", "99.0")
    await bench.other.add("sell", "101.0")
    book = await exchange.watch_order_book(SYMBOL)
    assert (book["bids"][0], book["asks"][0]) == ([99.0, 1.0], [101.0, 1.0])
    trades = await heard(bench, "trade", exchange.watch_trades(SYMBOL))
    await exchange.create_order(SYMBOL, "market", "buy", 0.5)
    assert (await trades)[-1]["amount"] == 0.5
    assert (await exchange.watch_ticker(SYMBOL))["last"] == 101.0
    assert (await exchange.watch_ohlcv(SYMBOL))[-1][4] == 101.0
    assert (await exchange.watch_balance())["total"]["BTC"] == 100.5


async def test_orders_are_entered_by_websocket(exchange, bench):
    params = {"clientOrderId": UUID}
    placed = await exchange.create_order_ws(SYMBOL, "limit", "buy", 1, 100, params)
    [order] = (await bench.truth())["orders"]
    assert (order["id"], order["client_order_id"]) == (placed["id"], UUID)
    await exchange.edit_order_ws(placed["id"], SYMBOL, "limit", "buy", 2, 99)
    order = await exchange.fetch_order(placed["id"])
    assert (order["amount"], order["price"]) == (2.0, 99.0)
    await exchange.cancel_order_ws(placed["id"])
    assert (await exchange.fetch_order(placed["id"]))["status"] == "canceled"
    with pytest.raises(ccxt.ExchangeError, match="EOrder:Insufficient funds"):
        await exchange.create_order_ws(SYMBOL, "limit", "buy", 1000, 5000)
