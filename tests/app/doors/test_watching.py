"""A connection that watches: snapshot, changes, the newest of each, and nothing queued."""

import asyncio
import json
from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import pairwise

import pytest

from crossdock.app.doors.control.control import ControlServer
from crossdock.app.doors.watching.topics import News
from crossdock.app.doors.watching.watching import STALLED_S, Watching
from crossdock.core import records as r
from crossdock.errors import DeskError

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
    async def begin(desk, topics, made=None, **args):
        path = tmp_path / "run" / "desk.sock"
        streams = {"watch": (made or Watching(desk)).serve}
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
        first = {}
        while len(first) < len(TOPICS):
            line = await watcher.line()
            first.setdefault(line["topic"], (line["kind"], line["seq"]))
        assert first == dict.fromkeys(TOPICS, ("snapshot", 1))


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


async def test_a_fill_is_listed_with_all_that_was_taken_for_it(
    clock, venue, open_toy_desk, watch
):
    async with open_toy_desk(venue) as desk, watch(desk, ["fills"]) as watcher:
        await watcher.line()
        desk.operations.place(side="buy", symbol="BTC/USDT", quantity="1", limit="99")
        await clock.settle()
        venue.fill("v1", "0.4", "99", more_fees=(("BTC", D("0.001")), ("USDT", D(2))))
        [pushed] = (await watcher.line("fills"))["data"]
        [read] = await desk.operations.fills()
        assert pushed["more_fees"] == read["more_fees"] == "0.001 BTC, 2 USDT"
        venue.fill("v1", "0.6", "99")
        [pushed] = (await watcher.line("fills"))["data"]
        assert (pushed["fee"], pushed["more_fees"]) == ("0.1", None)


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


@pytest.mark.parametrize(
    "timeframe", ["1s", "2s", "4s", "7s", "61s", "5w", "99999999w", "often", "", "0m"]
)
async def test_a_chart_that_nobody_can_make_is_refused_alike_when_asked_and_watched(
    venue, open_toy_desk, watch, timeframe
):
    topic = f"candle:BTC/USDT:{timeframe}"
    async with open_toy_desk(venue) as desk, watch(desk, [topic]) as watcher:
        told = await watcher.line()
        assert (told["kind"], told["data"]["code"]) == ("error", "bad-argument")
        with pytest.raises(DeskError) as refused:
            await desk.operations.table()["candles"](symbol="BTC/USDT", timeframe=timeframe)
        assert refused.value.code == "bad-argument"
        assert refused.value.message == told["data"]["message"]


@pytest.mark.parametrize("timeframe", ["5s", "10s", "90s", "3m", "1h", "1d", "4w"])
async def test_a_chart_that_can_be_made_is_told_alike_when_asked_and_watched(
    venue, open_toy_desk, watch, timeframe
):
    topic = f"candle:BTC/USDT:{timeframe}"
    async with open_toy_desk(venue) as desk, watch(desk, [topic]) as watcher:
        told = await watcher.line()
        assert told["kind"] == "snapshot"
        asked = await desk.operations.table()["candles"](
            symbol="BTC/USDT", timeframe=timeframe, last=2000
        )
        assert asked["timeframe"] == told["data"]["timeframe"]


class Hung:
    """A topic that waits for a venue: each time for what the test says."""

    every_s = 0.0

    def __init__(self):
        self.asked = 0
        self.answer = asyncio.get_running_loop().create_future()
        self.is_let_go = False

    async def news(self):
        self.asked += 1
        try:
            return await asyncio.shield(self.answer)
        except asyncio.CancelledError:
            self.is_let_go = True
            raise


class WithHung(Watching):
    def __init__(self, desk, hung):
        super().__init__(desk)
        self.hung = hung

    def _topic(self, name):
        return self.hung if name == "hung" else super()._topic(name)


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_a_topic_whose_venue_hangs_keeps_no_other_waiting(
    venue, open_toy_desk, watch, place
):
    topics = ["books", "flags"]
    topics.insert(place, "hung")
    hung = Hung()
    async with (
        open_toy_desk(venue) as desk,
        watch(desk, topics, made=WithHung(desk, hung)) as watcher,
    ):
        assert {(await watcher.line())["topic"] for _ in range(2)} == {"books", "flags"}
        venue.quote(bid="99.5")
        assert (await watcher.line())["topic"] == "books"
        assert hung.asked == 1
        hung.answer.set_result(News(True, "at last"))
        told = await watcher.line("hung")
        assert (told["seq"], told["kind"], told["data"]) == (1, "snapshot", "at last")


@pytest.mark.parametrize("how", ["chooses others", "leaves"])
async def test_what_a_venue_was_asked_is_let_go_with_its_watcher(
    clock, venue, open_toy_desk, watch, how
):
    hung = Hung()
    async with open_toy_desk(venue) as desk:
        async with watch(desk, ["hung", "flags"], made=WithHung(desk, hung)) as watcher:
            assert (await watcher.line())["topic"] == "flags"
            if how == "chooses others":
                watcher.say(topics=["books"])
                assert (await watcher.line())["topic"] == "books"
                assert hung.is_let_go
        while not hung.is_let_go:
            await clock.advance(0.05)
        assert hung.asked == 1


async def test_a_topic_that_fails_late_says_so_and_is_tried_again(
    venue, open_toy_desk, watch
):
    hung = Hung()
    async with (
        open_toy_desk(venue) as desk,
        watch(desk, ["hung", "flags"], made=WithHung(desk, hung)) as watcher,
    ):
        assert (await watcher.line())["topic"] == "flags"
        failed, hung.answer = hung.answer, asyncio.get_running_loop().create_future()
        failed.set_exception(DeskError("the venue is away", code="account-away"))
        assert (await watcher.line())["data"]["code"] == "account-away"
        hung.answer.set_result(News(True, "again"))
        assert (await watcher.line("hung"))["data"] == "again"


class FailsOnce:
    """A topic that takes itself for told before it has told anything, as a chart does."""

    every_s = 0.0

    def __init__(self, failures):
        self.failures = failures
        self.is_begun = False

    async def news(self):
        is_first, self.is_begun = not self.is_begun, True
        if self.failures:
            raise self.failures.pop()
        return News(is_first, "all of it" if is_first else "a change")


@pytest.mark.parametrize("failure", [RuntimeError("broken"), DeskError("refused")])
async def test_a_topic_that_failed_begins_anew_by_a_snapshot(
    venue, open_toy_desk, watch, failure
):
    failures = [failure]

    class Made(Watching):
        def _topic(self, name):
            return FailsOnce(failures)

    async with (
        open_toy_desk(venue) as desk,
        watch(desk, ["chart"], made=Made(desk)) as watcher,
    ):
        assert [(await watcher.line())["kind"] for _ in range(3)] == [
            "error",
            "snapshot",
            "change",
        ]


@pytest.mark.parametrize(
    ("args", "beats"), [({"beat": True}, True), ({}, False), ({"beat": "yes"}, False)]
)
async def test_the_desk_beats_for_whoever_asks_for_it(
    clock, venue, open_toy_desk, args, beats
):
    async with open_toy_desk(venue) as desk:
        writer = Writer()
        serving = asyncio.ensure_future(
            Watching(desk).serve(
                asyncio.StreamReader(),
                writer,
                {"topics": ["flags"], "interval_ms": 10_000, **args},
            )
        )
        await clock.advance(0)
        written = writer.transport.written
        for _ in range(50):
            await clock.advance(0.1)
        told = [line["beat"] for line in written if "beat" in line]
        if beats:
            assert "beat" in written[0]
            assert len(told) in (5, 6)
            assert all(later - one <= 1_100_000_000 for one, later in pairwise(told))
        else:
            assert told == []
        writer.transport.abort()
        await clock.advance(10)
        await serving


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
