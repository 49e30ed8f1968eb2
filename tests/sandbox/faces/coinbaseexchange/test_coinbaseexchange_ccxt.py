"""ccxt trades at Coinbase Exchange here as it does there."""

import asyncio
from decimal import Decimal
from uuid import uuid4

import ccxt.pro
import pytest

BTC = "BTC/USD"


async def test_ccxt_loads_markets_with_the_engines_own_rules(hosted, exchange):
    assert set(exchange.markets) == {BTC, "ETH/USD", "ETH/BTC"}
    market, spec = exchange.markets[BTC], hosted.site.host.venue.markets[BTC]
    assert Decimal(repr(market["precision"]["price"])) == spec.ticks[0][1]
    assert Decimal(f"{market['precision']['amount']:.8f}") == spec.quantity_step
    assert "BTC" in exchange.currencies


async def test_ccxt_places_finds_and_cancels_until_it_is_gone(exchange):
    ours = str(uuid4())
    order = await exchange.create_order(BTC, "limit", "buy", 1, 90, {"client_oid": ours})
    assert (order["status"], order["clientOrderId"]) == ("open", ours)
    assert [it["id"] for it in await exchange.fetch_open_orders(BTC)] == [order["id"]]
    found = await exchange.fetch_order(None, BTC, {"client_oid": ours})
    assert (found["id"], found["amount"], found["filled"]) == (order["id"], 1, 0)
    balance = await exchange.fetch_balance()
    assert balance["USD"]["used"] == pytest.approx(90 * 1.006)
    assert (await exchange.cancel_order(order["id"], BTC))["info"] == f'"{order["id"]}"'
    with pytest.raises(ccxt.OrderNotFound):
        await exchange.fetch_order(order["id"], BTC)
    with pytest.raises(ccxt.OrderNotFound):
        await exchange.cancel_order(order["id"], BTC)


async def test_ccxt_cancels_by_its_own_id_and_everything(exchange):
    ours = str(uuid4())
    await exchange.create_order(BTC, "limit", "buy", 1, 90, {"client_oid": ours})
    await exchange.cancel_order(None, BTC, {"client_oid": ours})
    for price in (90, 91):
        await exchange.create_order(BTC, "limit", "buy", 1, price)
    assert len((await exchange.cancel_all_orders())[0]["info"]) == 2
    assert await exchange.fetch_open_orders() == []


async def test_a_second_order_with_an_open_ones_id_is_refused(exchange):
    params = {"client_oid": str(uuid4())}
    await exchange.create_order(BTC, "limit", "buy", 1, 90, params)
    with pytest.raises(ccxt.ExchangeError, match="client_oid is already in use"):
        await exchange.create_order(BTC, "limit", "buy", 1, 90, params)
    assert len(await exchange.fetch_open_orders(BTC)) == 1


async def test_ccxt_trades_and_its_fills_are_the_truth(hosted, exchange):
    await hosted.house("sell", "100", "0.3", BTC)
    await hosted.house("sell", "101", "0.3", BTC)
    order = await exchange.create_order(BTC, "market", "buy", 0.5)
    done = await exchange.fetch_order(order["id"], BTC)
    assert (done["status"], done["filled"], done["cost"]) == ("closed", 0.5, 50.2)
    spent = await exchange.create_order(BTC, "market", "buy", None, None, {"cost": 5.05})
    assert (await exchange.fetch_order(spent["id"], BTC))["filled"] == 0.05
    trades = await exchange.fetch_my_trades(BTC)
    truth = {it["execution_id"]: it for it in (await hosted.truth())["fills"]}
    assert {it["id"] for it in trades} == set(truth)
    for trade in trades:
        fill = truth[trade["id"]]
        assert (trade["side"], trade["takerOrMaker"]) == ("buy", "taker")
        assert trade["fee"]["cost"] == float(fill["fee"])
    balance = await exchange.fetch_balance()
    for asset, total in (await hosted.truth())["cash"].items():
        assert balance[asset]["total"] == pytest.approx(float(total))


@pytest.mark.parametrize(
    ("side", "stop", "trigger"),
    [
        ("buy", "entry", 110),
        ("buy", "loss", 90),
        ("sell", "loss", 90),
        ("sell", "entry", 110),
    ],
)
async def test_ccxt_enters_stops_either_way(hosted, exchange, side, stop, trigger):
    await hosted.house("sell", "100", "1", BTC)
    await exchange.create_order(BTC, "limit", "buy", 0.5, 100)
    params = {"stop": stop, "stopPrice": trigger}
    order = await exchange.create_order(BTC, "limit", side, 0.1, trigger, params)
    [listed] = [it for it in await exchange.fetch_open_orders(BTC) if it["triggerPrice"]]
    assert (listed["id"], listed["triggerPrice"]) == (order["id"], trigger)
    assert listed["info"]["status"] == "active"


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
    orders = asyncio.create_task(exchange.watch_orders(BTC))
    trades = asyncio.create_task(exchange.watch_my_trades(BTC))
    while not any(it.is_signed_in for it in hosted.site.host.connections):
        await asyncio.sleep(0)
    placed = await exchange.create_order(BTC, "limit", "buy", 1, 100)
    assert [it["id"] for it in await orders] == [placed["id"]]
    await hosted.house("sell", "100", "1", BTC)
    [fill] = (await hosted.truth())["fills"]
    [trade] = await trades
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (trade["side"], trade["takerOrMaker"]) == ("buy", "maker")


async def test_ccxt_reads_the_market(hosted, exchange):
    await hosted.house("sell", "100", "1", BTC)
    await exchange.create_order(BTC, "limit", "buy", 0.6, 100)
    assert (await exchange.fetch_ticker(BTC))["last"] == 100
    assert [it["price"] for it in await exchange.fetch_trades(BTC)] == [100]
    assert (await exchange.fetch_ohlcv(BTC, "1m"))[-1][1:] == [100, 100, 100, 100, 0.6]
    assert (await exchange.fetch_trading_fees())[BTC]["maker"] == 0.004
    assert (await exchange.fetch_order_book(BTC))["asks"] == [[100, 0.4, 1]]
    assert await exchange.fetch_time() > 0


async def test_ccxt_reads_deposits_and_withdrawals(hosted, exchange):
    await hosted.act("deposit", account="main", asset="USD", amount="7")
    await hosted.act("withdraw", account="main", asset="BTC", amount="1")
    [deposit] = await exchange.fetch_deposits()
    assert (deposit["currency"], deposit["amount"], deposit["status"]) == ("USD", 7, "ok")
    [withdrawal] = await exchange.fetch_withdrawals("BTC")
    assert (withdrawal["type"], withdrawal["amount"]) == ("withdrawal", 1)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("server_error", ccxt.ExchangeNotAvailable),
        ("server_error_after", ccxt.ExchangeNotAvailable),
        ("rate_limit", ccxt.RateLimitExceeded),
        ("key_revoked", ccxt.AuthenticationError),
        ("reply_lost_after", ccxt.NetworkError),
    ],
)
async def test_ccxt_takes_a_fault_for_what_coinbase_would_mean_by_it(
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
