"""The terminal dashboard: at 80 columns on a desk made up here, and once on a real one."""

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest
from textual.widgets import DataTable, Input, Static, TabbedContent

from crossdock.app.demo import DemoVenues
from crossdock.app.open import build_desk
from crossdock.cli import main
from crossdock.cli.view.terminal.application import TOPICS, Terminal
from crossdock.cli.view.terminal.connection import DeskConnection
from crossdock.cli.view.terminal.dialogs import Confirm, Kill
from crossdock.cli.view.terminal.pictures import Pictures
from crossdock.errors import DeskError

SIZE = (80, 24)
ORDER = {
    "order_id": "o-1",
    "account": "alpha",
    "instrument": "BTC/USDT@alpha",
    "symbol": "BTC/USDT",
    "side": "buy",
    "quantity": "0.5",
    "type": "limit",
    "limit_price": "100",
    "status": "New",
    "cumulative_quantity": "0",
    "strategy": "trend",
    "created_time_ns": 1,
}
STRATEGY = {
    "name": "trend",
    "kind": "trend",
    "state": "running",
    "failed": "",
    "pnl": "1.5",
    "day_pnl": None,
    "trades": 3,
    "orders": 1,
    "symbols": ["BTC/USDT"],
}
STATUS = {
    "desk": "main",
    "mode": "paper",
    "killed": "",
    "pnl": "-12.5",
    "currency": "USDT",
    "open_orders": 1,
    "doubts_open": 0,
    "accounts": [],
    "data_accounts": [],
}


def line(topic, data, kind="snapshot"):
    return {"topic": topic, "kind": kind, "data": data, "seq": 1, "at": 0}


class FakeDesk:
    """Tells what it is given to tell, and keeps what it was asked."""

    def __init__(self, *lines):
        self.told = asyncio.Queue()
        for each in lines:
            self.told.put_nowait(each)
        self.asked, self.topics, self.connections = [], [], 0

    def choose(self, topics):
        self.topics = list(topics)

    async def ask(self, op, **args):
        self.asked.append((op, args))
        if op == "search":
            row = {"sequence": 7, "at": 1, "kind": "alarmed", "account": None, "words": "w"}
            return [row]
        if op == "cancel" and args["order"] == "refused":
            raise DeskError("it is gone")
        return {}

    async def lines(self):
        self.connections += 1
        while (told := await self.told.get()) is not None:
            yield told
        raise DeskError("the desk has ended")


@asynccontextmanager
async def shown(*lines, size=SIZE):
    desk = FakeDesk(*lines)
    app = Terminal(desk, "ada")
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        yield app, pilot, desk


async def settled(pilot):
    for _ in range(4):
        await pilot.pause()


def banner(app):
    return str(app.screen_stack[0].query_one("#banner", Static).content)


def cells(app, grid):
    table = app.screen_stack[0].query_one(f"#{grid}", DataTable)
    return [[str(cell) for cell in table.get_row_at(n)] for n in range(table.row_count)]


@pytest.mark.parametrize(("mode", "word"), [("paper", "PAPER"), ("live", "LIVE")])
async def test_live_or_paper_is_in_sight_on_every_tab_of_80_by_24(mode, word):
    async with shown(line("status", {**STATUS, "mode": mode})) as (app, pilot, _):
        for number in range(1, 10):
            await pilot.press(str(number))
            await settled(pilot)
            assert banner(app).strip().startswith(word)
            assert app.query_one("#banner").region.y == 0
            tabs = app.query_one(TabbedContent)
            pane = tabs.get_pane(tabs.active)
            assert pane.region.height >= 16
            assert pane.region.right <= 80
        names = [tab.label_text for tab in app.query("Tab").results()]
        assert len(names) == 9
        assert max(tab.region.right for tab in app.query("Tab").results()) <= 80


async def test_a_change_is_drawn_in_place_and_the_cursor_stays():
    second = {**ORDER, "order_id": "o-2", "created_time_ns": 0}
    lines = (line("status", STATUS), line("orders", [ORDER, second]))
    async with shown(*lines) as (app, pilot, desk):
        await pilot.press("2", "down")
        desk.told.put_nowait(line("orders", [{**second, "status": "Filled"}], "change"))
        await settled(pilot)
        assert [row[5] for row in cells(app, "orders")] == ["New", "Filled"]
        assert app.query_one("#orders").chosen == "o-2"
        third = {**ORDER, "order_id": "o-3", "created_time_ns": 9}
        desk.told.put_nowait(line("orders", [third], "change"))
        await settled(pilot)
        assert len(cells(app, "orders")) == 3
        assert app.query_one("#orders").chosen == "o-2"


async def test_an_order_that_ends_in_hand_keeps_its_place_and_is_not_cancelled():
    """Else the cursor would go down among what has ended, and the view with it."""
    made = [{**ORDER, "order_id": f"o-{n}", "created_time_ns": n} for n in range(60)]
    is_done = [{**each, "status": "Filled"} for each in made[:50]]
    told = (line("status", STATUS), line("orders", [*is_done, *made[50:]]))
    async with shown(*told) as (app, pilot, desk):
        grid = app.query_one("#orders")
        await pilot.press("2", "down", "down")
        assert grid.chosen == "o-57"
        desk.told.put_nowait(line("orders", [{**made[57], "status": "Filled"}], "change"))
        await settled(pilot)
        new = [{**ORDER, "order_id": "o-60", "created_time_ns": 60}]
        desk.told.put_nowait(line("orders", new, "change"))
        await settled(pilot)
        words = [row[5] for row in cells(app, "orders")]
        assert words[:12] == ["New"] * 3 + ["Filled"] + ["New"] * 7 + ["Filled"]
        assert (grid.chosen, grid.scroll_y) == ("o-57", 0)
        await pilot.press("c")
        await settled(pilot)
        assert not isinstance(app.screen, Confirm)
        (notice,) = app._notifications
        assert "o-57 has ended: Filled" in notice.message
        await pilot.press("down")
        desk.told.put_nowait(line("orders", [{**made[50], "quantity": "1"}], "change"))
        await settled(pilot)
        assert [row[5] for row in cells(app, "orders")][:11] == ["New"] * 10 + ["Filled"]
        assert grid.chosen == "o-56"


def test_of_orders_that_ended_the_newest_are_kept_and_every_open_one():
    pictures = Pictures()
    pictures.take(line("orders", [ORDER]))
    for number in range(1, 1_001):
        ended = {**ORDER, "order_id": f"e-{number}", "created_time_ns": number}
        pictures.take(line("orders", [{**ended, "status": "Canceled"}], "change"))
    kept = [row["order_id"] for row in pictures.rows("orders")]
    assert kept[0] == "o-1"
    assert kept[1:] == [f"e-{number}" for number in range(901, 1_001)]


LONG = "a-desk-whose-name-is-as-long-as-one-may-choose-it-to-be"


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("mode", ["paper", "live"])
async def test_the_kills_question_is_read_whole_with_where_it_kills(width, mode):
    status = line("status", {**STATUS, "desk": LONG, "mode": mode})
    async with shown(status, size=(width, 24)) as (app, pilot, _):
        await pilot.press("k")
        await settled(pilot)
        assert mode.upper() in in_sight(app)
        assert LONG in in_sight(app).replace(" ", "")
        assert "refuse new ones" in in_sight(app)


@pytest.mark.parametrize("width", [40, 80])
async def test_a_cancels_question_is_read_whole(width):
    order = {**ORDER, "account": "an-account-with-a-long-name", "order_id": "o-last"}
    told = (line("status", STATUS), line("orders", [order]))
    async with shown(*told, size=(width, 24)) as (app, pilot, _):
        await pilot.press("2", "c")
        await settled(pilot)
        assert "(o-last)?" in in_sight(app)


def in_sight(app):
    """The words of the dialog as they are drawn, lines joined."""
    (box,) = app.screen.query(".dialog").results()
    drawn = app.screen._compositor.render_strips()
    area = box.content_region
    lines = [drawn[y].crop(area.x, area.right).text.strip() for y in area.line_range]
    return " ".join(each for each in lines if each)


@pytest.mark.parametrize(("key", "asked"), [("y", 1), ("n", 0), ("escape", 0)])
async def test_an_order_is_cancelled_only_after_a_yes(key, asked):
    async with shown(line("status", STATUS), line("orders", [ORDER])) as (app, pilot, desk):
        await pilot.press("2", "c")
        await settled(pilot)
        assert isinstance(app.screen, Confirm)
        await pilot.press("enter", key)
        await settled(pilot)
        wanted = [("cancel", {"order": "o-1", "by": "ada", "door": "terminal"})]
        assert desk.asked == wanted * asked


async def test_nothing_is_cancelled_from_another_tab():
    async with shown(line("status", STATUS), line("orders", [ORDER])) as (app, pilot, desk):
        await pilot.press("1", "c")
        await settled(pilot)
        assert not isinstance(app.screen, Confirm)
        assert desk.asked == []


@pytest.mark.parametrize(("key", "action"), [("s", "start"), ("p", "pause"), ("x", "stop")])
async def test_a_strategy_is_started_paused_and_stopped(key, action):
    lines = (line("status", STATUS), line("strategies", [STRATEGY]))
    async with shown(*lines) as (app, pilot, desk):
        await pilot.press("6", key)
        await settled(pilot)
        await pilot.press("y")
        await settled(pilot)
        asked = {"name": "trend", "action": action, "by": "ada", "door": "terminal"}
        assert desk.asked == [("strategy", asked)]
        assert cells(app, "strategies")[0][:4] == ["trend", "trend", "running", "+1.50"]


async def test_the_kill_needs_its_word():
    async with shown(line("status", STATUS)) as (app, pilot, desk):
        await pilot.press("k")
        await settled(pilot)
        assert isinstance(app.screen, Kill)
        await pilot.press("k", "i", "l", "l", "enter")
        await settled(pilot)
        assert desk.asked == []
        assert isinstance(app.screen, Kill)
        app.screen.query_one("#word", Input).value = "KILL"
        await pilot.press("enter")
        await settled(pilot)
        asked = {"by": "ada", "reason": "from the terminal", "flatten": False}
        asked["door"] = "terminal"
        assert desk.asked == [("kill", asked)]


async def test_a_market_chosen_shows_its_ladder():
    book = {
        "instrument": "BTC/USDT@alpha",
        "ready": True,
        "bid": "99",
        "ask": "101",
        "last": None,
    }
    async with shown(line("status", STATUS), line("books", [book])) as (app, pilot, desk):
        await pilot.press("3")
        await settled(pilot)
        assert desk.topics == [*TOPICS, "ladder:BTC/USDT"]
        ladder = {
            "bids": [["99", "2", {"alpha": "2"}]],
            "asks": [["101", "1", {"alpha": "1"}], ["102", "3", {"alpha": "3"}]],
            "own": [{"price": "99", "side": "buy"}],
        }
        desk.told.put_nowait(line("ladder:BTC/USDT", ladder))
        await settled(pilot)
        rows = cells(app, "ladder")
        assert [row[1] for row in rows] == ["102", "101", "99"]
        assert [row[0] for row in rows] == ["", "", "●"]


async def test_positions_tell_what_they_would_bring_now_and_a_balance_does_not():
    balance = {"account": "alpha", "asset": "USDT", "total": "100"}
    position = {
        "account": "alpha",
        "instrument": "BTC-PERP@alpha",
        "quantity": "0.5",
        "entry_price": "100",
        "mark": "97.5",
        "realized_pnl": "2",
        "unrealized_pnl": "-1.25",
        "portfolio": "main",
        "strategy": None,
    }
    unknown = {**position, "mark": None, "unrealized_pnl": None}
    told = line("positions", [balance, position, unknown])
    async with shown(line("status", STATUS), told) as (app, _, _):
        assert [row[4:7] for row in cells(app, "positions")] == [
            ["", "", ""],
            ["97.5", "+2.00", "-1.25"],
            ["-", "+2.00", "-"],
        ]
        labels = app.query_one("#positions", DataTable).columns.values()
        names = [str(each.label) for each in labels]
        assert names[5:7] == ["realized", "unrealized"]


async def test_the_journals_tail_is_read_when_its_tab_is_open():
    async with shown(line("status", STATUS)) as (app, pilot, desk):
        assert desk.asked == []
        await pilot.press("9")
        await settled(pilot)
        assert desk.asked[0] == ("search", {"limit": 100})
        assert cells(app, "journal")[0][2] == "alarmed"


async def test_a_desk_that_leaves_is_said_to_be_away_and_what_was_known_stays():
    async with shown(line("status", STATUS), line("orders", [ORDER])) as (app, pilot, desk):
        desk.told.put_nowait(None)
        await settled(pilot)
        assert "the desk has ended" in banner(app)
        assert "PAPER" in banner(app)
        assert len(cells(app, "orders")) == 1


def test_what_is_new_comes_first_and_a_snapshot_replaces():
    pictures = Pictures()
    names = ("account", "instrument", "venue_order_id", "execution_id")
    fill = {name: "a" for name in names}
    pictures.take(line("fills", [fill]))
    pictures.take(line("fills", [{**fill, "execution_id": "b"}], "change"))
    assert [row["execution_id"] for row in pictures.rows("fills")] == ["b", "a"]
    pictures.take(line("fills", []))
    assert pictures.rows("fills") == []
    pictures.take(line("ladder:X", {"message": "no such symbol"}, "error"))
    assert pictures.problems == {"ladder:X": "no such symbol"}


async def test_a_real_desk_is_watched_and_killed_from_the_terminal():
    async with DemoVenues() as venues:
        settings = venues.settings(strategies=False)
        async with build_desk(settings) as desk:
            await desk.ready()
            app = Terminal(DeskConnection(settings.desk.control), "ada")
            async with app.run_test(size=SIZE) as pilot:

                async def until(condition):
                    for _ in range(600):
                        if condition():
                            return
                        await pilot.pause(0.02)
                    raise AssertionError("never so")

                await until(lambda: len(cells(app, "books")) >= 3)
                await until(lambda: "PAPER" in banner(app))
                await until(lambda: cells(app, "streams"))
                await pilot.press("3")
                await until(lambda: len(cells(app, "ladder")) > 4)
                await pilot.press("k")
                await until(lambda: isinstance(app.screen, Kill))
                app.screen.query_one("#word", Input).value = "KILL"
                await pilot.press("enter")
                await until(lambda: "KILLED" in banner(app))
                assert desk.kernel.state.killed


@pytest.mark.parametrize("does_beat", [True, False])
async def test_the_terminal_takes_beats_for_life_and_their_absence_for_none(
    tmp_path, does_beat
):
    asked = []
    leave = asyncio.Event()

    async def serve(reader, writer):
        asked.append(json.loads(await reader.readline()))
        if does_beat:
            writer.write(b'{"beat": 7}\n')
        writer.write(json.dumps(line("status", STATUS)).encode() + b"\n")
        await (reader.read() if does_beat else leave.wait())
        writer.close()
        await writer.wait_closed()
        ended.set()

    ended = asyncio.Event()
    path = tmp_path / "desk.sock"
    async with await asyncio.start_unix_server(serve, str(path)):
        told = DeskConnection(path, silent_s=0.01).lines()
        assert (await anext(told))["topic"] == "status"
        leave.set()
        with pytest.raises(DeskError) as refused:
            await anext(told)
        await ended.wait()
    assert refused.value.code == ("desk-silent" if does_beat else "desk-not-running")
    assert asked[0]["args"]["beat"] is True


def test_without_the_extra_the_install_line_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "textual", None)
    assert main(["--settings", str(tmp_path / "none.toml"), "watch"]) != 0
    assert "pip install 'crossdock[terminal]'" in capsys.readouterr().err


def test_without_a_terminal_one_line_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("CROSSDOCK_DASHBOARD_ENABLED", "false")
    file = tmp_path / "settings.toml"
    file.write_text("[desk]\n", "utf-8")
    assert main(["--settings", str(file), "watch"]) != 0
    assert "no terminal to draw on" in capsys.readouterr().err


def test_the_command_line_starts_without_importing_textual():
    code = "import sys, crossdock.cli; crossdock.cli.main(['--version']); sys.exit('textual' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert ended.returncode == 0
