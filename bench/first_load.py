"""The first look at a book in a browser, beside the same book in Streamlit.

Hummingbot's dashboard, and many a home-made one, is a Streamlit page. Both servers run on
loopback; each load begins with an empty cache, signed in where a sign-in is:

    ours        the Trade page of `crossdock demo`, until the book has its prices
    streamlit   a page with the same book as a table and a chart, until both are there

Prints a JSON line per row: requests, bytes over the wire (as compressed as each server
sends them), and the median time until the book was read. Wants a chromium on PATH, or
named by CROSSDOCK_CHROMIUM, and the web app built (`make site`).

    python bench/first_load.py [--loads 5] [--json]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PATIENCE_S = 60
LINK = re.compile(r"http://127\.0\.0\.1:\d+/sign-in#\S+")
BUILT = Path(__file__).parents[1] / "src/crossdock/web/built/index.html"
STREAMLIT = """
import streamlit as st
st.set_page_config(layout="wide")
st.line_chart([60000 + n % 7 for n in range(120)])
st.table([{"price": 60000 - n, "quantity": 0.5} for n in range(20)])
"""


def chromium() -> str | None:
    return os.environ.get("CROSSDOCK_CHROMIUM") or shutil.which("chromium")


@contextlib.contextmanager
def ended(command: list[str], **how: Any) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, **how) as process:
        try:
            yield process
        finally:
            process.terminate()


def until(found: Callable[[], Any], process: subprocess.Popen[bytes]) -> Any:
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s and process.poll() is None:
        if (it := found()) is not None:
            return it
        time.sleep(0.1)
    raise SystemExit(f"{process.args[:4]} did not come up")


@contextlib.contextmanager
def ours() -> Iterator[str]:
    """Run the demo, and yield its one-time link."""
    with tempfile.TemporaryDirectory() as home:
        told = Path(home, "told")
        command = [sys.executable, "-m", "crossdock", "demo", "--json", "--no-browser"]
        environment = {k: v for k, v in os.environ.items() if "XDG" not in k}
        environment |= {"HOME": home, "XDG_RUNTIME_DIR": home}
        with told.open("wb") as out:
            lasting = ["--seconds", "600"]
            with ended(command + lasting, stderr=out, cwd=home, env=environment) as it:
                yield until(lambda: LINK.search(told.read_text("utf-8")), it)[0]


@contextlib.contextmanager
def streamlit() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool | None:
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(f"{url}/_stcore/health").status == 200
        return None

    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.py")
        page.write_text(STREAMLIT)
        command = [sys.executable, "-m", "streamlit", "run", str(page)]
        options = {
            "server.headless": "true",
            "server.address": "127.0.0.1",
            "server.port": str(port),
            "browser.gatherUsageStats": "false",
        }
        command += [f"--{name}={value}" for name, value in options.items()]
        with ended(command, stderr=subprocess.DEVNULL, cwd=folder) as it:
            until(answers, it)
            yield url


class Load:
    """One visit with nothing cached: what came over the wire, and when the book was there."""

    def __init__(self, browser: Any, state: Any) -> None:
        self.requests = self.bytes = 0
        self._context = browser.new_context(
            storage_state=state, viewport={"width": 1280, "height": 800}
        )
        self._page = self._context.new_page()
        self._page.set_default_timeout(PATIENCE_S * 1000)
        wire = self._context.new_cdp_session(self._page)
        wire.send("Network.enable")
        wire.on("Network.loadingFinished", self._finished)

    def _finished(self, event: dict[str, Any]) -> None:
        self.requests += 1
        self.bytes += int(event["encodedDataLength"])

    def until(self, url: str, is_there: Callable[[Any], None]) -> float:
        """Return the milliseconds it took."""
        begun = time.perf_counter()
        self._page.goto(url, wait_until="commit")
        is_there(self._page)
        taken = (time.perf_counter() - begun) * 1000
        self._page.wait_for_load_state("load")
        self._context.close()
        return taken


def has_our_book(page: Any) -> None:
    bids = page.get_by_role("list", name="bids")
    bids.get_by_role("button", name=re.compile(r"^[\d.]+, ")).first.wait_for()


def has_streamlits_book(page: Any) -> None:
    page.get_by_text("59981").first.wait_for()
    page.locator("[data-testid=stVegaLiteChart] :is(canvas, svg)").first.wait_for()


def measured(
    browser: Any, url: str, is_there: Callable[[Any], None], loads: int, state: Any = None
) -> dict[str, Any]:
    visits = []
    for _ in range(loads + 1):  # the first one warms the server and the browser up
        load = Load(browser, state)
        visits.append((load.until(url, is_there), load))
    kept = visits[1:]
    return {
        "requests": statistics.median(load.requests for _, load in kept),
        "kilobytes": round(statistics.median(load.bytes for _, load in kept) / 1000, 1),
        "first_book_ms": round(statistics.median(taken for taken, _ in kept)),
    }


def signed_in(browser: Any, link: str) -> Any:
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.get_by_test_id("mode").wait_for(timeout=PATIENCE_S * 1000)
    state = context.storage_state()
    context.close()
    return state


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--loads", type=int, default=5)
    options.add_argument("--json", action="store_true", help="lines of JSON; always so")
    loads = options.parse_args().loads
    path = chromium()
    if path is None or not BUILT.is_file():
        wanted = (
            "no web app is built: run `make site`" if path else "no chromium is on PATH"
        )
        print(json.dumps({"bench": "first_load", "skipped": wanted}))
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=["--no-sandbox"])
        with streamlit() as url:
            peer = measured(browser, url, has_streamlits_book, loads)
        print(json.dumps({"bench": "first_load", "row": "streamlit", **peer}), flush=True)
        with ours() as link:
            state = signed_in(browser, link)
            url = link.partition("/sign-in")[0] + "/trade"
            own = measured(browser, url, has_our_book, loads, state)
        browser.close()
    ratios = {f"{name}_ratio": round(own[name] / peer[name], 2) for name in own}
    print(json.dumps({"bench": "first_load", "row": "ours", **own, **ratios}))


if __name__ == "__main__":
    main()
