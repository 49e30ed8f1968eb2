"""ccxt trades at dYdX here as it does there."""

from decimal import Decimal

import ccxt.pro
import pytest

pytest.importorskip("google.protobuf", reason="ccxt signs for dYdX by way of protobuf")

BTC = "BTC/USDC:USDC"


async def test_ccxt_loads_markets_with_the_engines_own_rules(hosted, exchange):
    assert set(exchange.markets) == {BTC, "ETH/USDC:USDC"}
    for symbol, market in exchange.markets.items():
        spec = hosted.site.host.venue.markets[symbol]
        assert Decimal(repr(market["precision"]["price"])) == spec.ticks[0][1]
        assert Decimal(repr(market["precision"]["amount"])) == spec.quantity_step
    assert exchange.markets[BTC]["id"] == "BTC-USD"


async def test_ccxt_places_finds_and_cancels(exchange):
    params = {"clientOrderId": 4_000_000_001}
    order = await exchange.create_order(BTC, "limit", "buy", 1, 90, params)
    [listed] = await exchange.fetch_open_orders(BTC)
    assert listed["id"] == order["id"], "ccxt makes the id as the indexer does"
    assert listed["clientOrderId"] == "4000000001"
    assert (listed["amount"], listed["price"], listed["side"]) == (1, 90, "buy")
    found = await exchange.fetch_order(order["id"])
    assert (found["status"], found["filled"]) == ("open", 0)
    await exchange.cancel_order("4000000001", BTC)
    assert await exchange.fetch_open_orders(BTC) == []
    assert (await exchange.fetch_order(order["id"]))["status"] == "canceled"
    with pytest.raises(ccxt.InvalidOrder, match="Stateful order does not exist"):
        await exchange.cancel_order("4000000001", BTC)


async def test_ccxt_cancels_short_term_orders_together(exchange):
    told = await exchange.cancel_orders([], BTC, {"clientOrderIds": [1, 2]})
    assert told[0]["info"]["code"] == "0"


async def test_an_id_that_is_open_is_not_taken_twice(exchange):
    params = {"clientOrderId": 7}
    await exchange.create_order(BTC, "limit", "buy", 1, 90, params)
    with pytest.raises(ccxt.InvalidOrder, match="higher-or-equal priority"):
        await exchange.create_order(BTC, "limit", "buy", 1, 91, params)
    [listed] = await exchange.fetch_open_orders(BTC)
    assert listed["price"] == 90


async def test_ccxt_opens_and_closes_a_position_and_its_fills_are_the_truth(
    hosted, exchange
):
    await hosted.house("sell", "100", "1", BTC)
    await exchange.create_order(BTC, "market", "buy", 1, 105)
    [held] = await exchange.fetch_positions([BTC])
    assert (held["side"], held["contracts"], held["entryPrice"]) == ("long", 1, 100)
    await hosted.house("buy", "110", "1", BTC)
    params = {"reduceOnly": True, "timeInForce": "IOC"}
    await exchange.create_order(BTC, "limit", "sell", 1, 105, params)
    assert await exchange.fetch_positions([BTC]) == []
    reply = await exchange.indexerGetFills(
        {"address": exchange.walletAddress, "subaccountNumber": 0}
    )
    truth = (await hosted.truth())["fills"]
    assert {
        it["id"]: (it["orderId"], it["price"], Decimal(it["fee"])) for it in reply["fills"]
    } == {
        it["execution_id"]: (it["order_id"], it["price"], Decimal(it["fee"]))
        for it in truth
    }
    balance = await exchange.fetch_balance()
    cash = (await hosted.truth())["cash"]["USDC"]
    assert Decimal(str(balance["USDC"]["free"])) == Decimal(cash)


REFUSED = [
    ("limit", "buy", 1000, 60_000, {}, "collateralization check failed"),
    ("limit", "buy", 1, 100, {"postOnly": True}, "would cross one or more"),
    ("limit", "buy", 1, 90, {"reduceOnly": True}, "disabled for non-IOC"),
    ("limit", "buy", "0.00001", "90", {}, "MsgPlaceOrder is invalid"),
    ("limit", "buy", "1", "90.5", {}, "MsgPlaceOrder is invalid"),
    ("limit", "buy", 1, 90, {"goodTillBlockTimeInSeconds": 9e6}, "OrderTimeWindow"),
]


@pytest.mark.parametrize(("kind", "side", "size", "price", "params", "words"), REFUSED)
async def test_order_is_refused_by_the_documented_code(
    hosted, exchange, kind, side, size, price, params, words
):
    await hosted.house("sell", "100", "1", BTC)
    exchange.amount_to_precision = exchange.price_to_precision = lambda _symbol, it: str(it)
    with pytest.raises(ccxt.InvalidOrder, match=words):
        await exchange.create_order(BTC, kind, side, size, price, params)
    assert await exchange.fetch_open_orders(BTC) == []


async def test_a_wallet_that_is_another_is_refused(hosted, point):
    stranger = point(hosted, secret="11" * 32)
    try:
        with pytest.raises(ccxt.ExchangeError, match="signature verification failed"):
            await stranger.create_order(BTC, "limit", "buy", 1, 90)
    finally:
        await stranger.close()
    assert (await hosted.truth())["orders"] == []


async def test_ccxt_enters_orders_that_wait_for_a_price(hosted, exchange):
    await hosted.house("sell", "100", "1", BTC)
    await exchange.create_order(BTC, "market", "buy", 1, 105)
    params = {"stopLossPrice": 90, "clientOrderId": 5}
    order = await exchange.create_order(BTC, "limit", "sell", 1, 89, params)
    found = await exchange.fetch_order(order["id"])
    info = found["info"]
    assert (info["status"], info["type"]) == ("UNTRIGGERED", "STOP_LIMIT")
    assert info["triggerPrice"] == "90"
    await exchange.cancel_order("5", BTC, {"trigger": True})
    assert (await exchange.fetch_order(order["id"]))["status"] == "canceled"


async def test_ccxt_reads_candles_trades_and_money_that_came(hosted, exchange):
    await hosted.house("sell", "100", "2", BTC)
    await exchange.create_order(BTC, "market", "buy", 2, 105)
    [candle] = await exchange.fetch_ohlcv(BTC, "1m")
    assert candle[1:] == [100, 100, 100, 100, 2]
    [trade] = await exchange.fetch_trades(BTC)
    assert (trade["price"], trade["amount"], trade["side"]) == (100, 2, "buy")
    await hosted.act("deposit", account="main", asset="USDC", amount="25")
    [row] = await exchange.fetch_ledger()
    assert (row["type"], row["direction"], row["amount"]) == ("deposit", "in", 25)
    book = await exchange.fetch_order_book(BTC)
    assert (book["bids"], book["asks"]) == ([], [])


async def test_ccxt_follows_the_book_to_the_engines_own(hosted, exchange):
    await hosted.house("buy", "99", "1", BTC)
    await hosted.house("sell", "101", "1", BTC)
    book = await exchange.watch_order_book(BTC)
    assert (book["bids"], book["asks"]) == ([[99, 1]], [[101, 1]])
    await hosted.house("buy", "98", "2", BTC)
    while len(book["bids"]) < 2:
        book = await exchange.watch_order_book(BTC)
    await hosted.house("sell", "99", "1", BTC)
    while len(book["bids"]) > 1:
        book = await exchange.watch_order_book(BTC)
    _, bids, asks = hosted.site.host.venue.book(BTC, 10)
    assert book["bids"] == [[float(price), float(size)] for price, size in bids]
    assert book["asks"] == [[float(price), float(size)] for price, size in asks]


async def test_ccxt_follows_trades_and_candles(hosted, exchange):
    await hosted.house("sell", "100", "1", BTC)
    await exchange.create_order(BTC, "market", "buy", 0.4, 105)
    [trade] = await exchange.watch_trades(BTC)
    assert (trade["price"], trade["amount"], trade["side"]) == (100, 0.4, "buy")
    [candle] = await exchange.watch_ohlcv(BTC, "1m")
    assert candle[4:] == [100, 0.4]
    await exchange.create_order(BTC, "market", "buy", 0.6, 105)
    trades = await exchange.watch_trades(BTC)
    assert trades[-1]["amount"] == 0.6
    candles = await exchange.watch_ohlcv(BTC, "1m")
    assert sum(Decimal(str(it[5])) for it in candles[-1:]) in (1, Decimal("0.6"))
