"""Recorded streams over real sockets, whole and damaged: no wrong book is ever served."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest

from crossdock.errors import Unreachable
from crossdock.model import Side
from crossdock.toolkit.live import LiveMarket, live_market

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
BINANCE = DATA / "hftbacktest/examples/spot/ethusdt_20240808.gz"
COINBASE = DATA / "cryptofeed/COINBASE.ws.28.0"
KRAKEN = DATA / "kraken_book/orderbook-v2.jsonl"

needs_binance = pytest.mark.skipif(
    not BINANCE.exists(), reason="needs ../shared/data/hftbacktest, which is not shipped"
)
needs_coinbase = pytest.mark.skipif(
    not COINBASE.exists(), reason="needs ../shared/data/cryptofeed, which is not shipped"
)
needs_kraken = pytest.mark.skipif(
    not KRAKEN.exists(), reason="needs ../shared/data/kraken_book, which is not shipped"
)


def sides_of(book, depth=None):
    """Return a served book as numbers, each side best first."""
    return tuple(
        [
            (Decimal(price), Decimal(quantity))
            for price, quantity in book.levels(side, depth)
        ]
        for side in (Side.BUY, Side.SELL)
    )


class Truth:
    """A book kept in the plainest way there is, to judge by."""

    def __init__(self):
        self.bids, self.asks = {}, {}

    def apply(self, bids, asks):
        for side, rows in ((self.bids, bids), (self.asks, asks)):
            for price, quantity in rows:
                side.pop(Decimal(price), None)
                if Decimal(quantity):
                    side[Decimal(price)] = Decimal(quantity)

    def cut(self, depth):
        for side, is_bid in ((self.bids, True), (self.asks, False)):
            for price in sorted(side, reverse=is_bid)[depth:]:
                del side[price]

    def sides(self):
        return (
            sorted(self.bids.items(), reverse=True),
            sorted(self.asks.items()),
        )


@pytest.fixture(scope="module")
def ethusdt():
    """The recorded snapshot and the depth messages that follow on it, some hundred."""
    with gzip.open(BINANCE) as source:
        lines = [line.split(b" ", 1)[1].strip() for line in islice(source, 4000)]
    snapshot = next(json.loads(line) for line in lines if b"lastUpdateId" in line[:20])
    changes = [line for line in lines if b"@depth" in line[:60]]
    return snapshot, changes


class BinanceTruth(Truth):
    """What Binance's book was after each update, and what its REST would answer."""

    def __init__(self, snapshot, changes):
        super().__init__()
        self.number = snapshot["lastUpdateId"]
        self.apply(snapshot["bids"], snapshot["asks"])
        self._ahead = [json.loads(line)["data"] for line in changes]

    def reach(self, number):
        while self._ahead and self._ahead[0]["u"] <= number:
            change = self._ahead.pop(0)
            if change["u"] > self.number:
                self.apply(change["b"], change["a"])
                self.number = change["u"]

    def reply(self):
        bids, asks = self.sides()
        told = [[[f"{p:f}", f"{q:f}"] for p, q in side] for side in (bids, asks)]
        body = {"lastUpdateId": self.number, "bids": told[0], "asks": told[1]}
        return json.dumps(body).encode()


def update_of(line):
    return int(re.search(rb'"u":(\d+)', line)[1])


@needs_binance
@pytest.mark.parametrize("dropped", [None, 40, 41, 90])
async def test_binance_books_join_follow_and_heal(
    dropped, ethusdt, serve, watching, context, sink, market_of
):
    snapshot, changes = ethusdt
    changes = changes[:150]
    venue_truth = BinanceTruth(snapshot, changes)
    judge = BinanceTruth(snapshot, changes)

    async def script(session):
        frame = await session.heard("SUBSCRIBE")
        assert "ethusdt@depth@100ms" in frame["params"]
        await session.send({"result": None, "id": frame["id"]})
        for index, change in enumerate(changes):
            venue_truth.reach(update_of(change))
            if index == dropped:
                continue
            await session.send(change)
            if index in (0, dropped is not None and dropped + 1):
                await venue.requests.get()  # go on while the snapshot is under way
        await asyncio.Event().wait()

    def check(book):
        judge.reach(book.sequence)
        assert judge.number == book.sequence
        assert sides_of(book) == judge.sides()

    sink.check = check
    market = market_of("ETH/USDT", "ETHUSDT")
    async with serve(script, lambda _: venue_truth.reply()) as venue:
        live = LiveMarket(
            live_market("binance"),
            [market],
            context,
            origins={"spot": venue.stream, "spot_rest": venue.http},
        )
        async with watching(live, [market.id], sink):
            last = update_of(changes[-1])
            await sink.until(
                lambda: market.id in sink.books and sink.books[market.id].sequence == last
            )
    assert len(sink.gaps) == (dropped is not None)
    assert len(venue.asked) == 1 + (dropped is not None)
    assert sink.served > 100


@needs_binance
async def test_binance_snapshot_older_than_the_stream_is_asked_for_again(
    ethusdt, serve, watching, context, sink, clock, market_of
):
    snapshot, changes = ethusdt
    truth = BinanceTruth(snapshot, changes[:60])
    truth.reach(update_of(changes[20]))
    answers = [json.dumps(snapshot).encode(), truth.reply()]

    async def script(session):
        await session.heard("SUBSCRIBE")
        await session.send(*changes[10:60])
        await asyncio.Event().wait()

    market = market_of("ETH/USDT", "ETHUSDT")
    judge = BinanceTruth(snapshot, changes[:60])

    def check(book):
        judge.reach(book.sequence)
        assert sides_of(book) == judge.sides()

    sink.check = check
    async with serve(script, lambda _: answers.pop(0)) as venue:
        live = LiveMarket(
            live_market("binance"),
            [market],
            context,
            origins={"spot": venue.stream, "spot_rest": venue.http},
        )
        async with watching(live, [market.id], sink):
            while answers:  # the first one is too old, so there is a second
                await clock.advance(1)
            last = update_of(changes[59])
            await sink.until(
                lambda: market.id in sink.books and sink.books[market.id].sequence == last
            )
    assert len(venue.asked) == 2


def kraken_states(lines):
    """Return the book after each message, as Kraken's rules make it."""
    truth, states = Truth(), []
    for line in lines:
        message = json.loads(line, parse_float=str, parse_int=str)
        [data] = message["data"]
        if message["type"] == "snapshot":
            truth = Truth()
        truth.apply(*([(r["price"], r["qty"]) for r in data[s]] for s in ("bids", "asks")))
        truth.cut(10)
        states.append(truth.sides())
    return states


def kraken_picture(state, line):
    """Return the snapshot that Kraken would send after `line`, with its checksum."""
    [data] = json.loads(line)["data"]
    bids, asks = (
        b",".join(
            b'{"price":%s,"qty":%s}' % (f"{p}".encode(), f"{q:f}".encode()) for p, q in side
        )
        for side in state
    )
    return (
        b'{"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[%s],'
        b'"asks":[%s],"checksum":%d}]}' % (bids, asks, data["checksum"])
    )


@needs_kraken
@pytest.mark.parametrize("damage", ["none", "dropped", "altered"])
async def test_kraken_books_are_held_to_their_checksums(
    damage, serve, watching, context, sink, market_of
):
    lines = KRAKEN.read_bytes().splitlines()[:200]
    states = kraken_states(lines)
    at = 60
    seen = iter(range(len(states)))

    async def script(session):
        asked = await session.heard("subscribe", "book")
        assert asked["params"]["symbol"] == ["BTC/USD"]
        for index, line in enumerate(lines):
            if damage != "none" and index == at:
                if damage == "altered":
                    await session.send(altered(line))
                    break
            else:
                await session.send(line)
        if damage == "none":
            await asyncio.Event().wait()
        await session.heard("unsubscribe", "book")
        await session.heard("subscribe", "book")
        middle = 120
        await session.send(kraken_picture(states[middle], lines[middle]))
        await session.send(*lines[middle + 1 :])
        await asyncio.Event().wait()

    def check(book):
        state = sides_of(book)
        assert any(states[index] == state for index in seen), "never such a book, or before"

    sink.check = check
    market = market_of("BTC/USD", "XXBTZUSD")
    async with serve(script) as venue:
        live = LiveMarket(
            live_market("kraken"), [market], context, origins={"spot": venue.stream}
        )
        async with watching(live, [market.id], sink):
            await sink.until(
                lambda: (
                    market.id in sink.books
                    and sides_of(sink.books[market.id]) == states[-1]
                    and bool(sink.gaps) == (damage != "none")
                )
            )
    assert len(sink.gaps) == (damage != "none")


def altered(line):
    """Flip a digit of the first quantity of an update."""
    found = re.search(rb'"qty":([1-9])', line) or re.search(
        rb'"qty":\d*\.\d*?([1-9])', line
    )
    digit = b"1" if found[1] != b"1" else b"2"
    return line[: found.start(1)] + digit + line[found.end(1) :]


@needs_kraken
async def test_a_connection_that_ends_is_told_of_and_empties_the_books(
    serve, watching, context, sink, market_of
):
    lines = KRAKEN.read_bytes().splitlines()[:20]

    async def script(session):
        await session.heard("subscribe", "book")
        await session.send(*lines)
        await session.close()

    market = market_of("BTC/USD", "XXBTZUSD")
    async with serve(script) as venue:
        live = LiveMarket(
            live_market("kraken"), [market], context, origins={"spot": venue.stream}
        )
        with pytest.raises(Unreachable, match="closed with code 1001"):
            await live.watch_market([market.id], sink)
        assert not sink.books[market.id].ready
        with pytest.raises(Unreachable):  # and a new connection begins with a snapshot
            await live.watch_market([market.id], sink)
    assert len(venue.sessions) == 2


def coinbase_messages():
    """Return the recorded messages of the venue, and the markets they are about."""
    lines = COINBASE.read_bytes().splitlines()
    received = [line.split(b": ", 1)[1] for line in lines if re.match(rb"\d+\.\d+: ", line)]
    received = [line for line in received if b'"subscriptions"' not in line[:30]]
    return received[:2500]


@needs_coinbase
async def test_many_books_of_one_connection_are_each_as_the_venue_told_them(
    serve, watching, context, sink, market_of
):
    messages = coinbase_messages()
    truths, changes = {}, 0
    for line in messages:
        message = json.loads(line)
        if message["type"] == "snapshot":
            truth = truths[message["product_id"]] = Truth()
            truth.apply(message["bids"], message["asks"])
        elif message["type"] == "l2update":
            rows = message["changes"]
            buys = [row[1:] for row in rows if row[0] == "buy"]
            truth = truths[message["product_id"]]
            truth.apply(buys, [row[1:] for row in rows if row[0] == "sell"])
            changes += 1

    async def script(session):
        frame = await session.heard("subscribe", "level2_batch")
        assert sorted(frame["product_ids"]) == sorted(truths)
        await session.send(*messages, {"type": "heartbeat", "sequence": 1})
        await asyncio.Event().wait()

    markets = {key: market_of(key.replace("-", "/"), key) for key in truths}
    async with serve(script) as venue:
        live = LiveMarket(
            live_market("coinbaseexchange"),
            list(markets.values()),
            context,
            origins={"exchange": venue.stream},
        )
        told = 0

        def count(_):
            nonlocal told
            told += 1

        sink.check = count
        async with watching(live, [each.id for each in markets.values()], sink):
            await sink.until(lambda: told == changes + len(truths))
    assert sink.gaps == []
    for key, truth in truths.items():
        assert sides_of(sink.books[markets[key].id]) == truth.sides()
