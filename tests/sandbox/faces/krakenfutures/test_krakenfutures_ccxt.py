"""ccxt trades at Kraken Futures here as it does there."""

import asyncio
from decimal import Decimal

import ccxt.pro
import pytest

BTC = "BTC/USD:USD"
COIN = "BTC/USD:BTC"


async def test_ccxt_loads_contracts_with_the_engines_own_rules(hosted, exchange):
    assert set(exchange.markets) == {BTC, COIN, "ETH/USD:USD"}
    assert exchange.markets[BTC]["id"] == "PF_XBTUSD"
    for symbol, kind in ((BTC, "linear"), (COIN, "inverse")):
        market, spec = exchange.markets[symbol], hosted.site.host.venue.markets[symbol]
        assert market[kind] and market["swap"]
        assert Decimal(repr(market["precision"]["price"])) == spec.ticks[0][1]
        assert Decimal(repr(market["precision"]["amount"])) == spec.quantity_step


async def test_ccxt_places_edits_finds_and_cancels(exchange):
    order = await exchange.create_order(BTC, "limit", "buy", 1, 90, {"cliOrdId": "a-1"})
    assert (order["status"], order["clientOrderId"]) == ("open", "a-1")
    await exchange.edit_order(order["id"], BTC, "limit", "buy", 2, 91)
    [listed] = await exchange.fetch_open_orders(BTC)
    assert (listed["id"], listed["remaining"]) == (order["id"], 2)
    found = await exchange.fetch_order(order["id"], BTC)
    assert (found["status"], found["amount"], found["clientOrderId"]) == ("open", 2, "a-1")
    balance = await exchange.fetch_balance()
    assert balance["USD"]["used"] > 0
    canceled = await exchange.cancel_order(order["id"], BTC)
    assert (canceled["id"], canceled["status"]) == (order["id"], "canceled")
    assert await exchange.fetch_open_orders(BTC) == []
    with pytest.raises(ccxt.OrderNotFound):
        await exchange.cancel_order(order["id"], BTC)
    done = await exchange.fetch_canceled_orders(BTC)
    assert {(it["id"], it["filled"]) for it in done} == {(order["id"], 0)}


async def test_a_second_order_with_an_open_ones_id_is_a_duplicate(exchange):
    await exchange.create_order(BTC, "limit", "buy", 1, 90, {"cliOrdId": "a-1"})
    with pytest.raises(ccxt.DuplicateOrderId):
        await exchange.create_order(BTC, "limit", "buy", 1, 90, {"cliOrdId": "a-1"})
    assert len(await exchange.fetch_open_orders(BTC)) == 1


async def test_ccxt_opens_and_closes_a_position_and_its_fills_are_the_truth(
    hosted, exchange
):
    await hosted.house("sell", "100", "1", BTC)
    opened = await exchange.create_order(BTC, "market", "buy", 1)
    assert (opened["filled"], opened["average"]) == (1, 100)
    [held] = await exchange.fetch_positions([BTC])
    assert (held["side"], held["contracts"], held["entryPrice"]) == ("long", 1, 100)
    await hosted.house("buy", "110", "1", BTC)
    params = {"reduceOnly": True}
    await exchange.create_order(BTC, "market", "sell", 1, None, params)
    assert await exchange.fetch_positions([BTC]) == []
    trades = await exchange.fetch_my_trades(BTC)
    truth = (await hosted.truth())["fills"]
    assert {it["id"] for it in trades} == {it["execution_id"] for it in truth}
    fees = {it["execution_id"]: float(it["fee"]) for it in truth}
    assert {it["id"]: it["fee"]["cost"] for it in trades} == fees
    with pytest.raises(ccxt.ExchangeError, match="wouldNotReducePosition"):
        await exchange.create_order(BTC, "market", "sell", 1, None, params)


REFUSED = [
    ("limit", 1, 90.5, {}, "invalidPrice"),
    ("limit", 0.00001, 90, {}, "invalidSize"),
    ("limit", 100_000, 90, {}, "invalidSize"),
    ("limit", 1000, 60_000, {}, "insufficientAvailableFunds"),
    ("limit", 1, 100, {"postOnly": True}, "postWouldExecute"),
    ("limit", 1, 90, {"timeInForce": "ioc"}, "iocWouldNotExecute"),
    ("trailing_stop", 1, None, {}, "invalidOrderType"),
    ("limit", 1, 90, {"cliOrdId": "x" * 101}, "clientOrderIdTooLong"),
]


@pytest.mark.parametrize(("kind", "size", "price", "params", "status"), REFUSED)
async def test_order_is_refused_by_the_documented_status(
    hosted, exchange, kind, size, price, params, status
):
    await hosted.house("sell", "100", "1", BTC)
    exchange.amount_to_precision = exchange.price_to_precision = lambda _symbol, it: str(it)
    with pytest.raises(ccxt.ExchangeError, match=status):
        await exchange.create_order(BTC, kind, "buy", size, price, params)
    assert await exchange.fetch_open_orders(BTC) == []


TRIGGERS = [
    ("market", None, {"stopLossPrice": 90}, "stop"),
    ("limit", 89, {"stopLossPrice": 90}, "stop"),
    ("market", None, {"takeProfitPrice": 110}, "take_profit"),
    ("limit", 111, {"takeProfitPrice": 110}, "take_profit"),
]


@pytest.mark.parametrize(("kind", "price", "params", "word"), TRIGGERS)
async def test_ccxt_enters_orders_that_wait_for_a_price(
    hosted, exchange, kind, price, params, word
):
    await hosted.house("sell", "100", "1", BTC)
    await exchange.create_order(BTC, "limit", "buy", 1, 100)
    order = await exchange.create_order(BTC, kind, "sell", 1, price, params)
    [listed] = await exchange.fetch_open_orders(BTC)
    assert (listed["id"], listed["info"]["orderType"]) == (order["id"], word)
    assert listed["triggerPrice"] == next(iter(params.values()))
    await exchange.cancel_order(order["id"], BTC)
    assert await exchange.fetch_open_orders(BTC) == []


async def test_ccxt_cancels_everything(exchange):
    for price in (90, 91):
        await exchange.create_order(BTC, "limit", "buy", 1, price)
    await exchange.cancel_all_orders()
    assert await exchange.fetch_open_orders() == []


async def test_ccxt_trades_contracts_of_a_dollar(hosted, exchange):
    await hosted.house("sell", "50000", "1000", COIN)
    await exchange.create_order(COIN, "market", "buy", 1000)
    [held] = await exchange.fetch_positions([COIN])
    assert (held["contracts"], held["entryPrice"]) == (1000, 50_000)
    [trade] = await exchange.fetch_my_trades(COIN)
    [fill] = (await hosted.truth())["fills"]
    assert trade["fee"]["currency"] == "BTC"
    assert trade["fee"]["cost"] == pytest.approx(float(fill["fee"]))


async def test_ccxt_follows_the_book_to_the_engines_own(hosted, exchange):
    await hosted.house("buy", "99", "1", BTC)
    await hosted.house("sell", "101", "1", BTC)
    book = await exchange.watch_order_book(BTC)
    assert book["bids"][0] == [99, 1]
    for price in ("98", "97", "100"):
        await hosted.house("buy", price, "1", BTC)
    _, bids, asks = hosted.site.host.venue.book(BTC, 100)
    while len(book["bids"]) < len(bids):
        book = await exchange.watch_order_book(BTC)
    for side, rows in (("bids", bids), ("asks", asks)):
        assert [list(it) for it in book[side]] == [[float(p), float(q)] for p, q in rows]


async def test_ccxt_hears_of_its_orders_and_fills(hosted, exchange):
    watched = asyncio.create_task(exchange.watch_my_trades())
    orders = asyncio.create_task(exchange.watch_orders())
    while sum(it.is_signed_in for it in hosted.site.host.connections) < 1:
        await asyncio.sleep(0)
    placed = await exchange.create_order(BTC, "limit", "buy", 1, 100)
    assert [it["id"] for it in await orders] == [placed["id"]]
    await hosted.house("sell", "100", "1", BTC)
    trades = await watched
    while not trades:
        trades = await exchange.watch_my_trades()
    [fill] = (await hosted.truth())["fills"]
    [trade] = trades
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (trade["takerOrMaker"], trade["fee"]["cost"]) == ("maker", float(fill["fee"]))


async def test_ccxt_reads_the_market(hosted, exchange):
    await hosted.house("sell", "100", "1", BTC)
    await exchange.create_order(BTC, "limit", "buy", 0.6, 100)
    assert (await exchange.fetch_ticker(BTC))["last"] == 100
    assert [it["price"] for it in await exchange.fetch_trades(BTC)] == [100]
    assert (await exchange.fetch_ohlcv(BTC, "1m"))[-1][1:] == [100, 100, 100, 100, 0.6]
    assert (await exchange.fetch_funding_rate(BTC))["fundingRate"] == 0
    assert (await exchange.fetch_order_book(BTC))["asks"] == [[100, 0.4]]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("server_error", ccxt.ExchangeNotAvailable),
        ("server_error_after", ccxt.ExchangeError),
        ("rate_limit", ccxt.DDoSProtection),
        ("key_revoked", ccxt.AuthenticationError),
        ("reply_lost_after", ccxt.NetworkError),
    ],
)
async def test_ccxt_takes_a_fault_for_what_kraken_would_mean_by_it(
    hosted, exchange, kind, error
):
    await hosted.arm(kind, operation="submit", seconds=0.0)
    with pytest.raises(error):
        await exchange.create_order(BTC, "limit", "buy", 1, 90)
    assert (await hosted.hits())[kind] == 1


async def test_ccxt_with_a_wrong_secret_is_refused(hosted, point):
    stranger = point(hosted, secret="d3Jvbmc=")
    try:
        with pytest.raises(ccxt.AuthenticationError):
            await stranger.fetch_balance()
    finally:
        await stranger.close()
