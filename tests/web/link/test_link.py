import asyncio
import json
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from crossdock.app.doors.control.control import ControlServer
from crossdock.app.doors.control.listening import Listening
from crossdock.errors import ConfigError, DeskError, RiskRefused
from crossdock.web.link import DeskLink
from crossdock.web.link.address import desk_address
from crossdock.web.link.connection import Connection

CONTROL = Path("/run/desk.sock")


@pytest.fixture
def path():
    with tempfile.TemporaryDirectory(prefix="xd-") as folder:
        yield Path(folder) / "run" / "desk.sock"


class Desk:
    """What a desk answers and pushes, on a real control server."""

    def __init__(self, path):
        self.path = path
        self.asked = []
        self.probed = 0
        self.args = {}
        self.gate = asyncio.Event()
        self.streams = []  # (topics, writer) of each watcher
        self.retopic = asyncio.Queue()

    @asynccontextmanager
    async def running(self):
        operations = {
            "status": self.status,
            "place": self.place,
            "slow": self.slow,
            "die": self.die,
            "flags": self.flags,
        }
        server = ControlServer(self.path, operations, {"watch": self.watch})
        async with server:
            self.server = server
            yield self

    def status(self):
        return {"fine": True}

    def flags(self):
        self.probed += 1
        return {}

    def place(self, **args):
        self.asked.append(args)
        raise RiskRefused([("size", "too large")], allowed_quantity="2")

    async def slow(self, number):
        await self.gate.wait()
        return number

    async def die(self):
        self.asked.append("die")
        for writer in list(self.server._connections):
            writer.transport.abort()

    async def watch(self, reader, writer, args):
        self.args = args
        self.streams.append(writer)
        self.retopic.put_nowait(args["topics"])
        while line := await reader.readline():
            self.retopic.put_nowait(json.loads(line)["topics"])

    def push(self, topic, kind, data, seq=1):
        self.say({"topic": topic, "seq": seq, "kind": kind, "at": 7, "data": data})

    def say(self, said):
        self.streams[-1].write(json.dumps(said).encode() + b"\n")


def link_to(path, **how):
    return DeskLink(desk_address("", control=path), first_pause_s=0.001, **how)


class Heard:
    def __init__(self):
        self.changes = []
        self.queue = asyncio.Queue()

    def __call__(self, change):
        self.changes.append(change)
        self.queue.put_nowait(change)

    async def next(self):
        change = await self.queue.get()
        return change.topic, change.kind, change.data


# ---- addresses -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("", "unix:/run/desk.sock"),
        ("unix:/elsewhere/desk.sock", "unix:/elsewhere/desk.sock"),
        ("tcp://10.0.0.5:7300", "tcp://10.0.0.5:7300"),
    ],
)
def test_an_address_is_a_socket_or_a_host_and_port(url, shown):
    made = desk_address(url, control=CONTROL, secret="a secret of two")
    assert str(made) == shown
    assert "a secret of two" not in repr(made)


@pytest.mark.parametrize(
    "url", ["tcp://host", "tcp://host:0", "tcp://:5", "tcp://host:99999"]
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ConfigError, match="no address of a desk"):
        desk_address(url, control=CONTROL, secret="s")


def test_a_desk_elsewhere_is_not_asked_without_a_secret():
    with pytest.raises(ConfigError, match="only with its secret"):
        desk_address("tcp://10.0.0.5:7300", control=CONTROL)


# ---- questions -----------------------------------------------------------------


async def test_answers_and_refusals_come_back_as_they_are(path):
    async with Desk(path).running() as desk, link_to(path) as link:
        assert await link.ask("status") == {"fine": True}
        with pytest.raises(RiskRefused) as refused:
            await link.ask("place", symbol="BTC/USDT", quantity="3")
        assert refused.value.reasons == (("size", "too large"),)
        assert refused.value.allowed_quantity == "2"
        assert desk.asked == [{"symbol": "BTC/USDT", "quantity": "3"}]
        with pytest.raises(DeskError, match="does not know this operation"):
            await link.ask("dance")


async def test_questions_do_not_wait_for_one_another(path):
    async with Desk(path).running() as desk, link_to(path) as link:
        slow = [asyncio.create_task(link.ask("slow", number=n)) for n in range(20)]
        assert await link.ask("status") == {"fine": True}
        desk.gate.set()
        assert await asyncio.gather(*slow) == list(range(20))


async def test_a_desk_that_is_not_there_is_told_at_once(path):
    async with link_to(path) as link:
        with pytest.raises(DeskError, match="no desk answers on unix:") as told:
            await link.ask("status")
        assert told.value.code == "desk-not-running"
        async with Desk(path).running():
            assert await link.ask("status") == {"fine": True}


async def test_a_question_that_lost_its_connection_is_not_sent_again(path):
    async with Desk(path).running() as desk, link_to(path) as link:
        await link.ask("status")
        with pytest.raises(DeskError, match="connection") as told:
            await link.ask("die")
        assert told.value.code == "desk-silent"
        assert desk.asked == ["die"]
        assert await link.ask("status") == {"fine": True}


async def test_a_question_given_up_leaves_its_answer_to_nobody(path):
    async with Desk(path).running() as desk, link_to(path) as link:
        with pytest.raises(DeskError, match="did not answer within") as told:
            await link.ask("slow", number=1, within_s=0.01)
        assert told.value.code == "desk-silent"
        desk.gate.set()
        assert await link.ask("slow", number=2) == 2
        task = asyncio.create_task(link.ask("slow", number=3))
        await asyncio.sleep(0)
        task.cancel()
        assert await link.ask("slow", number=4) == 4


async def test_a_desk_elsewhere_is_asked_by_whoever_knows_its_secret(path):
    secret = "a secret of both ends"
    desk = Desk(path)
    listening = Listening(host="127.0.0.1", port=0, secret=secret)
    async with ControlServer(path, {"status": desk.status}, {}, listening) as server:
        url = f"tcp://127.0.0.1:{server.port}"
        async with DeskLink(desk_address(url, control=CONTROL, secret=secret)) as link:
            assert await link.ask("status") == {"fine": True}
        wrong = desk_address(url, control=CONTROL, secret="another secret of two")
        async with DeskLink(wrong) as link:
            with pytest.raises(DeskError, match="does not take our secret"):
                await link.ask("status")


# ---- what is pushed ------------------------------------------------------------


async def test_one_stream_serves_all_who_watch(path):
    async with Desk(path).running() as desk, link_to(path) as link:
        assert await desk.retopic.get() == []
        one, other = Heard(), Heard()
        first = link.watch(["books", "orders"], one)
        assert await desk.retopic.get() == ["books", "orders"]
        second = link.watch(["books", "risk"], other)
        assert await desk.retopic.get() == ["books", "orders", "risk"]
        desk.push("books", "snapshot", [{"instrument": "A", "bid": "1"}])
        desk.push("risk", "snapshot", {"killed": False})
        assert await one.next() == await other.next()
        assert await other.next() == ("risk", "snapshot", {"killed": False})
        first.close()
        assert await desk.retopic.get() == ["books", "risk"]
        second.close()
        assert await desk.retopic.get() == []
        assert len(desk.streams) == 1


async def test_whoever_comes_later_gets_all_that_is_known_at_once(path):
    async with Desk(path).running() as desk, link_to(path) as link:
        early = Heard()
        link.watch(["books"], early)
        while await desk.retopic.get() != ["books"]:
            pass
        desk.push("books", "snapshot", [{"instrument": "A", "bid": "1"}])
        desk.push("books", "change", [{"instrument": "B", "bid": "2"}], seq=2)
        desk.push("books", "change", [{"instrument": "A", "bid": "3"}], seq=3)
        for _ in range(3):
            await early.next()
        late = Heard()
        link.watch(["books"], late)
        (snapshot,) = late.changes
        assert (snapshot.kind, snapshot.seq, snapshot.at) == ("snapshot", 3, 7)
        assert snapshot.data == [
            {"instrument": "A", "bid": "3"},
            {"instrument": "B", "bid": "2"},
        ]


async def test_a_sink_that_fails_harms_no_other(path, caplog):
    def broken(_change):
        raise ZeroDivisionError

    async with Desk(path).running() as desk, link_to(path) as link:
        heard = Heard()
        link.watch(["flags"], broken)
        link.watch(["flags"], heard)
        while await desk.retopic.get() != ["flags"]:
            pass
        desk.push("flags", "snapshot", {"trading": True})
        assert await heard.next() == ("flags", "snapshot", {"trading": True})
    assert "a watcher of flags failed" in caplog.text


async def test_after_the_desk_came_back_the_same_is_watched_again(path):
    async with link_to(path) as link:
        heard = Heard()
        async with Desk(path).running() as desk:
            link.watch(["flags"], heard)
            while await desk.retopic.get() != ["flags"]:
                pass
            assert link.standing.is_connected
            desk.push("flags", "snapshot", {"trading": True})
            await heard.next()
        again = Desk(path)
        async with again.running():
            assert await again.retopic.get() == ["flags"]
            assert link.snapshot("flags") is None
            again.push("flags", "change", {"trading": True})
            again.push("flags", "snapshot", {"trading": False})
            assert await heard.next() == ("flags", "snapshot", {"trading": False})
            assert link.standing.is_connected


async def test_who_wants_to_know_is_told_when_the_desk_comes_and_goes(path):
    link, told = link_to(path), asyncio.Queue()
    link.hear_standing(told.put_nowait)
    forget = link.hear_standing(lambda _: pytest.fail("it wanted to hear no more"))
    forget()
    async with link:
        async with Desk(path).running() as desk:
            assert await desk.retopic.get() == []
            while not (await told.get()).is_connected:
                pass
        gone = await told.get()
    assert (gone.is_connected, bool(gone.words)) == (False, True)


async def test_a_topic_that_fails_says_so_and_keeps_what_was_known(path):
    async with Desk(path).running() as desk, link_to(path) as link:
        heard = Heard()
        link.watch(["ladder:X"], heard)
        while await desk.retopic.get() != ["ladder:X"]:
            pass
        error = {"code": "unknown-symbol", "message": "no X", "hint": ""}
        desk.push("ladder:X", "error", error)
        assert await heard.next() == ("ladder:X", "error", error)
        assert link.snapshot("ladder:X") is None


# ---- a desk that hangs ---------------------------------------------------------


async def test_a_desk_that_beat_and_fell_silent_is_away_and_what_it_said_is_forgotten(path):
    async with asyncio.timeout(20), Desk(path).running() as desk:
        link, told, heard = link_to(path, silent_s=0.05), asyncio.Queue(), Heard()
        link.hear_standing(told.put_nowait)
        link.hear_standing(lambda _: known.append(link.snapshot("flags")))
        known = []
        link.watch(["flags"], heard)
        async with link:
            assert await desk.retopic.get() == ["flags"]
            assert desk.args["beat"] is True
            desk.say({"beat": 7})
            desk.push("flags", "snapshot", {"trading": True})
            await heard.next()
            while (standing := await told.get()).is_connected:
                pass
            assert "has said nothing" in standing.words
            assert known[-1] is None
            assert await desk.retopic.get() == ["flags"]
            desk.push("flags", "snapshot", {"trading": False})
            assert await heard.next() == ("flags", "snapshot", {"trading": False})
        assert [change.kind for change in heard.changes] == ["snapshot", "snapshot"]


async def test_a_desk_that_does_not_beat_is_asked_and_never_dropped(path):
    async with Desk(path).running() as desk, link_to(path, silent_s=0.01) as link:
        heard = Heard()
        link.watch(["flags"], heard)
        while await desk.retopic.get() != ["flags"]:
            pass
        desk.push("flags", "snapshot", {"trading": True})
        await heard.next()
        before = desk.probed
        while desk.probed < before + 3:
            await asyncio.sleep(0)
        assert link.standing.is_connected
        assert link.snapshot("flags") is not None
        assert len(desk.streams) == 1


async def test_a_desk_is_there_once_it_has_answered_and_not_when_it_was_connected(path):
    asked, answered = asyncio.Queue(), asyncio.Event()

    async def serve(reader, writer):
        asked.put_nowait(json.loads(await reader.readline()))
        await answered.wait()
        writer.write(b'{"ok": true, "result": {}}\n')
        asked.put_nowait(json.loads(await reader.readline()))
        await reader.read()
        writer.close()
        await writer.wait_closed()
        ended.set()

    ended = asyncio.Event()
    path.parent.mkdir()
    async with await asyncio.start_unix_server(serve, str(path)):
        async with link_to(path) as link:
            assert (await asked.get())["op"] == "flags"
            assert not link.standing.is_connected
            answered.set()
            assert (await asked.get())["op"] == "watch"
            assert link.standing.is_connected
        await ended.wait()


async def test_a_line_comes_in_any_parts_and_its_beginning_outlives_a_silence():
    reader = asyncio.StreamReader()
    connection = Connection(reader, None)

    async def tell():
        for part in (b'{"a":', b" 1", b'}\n{"b"', b": 2}\n{"):
            reader.feed_data(part)
            while reader._buffer:
                await asyncio.sleep(0)

    telling = asyncio.create_task(tell())
    assert await connection.line(10) == {"a": 1}
    assert await connection.line(10) == {"b": 2}
    await telling
    with pytest.raises(TimeoutError):
        await connection.line(0.001)
    reader.feed_data(b'"c": 3}\n')
    assert await connection.line(10) == {"c": 3}
    reader.feed_eof()
    with pytest.raises(DeskError, match="closed the connection"):
        await connection.line(10)


@pytest.mark.parametrize(
    "wrong",
    [
        {"topic": "books", "seq": 1, "kind": "snapshot", "at": 1, "data": 7},
        {"topic": "books", "seq": 1, "kind": "snapshot", "at": 1, "data": [7]},
        {"topic": "books", "seq": 1, "kind": "snapshot", "at": 1, "data": None},
        {"topic": "candle:X:1m", "seq": 1, "kind": "snapshot", "at": 1, "data": [[1]]},
    ],
)
async def test_a_topic_that_is_not_understood_says_so_and_the_others_go_on(
    path, wrong, caplog
):
    topics = ["books", "candle:X:1m", "flags"]
    async with Desk(path).running() as desk, link_to(path) as link:
        heard = Heard()
        link.watch(topics, heard)
        while await desk.retopic.get() != topics:
            pass
        desk.say(wrong)
        desk.push("flags", "snapshot", {"trading": True})
        topic, kind, data = await heard.next()
        assert (topic, kind, data["code"]) == (wrong["topic"], "error", "desk-newer")
        assert await heard.next() == ("flags", "snapshot", {"trading": True})
        assert link.snapshot(wrong["topic"]) is None
        assert len(desk.streams) == 1
    assert f"said of {wrong['topic']} is not understood" in caplog.text


@pytest.mark.parametrize("wrong", [7, ["a line"], None, {"topic": ["a", "list"]}, {}])
async def test_watching_goes_on_whatever_a_desk_says(path, wrong, caplog):
    async with asyncio.timeout(20), Desk(path).running() as desk, link_to(path) as link:
        assert await desk.retopic.get() == []
        desk.say(wrong)
        assert await desk.retopic.get() == []
        heard = Heard()
        link.watch(["flags"], heard)
        assert await desk.retopic.get() == ["flags"]
        desk.push("flags", "snapshot", {"trading": True})
        assert await heard.next() == ("flags", "snapshot", {"trading": True})
    if not isinstance(wrong, dict):
        assert "watching the desk failed" in caplog.text


async def test_one_who_fails_at_hearing_of_the_desk_does_not_end_the_watching(path, caplog):
    link = link_to(path)
    link.hear_standing(lambda _: {}["nothing"])
    async with asyncio.timeout(20), link:
        async with Desk(path).running() as desk:
            assert await desk.retopic.get() == []
        async with Desk(path).running() as again:
            assert await again.retopic.get() == []
    assert "one who hears of the desk's standing failed" in caplog.text
