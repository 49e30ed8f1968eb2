"""WebSocket version 2: channels, order entry, tokens."""

import json
import random
from decimal import Decimal

import pytest

from crossdock.toolkit.decoders.kraken import Kraken

UUID = "6d1b345e-2821-40e2-ad83-4ecb18a06876"
LIMIT = {
    "symbol": "BTC/USD",
    "side": "buy",
    "order_type": "limit",
    "limit_price": 100.0,
    "order_qty": 1.0,
}


def kinds(frames):
    return [
        row["exec_type"]
        for frame in frames
        if frame.get("channel") == "executions"
        for row in frame["data"]
    ]


async def shuffle(bench, chance, steps):
    """Let other place, cancel and take at random around a price of 100."""
    resting = []
    for _ in range(steps):
        side = chance.choice(("buy", "sell"))
        offset = chance.randrange(1, 40) * (-1 if side == "buy" else 1)
        price, volume = f"{100 + offset / 10:.1f}", f"{chance.random() + 0.01:.8f}"
        if resting and chance.random() < 0.3:
            txid = resting.pop(chance.randrange(len(resting)))
            await bench.other.post("CancelOrder", txid=txid)
        elif chance.random() < 0.2:
            await bench.main.add(
                side, f"{100 - offset / 10:.1f}", volume, timeinforce="IOC"
            )
        else:
            resting.append(await bench.other.add(side, price, volume))


async def frames_until_now(stream):
    """Return the raw frames that were pushed until now."""
    number = await stream.send("ping")
    frames = []
    while True:
        raw = await stream.raw()
        if json.loads(raw).get("req_id") == number:
            return frames
        frames.append(raw)


def decoded(frames, received_ns=1):
    decoder = Kraken()
    for frame in frames:
        decoder.decode(frame, received_ns)
    return decoder.tally


@pytest.mark.parametrize("depth", [10, 25, 100])
@pytest.mark.parametrize("seed", [1, 2])
async def test_every_book_message_agrees_with_its_checksum(bench, depth, seed):
    chance = random.Random(seed)
    await shuffle(bench, chance, 30)
    stream = await bench.main.stream()
    await stream.send("subscribe", channel="instrument")
    await stream.send("subscribe", channel="book", symbol=["BTC/USD"], depth=depth)
    frames = await frames_until_now(stream)
    await shuffle(bench, chance, 60)
    frames += await frames_until_now(stream)
    tally = decoded(frames)
    assert tally.checksums > 30
    assert tally.checksum_failures == 0
    assert tally.undecoded == 0


async def test_the_places_of_numbers_can_be_learnt_from_the_checksum_alone(bench):
    await shuffle(bench, random.Random(3), 40)
    stream = await bench.main.stream()
    await stream.send("subscribe", channel="book", symbol=["BTC/USD"], depth=10)
    frames = await frames_until_now(stream)
    await shuffle(bench, random.Random(4), 20)
    tally = decoded(frames + await frames_until_now(stream))
    assert tally.checksums > 5
    assert tally.checksum_failures == 0


async def test_a_missing_book_message_is_noticed_by_the_next_checksum(bench):
    await shuffle(bench, random.Random(5), 40)
    stream = await bench.main.stream()
    await stream.send("subscribe", channel="instrument")
    await stream.send("subscribe", channel="book", symbol=["BTC/USD"], depth=10)
    frames = await frames_until_now(stream)
    await bench.arm("market_gap")
    await bench.other.add("buy", "99.9", "3")
    await bench.other.add("sell", "100.1", "3")
    tally = decoded(frames + await frames_until_now(stream))
    assert (await bench.hits())["market_gap"] == 1
    assert tally.checksum_failures == 1


async def test_a_level_that_falls_out_of_the_depth_is_not_told_and_comes_back(bench):
    for tenths in range(10):
        await bench.other.add("buy", f"{99 - tenths / 10:.1f}")
    stream = await bench.main.stream()
    _, _ = await stream.ask("subscribe", channel="book", symbol=["BTC/USD"], depth=10)
    better = await bench.other.add("buy", "99.5")
    _snapshot, update = await stream.pushed()
    assert [row["price"] for row in update["data"][0]["bids"]] == [99.5]
    await bench.other.ask("CancelOrder", txid=better)
    [update] = await stream.pushed()
    told = {row["price"]: row["qty"] for row in update["data"][0]["bids"]}
    assert told == {99.5: 0, 98.1: 1}


async def test_trades_quotes_and_bars_are_told(bench):
    stream = await bench.main.stream()
    for channel in ("trade", "ticker", "ohlc"):
        await stream.ask("subscribe", channel=channel, symbol=["BTC/USD"])
    await stream.pushed()
    await bench.trade("101.5", "2")
    told = {frame["channel"]: frame["data"][0] for frame in await stream.pushed()}
    assert (told["trade"]["price"], told["trade"]["qty"]) == (101.5, 2)
    assert (told["trade"]["side"], told["trade"]["trade_id"]) == ("buy", 1)
    assert told["ticker"]["last"] == 101.5
    assert told["ohlc"]["close"] == 101.5


async def test_the_best_prices_are_told_to_those_who_asked_for_them(bench):
    stream = await bench.main.stream()
    terms = {"channel": "ticker", "symbol": ["BTC/USD"], "event_trigger": "bbo"}
    await stream.ask("subscribe", **terms)
    await stream.pushed()
    await bench.other.add("sell", "101.0")
    await bench.other.add("buy", "99.0")
    [ticker] = await stream.pushed()
    [row] = ticker["data"]
    assert (row["bid"], row["ask"]) == (99.0, 101.0)


async def test_a_pair_that_changes_is_told_of(bench):
    stream = await bench.main.stream()
    await stream.ask("subscribe", channel="instrument")
    [snapshot] = await stream.pushed()
    assert {it["symbol"] for it in snapshot["data"]["pairs"]} >= {"BTC/USD", "ETH/USDT"}
    await bench.act("tick_change", symbol="BTC/USD", ticks=[["0", "0.5"]])
    bench.site.tick()
    [update] = await stream.pushed()
    [pair] = update["data"]["pairs"]
    assert (pair["symbol"], pair["price_increment"]) == ("BTC/USD", 0.5)
    assert pair["price_precision"] == 1


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"channel": "gossip"}, "Subscription name invalid"),
        (
            {"channel": "book", "symbol": ["XBT/USD"]},
            "Currency pair not supported XBT/USD",
        ),
        (
            {"channel": "book", "symbol": ["BTC/USD"], "depth": 11},
            "Subscription depth not supported",
        ),
        (
            {"channel": "ohlc", "symbol": ["BTC/USD"], "interval": 2},
            "Subscription ohlc interval not supported",
        ),
        ({"channel": "trade"}, "Symbol(s) not found"),
        ({"channel": "executions"}, "ESession:Invalid session"),
        ({"channel": "balances", "token": "made up"}, "ESession:Invalid session"),
    ],
)
async def test_a_subscription_that_cannot_be_is_refused(bench, params, words):
    stream = await bench.main.stream()
    reply, _ = await stream.ask("subscribe", **params)
    assert (reply["success"], reply["error"]) == (False, words)


async def test_a_second_subscription_is_refused_and_an_ended_one_is_silent(bench):
    stream = await bench.main.stream()
    trades = {"channel": "trade", "symbol": ["BTC/USD"]}
    await stream.ask("subscribe", **trades)
    reply, _ = await stream.ask("subscribe", **trades)
    assert reply["error"] == "Already subscribed"
    await stream.ask("unsubscribe", **trades)
    await bench.trade()
    assert await stream.pushed() == []


async def test_an_order_is_told_whole_once_and_sparsely_from_there_on(bench):
    stream = await bench.main.private()
    await stream.pushed()
    txid = await bench.main.add(cl_ord_id=UUID, oflags="post")
    pending, new = [it["data"][0] for it in await stream.pushed()]
    assert (pending["exec_type"], new["exec_type"]) == ("pending_new", "new")
    assert (pending["symbol"], pending["order_qty"]) == ("BTC/USD", 1)
    assert new["order_id"] == txid
    assert new["cl_ord_id"] == UUID
    assert new["post_only"] is True
    assert "symbol" not in new
    await bench.main.ask("CancelOrder", txid=txid)
    [canceled] = [it["data"][0] for it in await stream.pushed()]
    assert (canceled["exec_type"], canceled["reason"]) == ("canceled", "User requested")
    assert "symbol" not in canceled


async def test_a_fill_is_a_trade_and_the_end_is_told_apart(bench):
    stream = await bench.main.private()
    await bench.main.add(volume="1")
    await stream.pushed()
    await bench.other.add("sell", volume="0.4")
    [partial] = [it["data"][0] for it in await stream.pushed()]
    await bench.other.add("sell", volume="0.6")
    rest, filled = [it["data"][0] for it in await stream.pushed()]
    assert [it["exec_type"] for it in (partial, rest, filled)] == [
        *("trade", "trade", "filled")
    ]
    assert {it["order_status"] for it in (partial, rest)} == {"partially_filled"}
    assert (partial["last_qty"], rest["last_qty"], filled["cum_qty"]) == (0.4, 0.6, 1)
    fills = (await bench.truth())["fills"]
    assert [partial["exec_id"], rest["exec_id"]] == [it["execution_id"] for it in fills]
    assert partial["liquidity_ind"] == "m"


async def test_messages_of_a_channel_are_numbered_without_a_gap(bench):
    stream = await bench.main.private()
    for _ in range(3):
        await bench.trade(volume="0.1")
    frames = [it for it in await stream.pushed() if it["channel"] == "executions"]
    assert [it["sequence"] for it in frames] == list(range(1, len(frames) + 1))
    assert kinds(frames).count("trade") == 3


async def test_a_lost_message_leaves_a_gap_in_the_numbers(bench):
    stream = await bench.main.private()
    await stream.pushed()
    await bench.arm("stream_missing", account="main")
    await bench.main.add()
    assert [it["sequence"] for it in await stream.pushed()] == [3]


async def test_the_snapshot_holds_what_is_open_and_if_asked_what_was_filled(bench):
    await bench.trade("101.0")
    txid = await bench.main.add(cl_ord_id=UUID)
    stream = await bench.main.private(snap_trades=True)
    [snapshot] = await stream.pushed()
    assert (snapshot["type"], snapshot["sequence"]) == ("snapshot", 1)
    order, trade = snapshot["data"]
    assert (order["exec_type"], order["order_id"], order["symbol"]) == (
        *("new", txid),
        "BTC/USD",
    )
    assert (trade["exec_type"], trade["last_price"]) == ("trade", 101.0)


async def test_only_openings_and_ends_are_told_to_those_who_want_no_more(bench):
    stream = await bench.main.private(order_status=False)
    await stream.pushed()
    txid = await bench.main.add()
    await bench.main.ask("AmendOrder", txid=txid, limit_price="99.0")
    await bench.main.ask("CancelOrder", txid=txid)
    assert kinds(await stream.pushed()) == ["new", "canceled"]


async def test_an_amend_is_told_with_what_it_changed(bench):
    stream = await bench.main.private()
    txid = await bench.main.add()
    await stream.pushed()
    await bench.main.ask("AmendOrder", txid=txid, limit_price="99.0", order_qty="2")
    [frame] = await stream.pushed()
    [row] = frame["data"]
    assert (row["exec_type"], row["limit_price"], row["order_qty"]) == ("amended", 99, 2)


async def test_balances_follow_the_ledger(bench):
    stream = await bench.main.private("balances")
    [snapshot] = await stream.pushed()
    before = {it["asset"]: it["balance"] for it in snapshot["data"]}
    assert before["BTC"] == 100
    await bench.trade("100.0", "2")
    btc, usd = [it["data"][0] for it in await stream.pushed()]
    assert (btc["asset"], btc["amount"], btc["balance"]) == ("BTC", 2, 102)
    assert (usd["asset"], usd["amount"], usd["fee"]) == ("USD", -200, 0.8)
    ledger = (await bench.main.ask("Ledgers"))["ledger"]
    assert {btc["ledger_id"], usd["ledger_id"]} == ledger.keys()
    await bench.act("deposit", account="main", asset="USD", amount="5")
    [frame] = await stream.pushed()
    assert frame["data"][0]["type"] == "deposit"


async def test_an_order_is_entered_amended_and_canceled_by_websocket(bench):
    stream = await bench.main.private()
    await stream.pushed()
    added, _ = await stream.ask("add_order", **LIMIT, cl_ord_id=UUID)
    txid = added["result"]["order_id"]
    amended, _ = await stream.ask("amend_order", cl_ord_id=UUID, order_qty=2.0)
    assert amended["result"]["order_id"] == txid
    edited, _ = await stream.ask("edit_order", order_id=txid, limit_price=98.5)
    assert edited["result"]["original_order_id"] == txid
    txid = edited["result"]["order_id"]
    order = (await bench.main.ask("QueryOrders", txid=txid))[txid]
    assert (order["vol"], order["descr"]["price"]) == ("2.00000000", "98.5")
    gone, _ = await stream.ask("cancel_order", order_id=[txid])
    assert gone["result"] == {"order_id": txid}
    again, _ = await stream.ask("cancel_order", order_id=[txid])
    assert (again["success"], again["error"]) == (False, "EOrder:Unknown order")


async def test_the_reply_comes_before_what_it_caused(bench):
    stream = await bench.main.private()
    await stream.pushed()
    _, pushed = await stream.ask("add_order", **LIMIT)
    assert pushed == []
    assert kinds(await stream.pushed()) == ["pending_new", "new"]


async def test_batches_tell_of_each_order(bench):
    stream = await bench.main.private()
    terms = {name: value for name, value in LIMIT.items() if name != "symbol"}
    orders = [terms | {"cl_ord_id": "one"}, terms | {"order_qty": 100000.0}]
    reply, _ = await stream.ask("batch_add", symbol="BTC/USD", orders=orders)
    placed, refused = reply["result"]
    assert placed["cl_ord_id"] == "one"
    assert refused == {"error": "EGeneral:Invalid arguments:volume"}
    reply, _ = await stream.ask("batch_cancel", orders=[placed["order_id"], "nonsense"])
    assert reply["orders_cancelled"] == 1
    await stream.ask("add_order", **LIMIT)
    reply, _ = await stream.ask("cancel_all")
    assert reply["result"] == {"count": 1}


async def test_a_token_lasts_fifteen_minutes_unless_it_is_in_use(bench):
    stream = await bench.main.private()
    unused = await bench.main.token()
    await bench.clock.advance(901)
    assert (await stream.ask("add_order", **LIMIT))[0]["success"]
    late = await bench.main.stream()
    late.token = unused
    reply, _ = await late.ask("subscribe", channel="executions")
    assert reply["error"] == "ESession:Invalid session"


async def test_a_session_that_is_ended_closes_its_connection(bench):
    stream = await bench.main.private()
    await stream.pushed()
    assert await bench.act("expire_sessions") == {"expired": 1}
    with pytest.raises(ConnectionError):
        await stream.receive()


async def test_heartbeats_come_once_something_is_heard(bench):
    stream = await bench.main.stream()
    bench.site.beat()
    assert await stream.pushed() == []
    await stream.ask("subscribe", channel="trade", symbol=["BTC/USD"])
    bench.site.beat()
    assert await stream.pushed() == [{"channel": "heartbeat"}]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"method":5}', '{"method":"sing"}'])
async def test_a_frame_that_makes_no_sense_is_refused(bench, text):
    stream = await bench.main.stream()
    await stream.socket.send_str(text)
    assert (await stream.receive())["success"] is False


async def test_numbers_go_out_with_all_their_digits(bench):
    stream = await bench.main.private("balances")
    await bench.trade("100.1", "0.01000001")
    frames = b"".join(await frames_until_now(stream))
    assert b'"amount":0.01000001,' in frames
    assert b'"amount":-1.001001001,' in frames
    balances = await bench.main.ask("Balance")
    assert Decimal(balances["XXBT"]) == Decimal("100.01000001")
