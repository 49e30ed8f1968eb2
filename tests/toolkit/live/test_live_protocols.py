"""How a stream is kept alive, how a loss heals and what ends it, over real sockets."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from crossdock.errors import BadPayload, ConfigError, Rejected, Unavailable, Unreachable
from crossdock.model import ContractKind, Side
from crossdock.ports import RateLimit
from crossdock.toolkit import HealthState
from crossdock.toolkit.live import LiveMarket, live_market

LINEAR = ContractKind.LINEAR
VENUES = {
    "binance": ("BTC/USDT", "BTCUSDT"),
    "binanceus": ("BTC/USD", "BTCUSD"),
    "bybit": ("BTC/USDT", "BTCUSDT"),
    "bybiteu": ("BTC/USDT", "BTCUSDT"),
    "coinbase": ("BTC/USD", "BTC-USD"),
    "coinbaseexchange": ("BTC/USD", "BTC-USD"),
    "kraken": ("BTC/USD", "XXBTZUSD"),
    "myokx": ("BTC/USDT", "BTC-USDT"),
    "okx": ("BTC/USDT", "BTC-USDT"),
    "okxus": ("BTC/USDT", "BTC-USDT"),
}


def redirected(exchange, venue):
    return {
        role: venue.http if urlsplit(origin).scheme == "https" else venue.stream
        for role, origin in live_market(exchange).origins.items()
    }


def live(exchange, instruments, context, venue):
    return LiveMarket(
        live_market(exchange), instruments, context, origins=redirected(exchange, venue)
    )


def okx_book(key, action, number, previous, bids=(), asks=()):
    sides = [
        [[price, quantity, "0", "1"] for price, quantity in side] for side in (asks, bids)
    ]
    data = {"asks": sides[0], "bids": sides[1], "ts": "1597026383085", "checksum": 0}
    data |= {"seqId": number, "prevSeqId": previous}
    arg = {"channel": "books", "instId": key}
    return {"arg": arg, "action": action, "data": [data]}


def okx_begun(key, number=100):
    return okx_book(key, "snapshot", number, -1, [("9", "1")], [("10", "1")])


async def test_a_gap_resubscribes_the_one_market_and_leaves_the_others(
    serve, watching, context, sink, market_of
):
    async def script(session):
        await session.heard("subscribe")
        await session.send(okx_begun("BTC-USDT"), okx_begun("ETH-USDT"))
        await session.send(okx_book("BTC-USDT", "update", 130, 120))
        for op in ("unsubscribe", "subscribe"):
            frame = await session.heard(op)
            assert frame["args"] == [{"channel": "books", "instId": "BTC-USDT"}]
        await session.send(okx_book("BTC-USDT", "update", 131, 130))  # still under way
        await session.send(okx_begun("BTC-USDT", 200))
        await session.send(okx_book("ETH-USDT", "update", 101, 100, [("9.5", "2")]))
        await asyncio.Event().wait()

    btc, eth = market_of("BTC/USDT", "BTC-USDT"), market_of("ETH/USDT", "ETH-USDT")
    async with serve(script) as venue:
        stream = live("okx", [btc, eth], context, venue)
        async with watching(stream, [btc.id, eth.id], sink):
            await sink.until(
                lambda: eth.id in sink.books and sink.books[eth.id].sequence == 101
            )
    assert [instrument for instrument, _ in sink.gaps] == [btc.id]
    assert sink.books[btc.id].ready
    assert sink.books[btc.id].sequence == 200
    health = context.health.stream("main market")
    assert (health.gaps, health.reconnects) == (1, 0)
    assert len(venue.sessions) == 1


async def test_a_message_missing_at_coinbase_begins_every_book_of_the_connection_anew(
    serve, watching, context, sink, market_of
):
    def told(number, kind, product):
        update = {"side": "bid", "price_level": "5", "new_quantity": str(number + 1)}
        event = {"type": kind, "product_id": product, "updates": [update]}
        head = {"channel": "l2_data", "timestamp": "2026-04-07T14:30:00Z"}
        return head | {"sequence_num": number, "events": [event]}

    async def script(session):
        await session.heard("level2")
        await session.send(told(0, "snapshot", "BTC-USD"), told(1, "snapshot", "ETH-USD"))
        await session.send(told(3, "update", "ETH-USD"))
        assert (await session.heard("unsubscribe"))["product_ids"] == ["BTC-USD", "ETH-USD"]
        await session.heard('"subscribe"', "level2")
        await session.send(told(4, "snapshot", "BTC-USD"), told(5, "snapshot", "ETH-USD"))
        await asyncio.Event().wait()

    made = [market_of("BTC/USD", "BTC-USD"), market_of("ETH/USD", "ETH-USD")]
    ids = [each.id for each in made]
    async with serve(script) as venue:
        stream = live("coinbase", made, context, venue)
        async with watching(stream, ids, sink):
            await sink.until(lambda: [each for each, _ in sink.gaps] == ids)
            assert not any(sink.books[each].levels(Side.BUY) for each in ids)
            await sink.until(lambda: all(sink.books[each].levels(Side.BUY) for each in ids))
    assert sink.books[ids[1]].levels(Side.BUY) == [("5", "6")]


async def test_markets_of_one_name_are_told_apart_by_their_connection(
    serve, watching, context, sink, market_of
):
    async def script(session):
        await session.heard("orderbook.50.BTCUSDT")
        price = "100" if session.path.endswith("/spot") else "101"
        data = {"s": "BTCUSDT", "b": [[price, "1"]], "a": [], "u": 5, "seq": 6}
        head = {"topic": "orderbook.50.BTCUSDT", "type": "snapshot", "ts": 1, "cts": 1}
        await session.send(head | {"data": data})
        await asyncio.Event().wait()

    spot = market_of("BTC/USDT", "BTCUSDT")
    perpetual = market_of("BTC/USDT:USDT", "BTCUSDT", LINEAR)
    async with serve(script) as venue:
        stream = live("bybit", [spot, perpetual], context, venue)
        async with watching(stream, [spot.id, perpetual.id], sink):
            await sink.until(lambda: len(sink.books) == 2)
    assert sink.books[spot.id].best_bid == 100
    assert sink.books[perpetual.id].best_bid == 101
    assert set(context.health.streams()) == {"main market", "main market linear"}


async def test_the_end_of_one_connection_ends_all_and_empties_every_book(
    serve, context, sink, market_of
):
    both = asyncio.Event()

    async def script(session):
        await session.heard("orderbook.50.BTCUSDT")
        data = {"s": "BTCUSDT", "b": [["1", "1"]], "a": [], "u": 5, "seq": 6}
        head = {"topic": "orderbook.50.BTCUSDT", "type": "snapshot", "ts": 1}
        await session.send(head | {"data": data})
        if session.path.endswith("/linear"):
            await both.wait()
            await session.close()
        await asyncio.Event().wait()

    spot = market_of("BTC/USDT", "BTCUSDT")
    perpetual = market_of("BTC/USDT:USDT", "BTCUSDT", LINEAR)
    async with serve(script) as venue:
        stream = live("bybit", [spot, perpetual], context, venue)
        task = asyncio.create_task(stream.watch_market([spot.id, perpetual.id], sink))
        await sink.until(lambda: len(sink.books) == 2)
        both.set()
        with pytest.raises(Unreachable):
            await task
    assert not any(book.levels(Side.BUY) for book in sink.books.values())


async def test_a_quiet_connection_is_kept_alive_and_a_mute_one_given_up(
    serve, context, sink, clock, market_of
):
    pings = 0
    answering = True

    async def script(session):
        nonlocal pings
        await session.heard("subscribe")
        await session.send(okx_begun("BTC-USDT"))
        while True:
            if await session.frames.get() == "ping":
                pings += 1
                if answering:
                    await session.send(b"pong")

    market = market_of("BTC/USDT", "BTC-USDT")
    async with serve(script) as venue:
        stream = live("okx", [market], context, venue)
        task = asyncio.create_task(stream.watch_market([market.id], sink))
        await sink.until(lambda: bool(sink.books))
        health = context.health.stream("main market")
        for count in range(1, 9):
            await clock.advance(15)
            while pings < count or health.heartbeat_age_s != 0:
                await asyncio.sleep(0)
        assert not task.done()
        answering = False
        for _ in range(100):
            await clock.advance(5)
        assert task.done(), "it was given up"
        with pytest.raises(Unreachable, match="not even a heartbeat"):
            await task
    assert [reason for _, reason in sink.gaps] == [sink.gaps[0][1]]
    assert not sink.books[market.id].ready


async def test_a_refused_market_is_told_of_and_the_others_go_on(
    serve, watching, context, sink, market_of
):
    async def script(session):
        await session.heard("subscribe")
        words = "Wrong URL or channel:books,instId:GONE-USDT doesn't exist"
        await session.send({"event": "error", "code": "60018", "msg": words})
        await session.send(okx_begun("BTC-USDT"))
        await asyncio.Event().wait()

    btc, gone = market_of("BTC/USDT", "BTC-USDT"), market_of("GONE/USDT", "GONE-USDT")
    async with serve(script) as venue:
        stream = live("okx", [btc, gone], context, venue)
        async with watching(stream, [btc.id, gone.id], sink):
            await sink.until(lambda: bool(sink.books))
    [(instrument, reason)] = sink.gaps
    assert instrument == gone.id
    assert "doesn't exist" in reason


@pytest.mark.parametrize(
    ("exchange", "words", "error"),
    [
        ("okx", {"event": "error", "code": "60012", "msg": "Illegal request"}, Rejected),
        ("okx", {"event": "notice", "code": "64008", "msg": "closing soon"}, Unreachable),
        ("binance", {"error": {"code": 2, "msg": "Invalid request"}, "id": 1}, Rejected),
        ("binance", {"e": "serverShutdown", "E": 1}, Unreachable),
        ("bybit", {"success": False, "ret_msg": "too many", "op": "subscribe"}, Rejected),
        ("coinbase", {"type": "error", "message": "too many"}, Rejected),
        ("coinbaseexchange", {"type": "error", "message": "no", "reason": "x"}, Rejected),
        (
            "kraken",
            {"method": "subscribe", "success": False, "error": "Limit exceeded"},
            Rejected,
        ),
        ("okx", {"arg": {"channel": "books"}, "data": 5}, BadPayload),
    ],
)
async def test_what_concerns_the_whole_connection_ends_it(
    exchange, words, error, serve, context, sink, market_of
):
    async def script(session):
        await session.send(words)
        await asyncio.Event().wait()

    market = market_of(*VENUES[exchange])
    async with serve(script) as venue:
        stream = live(exchange, [market], context, venue)
        with pytest.raises(error):
            await stream.watch_market([market.id], sink)
    assert [instrument for instrument, _ in sink.gaps] == [market.id]


async def test_a_snapshot_that_does_not_come_is_asked_for_again(
    serve, watching, context, sink, clock, market_of
):
    async def script(session):
        await session.heard("subscribe")
        await session.heard("unsubscribe")
        await session.send(okx_begun("BTC-USDT"))
        await asyncio.Event().wait()

    market = market_of("BTC/USDT", "BTC-USDT")
    async with serve(script) as venue:
        stream = live("okx", [market], context, venue)
        async with watching(stream, [market.id], sink):
            for _ in range(15):
                await clock.advance(1)
            await sink.until(lambda: bool(sink.books))
    assert clock.monotonic_ns() == 15e9
    assert sink.gaps == []


async def test_snapshots_keep_to_the_budget_and_to_what_the_venue_asks(
    serve, watching, context, sink, clock, market_of
):
    limits = (RateLimit(scope="all", calls=1200, per_s=60),)
    context = replace(context, manifest=replace(context.manifest, rate_limits=limits))
    body = json.dumps({"lastUpdateId": 9, "bids": [["1", "1"]], "asks": []}).encode()
    answers = [
        web.Response(status=429, headers={"Retry-After": "30"}),
        web.Response(body=body),
    ]

    async def script(session):
        await session.heard("SUBSCRIBE")
        change = {
            "e": "depthUpdate",
            "E": 1,
            "s": "BTCUSDT",
            "U": 5,
            "u": 10,
            "b": [],
            "a": [],
        }
        await session.send({"stream": "btcusdt@depth@100ms", "data": change})
        await asyncio.Event().wait()

    market = market_of("BTC/USDT", "BTCUSDT")
    async with serve(script, lambda _: answers.pop(0)) as venue:
        stream = live("binance", [market], context, venue)
        async with watching(stream, [market.id], sink):
            await venue.requests.get()
            refused_ns = clock.monotonic_ns()
            while not sink.books:
                await clock.advance(1)
        limiter = context.limiter(urlsplit(venue.http).netloc)
        assert limiter.wait_s(weight=1200) > 0, "what was asked is in the budget"
    assert clock.monotonic_ns() - refused_ns >= 30e9
    assert len(venue.asked) == 2


async def test_the_venues_day_is_seen_to_end(
    serve, watching, context, sink, clock, market_of
):
    async def script(session):
        await session.heard("SUBSCRIBE")
        change = {"u": 1, "s": "BTCUSDT", "b": "1", "B": "1", "a": "2", "A": "1"}
        while True:
            await session.send({"stream": "btcusdt@bookTicker", "data": change})
            await asyncio.sleep(0)
            if sink.seen_quotes:
                break
        await asyncio.Event().wait()

    market = market_of("BTC/USDT", "BTCUSDT")
    async with serve(script, lambda _: web.Response(status=500)) as venue:
        stream = live("binance", [market], context, venue)
        async with watching(stream, [market.id], sink):
            await sink.until(lambda: bool(sink.seen_quotes))
            clock.step(86_400 - 60)
            verdict = context.health.stream("main market").verdict()
            assert verdict.state is HealthState.EXPIRING


async def test_only_what_was_given_and_is_served_can_be_watched(context, sink, market_of):
    option = market_of("BTC/USDT:USDT-261225-1-C", "BTC-25DEC26-1-C", ContractKind.OPTION)
    spot = market_of("BTC/USDT", "BTCUSDT")
    stream = LiveMarket(live_market("bybit"), [option, spot], context)
    assert (stream.serves(spot.id), stream.serves(option.id)) == (True, False)
    for instrument in (option.id, market_of("ETH/USDT", "ETHUSDT").id):
        with pytest.raises(Unavailable):
            await stream.watch_market([instrument], sink)
    with pytest.raises(ConfigError, match="no origin moon"):
        LiveMarket(live_market("bybit"), [spot], context, origins={"moon": "ws://x"})


async def test_nothing_to_watch_waits_until_cancelled(context, sink):
    stream = LiveMarket(live_market("bybit"), [], context)
    task = asyncio.create_task(stream.watch_market([], sink))
    await asyncio.sleep(0)
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
