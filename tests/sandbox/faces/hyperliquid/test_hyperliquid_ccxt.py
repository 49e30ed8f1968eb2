"""ccxt, unmodified: its REST and its WebSocket trade here as they would at Hyperliquid."""

import asyncio

import ccxt
import pytest

SYMBOL = "BTC/USDC:USDC"
CLOID = "0x" + "ab" * 16


async def test_markets_are_what_they_are(exchange, peer):
    assert set(exchange.markets) == {SYMBOL, "ETH/USDC:USDC", "BTC/USDC"}
    await peer.create_order(SYMBOL, "limit", "sell", 1, 100)
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 100)
    await exchange.load_markets(True)
    market = exchange.market(SYMBOL)
    assert (market["baseId"], market["linear"], market["contractSize"]) == ("0", True, 1)
    assert market["precision"] == {"price": 0.1, "amount": 0.00001}
    spot = exchange.market("BTC/USDC")
    assert (spot["id"], spot["baseId"]) == ("@0", "10000")
    assert spot["precision"]["amount"] == 0.00001


async def test_public_reads(exchange, peer):
    await peer.create_order(SYMBOL, "limit", "sell", 1, 101.5)
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 101.5)
    await peer.create_order(SYMBOL, "limit", "sell", 0.3, 102)
    await peer.create_order(SYMBOL, "limit", "buy", 4, 99)
    book = await exchange.fetch_order_book(SYMBOL)
    assert (book["bids"], book["asks"]) == ([[99.0, 4.0]], [[102.0, 0.3]])
    [*_, bar] = await exchange.fetch_ohlcv(SYMBOL, "1m")
    assert bar[4:] == [101.5, 1.0]
    rate = await exchange.fetch_funding_rate(SYMBOL)
    assert (rate["fundingRate"], rate["markPrice"]) == (0.0, 101.5)
    assert abs(await exchange.fetch_time() - exchange.milliseconds()) < 60_000


async def test_an_order_lives_and_is_cancelled_by_either_name(exchange):
    params = {"clientOrderId": CLOID, "timeInForce": "Alo"}
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, params)
    [order] = await exchange.fetch_open_orders(SYMBOL)
    assert (order["id"], order["clientOrderId"]) == (placed["id"], CLOID)
    assert (order["price"], order["amount"], order["side"]) == (100.0, 1.0, "buy")
    assert (order["postOnly"], order["filled"]) == (True, 0.0)
    await exchange.cancel_order(None, SYMBOL, {"clientOrderId": CLOID})
    order = await exchange.fetch_order(placed["id"], SYMBOL)
    assert (order["status"], order["remaining"]) == ("canceled", 1.0)
    other = await exchange.create_order(SYMBOL, "limit", "buy", 1, 100)
    await exchange.cancel_order(other["id"], SYMBOL)
    assert not await exchange.fetch_open_orders(SYMBOL)
    with pytest.raises(ccxt.OrderNotFound):
        await exchange.cancel_order(other["id"], SYMBOL)
    with pytest.raises(ccxt.OrderNotFound):
        await exchange.fetch_order(CLOID.replace("ab", "cd"), SYMBOL)


async def test_of_two_orders_with_one_id_the_newer_is_found(exchange):
    named = {"clientOrderId": CLOID}
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, named)
    second = await exchange.create_order(SYMBOL, "limit", "buy", 1, 99, named)
    assert (await exchange.fetch_order(CLOID, SYMBOL))["id"] == second["id"]
    assert len(await exchange.fetch_open_orders(SYMBOL)) == 2


async def test_a_modified_order_has_another_id(exchange):
    named = {"clientOrderId": CLOID}
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, named)
    edited = await exchange.edit_order(placed["id"], SYMBOL, "limit", "buy", 2, 99, named)
    assert edited["id"] != placed["id"]
    [order] = await exchange.fetch_open_orders(SYMBOL)
    assert (order["id"], order["price"], order["amount"]) == (edited["id"], 99.0, 2.0)
    assert order["clientOrderId"] == CLOID


@pytest.mark.parametrize(
    ("side", "params", "kind"),
    [
        ("buy", {"stopLossPrice": 110}, "Stop Limit"),
        ("sell", {"takeProfitPrice": 120}, "Take Profit Limit"),
    ],
)
async def test_a_trigger_order_waits(exchange, side, params, kind):
    placed = await exchange.create_order(SYMBOL, "limit", side, 1, 111, params)
    order = await exchange.fetch_order(placed["id"], SYMBOL)
    assert (order["info"]["order"]["orderType"], order["status"]) == (kind, "open")
    assert order["triggerPrice"] == next(iter(params.values()))
    [listed] = await exchange.fetch_open_orders(SYMBOL)
    assert listed["triggerPrice"] == order["triggerPrice"]


async def test_a_trigger_order_that_was_reached_is_an_order_like_others(exchange, peer):
    placed = await exchange.create_order(
        SYMBOL, "limit", "buy", 1, 112, {"stopLossPrice": 110}
    )
    await peer.create_order(SYMBOL, "limit", "sell", 1, 110)
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 110)
    order = await exchange.fetch_order(placed["id"], SYMBOL)
    assert (order["info"]["status"], order["triggerPrice"]) == ("triggered", 110.0)
    book = await exchange.fetch_order_book(SYMBOL)
    assert book["bids"] == [[112.0, 1.0]]


async def test_what_is_not_filled_at_once_was_never_an_order(exchange, peer):
    ioc = {"timeInForce": "Ioc"}
    with pytest.raises(ccxt.InvalidOrder, match="could not immediately match"):
        await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, ioc)
    await peer.create_order(SYMBOL, "limit", "sell", 0.4, 100)
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, ioc)
    assert (placed["amount"], placed["average"]) == (0.4, 100.0)
    order = await exchange.fetch_order(placed["id"], SYMBOL)
    assert (order["status"], order["filled"]) == ("canceled", 0.4)


async def test_a_fill_is_told_the_same_everywhere(exchange, peer, venue):
    await peer.create_order(SYMBOL, "limit", "sell", 2, 100)
    placed = await exchange.create_order(
        SYMBOL, "limit", "buy", 1.5, 100, {"clientOrderId": CLOID}
    )
    order = await exchange.fetch_order(placed["id"], SYMBOL)
    assert (order["status"], order["filled"]) == ("closed", 1.5)
    [trade] = await exchange.fetch_my_trades(SYMBOL)
    [again] = await exchange.fetch_my_trades(SYMBOL, trade["timestamp"])
    [fill] = (await venue.truth())["fills"]
    assert (trade["id"], trade["order"]) == (fill["execution_id"], placed["id"])
    assert (again["id"], again["takerOrMaker"]) == (trade["id"], "taker")
    assert (trade["fee"]["cost"], trade["fee"]["currency"]) == (0.0675, "USDC")
    assert trade["info"]["dir"] == "Open Long"
    [position] = await exchange.fetch_positions()
    assert (position["side"], position["contracts"]) == ("long", 1.5)
    assert (position["entryPrice"], position["marginMode"]) == (100.0, "cross")
    balance = await exchange.fetch_balance()
    assert balance["USDC"]["total"] == 100_000 - 0.0675
    assert balance["USDC"]["used"] == 15.0
    assert (await exchange.fetch_trading_fee(SYMBOL))["taker"] == 0.00045


async def test_a_position_is_reduced_and_turned(exchange, peer):
    await peer.create_order(SYMBOL, "limit", "buy", 4, 100)
    for size in (1, 1.5):
        await exchange.create_order(SYMBOL, "limit", "sell", size, 100)
    await exchange.create_order(SYMBOL, "limit", "buy", 3, 100)
    await peer.create_order(SYMBOL, "limit", "sell", 3, 100)
    trades = await exchange.fetch_my_trades(SYMBOL)
    told = [(it["info"]["dir"], it["info"]["startPosition"]) for it in trades]
    assert told == [
        ("Open Short", "0.0"),
        ("Open Short", "-1.0"),
        ("Short > Long", "-2.5"),
    ]
    with pytest.raises(ccxt.InvalidOrder, match="would increase position"):
        await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, {"reduceOnly": True})


async def test_spot_is_traded_beside_perpetuals(exchange, peer):
    await peer.create_order("BTC/USDC", "limit", "sell", 2, 100)
    await exchange.create_order("BTC/USDC", "limit", "buy", 1, 100)
    balance = await exchange.fetch_balance({"type": "spot"})
    assert balance["BTC"]["total"] == 3.0
    [trade] = await exchange.fetch_my_trades("BTC/USDC")
    assert (trade["symbol"], trade["info"]["dir"]) == ("BTC/USDC", "Buy")


async def test_money_that_moved_is_listed(exchange, peer, venue):
    await venue.act("deposit", account="main", asset="USDC", amount="25")
    await venue.act("withdraw", account="main", asset="USDC", amount="5")
    await venue.act("deposit", account="main", asset="BTC", amount="1")
    assert [it["amount"] for it in await exchange.fetch_deposits()] == [25.0]
    assert [it["amount"] for it in await exchange.fetch_withdrawals()] == [5.0]
    ledger = await exchange.fetch_ledger()
    assert [it["type"] for it in ledger] == ["deposit", "withdraw", "spotTransfer"]
    await peer.create_order(SYMBOL, "limit", "sell", 1, 100)
    await exchange.create_order(SYMBOL, "limit", "buy", 1, 100)
    await venue.act("funding", symbol=SYMBOL, rate="0.001")
    [paid] = await exchange.fetch_funding_history(SYMBOL)
    assert (paid["amount"], paid["rate"], paid["symbol"]) == (-0.1, 0.001, SYMBOL)


@pytest.mark.parametrize(
    ("amount", "price", "error"),
    [
        (0.05, 100, "minimum value of \\$10"),
        (20_000_000, 100, "invalid size"),
        (900, 50_000, "Insufficient margin"),
    ],
)
async def test_what_cannot_be_is_refused(exchange, amount, price, error):
    with pytest.raises((ccxt.InvalidOrder, ccxt.InsufficientFunds), match=error):
        await exchange.create_order(SYMBOL, "limit", "buy", amount, price)
    assert not await exchange.fetch_open_orders()


async def test_post_only_never_takes(exchange, peer):
    await peer.create_order(SYMBOL, "limit", "sell", 1, 100)
    with pytest.raises(ccxt.InvalidOrder, match=r"bbo was none@100\.0\. asset=0"):
        await exchange.create_order(SYMBOL, "limit", "buy", 1, 100, {"postOnly": True})


async def test_a_book_is_followed(exchange, peer):
    await peer.create_order(SYMBOL, "limit", "buy", 1, 99)
    book = await exchange.watch_order_book(SYMBOL)
    assert book["bids"] == [[99.0, 1.0]]
    await peer.create_order(SYMBOL, "limit", "sell", 1, 101)
    while not book["asks"]:
        book = await exchange.watch_order_book(SYMBOL)
    assert (book["bids"], book["asks"]) == ([[99.0, 1.0]], [[101.0, 1.0]])


async def test_trades_are_told(exchange, peer, heard):
    trades = await heard(("trades", SYMBOL), exchange.watch_trades(SYMBOL))
    await peer.create_order(SYMBOL, "limit", "sell", 1, 101)
    await exchange.create_order(SYMBOL, "limit", "buy", 0.4, 101)
    [trade] = await trades
    assert (trade["price"], trade["amount"], trade["side"]) == (101.0, 0.4, "buy")


async def test_an_account_hears_of_its_orders_and_fills(exchange, peer, heard):
    orders = await heard("orderUpdates main", exchange.watch_orders())
    placed = await exchange.create_order(
        SYMBOL, "limit", "buy", 2, 100, {"clientOrderId": CLOID}
    )
    [order] = await orders
    assert (order["id"], order["clientOrderId"]) == (placed["id"], CLOID)
    fills = await heard("userFills main", exchange.watch_my_trades())
    await peer.create_order(SYMBOL, "limit", "sell", 2, 100)
    [fill] = await fills
    assert (fill["order"], fill["amount"], fill["price"]) == (placed["id"], 2.0, 100.0)
    while order["status"] != "closed":
        [order] = await exchange.watch_orders()
    assert order["filled"] == 2.0


async def test_a_stream_may_be_left_and_begun_again(exchange, peer):
    await peer.create_order(SYMBOL, "limit", "buy", 1, 99)
    await exchange.watch_order_book(SYMBOL)
    await exchange.un_watch_order_book(SYMBOL)
    book = await exchange.watch_order_book(SYMBOL)
    assert book["bids"] == [[99.0, 1.0]]


async def test_who_signs_for_nobody_is_not_let_in(judge, venue, stranger):
    forger = await judge(venue, key=stranger)
    with pytest.raises(ccxt.InvalidOrder, match="User or API Wallet 0x"):
        await forger.create_order(SYMBOL, "limit", "buy", 1, 100)
    assert (await venue.truth())["orders"] == []


async def test_many_orders_at_once_are_answered_one_by_one(exchange):
    good = {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 1, "price": 100}
    answered = await asyncio.gather(
        *(exchange.create_orders([good, {**good, "price": 99}]) for _ in range(3))
    )
    assert len({it["id"] for batch in answered for it in batch}) == 6
    asked = [it["id"] for batch in answered for it in batch]
    assert len(await exchange.cancel_orders(asked, SYMBOL)) == 6
