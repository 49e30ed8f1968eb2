"""A connection that watches: snapshot, changes, the newest of each, and nothing queued."""

import asyncio
import json
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from crossdock.app.doors.control.control import ControlServer
from crossdock.app.doors.watching.watching import STALLED_S, Watching
from crossdock.core import records as r

D = Decimal
TOPICS = [
    "status",
    "books",
    "orders",
    "fills",
    "positions",
    "portfolio",
    "signals",
    "strategies",
    "risk",
    "alerts",
    "doubts",
    "flags",
    "ladder:BTC/USDT",
    "candle:BTC/USDT:1m",
]


class Watcher:
    """The other side of a watched connection, which moves the clock and reads."""

    def __init__(self, clock, reader, writer):
        self.clock, self.reader, self.writer = clock, reader, writer

    def say(self, **line):
        self.writer.write(json.dumps(line).encode() + b"\n")

    async def line(self, topic=None):
        """Return the next line, of a topic if one is named."""
        while True:
            read = asyncio.ensure_future(self.reader.readline())
            for _ in range(2_000):
                await asyncio.sleep(0)
                if read.done():
                    break
                await self.clock.advance(0.05)
            raw = await asyncio.wait_for(read, 10)
            assert raw, "the desk let go"
            told = json.loads(raw)
            if topic in (None, told.get("topic")):
                return told


@pytest.fixture
def watch(clock, tmp_path):
    @asynccontextmanager
    async def begin(desk, topics, **args):
        path = tmp_path / "run" / "desk.sock"
        streams = {"watch": Watching(desk).serve}
        async with ControlServer(path, desk.operations.table(), streams):
            reader, writer = await asyncio.open_unix_connection(str(path), limit=1 << 24)
            watcher = Watcher(clock, reader, writer)
            watcher.say(op="watch", args={"topics": topics, **args})
            try:
                yield watcher
            finally:
                writer.close()
                await writer.wait_closed()

    return begin


async def test_every_topic_begins_with_a_snapshot(venue, open_toy_desk, watch):
    async with open_toy_desk(venue) as desk, watch(desk, TOPICS) as watcher:
        told = [await watcher.line() for _ in TOPICS]
        assert {line["topic"]: line["kind"] for line in told} == dict.fromkeys(
            TOPICS, "snapshot"
        )
        assert {line["seq"] for line in told} == {1}


async def test_only_the_books_that_moved_are_told_and_only_as_they_are_now(
    toy, clock, open_toy_desk, watch
):
    venues = [toy.Venue(clock, "alpha", "main"), toy.Venue(clock, "beta", "second")]
    async with open_toy_desk(*venues) as desk, watch(desk, ["books"]) as watcher:
        first = await watcher.line()
        assert [row["instrument"] for row in first["data"]] == [
            "BTC/USDT@alpha",
            "BTC/USDT@beta",
        ]
        for bid in ("99.1", "99.2", "99.3"):
            venues[1].quote(bid=bid)
        change = await watcher.line()
        assert (change["kind"], change["seq"]) == ("change", 2)
        [row] = change["data"]
        assert (row["instrument"], row["bid"]) == ("BTC/USDT@beta", "99.3")


async def test_an_order_is_told_as_it_changes_until_it_is_done(
    clock, venue, open_toy_desk, watch
):
    async with (
        open_toy_desk(venue) as desk,
        watch(desk, ["orders", "fills", "positions"]) as watcher,
    ):
        for _ in range(3):
            assert (await watcher.line())["kind"] == "snapshot"
        placed = desk.operations.place(
            side="buy", symbol="BTC/USDT", quantity="1", limit="99"
        )
        await clock.settle()
        [row] = (await watcher.line("orders"))["data"]
        assert (row["order_id"], row["status"]) == (placed["order_id"], "New")
        venue.fill("v1", "1", "99")
        [row] = (await watcher.line("orders"))["data"]
        assert row["status"] == "Filled"
        [fill] = (await watcher.line("fills"))["data"]
        assert (fill["order_id"], fill["strategy"]) == (placed["order_id"], "manual")
        positions = (await watcher.line("positions"))["data"]
        assert {"account": "main", "asset": "BTC", "total": "11"} in positions


async def test_an_order_that_is_done_between_two_looks_is_told_of(
    clock, venue, open_toy_desk, watch
):
    async with open_toy_desk(venue) as desk, watch(desk, ["orders"]) as watcher:
        await watcher.line()
        desk.operations.place(side="buy", symbol="BTC/USDT", quantity="1", limit="99")
        for _ in range(20):
            await asyncio.sleep(0)
        venue.fill("v1", "1", "99")
        [row] = (await watcher.line())["data"]
        assert row["status"] == "Filled"


async def test_flags_and_alarms_are_told_when_they_change(venue, open_toy_desk, watch):
    async with open_toy_desk(venue) as desk, watch(desk, ["flags", "alerts"]) as watcher:
        assert [(await watcher.line())["kind"] for _ in range(2)] == ["snapshot"] * 2
        desk.operations.table()["set_flag"](name="trading", value=False, by="Ann")
        assert (await watcher.line("flags"))["data"]["trading"] is False
        desk.kernel.note([r.Alarmed(at=1, code="drill", words="a drill")])
        told = await watcher.line("alerts")
        assert told["kind"] == "change"
        assert [row["code"] for row in told["data"]] == ["drill"]


async def test_a_watcher_may_change_what_it_watches_and_what_stays_goes_on(
    venue, open_toy_desk, watch
):
    async with open_toy_desk(venue) as desk, watch(desk, ["books"]) as watcher:
        await watcher.line("books")
        watcher.say(topics=["books", "flags"])
        assert (await watcher.line())["topic"] == "flags"
        venue.quote(bid="99.5")
        told = await watcher.line("books")
        assert (told["kind"], told["seq"]) == ("change", 2)
        watcher.say(topics=["flags"])
        watcher.say(nonsense=1)
        await watcher.clock.advance(1)
        venue.quote(bid="99.6")
        desk.operations.table()["set_flag"](name="trading", value=False, by="Ann")
        assert (await watcher.line())["topic"] == "flags"


async def test_a_topic_that_is_none_says_so_once_and_the_others_go_on(
    venue, open_toy_desk, watch
):
    topics = ["weather", "ladder:DOGE/USDT", "candle:BTC/USDT:often", "flags"]
    async with open_toy_desk(venue) as desk, watch(desk, topics) as watcher:
        told = {line["topic"]: line for line in [await watcher.line() for _ in topics]}
        codes = {name: line["data"].get("code") for name, line in told.items()}
        assert codes == {
            "weather": "unknown-topic",
            "ladder:DOGE/USDT": "unknown-symbol",
            "candle:BTC/USDT:often": "bad-argument",
            "flags": None,
        }
        await watcher.clock.advance(5)
        desk.operations.table()["set_flag"](name="trading", value=False, by="Ann")
        assert (await watcher.line())["topic"] == "flags"


@pytest.mark.parametrize("args", [{"interval_ms": "often"}, {"topics": "books"}])
async def test_a_watch_that_makes_no_sense_is_refused(venue, open_toy_desk, watch, args):
    async with (
        open_toy_desk(venue) as desk,
        watch(desk, **{"topics": ["flags"], **args}) as watcher,
    ):
        told = await watcher.line()
        assert told["error"]["code"] == "bad-argument"
        assert await watcher.reader.read() == b""


async def test_a_chart_tells_the_bar_that_forms_and_each_that_closed(
    clock, venue, open_toy_desk, watch
):
    async with open_toy_desk(venue) as desk, watch(desk, ["candle:BTC/USDT:1m"]) as watcher:
        assert (await watcher.line())["kind"] == "snapshot"
        venue.quote(bid="100.9", ask="101.1")
        desk.upkeep.round()
        told = await watcher.line()
        assert told["kind"] == "change" and told["data"]["forming"][4] == 101.0
        await clock.advance(60)
        closed = [await watcher.line() for _ in range(2)]
        assert any(line["data"]["bars"] for line in closed)


class Transport:
    """One whose reader has stopped: what is written stays."""

    def __init__(self):
        self.written = []
        self.held = 0
        self.aborted = False

    def is_closing(self):
        return self.aborted

    def get_write_buffer_size(self):
        return self.held

    def abort(self):
        self.aborted = True


class Writer:
    def __init__(self):
        self.transport = Transport()

    def write(self, line):
        self.transport.written.append(json.loads(line))


async def test_a_reader_that_stalls_gets_nothing_queued_then_the_newest_then_is_let_go(
    clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        reader, writer = asyncio.StreamReader(), Writer()
        serving = asyncio.ensure_future(
            Watching(desk).serve(reader, writer, {"topics": ["books"]})
        )
        transport = writer.transport
        await clock.advance(0.5)
        assert len(transport.written) == 1
        transport.held = 1
        for bid in range(90, 99):
            venue.quote(bid=f"{bid}.0")
            await clock.advance(1)
        assert len(transport.written) == 1
        transport.held = 0
        await clock.advance(0.5)
        assert [line["data"][0]["bid"] for line in transport.written[1:]] == ["98.0"]
        transport.held = 1
        await clock.advance(STALLED_S - 1)
        assert not transport.aborted
        await clock.advance(2)
        assert transport.aborted
        await serving
