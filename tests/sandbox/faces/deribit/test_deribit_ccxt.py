"""ccxt, unmodified: its REST and its WebSockets trade here as they would there."""

import asyncio

import ccxt
import ccxt.pro
import pytest

SPOT, LINEAR, INVERSE = "BTC/USDC", "BTC/USDC:USDC", "BTC/USD:BTC"
MANY = dict.fromkeys(("calls_most", "calls_per_s", "orders_most", "orders_per_s"), 10_000)
OURS = "cd-0123456789_abcdef"


@pytest.fixture
async def hosted(host_face):
    return await host_face("deribit", limits=MANY)


@pytest.fixture
async def connect(hosted):
    """Make a ccxt with its addresses changed, and nothing else."""
    made = []

    async def make(**keys):
        usual = {"apiKey": "sandbox-deribit", "secret": "sandbox-deribit-secret"}
        exchange = ccxt.pro.deribit(usual | {"enableRateLimit": False} | keys)
        exchange.urls["api"] = {"rest": hosted.url, "ws": f"{hosted.ws}/ws/api/v2"}
        made.append(exchange)
        return exchange

    yield make
    for exchange in made:
        await exchange.close()


@pytest.fixture
async def exchange(connect):
    exchange = await connect()
    await exchange.load_markets()
    return exchange


async def heard(hosted, channel, watch):
    """Begin to watch, and return the task once the venue knows of the subscription."""
    task = asyncio.create_task(watch)
    while not any(it.hears(channel) for it in hosted.site.host.connections):
        await asyncio.sleep(0)
    return task


async def test_markets_are_what_they_are(exchange):
    assert set(exchange.markets) == {SPOT, LINEAR, INVERSE, "ETH/USD:ETH"}
    inverse, linear = exchange.market(INVERSE), exchange.market(LINEAR)
    assert (inverse["id"], inverse["inverse"]) == ("BTC-PERPETUAL", True)
    assert (linear["id"], linear["settle"]) == ("BTC_USDC-PERPETUAL", "USDC")
    assert exchange.market(SPOT)["spot"]
    assert inverse["precision"] == {"amount": 10.0, "price": 0.5}


async def test_public_reads(exchange, hosted):
    await hosted.house("buy", "99", "4", LINEAR)
    await hosted.house("sell", "102", "2", LINEAR)
    await exchange.create_order(LINEAR, "market", "buy", 1)
    book = await exchange.fetch_order_book(LINEAR)
    assert (book["bids"], book["asks"]) == ([[99.0, 4.0]], [[102.0, 1.0]])
    ticker = await exchange.fetch_ticker(LINEAR)
    assert (ticker["bid"], ticker["ask"], ticker["last"]) == (99.0, 102.0, 102.0)
    [trade] = await exchange.fetch_trades(LINEAR)
    assert (trade["price"], trade["amount"], trade["side"]) == (102.0, 1.0, "buy")
    assert (await exchange.fetch_ohlcv(LINEAR, "1m"))[-1][4] == 102.0
    assert abs(await exchange.fetch_time() - exchange.milliseconds()) < 60_000


@pytest.mark.parametrize(("symbol", "amount"), [(SPOT, 1), (LINEAR, 1), (INVERSE, 10)])
async def test_an_order_lives_is_amended_and_canceled(exchange, symbol, amount):
    params = {"label": OURS, "postOnly": True}
    placed = await exchange.create_order(symbol, "limit", "buy", amount, 100, params)
    assert placed["info"]["label"] == OURS
    await exchange.edit_order(placed["id"], symbol, "limit", "buy", 2 * amount, 99)
    [order] = await exchange.fetch_open_orders(symbol)
    assert (order["id"], order["price"], order["amount"]) == (
        placed["id"],
        99.0,
        2.0 * amount,
    )
    await exchange.cancel_order(placed["id"], symbol)
    assert (await exchange.fetch_order(placed["id"]))["status"] == "canceled"
    assert await exchange.fetch_closed_orders(symbol) == []
    unfilled = {"include_unfilled": True}
    [done] = await exchange.fetch_closed_orders(symbol, params=unfilled)
    assert done["id"] == placed["id"]
    with pytest.raises(ccxt.InvalidOrder, match="11044"):
        await exchange.cancel_order(placed["id"], symbol)
    with pytest.raises(ccxt.OrderNotFound, match="10004"):
        await exchange.fetch_order("999999")


async def test_any_number_of_orders_carry_a_label(exchange):
    for price in (98, 99):
        await exchange.create_order(LINEAR, "limit", "buy", 1, price, {"label": OURS})
    asked = {"currency": "USDC", "label": OURS}
    told = await exchange.private_get_get_order_state_by_label(asked)
    assert [it["price"] for it in told["result"]] == [99, 98]
    canceled = await exchange.private_get_cancel_by_label({"label": OURS})
    assert int(canceled["result"]) == 2


async def test_a_fill_is_told_the_same_everywhere(exchange, hosted):
    await hosted.house("sell", "100", "2", LINEAR)
    placed = await exchange.create_order(LINEAR, "market", "buy", 1.5)
    assert (placed["status"], placed["filled"], placed["average"]) == ("closed", 1.5, 100.0)
    [trade] = await exchange.fetch_my_trades(LINEAR)
    [fill] = (await hosted.truth())["fills"]
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (trade["fee"]["cost"], trade["takerOrMaker"]) == (0.075, "taker")
    assert (await exchange.fetch_balance())["USDC"]["total"] == 100_000 - 0.075


async def test_trades_of_a_time_need_an_end(exchange, hosted):
    await hosted.house("sell", "100", "2", LINEAR)
    await exchange.create_order(LINEAR, "market", "buy", 1)
    now_ms = exchange.milliseconds()
    with pytest.raises(ccxt.ExchangeError, match="end_timestamp"):
        await exchange.fetch_my_trades(LINEAR, now_ms - 60_000)
    until = {"end_timestamp": now_ms + 60_000}
    assert len(await exchange.fetch_my_trades(LINEAR, now_ms - 60_000, None, until)) == 1


async def test_positions_are_told(exchange, hosted):
    for symbol, amount in ((LINEAR, "2"), (INVERSE, "20")):
        await hosted.house("sell", "60000", amount, symbol)
        await exchange.create_order(symbol, "market", "buy", float(amount))
    told = {it["symbol"]: it for it in await exchange.fetch_positions()}
    assert (told[LINEAR]["side"], told[LINEAR]["contracts"]) == ("long", 2.0)
    assert (told[INVERSE]["entryPrice"], told[INVERSE]["contracts"]) == (60_000.0, 20.0)


@pytest.mark.parametrize(
    ("kind", "price", "side", "params", "type_"),
    [
        ("market", None, "sell", {"stopLossPrice": 90}, "stop"),
        ("limit", 89, "sell", {"stopLossPrice": 90}, "stop_limit"),
        ("market", None, "sell", {"takeProfitPrice": 110}, "market_if_touched"),
        ("limit", 109, "sell", {"takeProfitPrice": 110}, "limit_if_touched"),
        ("market", None, "sell", {"trailingAmount": 5}, "trailing_stop"),
    ],
)
async def test_each_conditional_order_of_ccxt_arrives_as_meant(
    exchange, hosted, kind, price, side, params, type_
):
    await hosted.house("sell", "100", "1", LINEAR)
    await exchange.create_order(LINEAR, "market", "buy", 1)
    placed = await exchange.create_order(LINEAR, kind, side, 1, price, params)
    order = (await hosted.truth())["orders"][-1]
    assert (order["type"], order["id"]) == (type_, placed["id"])
    [listed] = await exchange.fetch_open_orders(LINEAR)
    assert listed["info"]["order_state"] == "untriggered"
    await exchange.cancel_all_orders(LINEAR)
    assert await exchange.fetch_open_orders(LINEAR) == []


async def test_refusals_are_the_errors_ccxt_knows(exchange, hosted):
    await hosted.house("sell", "100", "1", LINEAR)
    with pytest.raises(ccxt.InsufficientFunds, match="10009"):
        await exchange.create_order(LINEAR, "limit", "buy", 999, 50_000)
    with pytest.raises(ccxt.ExchangeError, match="11054"):
        await exchange.create_order(LINEAR, "limit", "buy", 1, 100, {"postOnly": True})
    with pytest.raises(ccxt.ExchangeError, match="11030"):
        await exchange.create_order(LINEAR, "limit", "buy", 1, 99, {"reduceOnly": True})
    assert (await hosted.truth())["orders"] == []


@pytest.mark.parametrize(
    ("keys", "number"), [({"apiKey": "nobody"}, "13004"), ({"secret": "guessed"}, "13009")]
)
async def test_wrong_keys_are_refused(connect, keys, number):
    exchange = await connect(**keys)
    await exchange.load_markets()
    with pytest.raises(ccxt.AuthenticationError, match=number):
        await exchange.fetch_balance()


@pytest.mark.parametrize("off_ms", [-70_000, 70_000])
async def test_a_call_from_another_time_is_refused(exchange, off_ms):
    now = exchange.milliseconds
    exchange.milliseconds = lambda: now() + off_ms
    with pytest.raises(ccxt.AuthenticationError, match="13009"):
        await exchange.fetch_balance()


async def test_a_login_with_a_wrong_signature_is_refused(exchange, hosted):
    now_ms = exchange.milliseconds()
    socket = await hosted.session.ws_connect(f"{hosted.ws}/ws/api/v2")
    login = {
        "grant_type": "client_signature",
        "client_id": "sandbox-deribit",
        "timestamp": now_ms,
        "nonce": "1",
        "signature": "0" * 64,
    }
    channels = {"channels": ["user.orders.any.any.raw"]}
    for method, params in (("public/auth", login), ("private/subscribe", channels)):
        ask = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        await socket.send_json(ask)
        assert (await socket.receive_json())["error"]["code"] == 13009
    await socket.close()


async def test_a_login_by_credentials_gives_a_token(exchange, hosted):
    asked = {
        "grant_type": "client_credentials",
        "client_id": "sandbox-deribit",
        "client_secret": "sandbox-deribit-secret",
    }
    token = (await exchange.public_get_auth(asked))["result"]["access_token"]
    url = f"{hosted.url}/api/v2/private/get_open_orders"
    for said, status in ((token, 200), ("guessed", 400)):
        headers = {"Authorization": f"Bearer {said}"}
        async with hosted.session.get(url, headers=headers) as reply:
            assert reply.status == status


async def test_credits_run_out(host_face):
    hosted = await host_face("deribit", limits={"calls_most": 2, "calls_per_s": 1})
    statuses = []
    for _ in range(3):
        async with hosted.session.get(f"{hosted.url}/api/v2/public/get_time") as reply:
            statuses.append(reply.status)
    assert statuses == [200, 200, 429]


async def test_the_account_is_watched(exchange, hosted):
    orders = await heard(hosted, "user.orders.any.any.raw", exchange.watch_orders())
    placed = await exchange.create_order(LINEAR, "limit", "buy", 1, 100)
    assert (await orders)[-1]["id"] == placed["id"]
    trades = await heard(hosted, "user.trades.any.any.raw", exchange.watch_my_trades())
    while "USDC" not in (balance := await exchange.watch_balance()):
        pass
    assert balance["USDC"]["total"] == {"USDC": 100_000.0}
    await hosted.house("sell", "100", "0.4", LINEAR)
    [trade] = await trades
    [fill] = (await hosted.truth())["fills"]
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (trade["amount"], trade["takerOrMaker"]) == (0.4, "maker")


async def test_the_market_is_watched(exchange, hosted):
    await hosted.house("buy", "99", "1", LINEAR)
    await hosted.house("sell", "101", "1", LINEAR)
    book = await exchange.watch_order_book(LINEAR)
    assert (book["bids"][0][:2], book["asks"][0][:2]) == ([99.0, 1.0], [101.0, 1.0])
    await hosted.house("buy", "100", "2", LINEAR)
    while (book := await exchange.watch_order_book(LINEAR))["bids"][0][0] != 100.0:
        pass
    trades = await heard(
        hosted, "trades.BTC_USDC-PERPETUAL.100ms", exchange.watch_trades(LINEAR)
    )
    await exchange.create_order(LINEAR, "market", "buy", 0.5)
    assert (await trades)[-1]["amount"] == 0.5
    assert (await exchange.watch_ticker(LINEAR))["last"] == 101.0


async def test_changes_of_a_book_join_for_whoever_comes_later(hosted):
    await hosted.house("buy", "99", "1", LINEAR)
    channel = "book.BTC_USDC-PERPETUAL.100ms"
    ask = {"jsonrpc": "2.0", "id": 1, "method": "public/subscribe"}
    told = []
    for _ in range(2):
        socket = await hosted.session.ws_connect(f"{hosted.ws}/ws/api/v2")
        await socket.send_json(ask | {"params": {"channels": [channel]}})
        assert (await socket.receive_json())["result"] == [channel]
        first = (await socket.receive_json())["params"]["data"]
        await hosted.house("buy", "98", "1", LINEAR)
        change = (await socket.receive_json())["params"]["data"]
        assert (first["type"], change["type"]) == ("snapshot", "change")
        assert change["prev_change_id"] == first["change_id"]
        told.append((change["bids"], first["bids"]))
        await socket.close()
    assert told[0] == ([["new", 98, 1]], [["new", 99, 1]])
    assert told[1][0] == [["change", 98, 2]]
