"""Clients nobody here wrote trade at the face: Coinbase's own, and ccxt, both unmodified."""

import asyncio
import json
from decimal import Decimal

import ccxt
import ccxt.pro
import pytest
import requests
from coinbase.rest import RESTClient
from coinbase.websocket import WSClient

SYMBOL = "BTC/USD"


@pytest.fixture
def own(tls, sandbox_keys):
    """Coinbase's client, which speaks nothing but TLS, with our certificate trusted."""
    address, certificate = tls
    key, secret = sandbox_keys
    client = RESTClient(
        api_key=key,
        api_secret=secret.strip(),
        base_url=address,
        timeout=10,
        rate_limit_headers=True,
    )
    client.session.trust_env = False  # who trusts what is said here, not by the machine
    client.session.verify = certificate
    yield client
    client.session.close()


@pytest.fixture
async def exchange(live, sandbox_keys):
    """ccxt with its addresses changed, and nothing else."""
    key, secret = sandbox_keys
    exchange = ccxt.pro.coinbase(
        {"apiKey": key, "secret": secret.strip(), "enableRateLimit": False}
    )
    exchange.urls["api"]["rest"] = live.url
    exchange.urls["api"]["ws"] = live.ws
    try:
        await exchange.load_markets()
        yield exchange
    finally:
        await exchange.close()


async def asked(call, /, *arguments, **named):
    """Let a client that waits for its replies wait beside the venue's loop."""
    return await asyncio.to_thread(call, *arguments, **named)


async def test_coinbases_own_client_trades(live, own):
    await live.house("sell", "100", "5", SYMBOL)
    placed = await asked(own.market_order_buy, "first", "BTC-USD", quote_size="101.2")
    assert placed.success is True
    order_id = placed.success_response["order_id"]
    order = (await asked(own.get_order, order_id)).order
    assert (order.status, order.filled_size) == ("FILLED", "1")
    fills = (await asked(own.get_fills, order_ids=[order_id])).fills
    [truth] = (await live.truth())["fills"]
    assert [(it.trade_id, it.commission) for it in fills] == [
        (truth["execution_id"], "1.2")
    ]
    again = await asked(own.market_order_buy, "first", "BTC-USD", quote_size="101.2")
    assert again.success_response["order_id"] == order_id
    assert len((await live.truth())["orders"]) == 1


async def test_coinbases_own_client_manages_orders(live, own):
    placed = await asked(own.limit_order_gtc_buy, "a", "BTC-USD", "1", "90")
    order_id = placed.success_response["order_id"]
    edited = await asked(own.edit_order, order_id, size="2", price="91")
    assert edited.success is True
    listed = (await asked(own.list_orders, order_status=["OPEN"])).orders
    assert [it.order_id for it in listed] == [order_id]
    assert listed[0].order_configuration.limit_limit_gtc["limit_price"] == "91"
    stop = await asked(
        own.stop_limit_order_gtc_sell,
        *("b", "BTC-USD", "1", "79", "80", "STOP_DIRECTION_STOP_DOWN"),
    )
    bracket = await asked(
        own.trigger_bracket_order_gtc_sell, "c", "BTC-USD", "1", "120", "85"
    )
    ids = [order_id, *(it.success_response["order_id"] for it in (stop, bracket))]
    results = (await asked(own.cancel_orders, ids)).results
    assert [it.success for it in results] == [True] * 3
    assert live.site.host.open_orders("main") == []


async def test_coinbases_own_client_reads_everything_else(live, own):
    await live.house("sell", "101", "5", SYMBOL)
    await live.house("buy", "99", "5", SYMBOL)
    await asked(own.limit_order_ioc_buy, "t", "BTC-USD", "1", "101")
    assert (await asked(own.get_product, "BTC-USD")).price == "101"
    assert len((await asked(own.get_products)).products) == 3
    assert len((await asked(own.get_public_products)).products) == 3
    book = await asked(own.get_product_book, "BTC-USD", limit=1)
    assert book.pricebook.bids[0].price == "99"
    assert book.mid_market == "100"
    best = await asked(own.get_best_bid_ask, ["BTC-USD"])
    assert best.pricebooks[0].asks[0].size == "4"
    trades = (await asked(own.get_market_trades, "BTC-USD", limit=5)).trades
    assert [it.side for it in trades] == ["SELL"]
    now_s = int((await asked(own.get_unix_time)).epoch_seconds)
    candles = await asked(
        own.get_candles,
        *("BTC-USD", str(now_s - 600), str(now_s), "ONE_MINUTE"),
    )
    assert candles.candles[0].close == "101"
    accounts = (await asked(own.get_accounts)).accounts
    assert {it.currency for it in accounts} == {"BTC", "ETH", "USD"}
    assert (await asked(own.get_account, accounts[0].uuid)).account.currency == "BTC"
    portfolio = (await asked(own.get_portfolios)).portfolios[0].uuid
    held = (await asked(own.get_portfolio_breakdown, portfolio)).breakdown
    assert {it["asset"] for it in held.spot_positions} == {"BTC", "ETH", "USD"}
    assert (await asked(own.get_api_key_permissions)).can_trade is True
    fees = await asked(own.get_transaction_summary)
    assert fees.fee_tier["taker_fee_rate"] == "0.012"
    preview = await asked(own.preview_limit_order_gtc_buy, "BTC-USD", "1", "99")
    assert (preview.errs, preview.order_total) == ([], "100.188")


async def test_coinbases_own_client_says_what_is_refused(live, own, tls):
    await live.arm("key_revoked", operation="read", seconds=60)
    with pytest.raises(requests.HTTPError, match="401 Client Error: Unauthorized"):
        await asked(own.get_accounts)
    await live.admin("DELETE", "/faults")
    await live.arm("rate_limit", operation="read", seconds=60)
    with pytest.raises(requests.HTTPError, match="429 Client Error") as refused:
        await asked(own.get_accounts)
    assert refused.value.response.headers["x-ratelimit-remaining"] == "0"


async def test_a_reply_lost_after_is_found_again_under_its_id(live, own):
    await live.arm("reply_lost_after", operation="submit", seconds=0)
    with pytest.raises(requests.ConnectionError):
        await asked(own.limit_order_gtc_buy, "lost", "BTC-USD", "1", "90")
    [order] = (await asked(own.list_orders)).orders
    assert order.client_order_id == "lost"
    again = await asked(own.limit_order_gtc_buy, "lost", "BTC-USD", "1", "90")
    assert again.success_response["order_id"] == order.order_id
    assert len((await live.truth())["orders"]) == 1


async def test_coinbases_own_websocket_hears_orders_and_books(live, own, sandbox_keys):
    key, secret = sandbox_keys
    heard = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def on_message(text):
        loop.call_soon_threadsafe(heard.put_nowait, json.loads(text))

    client = WSClient(
        api_key=key,
        api_secret=secret.strip(),
        base_url=live.ws,
        on_message=on_message,
        retry=False,
    )

    async def next_of(channel):
        while (frame := await heard.get())["channel"] != channel:
            pass
        return frame["events"][0]

    await client.open_async()
    try:
        await client.user_async(["BTC-USD"])
        assert (await next_of("user"))["orders"] == []
        await client.level2_async(["BTC-USD"])
        assert (await next_of("l2_data"))["type"] == "snapshot"
        await asked(own.limit_order_gtc_buy, "heard", "BTC-USD", "1", "90")
        [order] = (await next_of("user"))["orders"]
        assert (order["client_order_id"], order["status"]) == ("heard", "OPEN")
        [level] = (await next_of("l2_data"))["updates"]
        assert (level["price_level"], level["new_quantity"]) == ("90", "1")
        await client.unsubscribe_all_async()
    finally:
        await client.close_async()


async def test_ccxt_knows_the_markets(exchange):
    assert set(exchange.markets) == {"BTC/USD", "ETH/USD", "ETH/BTC"}
    market = exchange.market(SYMBOL)
    assert (market["id"], market["type"]) == ("BTC-USD", "spot")
    assert market["precision"] == {"price": 0.01, "amount": 1e-8}
    assert (market["maker"], market["taker"]) == (0.006, 0.012)
    assert exchange.currencies["USD"]["type"] == "fiat"


async def test_ccxt_trades(exchange, live):
    await live.house("sell", "100", "5", SYMBOL)
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 2, 100)
    order = await exchange.fetch_order(placed["id"], SYMBOL)
    assert (order["status"], order["filled"], order["average"]) == ("closed", 2.0, 100.0)
    assert (float(order["fee"]["cost"]), order["fee"]["currency"]) == (2.4, "USD")
    [trade] = await exchange.fetch_my_trades(SYMBOL)
    assert (trade["order"], trade["takerOrMaker"]) == (placed["id"], "taker")
    spent = await exchange.create_market_buy_order_with_cost(SYMBOL, 101.2)
    assert (await exchange.fetch_order(spent["id"]))["filled"] == 1.0
    balance = await exchange.fetch_balance({"v3": True})
    assert balance["total"]["BTC"] == 103.0
    older = await exchange.fetch_balance()
    assert older["total"]["BTC"] == 103.0
    assert (await exchange.fetch_trading_fees())[SYMBOL]["maker"] == 0.006


async def test_ccxt_manages_orders(exchange, live):
    placed = await exchange.create_order(
        SYMBOL, "limit", "buy", 1, 90, {"client_order_id": "mine", "postOnly": True}
    )
    await exchange.edit_order(placed["id"], SYMBOL, "limit", "buy", 2, 91)
    [order] = await exchange.fetch_open_orders(SYMBOL)
    assert (order["clientOrderId"], order["price"], order["amount"]) == ("mine", 91.0, 2.0)
    stop = await exchange.create_order(
        SYMBOL, "limit", "sell", 1, 79, {"stopLossPrice": 80}
    )
    assert (await exchange.fetch_order(stop["id"]))["triggerPrice"] == 80.0
    await exchange.cancel_orders([placed["id"], stop["id"]])
    assert {it["id"] for it in await exchange.fetch_canceled_orders()} == {
        placed["id"],
        stop["id"],
    }
    with pytest.raises(ccxt.BadRequest):
        await exchange.cancel_order(placed["id"])


async def test_ccxt_reads_market_data(exchange, live):
    await live.house("sell", "101", "5", SYMBOL)
    await live.house("buy", "99", "4", SYMBOL)
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 101)
    book = await exchange.fetch_order_book(SYMBOL)
    assert (book["bids"], book["asks"]) == ([[99.0, 4.0]], [[101.0, 4.0]])
    ticker = await exchange.fetch_ticker(SYMBOL)
    assert (ticker["bid"], ticker["ask"]) == (99.0, 101.0)
    assert (await exchange.fetch_bids_asks([SYMBOL]))[SYMBOL]["askVolume"] == 4.0
    [trade] = await exchange.fetch_trades(SYMBOL)
    assert (trade["price"], trade["amount"]) == (101.0, 1.0)
    assert (await exchange.fetch_ohlcv(SYMBOL, "1m"))[-1][4] == 101.0
    assert abs(await exchange.fetch_time() - live.clock.time_ns() // 10**6) < 60_000
    await live.act("deposit", account="main", asset="USD", amount="50")
    [deposit] = await exchange.fetch_deposits("USD")
    assert (deposit["amount"], deposit["type"]) == (50.0, "deposit")


@pytest.mark.parametrize(
    ("side", "amount", "price", "params", "error"),
    [
        ("buy", 3000, 60000, {}, ccxt.InsufficientFunds),
        ("sell", 1, 155, {"stopLossPrice": 160}, ccxt.InvalidOrder),
        ("buy", 1, 200, {"postOnly": True}, ccxt.ExchangeError),
    ],
)
async def test_ccxt_knows_why_an_order_is_not_taken(
    exchange, live, side, amount, price, params, error
):
    await live.house("sell", "150", "2", SYMBOL)
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 150)
    with pytest.raises(error):
        await exchange.create_order(SYMBOL, "limit", side, amount, price, params)


async def test_ccxt_raises_what_http_says(exchange, live):
    await live.arm("key_revoked", operation="read", seconds=60)
    with pytest.raises(ccxt.AuthenticationError):
        await exchange.fetch_open_orders()
    await live.admin("DELETE", "/faults")
    await live.arm("rate_limit", operation="read", seconds=60)
    with pytest.raises(ccxt.RateLimitExceeded):
        await exchange.fetch_open_orders()


async def hears(live, topic):
    """Wait until the venue knows of a subscription."""
    while not live.site.host.feed.hears(topic):
        await asyncio.sleep(0)


async def test_ccxt_pro_watches(exchange, live):
    book = await exchange.watch_order_book(SYMBOL)
    assert book["bids"] == []
    await live.house("buy", "90", "1", SYMBOL)
    book = await exchange.watch_order_book(SYMBOL)
    assert book["bids"] == [[90.0, 1.0]]
    watching = asyncio.create_task(exchange.watch_orders(SYMBOL))
    while not any(it.hears("BTC-USD") for it in live.site.face.connections()):
        await asyncio.sleep(0)
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 1, 91)
    orders = await watching
    assert [(it["id"], it["status"]) for it in orders] == [(placed["id"], "open")]
    trades = asyncio.create_task(exchange.watch_trades(SYMBOL))
    await hears(live, ("market_trades", "BTC-USD"))
    await live.house("sell", "91", "1", SYMBOL)
    [trade] = await trades
    assert (trade["price"], trade["amount"]) == (91.0, 1.0)
    ticker = await exchange.watch_ticker(SYMBOL)
    assert ticker["last"] == 91.0
    assert Decimal((await live.truth())["cash"]["BTC"]) == 101
