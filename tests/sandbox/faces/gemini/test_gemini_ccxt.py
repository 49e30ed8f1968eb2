"""ccxt, unmodified: its REST and its WebSockets trade here as they would at Gemini."""

import base64
import hashlib
import hmac
import json

import ccxt
import pytest

SYMBOL = "BTC/USD"


@pytest.fixture
async def exchange(judge, venue):
    return await judge(venue)


@pytest.fixture
async def other(judge, venue):
    return await judge(venue, account="other")


def signed(exchange, path, secret="sandbox-gemini-secret", **fields):
    payload = {"request": path, "nonce": str(exchange.incrementing_nonce())} | fields
    text = base64.b64encode(json.dumps(payload).encode())
    return {
        "X-GEMINI-APIKEY": exchange.apiKey,
        "X-GEMINI-PAYLOAD": text.decode(),
        "X-GEMINI-SIGNATURE": hmac.new(secret.encode(), text, hashlib.sha384).hexdigest(),
    }


async def ask(venue, path, headers):
    async with venue.session.post(venue.url + path, headers=headers) as reply:
        return reply.status, await reply.json()


async def test_markets_are_what_they_are(exchange):
    assert set(exchange.markets) == {"BTC/USD", "ETH/USD", "ETH/BTC"}
    market = exchange.market(SYMBOL)
    assert market["id"] == "btcusd"
    assert market["precision"] == {"price": 0.1, "amount": 1e-8}
    assert market["limits"]["amount"]["min"] == 0.00001


async def test_public_reads(exchange, other):
    await other.create_order(SYMBOL, "limit", "sell", 1, 101.5)
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 101.5)
    await other.create_order(SYMBOL, "limit", "sell", 0.3, 102)
    await other.create_order(SYMBOL, "limit", "buy", 4, 99)
    book = await exchange.fetch_order_book(SYMBOL)
    assert (book["bids"], book["asks"]) == ([[99.0, 4.0]], [[102.0, 0.3]])
    ticker = await exchange.fetch_ticker(SYMBOL)
    assert (ticker["bid"], ticker["ask"], ticker["last"]) == (99.0, 102.0, 101.5)
    [trade] = await exchange.fetch_trades(SYMBOL)
    assert (trade["price"], trade["amount"], trade["side"]) == (101.5, 1.0, "buy")
    assert (await exchange.fetch_ohlcv(SYMBOL, "1m"))[-1][4:] == [101.5, 1.0]


async def test_an_order_lives_and_is_canceled(exchange):
    params = {"clientOrderId": "mine-1", "postOnly": True}
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, params)
    assert (placed["status"], placed["postOnly"]) == ("open", True)
    [order] = await exchange.fetch_open_orders(SYMBOL)
    assert (order["id"], order["clientOrderId"]) == (placed["id"], "mine-1")
    assert (order["price"], order["amount"], order["side"]) == (100.0, 1.0, "buy")
    canceled = await exchange.cancel_order(placed["id"])
    assert (canceled["id"], canceled["status"]) == (placed["id"], "canceled")
    again = await exchange.cancel_order(placed["id"])
    assert again["status"] == "canceled", "it has no effect, and is no error"
    assert not await exchange.fetch_open_orders(SYMBOL)


async def test_an_order_is_found_by_either_id_but_not_by_both(exchange, venue):
    placed = await exchange.create_order(
        SYMBOL, "limit", "buy", 1, 100, {"clientOrderId": "twin"}
    )
    second = await exchange.create_order(
        SYMBOL, "limit", "buy", 1, 99, {"clientOrderId": "twin"}
    )
    path = "/v1/order/status"
    status, told = await ask(venue, path, signed(exchange, path, client_order_id="twin"))
    assert (status, told["order_id"]) == (200, second["id"])
    both = signed(exchange, path, client_order_id="twin", order_id=placed["id"])
    assert (await ask(venue, path, both))[1]["reason"] == "ConflictingOptions"


async def test_a_stop_limit_order_waits(exchange):
    placed = await exchange.create_order(
        SYMBOL, "limit", "buy", 1, 111, {"triggerPrice": 110}
    )
    order = await exchange.fetch_order(placed["id"])
    assert order["info"]["type"] == "exchange stop limit"
    assert (order["info"]["stop_price"], order["status"]) == ("110", "open")


async def test_what_is_not_filled_at_once_is_cancelled(exchange, other):
    await other.create_order(SYMBOL, "limit", "sell", 0.4, 100)
    placed = await exchange.create_order(
        SYMBOL, "limit", "buy", 1, 100, {"timeInForce": "IOC"}
    )
    assert (placed["status"], placed["filled"]) == ("canceled", 0.4)
    assert placed["info"]["reason"] == "ImmediateOrCancelWouldPost"


async def test_a_fill_is_told_the_same_everywhere(exchange, other, venue):
    await other.create_order(SYMBOL, "limit", "sell", 2, 100)
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 1.5, 100)
    order = await exchange.fetch_order(placed["id"])
    assert (order["status"], order["filled"], order["average"]) == ("closed", 1.5, 100.0)
    [trade] = await exchange.fetch_my_trades(SYMBOL)
    [fill] = (await venue.truth())["fills"]
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (trade["fee"]["cost"], trade["fee"]["currency"]) == (0.15, "USD")
    balance = await exchange.fetch_balance()
    assert balance["BTC"]["total"] == 3.5
    assert balance["USD"]["total"] == 100_000 - 150.15
    fees = await exchange.fetch_trading_fees()
    assert fees[SYMBOL]["taker"] == 0.001
    with pytest.raises(ccxt.OrderNotFound):
        await exchange.cancel_order(placed["id"])


async def test_money_that_moved_is_listed(exchange, venue):
    await venue.act("deposit", account="main", asset="USD", amount="25")
    [moved] = await exchange.fetch_deposits_withdrawals()
    assert (moved["type"], moved["currency"], moved["amount"]) == ("deposit", "USD", 25.0)


@pytest.mark.parametrize(
    ("amount", "price", "error"),
    [
        (1000, 5000, ccxt.InsufficientFunds),
        (0.00000001, 5000, ccxt.InvalidOrder),
        (20_000, 1, ccxt.InvalidOrder),
    ],
)
async def test_what_cannot_be_is_refused(exchange, amount, price, error):
    with pytest.raises(error):
        await exchange.create_order(SYMBOL, "limit", "buy", amount, price)


@pytest.mark.parametrize("missing", ["amount", "price", "stop_price"])
async def test_a_field_left_out_is_a_missing_key(exchange, venue, missing):
    order = {
        "symbol": "btcusd",
        "side": "buy",
        "type": "exchange stop limit",
        "amount": "1",
        "price": "101",
        "stop_price": "100",
    }
    del order[missing]
    path = "/v1/order/new"
    status, told = await ask(venue, path, signed(exchange, path, **order))
    assert (status, told["reason"]) == (400, "MissingPayloadKey")


async def test_who_signs_wrongly_is_not_let_in(exchange, judge, venue):
    forger = await judge(venue, secret="wrong")
    with pytest.raises(ccxt.AuthenticationError):
        await forger.fetch_balance()
    path = "/v1/balances"
    moved = signed(exchange, "/v1/orders")
    assert (await ask(venue, path, moved))[1]["reason"] == "EndpointMismatch"
    headers = signed(exchange, path)
    assert (await ask(venue, path, headers))[0] == 200
    assert (await ask(venue, path, headers))[1]["reason"] == "InvalidNonce"
    stale = signed(exchange, path, nonce="1700000000000")
    assert (await ask(venue, path, stale))[1]["reason"] == "InvalidNonce"


async def test_calls_too_many_are_refused_until_time_has_passed(host_face):
    venue = await host_face("gemini", still=True, limits={"public_per_minute": 2})
    url = f"{venue.url}/v1/symbols"
    for expected in (200, 200, 429):
        async with venue.session.get(url) as reply:
            assert reply.status == expected
            told = await reply.json()
    assert told["reason"] == "RateLimit"
    await venue.clock.advance(60)
    async with venue.session.get(url) as reply:
        assert reply.status == 200


async def test_a_book_is_followed(exchange, other):
    await other.create_order(SYMBOL, "limit", "buy", 1, 99)
    book = await exchange.watch_order_book(SYMBOL)
    assert book["bids"] == [[99.0, 1.0]]
    await other.create_order(SYMBOL, "limit", "sell", 1, 101)
    book = await exchange.watch_order_book(SYMBOL)
    assert book["asks"] == [[101.0, 1.0]]


async def test_trades_are_told(exchange, other):
    assert await exchange.watch_trades(SYMBOL) == []
    await other.create_order(SYMBOL, "limit", "sell", 1, 101)
    await exchange.create_order(SYMBOL, "limit", "buy", 0.4, 101)
    [trade] = await exchange.watch_trades(SYMBOL)
    assert (trade["price"], trade["amount"], trade["side"]) == (101.0, 0.4, "buy")


async def test_an_account_hears_of_its_orders(exchange, other):
    await exchange.watch_orders()
    placed = await exchange.create_order(
        SYMBOL, "limit", "buy", 2, 100, {"clientOrderId": "mine"}
    )
    [order] = await exchange.watch_orders()
    assert (order["id"], order["clientOrderId"]) == (placed["id"], "mine")
    await other.create_order(SYMBOL, "limit", "sell", 2, 100)
    while order["status"] != "closed":
        [order] = await exchange.watch_orders()
    assert (order["filled"], order["average"]) == (2.0, 100.0)


async def test_events_are_numbered_without_a_gap(exchange, venue):
    headers = signed(exchange, "/v1/order/events")
    url = f"{venue.ws}/v1/order/events"
    async with venue.session.ws_connect(url, headers=headers) as socket:
        assert (await socket.receive_json())["type"] == "subscription_ack"
        assert await socket.receive_json() == []
        placed = await exchange.create_order(SYMBOL, "limit", "buy", 1, 100)
        await exchange.cancel_order(placed["id"])
        told = [(await socket.receive_json())[0] for _ in range(4)]
    assert [it["type"] for it in told] == ["accepted", "booked", "cancelled", "closed"]
    assert [it["socket_sequence"] for it in told] == [1, 2, 3, 4]
    assert {it["order_id"] for it in told} == {placed["id"]}


async def test_a_forged_socket_hears_nothing(exchange, venue):
    headers = signed(exchange, "/v1/order/events", secret="wrong")
    url = f"{venue.ws}/v1/order/events"
    async with venue.session.ws_connect(url, headers=headers) as socket:
        assert (await socket.receive_json())["reason"] == "InvalidSignature"
        assert (await socket.receive()).type.name in ("CLOSE", "CLOSED", "CLOSING", "ERROR")
