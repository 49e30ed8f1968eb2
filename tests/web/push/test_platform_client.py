"""The client against a real dashboard, and against servers that fail in every way."""

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from crossdock.client import PlatformClient
from crossdock.client.http import TRIES, HttpWay
from crossdock.errors import (
    AuthFailed,
    ConfigError,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from crossdock.web.identity.roles import Access
from crossdock.web.shapes.platforms import PUSHED

PAGE = Path(__file__).parents[3] / "docs/how-to/show-another-platform.md"


async def test_the_page_shows_a_platform_with_every_subject(serve, tmp_path):
    (code,) = re.findall(
        r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    site = await serve()
    key = site.key(scopes=[Access.PUSH])
    environment = {**os.environ, "DASHBOARD_URL": site.url, "DASHBOARD_KEY": key}
    ran = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-W", "error", "-c", code],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    platforms = site.application._parts[-1].running.platforms
    assert {row["subject"] for row in platforms.rows("mine")} == PUSHED.keys()
    (order,) = platforms.rows("mine", "orders")
    assert order["value"]["side"] == "BUY"
    assert order["value"]["quantity"] == "2"


async def test_what_the_dashboard_refuses_is_told_in_its_words(serve):
    site = await serve()
    wrong_scope = site.key(scopes=[Access.VIEW])
    right = site.key(scopes=[Access.PUSH])

    def push(key, act):
        with PlatformClient(site.url, key, platform="mine") as client:
            act(client)

    def metric(client):
        client.add_custom_metric("x", 1)

    for key in ("cdk_wrong", wrong_scope):
        with pytest.raises(AuthFailed):
            await asyncio.to_thread(push, key, metric)
    with pytest.raises(Rejected, match="score"):
        await asyncio.to_thread(push, right, lambda c: c.update_sentiment("ES", 7))
    with pytest.raises(Rejected, match="title is empty"):
        await asyncio.to_thread(push, right, lambda c: c.add_news(""))
    assert site.application._parts[-1].running.platforms.all() == []


class Kept:
    """A way on which nothing goes wrong, and what went out on it."""

    def __init__(self):
        self.pushed = []

    def push(self, subject, said):
        self.pushed.append((subject, said))

    def close(self):
        pass


CHART = {"x": [[1, 2], [3]]}


@pytest.mark.parametrize(
    ("method", "given", "more", "words"),
    [
        ("update_market_data", ["ES"], {"bid": True}, "bid is a finite number, not True"),
        ("update_market_data", ["ES"], {"bid": "x"}, "bid is a finite number, not 'x'"),
        ("update_market_data", ["ES"], {"bid": float("nan")}, "bid is a finite number"),
        ("update_market_data", ["ES"], {"bid": 1e31}, "bid is a finite number"),
        ("update_market_data", ["ES"], {}, "a price of it is missing"),
        ("update_market_data", ["ES"], {"volume": 3}, "a price of it is missing"),
        ("add_order", ["1", "ES", "buy", -1], {}, "quantity is more than 0, not -1"),
        ("add_order", ["1", "ES", "hold", 1], {}, "side is buy or sell, not 'hold'"),
        ("add_order", ["1", "ES", None, 1], {}, "side is buy or sell, not None"),
        ("add_fill", ["1", "ES", "buy", 0, 5], {}, "quantity is more than 0, not 0"),
        ("add_custom_metric", ["m", "abc"], {}, "value is a finite number, not 'abc'"),
        ("add_custom_metric", ["m", float("inf")], {}, "value is a finite number"),
        ("add_custom_metric", ["m", 1], {"at_ns": 1.5}, "at_ns is UTC nanoseconds"),
        ("add_custom_metric", ["m", 1], {"at_ns": 2**63}, "at_ns is UTC nanoseconds"),
        ("add_custom_metric", ["m", 1], {"at_ns": True}, "at_ns is UTC nanoseconds"),
        ("add_custom_chart", ["c", CHART], {}, "a point of x is no pair of numbers"),
        ("add_custom_chart", ["c", {"x": [[1, "a"]]}], {}, "a point of x is a finite"),
        ("update_risk_metrics", [{"VaR": "high"}], {}, "VaR is a finite number"),
        ("update_sentiment", ["ES", "good"], {}, "score is a finite number"),
        (
            "update_portfolio",
            [1],
            {"positions": [{"symbol": "ES", "quantity": True}]},
            "quantity is a finite number",
        ),
    ],
)
def test_what_is_no_value_is_rejected_before_anything_is_sent(method, given, more, words):
    way = Kept()
    client = PlatformClient("", "", way=way)
    with pytest.raises(Rejected) as refused:
        getattr(client, method)(*given, **more)
    assert str(refused.value).startswith(words)
    assert refused.value.venue_code == "bad-argument"
    assert way.pushed == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("0.10"), "0.10"),
        ("1e3", "1000"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (7, "7"),
        (np.float64(1.5), "1.5"),
        (np.float32(1.1), "1.1"),
        (np.int64(5), "5"),
    ],
)
def test_an_amount_is_told_in_full_whatever_it_is_counted_in(value, text):
    way = Kept()
    PlatformClient("", "", way=way).update_market_data("ES", bid=value)
    assert way.pushed == [("market-data", {"symbol": "ES", "bid": text})]


def test_a_client_is_made_of_the_standard_library_and_our_errors_alone():
    code = (
        "import sys; before = set(sys.modules); import crossdock.client; "
        "print([m for m in set(sys.modules) - before if m.split('.')[0] in "
        "('fastapi', 'pydantic', 'aiohttp', 'redis', 'socketio', 'msgspec')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout.strip() == "[]", ran.stderr


def test_no_repr_shows_the_key():
    client = PlatformClient("http://user:pw@127.0.0.1:1/x", "cdk_secret", platform="mine")
    assert "secret" not in repr(client)
    assert "pw" not in repr(client)


@pytest.mark.parametrize("url", ["", "127.0.0.1:5000", "ftp://x", "http://"])
def test_an_address_that_is_none_is_a_config_error(url):
    with pytest.raises(ConfigError):
        PlatformClient(url, "k")


# ---- failing servers -------------------------------------------------------------


@pytest.fixture
def failing():
    """Serve answers in turn: a status with a body, or None for a broken connection."""
    servers = []

    def make(*answers):
        left, seen = list(answers), []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                seen.append((self.headers["Idempotency-Key"], body))
                answer = left.pop(0) if len(left) > 1 else left[0]
                if answer is None:
                    self.close_connection = True
                    return
                status, told = answer
                text = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                if status == 429:
                    self.send_header("Retry-After", "3")
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        servers.append((server, thread))
        slept = []
        way = HttpWay(
            f"http://127.0.0.1:{server.server_port}", "k", "mine", sleep=slept.append
        )
        return PlatformClient("", "", way=way), seen, slept

    yield make
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


OK = (200, {"taken": 1})


@pytest.mark.parametrize(
    "failure",
    [
        None,
        (502, {}),
        (503, {}),
        (504, {}),
        (429, {}),
        (409, {"code": "idempotency-unfinished"}),
    ],
)
def test_a_passing_failure_is_repeated_under_the_same_key(failing, failure):
    client, seen, slept = failing(failure, failure, OK)
    with client:
        client.add_custom_metric("x", 1)
        client.add_custom_metric("x", 2)
    first, second, third, other = (key for key, _ in seen)
    assert first == second == third != other
    assert len({body for _, body in seen[:3]}) == 1
    assert slept == ([3, 3] if failure and failure[0] == 429 else [0.2, 0.4])


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (None, OutcomeUnknown),
        ((503, {}), Rejected),
        ((429, {}), RateLimited),
        ((422, {"detail": "no"}), Rejected),
        ((409, {"code": "too-many-platforms"}), Rejected),
        ((401, {}), AuthFailed),
        ((500, {}), Rejected),
    ],
)
def test_what_does_not_pass_is_an_error_after_as_many_tries_as_make_sense(
    failing, failure, error
):
    client, seen, _ = failing(failure)
    with client, pytest.raises(error):
        client.add_custom_metric("x", 1)
    passes = failure is None or failure[0] in (429, 503)
    assert len(seen) == (TRIES if passes else 1)
    assert len({key for key, _ in seen}) == 1


def test_where_nothing_listens_nothing_was_sent(failing):
    client, _, _ = failing(OK)
    way = HttpWay("http://127.0.0.1:1", "k", "mine", sleep=lambda _: None)
    with PlatformClient("", "", way=way) as away, pytest.raises(NotSent):
        away.add_custom_metric("x", 1)
    client.close()
