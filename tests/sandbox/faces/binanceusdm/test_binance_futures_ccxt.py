"""ccxt trades at Binance's futures exchanges here as it does there."""

import asyncio
from decimal import Decimal

import ccxt.pro
import pytest

BTC = "BTC/USDT:USDT"
COIN = "BTC/USD:BTC"


async def test_ccxt_loads_contracts_with_the_engines_own_rules(usdm, linear):
    assert set(linear.markets) == {BTC, "ETH/USDT:USDT"}
    market, spec = linear.markets[BTC], usdm.site.host.venue.markets[BTC]
    assert market["swap"] and market["linear"] and market["active"]
    assert Decimal(repr(market["precision"]["price"])) == spec.ticks[0][1]
    assert Decimal(repr(market["precision"]["amount"])) == spec.quantity_step
    assert market["limits"]["cost"]["min"] == spec.min_notional


async def test_ccxt_places_amends_finds_and_cancels(usdm, linear):
    order = await linear.create_order(BTC, "limit", "buy", 1, 90, {"clientOrderId": "a-1"})
    assert (order["status"], order["clientOrderId"]) == ("open", "a-1")
    amended = await linear.edit_order(order["id"], BTC, "limit", "buy", 2, 91)
    assert (amended["id"], amended["amount"], amended["price"]) == (order["id"], 2, 91)
    found = await linear.fetch_order(None, BTC, {"clientOrderId": "a-1"})
    assert (found["id"], found["amount"]) == (order["id"], 2)
    assert [it["id"] for it in await linear.fetch_open_orders(BTC)] == [order["id"]]
    balance = await linear.fetch_balance()
    assert balance["USDT"]["used"] > 0
    assert (await linear.cancel_order(order["id"], BTC))["status"] == "canceled"
    with pytest.raises(ccxt.OrderNotFound):
        await linear.cancel_order(order["id"], BTC)
    with pytest.raises(ccxt.OrderNotFound):
        await linear.fetch_order("1", BTC)


async def test_a_second_order_with_an_open_ones_id_is_refused_as_a_duplicate(linear):
    await linear.create_order(BTC, "limit", "buy", 1, 90, {"clientOrderId": "a-1"})
    with pytest.raises(ccxt.ExchangeError, match="-4116"):
        await linear.create_order(BTC, "limit", "buy", 1, 90, {"clientOrderId": "a-1"})
    assert len(await linear.fetch_open_orders(BTC)) == 1


async def test_ccxt_opens_and_closes_a_position_and_its_trades_are_the_truth(usdm, linear):
    await usdm.house("sell", "100", "1", BTC)
    opened = await linear.create_order(BTC, "market", "buy", 1)
    assert (opened["status"], opened["filled"], opened["average"]) == ("closed", 1, 100)
    [held] = await linear.fetch_positions([BTC])
    assert (held["side"], held["contracts"], held["entryPrice"]) == ("long", 1, 100)
    await usdm.house("buy", "110", "1", BTC)
    params = {"reduceOnly": True}
    await linear.create_order(BTC, "market", "sell", 1, None, params)
    assert await linear.fetch_positions([BTC]) == []
    trades = await linear.fetch_my_trades(BTC)
    truth = await usdm.truth()
    assert [it["id"] for it in trades] == [it["execution_id"] for it in truth["fills"]]
    assert [it["info"]["realizedPnl"] for it in trades] == ["0", "10"]
    fees = sum(Decimal(it["fee"]) for it in truth["fills"])
    total = (await linear.fetch_balance())["USDT"]["total"]
    assert total == pytest.approx(float(100_000 + 10 - fees))
    with pytest.raises(ccxt.ExchangeError, match="-2022"):
        await linear.create_order(BTC, "market", "sell", 1, None, params)


CONDITIONAL = [
    ("market", "sell", None, {"stopLossPrice": 90}, "STOP_MARKET"),
    ("limit", "sell", 89, {"stopLossPrice": 90}, "STOP"),
    ("market", "sell", None, {"takeProfitPrice": 110}, "TAKE_PROFIT_MARKET"),
    ("limit", "sell", 111, {"takeProfitPrice": 110}, "TAKE_PROFIT"),
    ("market", "sell", None, {"trailingPercent": 5}, "TRAILING_STOP_MARKET"),
]


@pytest.mark.parametrize(("kind", "side", "price", "params", "word"), CONDITIONAL)
async def test_ccxt_enters_conditional_orders_at_the_algo_service(
    usdm, linear, kind, side, price, params, word
):
    await usdm.house("sell", "100", "1", BTC)
    await linear.create_order(BTC, "limit", "buy", 1, 100)
    named = params | {"clientOrderId": "c-1"}
    order = await linear.create_order(BTC, kind, side, 1, price, named)
    assert (order["info"]["orderType"], order["clientOrderId"]) == (word, "c-1")
    assert await linear.fetch_open_orders(BTC) == []
    apart = {"trigger": True}
    [listed] = await linear.fetch_open_orders(BTC, params=apart)
    assert listed["id"] == order["id"]
    assert (await linear.fetch_order(order["id"], BTC, apart))["status"] == "open"
    with pytest.raises(ccxt.OrderNotFound):
        await linear.fetch_order(order["id"], BTC)
    await linear.cancel_order(order["id"], BTC, apart)
    assert (await linear.fetch_order(order["id"], BTC, apart))["status"] == "canceled"


async def test_a_stop_that_triggers_becomes_an_order_of_its_own_id(usdm, linear):
    await usdm.house("sell", "100", "1", BTC)
    await linear.create_order(BTC, "limit", "buy", 1, 100)
    stop = await linear.create_order(BTC, "market", "sell", 1, None, {"stopLossPrice": 90})
    await usdm.house("buy", "90", "2", BTC)
    await linear.create_order(BTC, "market", "sell", 1)
    algo = await linear.fetch_order(stop["id"], BTC, {"trigger": True})
    assert algo["info"]["algoStatus"] == "FINISHED"
    became = await linear.fetch_order(algo["info"]["actualOrderId"], BTC)
    assert (became["status"], became["filled"], became["average"]) == ("closed", 1, 90)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"postOnly": True}, "-5022"),
        ({"timeInForce": "FOK"}, "-5021"),
        ({"timeInForce": "IOC"}, None),
    ],
)
async def test_times_in_force_refuse_by_codes_of_their_own(usdm, linear, params, code):
    await usdm.house("sell", "100", "0.5", BTC)
    entered = linear.create_order(BTC, "limit", "buy", 1, 100, params)
    if code is None:
        order = await entered
        assert (order["status"], order["filled"]) == ("expired", 0.5)
    else:
        with pytest.raises(ccxt.InvalidOrder, match=code):
            await entered


async def test_ccxt_follows_the_book_to_the_engines_own(usdm, linear):
    await usdm.house("buy", "99", "1", BTC)
    await usdm.house("sell", "101", "1", BTC)
    book = await linear.watch_order_book(BTC)
    assert book["bids"][0] == [99, 1]
    for price in ("98", "97", "100"):
        await usdm.house("buy", price, "1", BTC)
    sequence, bids, asks = usdm.site.host.venue.book(BTC, 100)
    while book["nonce"] < sequence:
        book = await linear.watch_order_book(BTC)
    for side, rows in (("bids", bids), ("asks", asks)):
        assert [list(it) for it in book[side]] == [[float(p), float(q)] for p, q in rows]


async def follow(watch, seen, heard, is_last):
    while not heard.is_set():
        told = await watch()
        seen.extend(dict(it) for it in told)
        if any(is_last(it) for it in told):
            heard.set()


@pytest.mark.parametrize(("face", "symbol"), [("binanceusdm", BTC), ("binancecoinm", COIN)])
async def test_ccxt_hears_of_its_orders_and_fills(host_face, point, face, symbol):
    hosted = await host_face(face)
    exchange = point(hosted, face)
    orders, trades = [], []
    closed, traded = asyncio.Event(), asyncio.Event()
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(
                follow(
                    exchange.watch_orders,
                    orders,
                    closed,
                    lambda it: it["status"] == "closed",
                )
            )
            tasks.create_task(
                follow(exchange.watch_my_trades, trades, traded, lambda it: True)
            )
            while not any(it.is_signed_in for it in hosted.site.host.connections):
                await asyncio.sleep(0)
            placed = await exchange.create_order(symbol, "limit", "buy", 1, 100)
            await hosted.house("sell", "100", "1", symbol)
    finally:
        await exchange.close()
    assert {it["id"] for it in orders} == {placed["id"]}
    assert (orders[-1]["status"], orders[-1]["filled"]) == ("closed", 1)
    [fill] = (await hosted.truth())["fills"]
    [trade] = trades
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (trade["takerOrMaker"], trade["fee"]["cost"]) == ("maker", float(fill["fee"]))


async def test_ccxt_trades_contracts_whose_money_is_the_coin(coinm, inverse):
    market = inverse.markets[COIN]
    assert (market["inverse"], market["contractSize"], market["settle"]) == (
        True,
        100,
        "BTC",
    )
    await coinm.house("sell", "50000", "10", COIN)
    order = await inverse.create_order(COIN, "market", "buy", 10)
    assert (order["filled"], order["average"], order["cost"]) == (10, 50_000, 0.02)
    [held] = await inverse.fetch_positions([COIN])
    assert (held["side"], held["contracts"], held["entryPrice"]) == ("long", 10, 50_000)
    [trade] = await inverse.fetch_my_trades(COIN)
    [fill] = (await coinm.truth())["fills"]
    assert (trade["fee"]["currency"], trade["fee"]["cost"]) == ("BTC", float(fill["fee"]))


async def test_ccxt_reads_funding_as_income_and_hears_of_it(usdm, linear):
    await usdm.house("sell", "100", "1", BTC)
    await linear.create_order(BTC, "market", "buy", 1)
    await usdm.act("funding", symbol=BTC, rate="0.001")
    [row] = await linear.fetch_funding_history(BTC)
    assert (row["amount"], row["code"], row["symbol"]) == (-0.1, "USDT", BTC)
    kinds = [it["info"]["incomeType"] for it in await linear.fetch_ledger()]
    assert sorted(kinds) == ["COMMISSION", "FUNDING_FEE"]


async def test_ccxt_sets_leverage_and_margin_mode(linear):
    assert (await linear.set_leverage(5, BTC))["leverage"] == 5
    assert (await linear.set_margin_mode("isolated", BTC))["code"] == 200
    with pytest.raises(ccxt.MarginModeAlreadySet):
        await linear.set_margin_mode("isolated", BTC)
    with pytest.raises(ccxt.ExchangeError, match="-4028"):
        await linear.set_leverage(125, BTC)


async def test_ccxt_reads_the_market(usdm, linear):
    await usdm.house("sell", "100", "1", BTC)
    await linear.create_order(BTC, "limit", "buy", 0.6, 100)
    assert (await linear.fetch_ticker(BTC))["last"] == 100
    assert [it["price"] for it in await linear.fetch_trades(BTC)] == [100]
    assert (await linear.fetch_ohlcv(BTC, "1m"))[-1][1:] == [100, 100, 100, 100, 0.6]
    assert (await linear.fetch_trading_fee(BTC))["maker"] == 0.0002
    assert (await linear.fetch_funding_rate(BTC))["markPrice"] == 100
    assert await linear.fetch_time() > 0


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("server_error", ccxt.ExchangeError),
        ("server_error_after", ccxt.OperationFailed),
        ("rate_limit", ccxt.DDoSProtection),
        ("key_revoked", ccxt.AuthenticationError),
        ("reply_lost_after", ccxt.NetworkError),
    ],
)
async def test_ccxt_takes_a_fault_for_what_binance_would_mean_by_it(
    usdm, linear, kind, error
):
    await usdm.arm(kind, operation="submit", seconds=0.0)
    with pytest.raises(error):
        await linear.create_order(BTC, "limit", "buy", 1, 90)
    assert (await usdm.hits())[kind] == 1


async def test_ccxt_with_a_wrong_secret_is_refused(usdm, point):
    stranger = point(usdm, "binanceusdm", secret="wrong")
    try:
        with pytest.raises(ccxt.AuthenticationError, match="-1022"):
            await stranger.fetch_balance()
    finally:
        await stranger.close()
