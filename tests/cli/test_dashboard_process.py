"""The dashboard as a child that something ends: said, started again, and given up."""

import asyncio
import sys

import pytest

from crossdock.app.settings import load_settings
from crossdock.cli.commands.dashboard import told
from crossdock.cli.commands.running import DemoDashboard
from crossdock.cli.dashboard_process import DashboardProcess, Ends
from crossdock.web.serving import Served

ANSWERS = (
    'import json; print(json.dumps({"url": "http://127.0.0.1:1", "link": ""}), flush=True)'
)
KILLED = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
REFUSES = 'import json; print(json.dumps({"error": {"message": "no port", "hint": "try"}}))'
STAYS = "import signal; signal.pause()"


class Told:
    """What a dashboard's owner hears, its clock, and a wait that ends at once."""

    def __init__(self, *lives):
        self.served, self.said, self.waits = [], [], []
        self.now_s = 0.0
        self.seen = asyncio.Event()
        self._lives = lives

    def tell(self, served):
        self.served.append(served)
        if len(self.served) == len(self._lives):
            self.seen.set()

    def say(self, words):
        self.said.append(words)
        if "starting it again" not in words:
            self.seen.set()

    async def wait(self, delay_s):
        self.waits.append(delay_s)
        self.now_s += delay_s

    def process(self, folder, **changes):
        """Return one that lives through `lives`, each a program, one after the other."""
        for number, life in enumerate(self._lives):
            (folder / f"{number}.py").write_text(life)
        script = (
            "import pathlib, sys\n"
            f"folder = pathlib.Path({str(folder)!r})\n"
            "life = min(folder.glob('*.py'), key=lambda file: int(file.stem))\n"
            "text = life.read_text()\n"
            "life.unlink()\n"
            "exec(text)\n"
        )
        return DashboardProcess(
            None,
            self.tell,
            say=self.say,
            wait=self.wait,
            clock_s=lambda: self.now_s,
            program=(sys.executable, "-c", script),
            **changes,
        )


async def test_a_killed_dashboard_is_said_once_and_comes_back(tmp_path):
    told = Told(f"{ANSWERS}\n{KILLED}", f"{ANSWERS}\n{STAYS}")
    async with told.process(tmp_path):
        await told.seen.wait()
    assert told.said == ["the dashboard ended (SIGKILL); starting it again in 1 s"]
    assert told.waits == [1]
    assert len(told.served) == 2


async def test_one_that_does_not_stay_is_given_up_with_words_on_what_to_do(tmp_path):
    told = Told(*[KILLED] * 9)
    overrides = ["dashboard.port=5001", "dashboard.redis_url=redis://:hush@h"]
    async with told.process(tmp_path, overrides=overrides):
        await told.seen.wait()
    assert told.waits == [1, 2, 4, 8]
    assert len(told.said) == 5
    assert "5 times within a minute" in told.said[-1]
    shown = "--set dashboard.port=5001 --set 'dashboard.redis_url=***' dashboard"
    assert told.said[-1].endswith(f"crossdock {shown}")
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize(
    ("life", "words"), [(REFUSES, "without the dashboard: no port"), ("", "asked to end")]
)
async def test_one_that_refuses_or_was_asked_to_end_is_left_alone(tmp_path, life, words):
    told = Told(life, STAYS)
    async with told.process(tmp_path):
        await told.seen.wait()
    (said,) = told.said
    assert words in said
    assert told.waits == []


async def test_its_owners_end_is_no_end_to_tell_of(tmp_path):
    told = Told(f"{ANSWERS}\n{STAYS}")
    async with told.process(tmp_path):
        await told.seen.wait()
    assert told.said == []


@pytest.mark.parametrize(
    ("lives_s", "delays_s"),
    [
        ([20] * 7, [1, 2, 4, 8, 16, 30, 30]),
        ([61] * 3, [1, 1, 1]),
        ([20, 20, 60, 20], [1, 2, 1, 2]),
        ([0] * 5, [1, 2, 4, 8, None]),
    ],
)
def test_the_wait_doubles_until_it_has_lived_for_a_minute(lives_s, delays_s):
    ends, now_s, found = Ends(), 0.0, []
    for lived_s in lives_s:
        now_s += lived_s
        found.append(ends.delay_s(now_s, lived_s))
        now_s += found[-1] or 0
    assert found == delays_s


SPENT = "http://127.0.0.1:1   another link: crossdock dashboard link"


class Stage:
    beside = notice = ""


def served(link="http://127.0.0.1:1/sign-in#once"):
    return {"url": "http://127.0.0.1:1", "link": link, "purpose": "sign-in", "notes": []}


def test_the_demos_footer_shows_the_link_until_it_is_spent_and_a_new_one_after_a_restart():
    stage = Stage()
    dashboard = DemoDashboard(stage, watched=True, browser=False)
    dashboard.tell(served())
    assert stage.beside == "http://127.0.0.1:1/sign-in#once"
    dashboard.tell(served(link=""))
    assert stage.beside == SPENT
    dashboard.say("the dashboard ended")
    assert stage.notice == "the dashboard ended"
    dashboard.tell(served(link="http://127.0.0.1:1/sign-in#new"))
    assert (stage.notice, stage.beside) == ("", "http://127.0.0.1:1/sign-in#new")


def test_the_demos_page_is_opened_once_and_its_link_is_not_shown_then():
    stage, opened = Stage(), []

    def open_link(link):
        opened.append(link)
        return True

    dashboard = DemoDashboard(stage, watched=True, browser=True, open_link=open_link)
    dashboard.tell(served())
    assert stage.beside == SPENT
    dashboard.tell(served(link="http://127.0.0.1:1/sign-in#new"))
    assert opened == ["http://127.0.0.1:1/sign-in#once"]
    assert stage.beside == "http://127.0.0.1:1/sign-in#new"


@pytest.mark.parametrize(
    ("host", "public", "words"),
    [
        ("127.0.0.1", "", ""),
        ("::1", "", ""),
        ("localhost", "", ""),
        ("0.0.0.0", "", "dashboard.public_url and dashboard.trusted_proxies"),
        ("::", "", "TLS"),
        ("desk.example", "http://desk.example", "TLS"),
        ("0.0.0.0", "https://desk.example", "for the proxy alone"),
    ],
)
def test_a_dashboard_that_listens_beyond_this_machine_says_so(
    tmp_path, host, public, words
):
    chosen = [f"dashboard.{n}={v}" for n, v in (("host", host), ("public_url", public))]
    settings = load_settings(
        None, environment={"CROSSDOCK_HOME": str(tmp_path)}, overrides=chosen
    )
    notes = told(Served(url="http://127.0.0.1:5000"), settings)["notes"]
    assert len(notes) == bool(words)
    assert words in "".join(notes)
    assert not notes or host in notes[0]
