import contextlib
import io
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from crossdock.app.demo.venues import RISK, sandbox_keys
from crossdock.app.doors.control.control import ask
from crossdock.app.settings import load_settings, sandbox_settings
from crossdock.cli import main

LEASH = str(Path(__file__).with_name("leash.py"))
PATIENCE_S = 60  # only a guard against a child that hangs


@pytest.fixture(scope="session", autouse=True)
def _no_dashboard():
    """Desks run without the dashboard, except where a test sets `dashboard.enabled`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSDOCK_DASHBOARD_ENABLED", "false")
        yield


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def error(self):
        return self.json["error"]


def call(*arguments):
    """Run a command in this process, as `crossdock ARGUMENTS` would."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(each) for each in arguments])
    return Said(int(code), out.getvalue(), err.getvalue())


class Child:
    """A process whose lines are read as they come. Ended with the `with`.

    It is on a leash besides: it ends with this process even if that is killed, or is
    interrupted between the start of the child and the `with`.
    """

    def __init__(self, *arguments, environment=None):
        held, self._leash = os.pipe()
        try:
            self.process = subprocess.Popen(
                [sys.executable, LEASH, str(held), *(str(each) for each in arguments)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env={**os.environ, **(environment or {})},
                pass_fds=(held,),
                start_new_session=True,
            )
        except BaseException:
            os.close(self._leash)
            raise
        finally:
            os.close(held)
        self.lines = []
        self._queue = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        with self.process.stdout as stream:
            for line in stream:
                self._queue.put(line)
        self._queue.put(None)

    def until(self, words):
        """Return the first line that holds `words`, also among those read before."""
        for line in self.lines:
            if words in line:
                return line
        while (line := self._queue.get(timeout=PATIENCE_S)) is not None:
            self.lines.append(line)
            if words in line:
                return line
        raise AssertionError(f"it ended without saying {words!r}: {''.join(self.lines)}")

    def end(self, number=signal.SIGTERM):
        """Send a signal; return the exit code and everything it said."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait()

    def wait(self):
        while (line := self._queue.get(timeout=PATIENCE_S)) is not None:
            self.lines.append(line)
        self._queue.put(None)
        return self.process.wait(timeout=PATIENCE_S), "".join(self.lines)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=PATIENCE_S)
        self._thread.join(timeout=PATIENCE_S)
        os.close(self._leash)


@contextlib.contextmanager
def short_folder():
    """Make a folder whose path leaves room for a socket's name."""
    folder = Path(tempfile.mkdtemp(prefix="xd-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def folder():
    with short_folder() as made:
        yield made


class Venues:
    """A sandbox of three venues in a process of its own."""

    def __init__(self, child):
        self.addresses = json.loads(child.until('"admin"'))

    def settings(self, folder, *, venues=("alpha", "beta", "gamma"), changes=(), tail=""):
        """Write the settings of a desk on these venues; `changes` are (old, new) texts."""
        chosen = {name: self.addresses["venues"][name] for name in venues}
        text = sandbox_settings(
            {"venues": chosen},
            sandbox_keys(chosen),
            desk={
                "journal": str(folder / "journal"),
                "control": str(folder / "desk.sock"),
                "log_folder": str(folder / "logs"),
            },
            risk=RISK,
        )
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file = folder / "settings.toml"
        file.write_text(text + tail)
        return file

    def act(self, venue, action, **terms):
        body = json.dumps({"venue": venue, "action": action, **terms}).encode()
        request = urllib.request.Request(
            f"{self.addresses['admin']}/actions",
            body,
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as reply:
            assert reply.status == 200

    def truth(self, venue):
        with urllib.request.urlopen(
            f"{self.addresses['admin']}/truth", timeout=PATIENCE_S
        ) as reply:
            return json.load(reply)["venues"][venue]["accounts"]["main"]


@pytest.fixture(scope="session")
def venues():
    with Child("crossdock.sandbox", "--with-parent", str(os.getpid())) as child:
        yield Venues(child)


@pytest.fixture
def own_venues():
    """A sandbox of this test alone, for what others must not feel."""
    with Child("crossdock.sandbox", "--with-parent", str(os.getpid())) as child:
        yield Venues(child)


@pytest.fixture(scope="session")
def binance():
    """The address of a sandbox that speaks as Binance does."""
    arguments = ("--face", "binance", "--seed", "1", "--json")
    with Child("crossdock.sandbox", *arguments, "--with-parent", str(os.getpid())) as child:
        yield json.loads(child.until('"admin"'))["venues"]["binance"]


@contextlib.contextmanager
def running(settings, *options):
    """Run a desk in a process of its own until it would take an order."""
    with Child("crossdock", "--settings", settings, "run", *options) as child:
        child.until("runs; ready:")
        wait_until_trading(settings)
        yield child


def wait_until_trading(settings, accounts=None):
    """Wait until every book is good and the day of so many accounts, or all, is open."""
    loaded = load_settings(Path(settings), environment={})
    wanted = len(loaded.accounts) if accounts is None else accounts
    pause = threading.Event()
    for _ in range(PATIENCE_S * 20):
        books = ask(loaded.desk.control, "books")
        shown = call("--settings", settings, "journal", "show", "--limit", "1000", "--json")
        opened = sum(each["record"] == "day_opened" for each in shown.json["records"])
        if opened >= wanted and books and all(book["ready"] for book in books):
            return
        pause.wait(0.05)
    raise AssertionError(f"no order could be placed: {shown.out[-2000:]}")


@pytest.fixture(scope="session")
def desk(venues):
    """A desk on three venues; yields its settings file."""
    with short_folder() as folder:
        settings = venues.settings(folder)
        with running(settings):
            yield settings


@pytest.fixture(scope="session")
def crossdock():
    return call


@pytest.fixture
def child():
    return Child


@pytest.fixture
def start():
    return running


@pytest.fixture
def until_trading():
    return wait_until_trading
