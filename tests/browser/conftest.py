"""A running demo and a real browser. Without one of them, what is here is skipped, and says so."""

import json
import math
import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from tests.browser.hands import best_bid
from tests.browser.program import Api

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "src/crossdock/web/built/index.html"
LASTING_S = 3600  # longer than any run: then it ends even where nobody could end it
SETTLING_S = 10
LINK = re.compile(r"http://127\.0\.0\.1:\d+/sign-in#\S+")
FIRST_BAR_S = 1_738_195_200  # 2025-01-30
WAIT_MS = 90_000  # how long anything on a page may take on a machine under load


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
            _end(process)


def _end(process):
    """End the demo, and soon: asked once more, it waits no longer for what is open."""
    process.terminate()
    try:
        process.wait(SETTLING_S)
    except subprocess.TimeoutExpired:
        process.terminate()


def _store_bars(home, environment):
    """Keep minute bars of three days in two months where a backtest looks for them."""
    file = home / "bars.csv"
    rows = ["timestamp,open,high,low,close,volume"]
    for minute in range(3 * 1440):
        price = 100 + 5 * math.sin(minute / 60) + math.sin(minute / 4)
        low, high = price - 0.2, price + 0.2
        time = FIRST_BAR_S + 60 * minute
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
    for context, _ in opened:
        context.close()
    assert [said for _, complaints in opened for said in complaints] == []


# ---- what is given back, however a test ends -----------------------------------------


@pytest.fixture(scope="package")
def api(demo, signed_in, browser):
    """The API of the demo, asked as whoever came by its link."""
    with browser.new_context(storage_state=signed_in) as context:
        yield Api(context.request, demo.url)


@pytest.fixture
def open_ticket(open_page, api):
    """Open the Trade page, own orders by hand only. Those that still work are cancelled after."""

    def open_at(**terms):
        page = open_page("/trade", **terms)
        best_bid(page)
        page.get_by_label("by hand only").check()
        return page

    yield open_at
    for order in api.get("/orders", limit=1000):
        if order["strategy"] == "manual":
            api.try_send("DELETE", f"/orders/{order['order_id']}")  # unless it just ended


@pytest.fixture
def quiet_desk(api):
    """A desk whose strategies are paused: what a person did stays among the newest, and they
    leave nothing at an account that is let go of."""
    with ExitStack() as resumed:
        for row in api.get("/strategies"):
            if row["state"] == "running":
                path = f"/strategies/{row['name']}"
                api.send("POST", f"{path}/pause")
                resumed.callback(api.send, "POST", f"{path}/resume")
        yield


@pytest.fixture
def accounts_as_before(api):
    """Accounts that a test connects are let go again; those it lets go of come back."""
    before = {row["account"] for row in api.get("/venues")}
    yield
    now = {row["account"] for row in api.get("/venues")}
    for name in now - before:
        api.send("DELETE", f"/venues/{name}")
    for name in before - now:
        api.send("POST", "/venues", name=name)


@pytest.fixture
def strategies_as_before(api):
    """Strategies that a test starts are removed again; those it pauses or stops go on."""
    before = {row["name"]: row["state"] for row in api.get("/strategies")}
    yield
    for row in api.get("/strategies"):
        name, state = row["name"], row["state"]
        if name not in before and state != "removed":
            api.try_send("POST", f"/strategies/{name}/stop")  # unless it stands already
            api.send("POST", f"/strategies/{name}/remove")
        elif state != before.get(name, state):
            again = "resume" if state == "paused" else "start"
            api.send("POST", f"/strategies/{name}/{again}")
