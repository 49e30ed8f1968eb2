"""ccxt, unmodified: its REST and its WebSockets trade here as they would at HTX."""

import asyncio
import gzip
import json

import ccxt
import pytest
from yarl import URL

SYMBOL = "BTC/USDT"


async def test_markets_are_what_they_are(exchange):
    spot = {it for it in exchange.markets if exchange.markets[it]["spot"]}
    assert spot == {"BTC/USDT", "ETH/USDT", "ETH/BTC"}
    market = exchange.market(SYMBOL)
    assert market["id"] == "btcusdt"
    assert market["precision"] == {"price": 0.1, "amount": 1e-6, "cost": 1e-7}
    assert market["limits"]["amount"] == {"min": 0.0001, "max": 10_000.0}
    contracts = [it for it in exchange.markets.values() if it["contract"]]
    assert contracts and not any(it["active"] for it in contracts)


async def test_public_reads(exchange, other):
    await other.create_order(SYMBOL, "limit", "sell", 1, 101.5)
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 101.5)
    await other.create_order(SYMBOL, "limit", "sell", 0.3, 102)
    await other.create_order(SYMBOL, "limit", "buy", 4, 99)
    for limit in (None, 5, 20):
        book = await exchange.fetch_order_book(SYMBOL, limit)
        assert (book["bids"], book["asks"]) == ([[99.0, 4.0]], [[102.0, 0.3]])
    ticker = await exchange.fetch_ticker(SYMBOL)
    assert (ticker["bid"], ticker["ask"], ticker["last"]) == (99.0, 102.0, 101.5)
    [trade] = await exchange.fetch_trades(SYMBOL)
    assert (trade["price"], trade["amount"], trade["side"]) == (101.5, 1.0, "buy")
    assert (await exchange.fetch_ohlcv(SYMBOL, "1m"))[-1][4:] == [101.5, 1.0]
    assert abs(await exchange.fetch_time() - exchange.milliseconds()) < 60_000


async def test_an_order_lives_and_is_canceled(exchange):
    params = {"clientOrderId": "mine-1"}
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, params)
    [order] = await exchange.fetch_open_orders(SYMBOL)
    assert (order["id"], order["clientOrderId"]) == (placed["id"], "mine-1")
    assert (order["price"], order["amount"], order["status"]) == (100.0, 1.0, "open")
    await exchange.cancel_order(placed["id"], SYMBOL)
    order = await exchange.fetch_order(None, SYMBOL, params)
    assert (order["id"], order["status"]) == (placed["id"], "canceled")
    with pytest.raises(ccxt.OrderNotFound, match="order-orderstate-error"):
        await exchange.cancel_order(placed["id"], SYMBOL)
    with pytest.raises(ccxt.OrderNotFound, match="base-record-invalid"):
        await exchange.fetch_order("1", SYMBOL)


async def test_an_id_may_be_used_twice_and_means_the_newest_order(exchange, venue):
    params = {"clientOrderId": "mine-2"}
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, params)
    again = await exchange.create_order(SYMBOL, "limit", "buy", 1, 98, params)
    assert len((await venue.truth())["orders"]) == 2
    assert (await exchange.fetch_order(None, SYMBOL, params))["id"] == again["id"]
    await exchange.cancel_order(None, SYMBOL, params)
    assert (await exchange.fetch_order(again["id"], SYMBOL))["status"] == "canceled"
    await exchange.cancel_all_orders(SYMBOL)
    assert not await exchange.fetch_open_orders(SYMBOL)


async def test_a_fill_is_told_the_same_everywhere(exchange, other, venue):
    await other.create_order(SYMBOL, "limit", "sell", 2, 100)
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 1.5, 100)
    order = await exchange.fetch_order(placed["id"], SYMBOL)
    assert (order["status"], order["filled"], order["average"]) == ("closed", 1.5, 100.0)
    [trade] = await exchange.fetch_my_trades(SYMBOL)
    [fill] = (await venue.truth())["fills"]
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (trade["fee"]["cost"], trade["fee"]["currency"]) == (0.3, "USDT")
    assert trade["takerOrMaker"] == "taker"
    balance = await exchange.fetch_balance()
    assert balance["BTC"]["total"] == 3.5
    assert balance["USDT"]["total"] == 100_000 - 150.3


async def test_a_market_buy_spends_a_sum_of_money(exchange, other, venue):
    await other.create_order(SYMBOL, "limit", "sell", 2, 100)
    params = {"cost": 50, "createMarketBuyOrderRequiresPrice": False}
    await exchange.create_order(SYMBOL, "market", "buy", 50, None, params)
    [order] = (await venue.truth())["orders"]
    assert order["type"] == "market"
    assert float(order["cumulative_quantity"]) == 0.5


@pytest.mark.parametrize(
    ("side", "price", "operator", "type_"),
    [
        ("sell", 89, "lte", "stop_limit"),
        ("buy", 111, "gte", "stop_limit"),
        ("sell", 111, "gte", "limit_if_touched"),
        ("buy", 89, "lte", "limit_if_touched"),
    ],
)
async def test_a_stop_waits_for_its_side_of_the_price(
    exchange, other, venue, side, price, operator, type_
):
    await other.create_order(SYMBOL, "limit", "sell", 1, 100)
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 100)
    trigger = 90 if operator == "lte" else 110
    params = {"triggerPrice": trigger, "operator": operator}
    placed = await exchange.create_order(SYMBOL, "limit", side, 0.5, price, params)
    assert (await venue.truth())["orders"][-1]["type"] == type_
    [order] = await exchange.fetch_open_orders(SYMBOL)
    assert (order["id"], order["triggerPrice"]) == (placed["id"], trigger)
    assert order["info"]["state"] == "created"
    await exchange.cancel_order(placed["id"], SYMBOL)
    assert not await exchange.fetch_open_orders(SYMBOL)


async def test_refusals_have_the_venues_codes(exchange, judge, venue):
    with pytest.raises(ccxt.InsufficientFunds, match="account-frozen-balance"):
        await exchange.create_order(SYMBOL, "limit", "buy", 1000, 5000)
    with pytest.raises(ccxt.InvalidOrder, match="order-limitorder-amount-min-error"):
        await exchange.create_order(SYMBOL, "limit", "buy", 0.00001, 5000)
    with pytest.raises(ccxt.InvalidOrder, match="order-value-min-error"):
        await exchange.create_order(SYMBOL, "limit", "buy", 0.0001, 1)
    forger = await judge(venue, secret="wrong")
    with pytest.raises(ccxt.AuthenticationError, match="Verification failure"):
        await forger.fetch_accounts()
    forger.apiKey = "nobody"
    with pytest.raises(ccxt.AuthenticationError, match="Incorrect Access key"):
        await forger.fetch_accounts()


async def test_a_query_that_was_not_signed_is_refused(exchange, venue):
    path, query = "v1/query/deposit-withdraw", {"size": 1}
    signed = exchange.sign(path, ["spot", "private"], "GET", query)
    for url in (signed["url"] + "&size=2", signed["url"].replace("size=1", "size=3")):
        async with venue.session.get(URL(url, encoded=True)) as reply:
            assert (await reply.json())["err-code"] == "api-signature-not-valid"


async def test_calls_too_many_are_refused_for_two_seconds(host_face):
    venue = await host_face("htx", still=True, limits={"public_2s": 2})
    for expected in (200, 200, 429):
        async with venue.session.get(f"{venue.url}/v1/common/timestamp") as reply:
            assert reply.status == expected
            told = await reply.json()
    assert told["err-code"] == "base-request-exceed-frequency-limit"
    assert reply.headers["X-HB-RateLimit-Requests-Remain"] == "0"
    await venue.clock.advance(2)
    async with venue.session.get(f"{venue.url}/v1/common/timestamp") as reply:
        assert reply.status == 200


async def test_public_frames_are_compressed_and_pinged(host_face):
    venue = await host_face("htx", still=True)
    async with venue.session.ws_connect(f"{venue.ws}/ws") as socket:
        await socket.send_json({"sub": "market.btcusdt.nothing", "id": "1"})
        told = json.loads(gzip.decompress(await socket.receive_bytes()))
        assert (told["status"], told["err-code"]) == ("error", "bad-request")
        await venue.clock.advance(5)
        venue.site.beat()
        assert "ping" in json.loads(gzip.decompress(await socket.receive_bytes()))


async def test_a_book_is_followed(exchange, other, heard):
    await other.create_order(SYMBOL, "limit", "buy", 1, 99)
    channel = "market.btcusdt.mbp.150"
    watching = await heard(exchange.watch_order_book(SYMBOL), channel, topic=channel)
    while not watching.done():  # it believes a whole book with a change behind it
        await other.create_order(SYMBOL, "limit", "buy", 0.1, 90)
    book = await watching
    assert book["bids"][0] == [99.0, 1.0]
    watching = asyncio.create_task(exchange.watch_order_book(SYMBOL))
    await other.create_order(SYMBOL, "limit", "sell", 1, 101)
    while not (book := await watching)["asks"]:
        watching = asyncio.create_task(exchange.watch_order_book(SYMBOL))
    assert book["asks"] == [[101.0, 1.0]]


async def test_trades_are_told(exchange, other, heard):
    channel = "market.btcusdt.trade.detail"
    watching = await heard(exchange.watch_trades(SYMBOL), channel, topic=channel)
    await other.create_order(SYMBOL, "limit", "sell", 1, 101)
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 101)
    [trade] = await watching
    assert (trade["price"], trade["amount"], trade["side"]) == (101.0, 1.0, "buy")


async def test_an_account_hears_of_its_orders_and_fills(exchange, other, heard):
    orders = await heard(exchange.watch_orders(), "orders#*", channel="orders")
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 2, 100)
    [order] = await orders
    assert (order["id"], order["status"]) == (placed["id"], "open")
    name = "trade.clearing#*#0"
    fills = await heard(exchange.watch_my_trades(), name, channel="trade.clearing")
    orders = asyncio.create_task(exchange.watch_orders())
    await other.create_order(SYMBOL, "limit", "sell", 2, 100)
    [fill] = await fills
    assert (fill["order"], fill["price"], fill["amount"]) == (placed["id"], 100.0, 2.0)
    assert (fill["fee"]["cost"], fill["takerOrMaker"]) == (0.4, "maker")
    [order] = await orders
    assert (order["status"], order["filled"]) == ("closed", 2.0)


async def test_a_stranger_hears_nothing(judge, venue):
    forger = await judge(venue, secret="wrong")
    with pytest.raises(ccxt.AuthenticationError):
        async with asyncio.timeout(20):
            await forger.watch_orders()
    assert not any(it.is_signed_in for it in venue.site.host.connections)
