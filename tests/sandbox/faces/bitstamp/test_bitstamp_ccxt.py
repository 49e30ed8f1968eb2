"""ccxt, unmodified: its REST and its WebSockets trade here as they would at Bitstamp."""

import ccxt
import pytest

SYMBOL = "BTC/USD"
OTHERS = 4_000_001


@pytest.fixture
async def venue(host_face):
    return await host_face("bitstamp")


@pytest.fixture
async def exchange(judge, venue):
    return await judge(venue)


@pytest.fixture
async def other(judge, venue):
    return await judge(venue, account="other")


async def test_markets_are_what_they_are(exchange):
    assert set(exchange.markets) == {"BTC/USD", "ETH/USD", "ETH/BTC"}
    market = exchange.market(SYMBOL)
    assert market["id"] == "btcusd"
    assert market["precision"] == {"price": 0.1, "amount": 1e-8}
    assert market["limits"]["amount"] == {"min": 0.00001, "max": 10_000.0}
    assert set(exchange.currencies) == {"BTC", "ETH", "USD"}


async def test_public_reads(exchange, other):
    await other.create_order(SYMBOL, "limit", "sell", 1, 101.5)
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 101.5)
    await other.create_order(SYMBOL, "limit", "sell", 0.3, 102)
    await other.create_order(SYMBOL, "limit", "buy", 4, 99)
    book = await exchange.fetch_order_book(SYMBOL)
    assert (book["bids"], book["asks"]) == ([[99.0, 4.0]], [[102.0, 0.3]])
    ticker = await exchange.fetch_ticker(SYMBOL)
    assert (ticker["bid"], ticker["ask"], ticker["last"]) == (99.0, 102.0, 101.5)
    assert set(await exchange.fetch_tickers()) == set(exchange.markets)
    [trade] = await exchange.fetch_trades(SYMBOL)
    assert (trade["price"], trade["amount"], trade["side"]) == (101.5, 1.0, "buy")
    assert (await exchange.fetch_ohlcv(SYMBOL, "1m"))[-1][4:] == [101.5, 1.0]


async def test_an_order_lives_and_is_canceled(exchange):
    params = {"client_order_id": "mine-1", "moc_order": "True"}
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, params)
    [order] = await exchange.fetch_open_orders(SYMBOL)
    assert (order["id"], order["clientOrderId"]) == (placed["id"], "mine-1")
    assert (order["price"], order["amount"], order["side"]) == (100.0, 1.0, "buy")
    found = await exchange.fetch_order(None, SYMBOL, {"client_order_id": "mine-1"})
    assert (found["id"], found["status"]) == (placed["id"], "open")
    canceled = await exchange.cancel_order(placed["id"])
    assert (canceled["id"], canceled["status"]) == (placed["id"], "canceled")
    assert (await exchange.fetch_order(placed["id"], SYMBOL))["status"] == "canceled"
    with pytest.raises(ccxt.OrderNotFound):
        await exchange.cancel_order(placed["id"])


async def test_a_replaced_order_is_another_one(exchange):
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 1, 100)
    edited = await exchange.edit_order(placed["id"], SYMBOL, "limit", "buy", 2, 99)
    assert edited["id"] != placed["id"]
    assert edited["info"]["orig_order_id"] == int(placed["id"])
    [order] = await exchange.fetch_open_orders(SYMBOL)
    assert (order["id"], order["price"], order["amount"]) == (edited["id"], 99.0, 2.0)


async def test_two_orders_may_have_one_id(exchange):
    params = {"client_order_id": "twin"}
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, params)
    second = await exchange.create_order(SYMBOL, "limit", "buy", 1, 99, params)
    found = await exchange.fetch_order(None, SYMBOL, params)
    assert found["id"] == second["id"], "it means the newest"
    gone = await exchange.cancel_all_orders()
    assert len(gone) == 2
    assert not await exchange.fetch_open_orders()


async def test_a_fill_is_told_the_same_everywhere(exchange, other, venue):
    await other.create_order(SYMBOL, "limit", "sell", 2, 100)
    placed = await exchange.create_order(SYMBOL, "market", "buy", 1.5)
    order = await exchange.fetch_order(placed["id"], SYMBOL)
    assert (order["status"], order["filled"], order["average"]) == ("closed", 1.5, 100.0)
    [trade] = await exchange.fetch_my_trades()
    [fill] = (await venue.truth())["fills"]
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (trade["symbol"], trade["side"], trade["price"]) == (SYMBOL, "buy", 100.0)
    assert (trade["fee"]["cost"], trade["fee"]["currency"]) == (0.15, "USD")
    [sold] = await other.fetch_my_trades(SYMBOL)
    assert (sold["side"], sold["amount"]) == ("sell", 1.5)
    balance = await exchange.fetch_balance()
    assert balance["BTC"]["total"] == 3.5
    assert balance["USD"]["total"] == 100_000 - 150.15


async def test_history_goes_on_behind_an_id(exchange, other):
    await other.create_order(SYMBOL, "limit", "sell", 1, 100)
    for _ in range(3):
        await exchange.create_order(SYMBOL, "market", "buy", 0.1)
    rows = await exchange.private_post_user_transactions({"limit": 2})
    assert [row["id"] for row in rows] == sorted((it["id"] for it in rows), reverse=True)
    behind = await exchange.private_post_user_transactions(
        {"since_id": rows[1]["id"], "sort": "asc"}
    )
    assert [it["id"] for it in behind] == [rows[1]["id"], rows[0]["id"]]


async def test_money_that_moved_is_in_the_ledger(exchange, venue):
    await venue.act("deposit", account="main", asset="USD", amount="25")
    [entry] = await exchange.fetch_ledger()
    assert (entry["currency"], entry["amount"], entry["info"]["usd"]) == ("USD", 25.0, "25")


@pytest.mark.parametrize(
    ("amount", "price", "error"),
    [
        (1000, 5000, ccxt.InsufficientFunds),
        (0.00001, 5000, ccxt.ExchangeError),
        (0.000000001, 5000, ccxt.InvalidOrder),
        (100_000, 1, ccxt.ExchangeError),
    ],
)
async def test_what_cannot_be_is_refused(exchange, amount, price, error):
    with pytest.raises(error):
        await exchange.create_order(SYMBOL, "limit", "buy", amount, price)


async def test_refusals_carry_codes(exchange):
    order = {"pair": "btcusd", "amount": "0.123456789", "price": "100"}
    with pytest.raises(ccxt.ExchangeError, match=r"400\.026"):
        await exchange.private_post_buy_pair(order)
    with pytest.raises(ccxt.ExchangeError, match=r"400\.024"):
        await exchange.private_post_buy_pair(
            order | {"amount": "1", "ioc_order": "True", "fok_order": "True"}
        )
    with pytest.raises(ccxt.OrderNotFound, match=r"404\.002"):
        await exchange.fetch_order("12", SYMBOL)


async def test_who_signs_wrongly_is_not_let_in(exchange, judge, venue):
    forger = await judge(venue, secret="wrong")
    with pytest.raises(ccxt.AuthenticationError):
        await forger.fetch_balance()
    signed = exchange.sign("account_balances/", ["private"], "POST")
    headers, body = signed["headers"], signed["body"]
    url = signed["url"].replace("account_balances", "open_orders")
    async with venue.session.post(url, headers=headers, data=body) as reply:
        assert (reply.status, (await reply.json())["code"]) == (403, "API0005")
    late = headers | {"X-Auth-Timestamp": "1700000000000"}
    async with venue.session.post(signed["url"], headers=late, data=body) as reply:
        assert (await reply.json())["code"] == "API0017"


async def test_a_nonce_is_good_once(exchange, venue):
    signed = exchange.sign("account_balances/", ["private"], "POST")
    codes = []
    for _ in range(2):
        async with venue.session.post(
            signed["url"], headers=signed["headers"], data=signed["body"]
        ) as reply:
            codes.append((await reply.json(), reply.status)[1])
    assert codes == [200, 403]


async def test_calls_too_many_are_refused_until_time_has_passed(host_face):
    venue = await host_face("bitstamp", still=True, limits={"calls_1s": 2})
    url = f"{venue.url}/api/v2/ticker/"
    for expected in (200, 200, 400):
        async with venue.session.get(url) as reply:
            assert reply.status == expected
            told = await reply.json()
    assert told["response_code"] == "400.002"
    await venue.clock.advance(1)
    async with venue.session.get(url) as reply:
        assert reply.status == 200


async def test_a_book_is_followed(exchange, other, venue, heard):
    await other.create_order(SYMBOL, "limit", "buy", 1, 99)
    watching = await heard(
        venue, exchange.watch_order_book(SYMBOL), "diff_order_book_btcusd"
    )
    await other.create_order(SYMBOL, "limit", "buy", 0.1, 90)
    book = await watching
    assert book["bids"][0] == [99.0, 1.0]
    await other.create_order(SYMBOL, "limit", "sell", 1, 101)
    while not book["asks"]:
        book = await exchange.watch_order_book(SYMBOL)
    assert book["nonce"] == (await exchange.fetch_order_book(SYMBOL))["nonce"]


async def test_trades_are_told(exchange, other, venue, heard):
    watching = await heard(venue, exchange.watch_trades(SYMBOL), "live_trades_btcusd")
    await other.create_order(SYMBOL, "limit", "sell", 1, 101)
    await exchange.create_order(SYMBOL, "limit", "buy", 0.4, 101)
    [trade] = await watching
    assert (trade["price"], trade["amount"], trade["side"]) == (101.0, 0.4, "buy")


async def test_an_account_hears_of_its_orders_and_fills(exchange, other, venue, heard):
    user = OTHERS - 1
    orders = await heard(
        venue, exchange.watch_orders(SYMBOL), f"private-my_orders_btcusd-{user}"
    )
    placed = await exchange.create_order(
        SYMBOL, "limit", "buy", 2, 100, {"client_order_id": "mine"}
    )
    [order] = await orders
    assert (order["id"], order["clientOrderId"]) == (placed["id"], "mine")
    fills = await heard(
        venue, exchange.watch_my_trades(SYMBOL), f"private-my_trades_btcusd-{user}"
    )
    await other.create_order(SYMBOL, "limit", "sell", 2, 100)
    [fill] = await fills
    assert (fill["order"], fill["price"], fill["amount"]) == (placed["id"], 100.0, 2.0)
    while order["status"] != "closed":
        [order] = await exchange.watch_orders(SYMBOL)
    assert (order["filled"], order["amount"]) == (2.0, 2.0)


async def test_nobody_hears_another_account(exchange, venue):
    await exchange.authenticate()
    async with venue.session.ws_connect(venue.ws) as socket:
        data = {
            "channel": f"private-my_orders_btcusd-{OTHERS}",
            "auth": exchange.options["wsSessionToken"],
        }
        await socket.send_json({"event": "bts:subscribe", "data": data})
        told = await socket.receive_json()
    assert (told["event"], told["data"]["code"]) == ("bts:error", 4009)
