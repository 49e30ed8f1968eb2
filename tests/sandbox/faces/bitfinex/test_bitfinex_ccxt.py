"""ccxt, unmodified: its REST and its WebSockets trade here as they would at Bitfinex."""

import asyncio
import hashlib
import hmac
import json
from zlib import crc32

import ccxt
import pytest

SYMBOL = "BTC/USD"


@pytest.fixture
async def exchange(judge, venue):
    return await judge(venue)


@pytest.fixture
async def other(judge, venue):
    return await judge(venue, account="other")


def signed(exchange, path, secret="sandbox-bitfinex-secret", nonce=None, **fields):
    nonce = str(nonce or exchange.incrementing_nonce())
    body = json.dumps(fields)
    text = f"/api{path}{nonce}{body}".encode()
    return body, {
        "bfx-apikey": exchange.apiKey,
        "bfx-nonce": nonce,
        "bfx-signature": hmac.new(secret.encode(), text, hashlib.sha384).hexdigest(),
    }


async def ask(venue, path, body, headers):
    async with venue.session.post(venue.url + path, data=body, headers=headers) as reply:
        return reply.status, await reply.json()


async def while_doing(watch, act):
    """Return what a watch hears of an act: ccxt forgets what nobody waits for."""
    watching = asyncio.create_task(watch)
    await asyncio.sleep(0)
    await act
    return await watching


async def done(exchange, placed):
    """Return an order that is done as the history tells it."""
    return await exchange.fetch_closed_order(placed["id"])


async def test_markets_are_what_they_are(exchange):
    assert set(exchange.markets) == {"BTC/USD", "ETH/USD", "ETH/BTC", "BTC/USDT"}
    assert exchange.market("BTC/USDT")["id"] == "tBTCUST"
    limits = exchange.market(SYMBOL)["limits"]["amount"]
    assert (limits["min"], limits["max"]) == (0.00004, 2000.0)
    assert set(exchange.currencies) == {"BTC", "ETH", "USD", "USDT"}


async def test_public_reads(exchange, other):
    await other.create_order(SYMBOL, "limit", "sell", 1, 101.5)
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 101.5)
    await other.create_order(SYMBOL, "limit", "sell", 0.3, 102)
    await other.create_order(SYMBOL, "limit", "buy", 4, 99)
    for precision in ("R0", "P0"):
        book = await exchange.fetch_order_book(SYMBOL, 25, {"precision": precision})
        assert (book["bids"], book["asks"]) == ([[99.0, 4.0]], [[102.0, 0.3]])
    ticker = await exchange.fetch_ticker(SYMBOL)
    assert (ticker["bid"], ticker["ask"], ticker["last"]) == (99.0, 102.0, 101.5)
    assert (await exchange.fetch_tickers([SYMBOL]))[SYMBOL]["last"] == 101.5
    [trade] = await exchange.fetch_trades(SYMBOL)
    assert (trade["price"], trade["amount"], trade["side"]) == (101.5, 1.0, "buy")
    bars = await exchange.fetch_ohlcv(SYMBOL, "1m", limit=5)
    assert bars[-1][4:] == [101.5, 1.0]
    assert (await exchange.fetch_status())["status"] == "ok"


async def test_an_order_lives_and_is_canceled(exchange):
    params = {"clientOrderId": 77, "postOnly": True}
    placed = await exchange.create_order(SYMBOL, "limit", "sell", 1, 100, params)
    [order] = await exchange.fetch_open_orders(SYMBOL)
    assert (order["id"], order["clientOrderId"]) == (placed["id"], "77")
    assert (order["price"], order["amount"], order["side"]) == (100.0, 1.0, "sell")
    assert (order["status"], order["postOnly"]) == ("open", True)
    told = await exchange.cancel_order(placed["id"])
    assert told["status"] == "open", "a cancel is only taken in"
    assert (await done(exchange, placed))["status"] == "canceled"
    assert not await exchange.fetch_open_orders(SYMBOL)
    with pytest.raises(ccxt.OrderNotFound):
        await exchange.cancel_order(placed["id"])


async def test_two_orders_may_have_one_client_id(exchange):
    for price in (100, 99):
        await exchange.create_order(SYMBOL, "limit", "buy", 1, price, {"cid": 5})
    orders = await exchange.fetch_open_orders(SYMBOL)
    assert [it["clientOrderId"] for it in orders] == ["5", "5"]


async def test_an_update_keeps_the_id_and_says_what_is_left(exchange, other):
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 1, 100)
    await other.create_order(SYMBOL, "limit", "sell", 0.25, 100)
    edited = await exchange.edit_order(placed["id"], SYMBOL, "limit", "buy", 0.5, 99)
    assert edited["id"] == placed["id"]
    order = await exchange.fetch_order(placed["id"])
    assert (order["amount"], order["filled"], order["remaining"]) == (0.75, 0.25, 0.5)
    assert order["price"] == 99.0
    told = {"id": int(placed["id"]), "delta": "-0.125"}
    reply = await exchange.private_post_auth_w_order_update(told)
    assert reply[4][6:8] == [0.375, 0.625]
    with pytest.raises(ccxt.BadRequest, match="amount: invalid"):
        await exchange.private_post_auth_w_order_update(told | {"delta": "-1"})


async def test_stops_wait_and_a_stop_limit_becomes_a_limit_order(exchange, other):
    await other.create_order(SYMBOL, "limit", "sell", 1, 105)
    stop = await exchange.create_order(
        SYMBOL, "limit", "buy", 1, 104, {"triggerPrice": 105}
    )
    waiting = await exchange.fetch_order(stop["id"])
    assert (waiting["triggerPrice"], waiting["price"]) == (105.0, 104.0)
    await exchange.create_order(SYMBOL, "market", "buy", 0.1)
    order = await exchange.fetch_order(stop["id"])
    assert order["info"][8:10] == ["EXCHANGE LIMIT", "EXCHANGE STOP LIMIT"]
    trailing = await exchange.create_order(
        SYMBOL, "market", "sell", 1, None, {"trailingAmount": 3}
    )
    [*_, told] = sorted(await exchange.fetch_open_orders(SYMBOL), key=lambda it: it["id"])
    assert told["id"] == trailing["id"]
    assert (told["info"][8], told["info"][18]) == ("EXCHANGE TRAILING STOP", 3)


async def test_a_pair_ends_with_the_first_that_fills(exchange, other):
    params = {"flags": 16384, "price_oco_stop": "90"}
    await exchange.create_order(SYMBOL, "limit", "sell", 1, 110, params)
    limit, stop = sorted(
        await exchange.fetch_open_orders(SYMBOL), key=lambda it: it["info"][25] or 0
    )
    assert (stop["triggerPrice"], stop["info"][25]) == (90.0, int(limit["id"]))
    await other.create_order(SYMBOL, "limit", "buy", 0.25, 110)
    assert (await done(exchange, stop))["status"] == "canceled"


async def test_what_is_not_filled_at_once_is_cancelled(exchange, other):
    await other.create_order(SYMBOL, "limit", "sell", 0.4, 100)
    placed = await exchange.create_order(
        SYMBOL, "limit", "buy", 1, 100, {"timeInForce": "IOC"}
    )
    assert placed["status"] == "open", "the reply shows it as it was asked for"
    order = await done(exchange, placed)
    assert order["info"][13] == "IOC CANCELED was: PARTIALLY FILLED @ 100(0.4)"
    assert (order["filled"], order["timeInForce"]) == (0.4, "IOC")


async def test_an_order_ends_at_its_time(host_face, judge):
    venue = await host_face("bitfinex", still=True)
    exchange = await judge(venue)
    exchange.milliseconds = lambda: venue.clock.time_ns() // 1_000_000
    tif = {"tif": exchange.ymdhms(exchange.milliseconds() + 5000, " ")}
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, tif)
    assert placed["info"][10] is not None
    await venue.clock.advance(6)
    venue.site.host.tick()
    assert (await done(exchange, placed))["status"] == "canceled"


async def test_a_fill_is_told_the_same_everywhere(exchange, other, venue):
    await other.create_order(SYMBOL, "limit", "sell", 2, 100)
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 1.5, 100, {"cid": 9})
    order = await done(exchange, placed)
    assert (order["status"], order["filled"], order["average"]) == ("closed", 1.5, 100.0)
    assert order["info"][13] == "EXECUTED @ 100(1.5)"
    [trade] = await exchange.fetch_my_trades(SYMBOL)
    [same] = await exchange.fetch_order_trades(placed["id"], SYMBOL)
    [fill] = (await venue.truth())["fills"]
    assert trade["id"] == same["id"] == fill["execution_id"]
    assert trade["order"] == fill["order_id"] == placed["id"]
    assert (trade["fee"]["cost"], trade["fee"]["currency"]) == (0.3, "USD")
    assert (trade["takerOrMaker"], trade["info"][11]) == ("taker", 9)
    balance = await exchange.fetch_balance()
    assert balance["BTC"]["total"] == 3.5
    assert balance["USD"]["total"] == 100_000 - 150.3


async def test_trades_come_in_the_order_asked_for(exchange, other):
    await other.create_order(SYMBOL, "limit", "sell", 2, 100)
    for _ in range(3):
        await exchange.create_order(SYMBOL, "limit", "buy", 0.1, 100)
    ids = [it["id"] for it in await exchange.fetch_my_trades(SYMBOL, None, 3)]
    newest = await exchange.private_post_auth_r_trades_hist({"limit": 2})
    oldest = await exchange.private_post_auth_r_trades_hist({"limit": 2, "sort": 1})
    assert [it[0] for it in newest] == [int(ids[2]), int(ids[1])]
    assert [it[0] for it in oldest] == [int(ids[0]), int(ids[1])]


async def test_money_that_moved_is_listed(exchange, venue):
    await venue.act("deposit", account="main", asset="USDT", amount="25")
    [moved] = await exchange.fetch_ledger()
    assert (moved["amount"], moved["currency"]) == (25.0, "USDT")
    assert moved["type"] == "transaction"


async def test_a_price_is_cut_to_five_digits(exchange):
    told = {"symbol": "tBTCUSD", "type": "EXCHANGE LIMIT", "amount": "1"}
    for price, cut in (("123.456", 123.45), ("123456.7", 123450.0), ("1.00009", 1.0)):
        reply = await exchange.private_post_auth_w_order_submit(
            told | {"price": price, "amount": "-0.01"}
        )
        assert reply[4][0][16] == cut, price


@pytest.mark.parametrize(
    ("amount", "price", "params", "error", "words"),
    [
        (1000, 5000, {}, ccxt.InsufficientFunds, "not enough exchange balance"),
        (0.00000001, 5000, {}, ccxt.ExchangeError, "minimum size for BTC/USD is 0.00004"),
        (1, 50, {"marginMode": "cross"}, ccxt.ExchangeError, "not enough tradable balance"),
        (1, 50, {"cid": 2**45}, ccxt.BadRequest, "cid: invalid"),
        (1, 50, {"flags": 64}, ccxt.BadRequest, "flags: invalid"),
        (1, 50, {"tif": "2020-01-15 10:45:23"}, ccxt.BadRequest, "tif: invalid"),
    ],
)
async def test_what_cannot_be_is_refused(exchange, amount, price, params, error, words):
    with pytest.raises(error, match=words):
        await exchange.create_order(SYMBOL, "limit", "buy", amount, price, params)
    assert not await exchange.fetch_open_orders()


async def test_who_signs_wrongly_is_not_let_in(exchange, judge, venue):
    forger = await judge(venue, secret="wrong")
    with pytest.raises(ccxt.AuthenticationError, match="digest invalid"):
        await forger.fetch_balance()
    path = "/v2/auth/r/wallets"
    body, headers = signed(exchange, path)
    moved = await ask(venue, "/v2/auth/r/orders", body, headers)
    assert moved == (500, ["error", 10100, "apikey: digest invalid"])
    assert (await ask(venue, path, body, headers))[0] == 200
    again = await ask(venue, path, body, headers)
    assert again == (500, ["error", 10114, "nonce: small"])
    stranger = await ask(venue, path, body, headers | {"bfx-apikey": "nobody"})
    assert stranger == (500, ["error", 10100, "apikey: invalid"])


async def test_a_key_tells_what_it_may_do(exchange):
    rights = await exchange.private_post_auth_r_permissions()
    assert ["orders", 1, 1] in rights and ["withdraw", 1, 0] in rights


async def test_calls_too_many_shut_out_for_a_minute(host_face):
    venue = await host_face("bitfinex", still=True, limits={"calls_per_minute": 2})
    url = f"{venue.url}/v2/platform/status"

    async def status():
        async with venue.session.get(url) as reply:
            return reply.status, await reply.json()

    limited = (429, {"error": "ERR_RATE_LIMIT"})
    assert [await status() for _ in range(3)] == [(200, [1]), (200, [1]), limited]
    await venue.clock.advance(59)
    assert await status() == limited
    await venue.clock.advance(1)
    assert await status() == (200, [1])


async def test_a_book_is_followed_and_its_checksum_fits(exchange, other):
    await other.create_order(SYMBOL, "limit", "buy", 1, 99)
    book = await exchange.watch_order_book(SYMBOL)
    assert book["bids"] == [[99.0, 1.0, 1.0]]
    for price in (101, 102):
        book = await while_doing(
            exchange.watch_order_book(SYMBOL),
            other.create_order(SYMBOL, "limit", "sell", 0.5, price),
        )
    book = await while_doing(
        exchange.watch_order_book(SYMBOL),
        exchange.create_order(SYMBOL, "market", "buy", 0.5),
    )
    assert book["asks"] == [[102.0, 0.5, 1.0]]


async def test_a_lost_change_is_noticed_by_the_checksum(exchange, other, venue):
    await other.create_order(SYMBOL, "limit", "buy", 1, 99)
    await exchange.watch_order_book(SYMBOL)

    async def bid(price):
        order = other.create_order(SYMBOL, "limit", "buy", 1, price)
        return await while_doing(exchange.watch_order_book(SYMBOL), order)

    assert len((await bid(98))["bids"]) == 2
    await venue.arm("market_gap")
    await other.create_order(SYMBOL, "limit", "buy", 1, 97)
    await bid(96)
    with pytest.raises(ccxt.ChecksumError):
        await bid(95)


async def test_channels_have_numbers_and_stand_once(venue, other):
    await other.create_order(SYMBOL, "limit", "buy", 1, 99)
    book = {"event": "subscribe", "channel": "book", "symbol": "tBTCUSD"}
    async with venue.session.ws_connect(f"{venue.ws}/ws/2") as socket:

        async def said(frame):
            await socket.send_json(frame)
            return await socket.receive_json()

        assert (await socket.receive_json())["event"] == "info"
        assert (await said({"event": "ping", "cid": 3}))["event"] == "pong"
        assert (await said({"event": "conf", "flags": 131072}))["status"] == "OK"
        told = await said(book)
        assert (told["event"], told["len"], told["pair"]) == ("subscribed", "25", "BTCUSD")
        number = told["chanId"]
        assert await socket.receive_json() == [number, [[99, 1, 1]]]
        assert (await said(book))["code"] == 10301
        assert (await said(book | {"channel": "nope"}))["code"] == 10302
        assert (await said(book | {"symbol": "tNOPE"}))["msg"] == "symbol: invalid"
        assert (await said({"event": "unsubscribe", "chanId": 99}))["code"] == 10401
        await other.create_order(SYMBOL, "limit", "sell", 1, 101)
        assert await socket.receive_json() == [number, [101, 1, -1]]
        sum_ = crc32(b"99:1:101:-1")
        signed_sum = sum_ - 2**32 if sum_ >= 2**31 else sum_
        assert await socket.receive_json() == [number, "cs", signed_sum]
        gone = await said({"event": "unsubscribe", "chanId": number})
        assert gone == {"event": "unsubscribed", "status": "OK", "chanId": number}


async def test_trades_are_told(exchange, other):
    await other.create_order(SYMBOL, "limit", "sell", 1, 101)
    await exchange.create_order(SYMBOL, "limit", "buy", 0.1, 101)
    [first] = await exchange.watch_trades(SYMBOL)
    assert (first["price"], first["amount"], first["side"]) == (101.0, 0.1, "buy")
    [trade] = await while_doing(
        exchange.watch_trades(SYMBOL),
        exchange.create_order(SYMBOL, "limit", "buy", 0.4, 101),
    )
    assert (trade["price"], trade["amount"], trade["side"]) == (101.0, 0.4, "buy")


async def test_tickers_and_bars_are_told(exchange, other):
    await other.create_order(SYMBOL, "limit", "sell", 1, 101)
    await exchange.create_order(SYMBOL, "limit", "buy", 0.1, 101)
    assert (await exchange.watch_ohlcv(SYMBOL, "1m"))[-1][4] == 101.0
    await exchange.watch_ticker(SYMBOL)
    bid = other.create_order(SYMBOL, "limit", "buy", 1, 99)
    assert (await while_doing(exchange.watch_ticker(SYMBOL), bid))["bid"] == 99.0


async def test_an_account_hears_of_its_orders_fills_and_money(
    exchange, other, venue, heard
):
    watching = await heard(venue, exchange.watch_orders())
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 2, 100, {"cid": 4})
    [order] = await watching
    assert (order["id"], order["status"]) == (placed["id"], "open")
    fills = await heard(venue, exchange.watch_my_trades())
    orders = await heard(venue, exchange.watch_orders())
    await other.create_order(SYMBOL, "limit", "sell", 2, 100)
    [fill] = await fills
    assert (fill["order"], fill["price"], fill["amount"]) == (placed["id"], 100.0, 2.0)
    [order] = await orders
    assert (order["status"], order["filled"], order["average"]) == ("closed", 2.0, 100.0)
    while exchange.balance["exchange"]["BTC"]["total"] != 4.0:
        await asyncio.sleep(0)


async def test_a_forged_socket_is_told_so(judge, venue):
    forger = await judge(venue, secret="wrong")
    with pytest.raises(ccxt.AuthenticationError, match="digest invalid"):
        await forger.watch_orders()
