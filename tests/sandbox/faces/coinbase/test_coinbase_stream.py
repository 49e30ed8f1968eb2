"""Coinbase's WebSocket: numbers, channels, tokens, and the book a decoder keeps of it."""

from decimal import Decimal
from random import Random

import msgspec
import pytest

from crossdock.book import OrderBook
from crossdock.model import BookChange, Side
from crossdock.ports import MarketGap
from crossdock.toolkit.decoders import CoinbaseAdvanced


def numbers(frames):
    return [it["sequence_num"] for it in frames]


def orders(frames):
    """Return what the user channel told: (status, cumulative, leaves) of each order."""
    return [
        (row["status"], row["cumulative_quantity"], row["leaves_quantity"])
        for frame in frames
        if frame["channel"] == "user"
        for row in frame["events"][0]["orders"]
    ]


async def test_who_asks_for_nothing_is_hung_up_on_after_five_seconds(
    coinbase, trader, feed_of
):
    idle, asking = await feed_of(trader), await feed_of(trader)
    await asking.subscribe("heartbeats")
    await coinbase.clock.advance(4.9)
    coinbase.site.tick()
    assert len(coinbase.site.host.connections) == 2
    await coinbase.clock.advance(0.2)
    coinbase.site.tick()
    assert (await idle.socket.receive()).data in (None, 1006)
    assert len(coinbase.site.host.connections) == 1


async def test_messages_are_numbered_over_all_channels(coinbase, trader, feed_of):
    feed = await feed_of(trader)
    first = await feed.subscribe("level2", "BTC-USD")
    second = await feed.subscribe("heartbeats")
    coinbase.site.beat()
    await coinbase.house("buy", "90", "1", symbol="BTC/USD")
    third = await feed.until_now()
    assert numbers(first + second + third) == [0, 2, 4, 5]
    assert [it["channel"] for it in third] == ["heartbeats", "l2_data"]
    counters = [
        it["events"][0]["heartbeat_counter"]
        for it in second + third
        if it["channel"] == "heartbeats"
    ]
    assert counters == ["1", "2"]


async def test_a_subscription_is_confirmed_with_all_there_are(trader, feed_of):
    feed = await feed_of(trader)
    await feed.subscribe("level2", "BTC-USD")
    await feed.send("subscribe", "ticker", "ETH-USD", "BTC-USD")
    while (frame := await feed.next())["channel"] != "subscriptions":
        pass
    told = frame["events"][0]["subscriptions"]
    assert told == {"level2": ["BTC-USD"], "ticker": ["ETH-USD", "BTC-USD"]}
    await feed.send("unsubscribe", "ticker", "BTC-USD")
    told = (await feed.next())["events"][0]["subscriptions"]
    assert told == {"level2": ["BTC-USD"], "ticker": ["ETH-USD"]}


@pytest.mark.parametrize("claims", [None, {"exp": 1}, {"sub": "somebody"}], ids=str)
async def test_the_user_channel_needs_a_good_token(trader, feed_of, claims):
    feed = await feed_of(trader)
    token = None if claims is None else trader.token(**claims)
    await feed.send("subscribe", "user", token=token)
    refused = await feed.next()
    assert refused == {"type": "error", "message": "authentication failure"}


async def test_unsigned_messages_are_limited(trader, feed_of):
    feed = await feed_of(trader)
    for _ in range(8):
        await feed.subscribe("heartbeats")
    await feed.send("subscribe", "heartbeats")
    assert await feed.next() == {"type": "error", "message": "rate limit exceeded"}
    await feed.subscribe("heartbeats", signed=True)


async def test_open_orders_come_in_batches_and_then_as_they_change(
    coinbase, trader, feed_of
):
    for _ in range(3):
        await trader.placed()
    await coinbase.clock.advance(1)
    feed = await feed_of(trader)
    snapshot = await feed.subscribe("user", signed=True)
    assert orders(snapshot) == [("OPEN", "0", "1")] * 3
    await coinbase.house("sell", "100", "1.5", symbol="BTC/USD")
    told = orders(await feed.until_now())
    assert told == [("FILLED", "1", "0"), ("OPEN", "0.5", "0.5")]
    placed = await trader.placed(
        {"limit_limit_gtc": {"base_size": "2", "limit_price": "9"}}
    )
    await trader.post("/orders/batch_cancel", {"order_ids": [placed]})
    told = orders(await feed.until_now())
    assert told == [("OPEN", "0", "2"), ("CANCELLED", "0", "0")]


async def test_each_update_tells_the_sums_of_its_moment(coinbase, trader, feed_of):
    feed = await feed_of(trader)
    await feed.subscribe("user", signed=True)
    await coinbase.house("sell", "99", "0.5", symbol="BTC/USD")
    await coinbase.house("sell", "100", "0.5", symbol="BTC/USD")
    await trader.placed()
    rows = [it["events"][0]["orders"][0] for it in await feed.until_now()]
    told = [(it["cumulative_quantity"], it["avg_price"]) for it in rows]
    assert told == [("0", "0"), ("0.5", "99"), ("1", "99.5")]


async def test_only_the_products_asked_for_are_told(trader, feed_of):
    feed = await feed_of(trader)
    await feed.subscribe("user", "ETH-USD", signed=True)
    await trader.placed()
    assert await feed.until_now() == []
    await trader.placed(product_id="ETH-USD")
    assert orders(await feed.until_now()) == [("OPEN", "0", "1")]


async def test_a_missing_user_message_leaves_a_gap_in_the_numbers(
    coinbase, trader, feed_of
):
    feed = await feed_of(trader)
    await feed.subscribe("user", signed=True)
    await coinbase.arm("stream_missing")
    await trader.placed()
    await trader.placed()
    assert numbers(await feed.until_now()) == [3]


async def test_trades_come_in_batches_with_the_makers_side(coinbase, trader, feed_of):
    feed = await feed_of(trader)
    await feed.subscribe("market_trades", "BTC-USD")
    await coinbase.house("sell", "100", "2", symbol="BTC/USD")
    await trader.placed()
    await trader.placed()
    assert await feed.until_now() == []
    await coinbase.clock.advance(0.3)
    coinbase.site.tick()
    [batch] = await feed.until_now()
    rows = batch["events"][0]["trades"]
    assert [(it["trade_id"], it["side"]) for it in rows] == [("2", "SELL"), ("1", "SELL")]


async def test_paced_channels_are_told_by_the_clock(coinbase, trader, feed_of):
    await coinbase.house("sell", "100", "1", symbol="BTC/USD")
    feed = await feed_of(trader)
    for channel in ("candles", "ticker_batch", "status", "ticker"):
        await feed.subscribe(channel, "BTC-USD")
    await trader.placed()
    [ticker] = await feed.until_now()
    assert ticker["events"][0]["tickers"][0]["price"] == "100"
    await coinbase.clock.advance(5)
    coinbase.site.tick()
    told = {it["channel"]: it["events"][0] for it in await feed.until_now()}
    assert set(told) == {"candles", "ticker_batch"}  # until_now has left status
    assert told["candles"]["candles"][0]["close"] == "100"
    assert "best_bid" not in told["ticker_batch"]["tickers"][0]


async def test_an_expired_session_closes_the_connection(coinbase, trader, feed_of):
    feed = await feed_of(trader)
    await feed.subscribe("user", signed=True)
    await coinbase.arm("session_expired")
    assert (await feed.socket.receive()).data in (None, 1006)


class Kept:
    """A book as our own decoder keeps it from all that a connection heard."""

    def __init__(self, feed):
        self.feed = feed
        self.decoder = CoinbaseAdvanced()
        self.book = OrderBook("BTC/USD@coinbase")
        self.gaps = 0

    def read(self):
        frames, self.feed.heard = self.feed.heard, []
        for frame in frames:
            for event in self.decoder.decode(msgspec.json.encode(frame), 1):
                if isinstance(event, MarketGap):
                    self.gaps += 1
                    self.book.mark_gap(event.reason)
                elif isinstance(event, BookChange):
                    self.book.apply(event)

    def levels(self):
        return tuple(
            [(Decimal(price), Decimal(size)) for price, size in self.book.levels(side)]
            for side in Side
        )


def engine_levels(coinbase):
    _, bids, asks = coinbase.site.host.venue.book("BTC/USD", 1000)
    return bids, asks


async def trade_at_random(coinbase, trader, source):
    """Place and cancel a few orders around 100."""
    resting = []
    for _ in range(12):
        side = source.choice(("BUY", "SELL"))
        price = str(100 + source.randint(-4, 4))
        name = source.choice(("limit_limit_gtc", "sor_limit_ioc"))
        size = str(source.randint(1, 5) / 10)
        await coinbase.house(source.choice(("buy", "sell")), price, size, "BTC/USD")
        order = {name: {"base_size": size, "limit_price": price}}
        resting.append(await trader.placed(order, side=side))
    asked = {"order_ids": source.sample(resting, 4)}
    assert (await trader.post("/orders/batch_cancel", asked)).status == 200


@pytest.mark.parametrize("seed", range(5))
async def test_our_decoder_keeps_the_book_the_venue_has(coinbase, trader, feed_of, seed):
    source = Random(seed)
    await coinbase.house("buy", "95", "1", "BTC/USD")
    feed = await feed_of(trader)
    kept = Kept(feed)
    await feed.subscribe("level2", "BTC-USD")
    for _ in range(3):
        await trade_at_random(coinbase, trader, source)
        await coinbase.clock.advance(1)
        await feed.until_now()
        kept.read()
        assert kept.levels() == engine_levels(coinbase)
    assert kept.decoder.tally.undecoded == kept.gaps == 0


async def test_a_lost_change_shows_before_anything_wrong_is_read(coinbase, trader, feed_of):
    feed = await feed_of(trader)
    kept = Kept(feed)
    await feed.subscribe("level2", "BTC-USD")
    await coinbase.house("buy", "94", "1", "BTC/USD")
    await feed.until_now()
    kept.read()
    assert kept.levels() == engine_levels(coinbase)
    await coinbase.arm("market_gap")
    await coinbase.house("buy", "95", "1", "BTC/USD")
    assert await feed.until_now() == []
    kept.read()
    assert kept.gaps == 1
    assert not kept.book.ready
    await feed.subscribe("level2", "BTC-USD")
    kept.read()
    assert kept.levels() == engine_levels(coinbase)
