"""A running demo and a real browser. Without one of them, what is here is skipped, and says so."""

import os
import re
import shutil
import subprocess
import sys
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


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    playwright.expect.set_options(timeout=WAIT_MS)
    path = chromium()
    if path is None:
        pytest.skip("no chromium is on PATH, nor named by CROSSDOCK_CHROMIUM")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


class Demo:
    """Three venues, a desk with two strategies, and the dashboard, in processes of their own."""

    def __init__(self, process, link):
        self.process = process
        self.link = link
        self.url = link.partition("/sign-in")[0]


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    if not BUILT.exists():
        pytest.skip("the web app is not built: run `make site`")
    home = tmp_path_factory.mktemp("home")
    told = home / "told"
    command = [sys.executable, "-m", "crossdock", "demo", "--json", "--no-browser"]
    environment = {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
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


@pytest.fixture(scope="session")
def signed_in(browser, demo):
    """The cookies of somebody who came by the one-time link."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(demo.link)
    page.get_by_test_id("mode").wait_for(timeout=WAIT_MS)
    state = context.storage_state()
    context.close()
    return state


class Complaints(list):
    """What the browser's console complained of."""

    def hear(self, message):
        if message.type == "error":
            self.append(message.text)


@pytest.fixture
def open_page(browser, demo, signed_in):
    """Open a page of the dashboard, signed in. No page may complain on the console."""
    opened = []

    def open_at(path="/", **terms):
        terms.setdefault("viewport", {"width": 1280, "height": 800})
        context = browser.new_context(storage_state=signed_in, **terms)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        complaints = Complaints()
        page.on("console", complaints.hear)
        opened.append((context, complaints))
        page.goto(demo.url + path)
        page.get_by_test_id("mode").wait_for()
        return page

    yield open_at
    for context, complaints in opened:
        context.close()
        assert complaints == []
