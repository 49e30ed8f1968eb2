"""Clients nobody here wrote trade at the face as they do at Binance: ccxt, python-binance."""

import asyncio
import warnings
from decimal import Decimal

import ccxt.pro
import pytest

SYMBOL = "BTC/USDT"
KEYS = ("sandbox-binance", "sandbox-binance-secret")


def pointed(hosted, key=KEYS[0], secret=KEYS[1]):
    """Return ccxt as it is, but for the addresses."""
    options = {"fetchMarkets": {"types": ["spot"]}}
    exchange = ccxt.pro.binance({"apiKey": key, "secret": secret, "options": options})
    urls = exchange.urls["api"]
    urls["public"] = urls["private"] = f"{hosted.url}/api/v3"
    urls["sapi"] = f"{hosted.url}/sapi/v1"
    urls["ws"]["spot"] = f"{hosted.ws}/ws"
    urls["ws"]["ws-api"]["spot"] = f"{hosted.ws}/ws-api/v3"
    return exchange


@pytest.fixture
async def hosted(host_face):
    return await host_face("binance")


@pytest.fixture
async def exchange(hosted):
    exchange = pointed(hosted)
    try:
        await exchange.load_markets()
        yield exchange
    finally:
        await exchange.close()


def engine_book(hosted):
    sequence, bids, asks = hosted.site.host.venue.book(SYMBOL, 100)
    return sequence, [[[float(p), float(q)] for p, q in side] for side in (bids, asks)]


async def test_ccxt_loads_markets_with_the_engines_own_rules(hosted, exchange):
    assert set(exchange.markets) == {"BTC/USDT", "ETH/USDT", "ETH/BTC"}
    market, spec = exchange.markets[SYMBOL], hosted.site.host.venue.markets[SYMBOL]
    assert Decimal(repr(market["precision"]["price"])) == spec.ticks[0][1]
    assert Decimal(f"{market['precision']['amount']:f}") == spec.quantity_step
    assert market["limits"]["cost"]["min"] == spec.min_notional


async def test_ccxt_places_finds_and_cancels(hosted, exchange):
    order = await exchange.create_order(SYMBOL, "limit", "buy", 0.5, 90)
    assert order["status"] == "open"
    assert [it["id"] for it in await exchange.fetch_open_orders(SYMBOL)] == [order["id"]]
    balance = await exchange.fetch_balance()
    assert balance["USDT"]["used"] == pytest.approx(45.045)
    canceled = await exchange.cancel_order(order["id"], SYMBOL)
    assert canceled["status"] == "canceled"
    found = await exchange.fetch_order(order["id"], SYMBOL)
    assert (found["status"], found["filled"]) == ("canceled", 0)
    with pytest.raises(ccxt.OrderNotFound):
        await exchange.cancel_order(order["id"], SYMBOL)


async def test_ccxt_trades_and_its_trades_are_the_truth(hosted, exchange):
    await hosted.house("sell", "100", "0.3")
    await hosted.house("sell", "101", "0.3")
    order = await exchange.create_order(SYMBOL, "market", "buy", 0.5)
    assert (order["status"], order["filled"], order["cost"]) == ("closed", 0.5, 50.2)
    spent = await exchange.create_market_buy_order_with_cost(SYMBOL, 10.1)
    assert spent["filled"] == 0.1
    trades = await exchange.fetch_my_trades(SYMBOL)
    truth = {it["execution_id"]: it for it in (await hosted.truth())["fills"]}
    assert {it["id"] for it in trades} == set(truth)
    for trade in trades:
        fill = truth[trade["id"]]
        assert trade["fee"]["cost"] == float(fill["fee"])
        assert (trade["price"], trade["amount"]) == (
            float(fill["price"]),
            float(fill["quantity"]),
        )
    balance = await exchange.fetch_balance()
    for asset, total in (await hosted.truth())["cash"].items():
        assert balance[asset]["total"] == pytest.approx(float(total))


async def test_ccxt_enters_stops_that_trigger(hosted, exchange):
    await hosted.house("sell", "100", "1")
    await exchange.create_order(SYMBOL, "limit", "buy", 0.1, 100)
    stop = await exchange.create_order(
        SYMBOL, "market", "sell", 0.1, None, {"stopLossPrice": 90}
    )
    limited = await exchange.create_order(
        SYMBOL, "limit", "sell", 0.1, 120, {"takeProfitPrice": 110}
    )
    shown = {it["id"]: it for it in await exchange.fetch_open_orders(SYMBOL)}
    assert shown[stop["id"]]["triggerPrice"] == 90
    assert shown[limited["id"]]["triggerPrice"] == 110
    await hosted.house("buy", "90", "1")
    await exchange.create_order(SYMBOL, "market", "sell", 0.1)
    assert (await exchange.fetch_order(stop["id"], SYMBOL))["status"] == "closed"


async def test_ccxt_enters_an_oco_through_its_own_endpoint(hosted, exchange):
    pair = {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "quantity": "0.1",
        "aboveType": "LIMIT_MAKER",
        "abovePrice": "120",
        "belowType": "STOP_LOSS",
        "belowStopPrice": "80",
    }
    placed = await exchange.private_post_orderlist_oco(pair)
    profit, loss = (str(it["orderId"]) for it in placed["orders"])
    await hosted.house("buy", "120", "1")
    assert (await exchange.fetch_order(profit, SYMBOL))["status"] == "closed"
    assert (await exchange.fetch_order(loss, SYMBOL))["status"] == "expired"


async def test_ccxt_follows_the_book_to_the_engines_own(hosted, exchange):
    await hosted.house("buy", "99", "1")
    await hosted.house("sell", "101", "1")
    book = await exchange.watch_order_book(SYMBOL)
    assert book["bids"][0] == [99, 1]
    for price in ("98", "97", "100"):
        await hosted.house("buy", price, "1")
    await hosted.house("sell", "100", "0.5")
    sequence, sides = engine_book(hosted)
    while book["nonce"] < sequence:
        book = await exchange.watch_order_book(SYMBOL)
    assert [list(map(list, book[side])) for side in ("bids", "asks")] == sides


async def collect(watch, seen, heard, is_last):
    """Gather what is told until something of it is what the test waits for."""
    while not heard.is_set():
        told = await watch(SYMBOL)
        seen.extend(dict(it) for it in told)
        if any(is_last(it) for it in told):
            heard.set()


async def test_ccxt_hears_of_its_orders_and_fills(hosted, exchange):
    orders, trades = [], []
    closed, traded = asyncio.Event(), asyncio.Event()
    watch_orders, watch_trades = exchange.watch_orders, exchange.watch_my_trades
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            collect(watch_orders, orders, closed, lambda it: it["status"] == "closed")
        )
        tasks.create_task(collect(watch_trades, trades, traded, lambda it: True))
        while not any(it.is_signed_in for it in hosted.site.host.connections):
            await asyncio.sleep(0)
        placed = await exchange.create_order(SYMBOL, "limit", "buy", 0.5, 100)
        await hosted.house("sell", "100", "0.5")
    assert {it["id"] for it in orders} == {placed["id"]}
    assert (orders[-1]["status"], orders[-1]["filled"]) == ("closed", 0.5)
    [fill] = (await hosted.truth())["fills"]
    [trade] = trades
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (trade["takerOrMaker"], trade["amount"]) == ("maker", 0.5)


async def test_ccxt_enters_orders_over_the_websocket(hosted, exchange):
    order = await exchange.create_order_ws(SYMBOL, "limit", "buy", 0.5, 90)
    edited = await exchange.edit_order_ws(order["id"], SYMBOL, "limit", "buy", 0.5, 91)
    assert edited["id"] != order["id"]
    canceled = await exchange.cancel_order_ws(edited["id"], SYMBOL)
    assert canceled["status"] == "canceled"
    truth = {it["id"]: it["status"] for it in (await hosted.truth())["orders"]}
    assert truth == {order["id"]: "Canceled", edited["id"]: "Canceled"}


async def test_ccxt_reads_the_market(hosted, exchange):
    await hosted.house("sell", "100", "1")
    await exchange.create_order(SYMBOL, "limit", "buy", 0.1, 100)
    ticker = await exchange.fetch_ticker(SYMBOL)
    assert (ticker["last"], ticker["ask"]) == (100, 100)
    assert [it["price"] for it in await exchange.fetch_trades(SYMBOL)] == [100]
    assert (await exchange.fetch_ohlcv(SYMBOL, "1m"))[-1][1:] == [100, 100, 100, 100, 0.1]
    fees = await exchange.fetch_trading_fee(SYMBOL)
    assert fees["maker"] == 0.001
    assert "BTC" in await exchange.fetch_currencies()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("server_error", ccxt.ExchangeError),
        ("server_error_after", ccxt.OperationFailed),
        ("rate_limit", ccxt.DDoSProtection),
        ("key_revoked", ccxt.AuthenticationError),
        ("html", ccxt.NetworkError),
        ("reply_lost_after", ccxt.NetworkError),
        ("reply_cut", ccxt.ExchangeError),
    ],
)
async def test_ccxt_takes_a_fault_for_what_binance_would_mean_by_it(
    hosted, exchange, kind, error
):
    await hosted.arm(kind, operation="submit", seconds=0.0)
    with pytest.raises(error):
        await exchange.create_order(SYMBOL, "limit", "buy", 0.5, 90)
    assert (await hosted.hits())[kind] == 1


async def test_ccxt_with_a_wrong_secret_is_refused(hosted):
    stranger = pointed(hosted, secret="wrong")
    try:
        with pytest.raises(ccxt.AuthenticationError, match="-1022"):
            await stranger.fetch_balance()
    finally:
        await stranger.close()


# python-binance.


@pytest.fixture
async def bot(hosted, monkeypatch):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from binance import AsyncClient, BinanceSocketManager
        from binance.ws.reconnecting_websocket import ReconnectingWebsocket
    # It stops reading only when a read runs out of time: ten seconds of nothing.
    monkeypatch.setattr(ReconnectingWebsocket, "TIMEOUT", 0.2)
    monkeypatch.setattr(AsyncClient, "API_URL", f"{hosted.url}/api")
    monkeypatch.setattr(AsyncClient, "MARGIN_API_URL", f"{hosted.url}/sapi")
    monkeypatch.setattr(AsyncClient, "WS_API_URL", f"{hosted.ws}/ws-api/v3")
    monkeypatch.setattr(BinanceSocketManager, "STREAM_URL", f"{hosted.ws}/")
    client = await AsyncClient.create(*KEYS)
    try:
        yield client, BinanceSocketManager(client)
    finally:
        await client.close_connection()


async def test_python_binance_trades_and_hears_of_it(hosted, bot):
    client, sockets = bot
    info = await client.get_symbol_info("BTCUSDT")
    assert info["status"] == "TRADING"
    async with sockets.user_socket() as user:
        order = await client.order_limit_buy(symbol="BTCUSDT", quantity="0.5", price="100")
        told = await user.recv()
        assert (told["e"], told["i"]) == ("executionReport", order["orderId"])
        await hosted.house("sell", "100", "0.5")
        while told.get("x") != "TRADE":
            told = await user.recv()
        assert told["X"] == "FILLED"
    trades = await client.get_my_trades(symbol="BTCUSDT")
    [fill] = (await hosted.truth())["fills"]
    assert [str(it["id"]) for it in trades] == [fill["execution_id"]]
    account = await client.get_account()
    btc = next(it for it in account["balances"] if it["asset"] == "BTC")
    assert Decimal(btc["free"]) == Decimal((await hosted.truth())["cash"]["BTC"])


async def test_python_binance_follows_depth_and_is_told_of_refusals(hosted, bot):
    from binance.exceptions import BinanceAPIException

    client, sockets = bot
    async with sockets.depth_socket("BTCUSDT", interval=100) as depth:
        await client.order_limit_buy(symbol="BTCUSDT", quantity="0.5", price="90")
        event = await depth.recv()
        assert event["b"] == [["90.00000000", "0.50000000"]] or event["e"] == "depthUpdate"
    with pytest.raises(BinanceAPIException) as refused:
        await client.order_limit_buy(symbol="BTCUSDT", quantity="0.5", price="90.001")
    assert (refused.value.code, refused.value.status_code) == (-1013, 400)


async def test_python_binance_is_banned_as_binance_bans(host_face, monkeypatch):
    from binance import AsyncClient
    from binance.exceptions import BinanceAPIException

    limits = {"request_weight_1m": 20, "refused_before_ban": 2}
    hosted = await host_face("binance", still=True, limits=limits)
    monkeypatch.setattr(AsyncClient, "API_URL", f"{hosted.url}/api")
    client = await AsyncClient.create(*KEYS)
    try:
        seen = []
        for _ in range(25):
            try:
                await client.ping()
            except BinanceAPIException as error:
                seen.append(error.status_code)
        assert seen[:2] == [429, 429]
        assert set(seen[2:]) == {418}
    finally:
        await client.close_connection()
