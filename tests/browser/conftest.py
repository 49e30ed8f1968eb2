"""A running demo and a real browser. Without one of them, what is here is skipped, and says so."""

import json
import math
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "src/crossdock/web/built/index.html"
LASTING_S = 900
LINK = re.compile(r"http://127\.0\.0\.1:\d+/sign-in#\S+")
WAIT_MS = 30_000  # how long anything on a page may take on a machine under load


def chromium():
    named = os.environ.get("CROSSDOCK_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("google-chrome")


@contextmanager
def a_browser():
    """A browser, gone with its loop: playwright's runs in this thread, where none may be
    running when a test of another package begins.
    """
    playwright = pytest.importorskip("playwright.sync_api")
    playwright.expect.set_options(timeout=WAIT_MS)
    path = chromium()
    if path is None:
        pytest.skip("no chromium is on PATH, nor named by CROSSDOCK_CHROMIUM")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def browser():
    with a_browser() as opened:
        yield opened


class Demo:
    """Three venues, a desk with three strategies, and the dashboard, in processes of their own."""

    def __init__(self, process, link):
        self.process = process
        self.link = link
        self.url = link.partition("/sign-in")[0]


@pytest.fixture(scope="package")
def demo(tmp_path_factory):
    if not BUILT.exists():
        pytest.skip("the web app is not built: run `make site`")
    home = tmp_path_factory.mktemp("home")
    told = home / "told"
    command = [sys.executable, "-m", "crossdock", "demo", "--json", "--no-browser"]
    environment = {name: it for name, it in os.environ.items() if "XDG" not in name}
    environment |= {"HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    _store_bars(home, environment)
    with (
        told.open("w") as out,
        subprocess.Popen(
            [*command, "--seconds", str(LASTING_S)],
            stdout=subprocess.DEVNULL,
            stderr=out,
            cwd=home,
            env=environment,
        ) as process,
    ):
        try:
            yield Demo(process, _link(process, told))
        finally:
            process.terminate()


def _store_bars(home, environment):
    """Keep a day of minute bars where a backtest looks for them."""
    file = home / "bars.csv"
    rows = ["timestamp,open,high,low,close,volume"]
    for minute in range(1440):
        price = 100 + 5 * math.sin(minute / 60)
        low, high = price - 0.2, price + 0.2
        time = 1_735_689_600 + 60 * minute
        rows.append(f"{time},{price:.2f},{high:.2f},{low:.2f},{price + 0.1:.2f},1")
    file.write_text("\n".join(rows) + "\n")
    subprocess.run(
        [
            *(sys.executable, "-m", "crossdock", "data", "import", str(file)),
            *("--symbol", "BTC/USDT", "--venue", "binance", "--timeframe", "1m"),
        ],
        env=environment,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def other_venue():
    """A sandbox venue that no desk knows yet: its address."""
    command = [sys.executable, "-m", "crossdock.sandbox", "--with-parent", "--json"]
    with subprocess.Popen([*command, "--seed", "7"], stdout=subprocess.PIPE) as process:
        try:
            yield json.loads(process.stdout.readline())["venues"]["alpha"]
        finally:
            process.terminate()


def _link(process, told):
    """Wait until the demo has said where its dashboard is."""
    while process.poll() is None:
        if found := LINK.search(told.read_text("utf-8")):
            return found[0]
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError(f"the demo ended: {told.read_text('utf-8')}")


@pytest.fixture(scope="package")
def signed_in(demo, browser):
    """The cookies of somebody who came by the one-time link."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(demo.link)
        page.get_by_test_id("mode").wait_for(timeout=WAIT_MS)
        return context.storage_state()


class Complaints(list):
    """What the browser's console complained of, but for answers of the statuses given: it tells
    of each refusal by itself.
    """

    def __init__(self, page, but=()):
        super().__init__()
        self._but = tuple(f"status of {status} " for status in but)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.append(str(error)))

    def _hear(self, message):
        if message.type == "error" and not any(each in message.text for each in self._but):
            self.append(message.text)


@pytest.fixture
def open_page(demo, signed_in, browser):
    """Open a page of the dashboard, signed in. No page may complain on the console, but for
    answers of a status that the test asks for.
    """
    opened = []

    def open_at(path="/", answers=(), **terms):
        terms.setdefault("viewport", {"width": 1280, "height": 800})
        context = browser.new_context(storage_state=signed_in, **terms)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        complaints = Complaints(page, answers)
        opened.append((context, complaints))
        page.goto(demo.url + path)
        page.get_by_test_id("mode").wait_for()
        return page

    yield open_at
    for context, complaints in opened:
        context.close()
        assert complaints == []
