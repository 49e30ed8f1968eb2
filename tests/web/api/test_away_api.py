"""While the desk is away: what files tell is told, and said to be; the rest is 503."""

import pytest

import crossdock
from crossdock.app.settings import load_settings

BUY = {"side": "buy", "symbol": "BTC/USDT@alpha", "quantity": "0.01"}
FROM_FILES = [
    "/api/v1/orders?all=true",
    "/api/v1/fills",
    "/api/v1/doubts",
    "/api/v1/positions",
    "/api/v1/venues",
    "/api/v1/desk",
    "/api/v1/accounts/gamma/movements",
    "/api/v1/integrations",
    "/api/v1/audit?text=intended",
    "/api/v1/audit/verify",
    "/api/v1/audit/why/BTC/USDT@alpha",
]
REFUSED = [
    ("GET", "/api/v1/portfolio", None),
    ("GET", "/api/v1/risk", None),
    ("GET", "/api/v1/accounts/gamma/loans", None),
    ("GET", "/api/v1/accounts/nobody/movements", None),
    ("GET", "/api/v1/flags", None),
    ("GET", "/api/v1/market/books", None),
    ("GET", "/api/v1/strategies", None),
    ("POST", "/api/v1/orders", BUY),
    ("POST", "/api/v1/orders/dry-run", BUY),
    ("POST", "/api/v1/risk/kill", {"confirm": "KILL"}),
]


@pytest.fixture(scope="module")
def left(addresses, market_home, api_tools):
    """A dashboard, and what its desk told before it ended."""
    tools = api_tools
    with tools["short_folder"]() as folder:
        settings = tools["written_settings"](folder, addresses, ("gamma",))
        with tools["dashboard"](settings) as site:
            with crossdock.open_desk(settings):
                site.until("/api/v1/market/books", lambda rows: rows and rows[0]["ready"])
                order = site.do(
                    "POST",
                    "/api/v1/orders",
                    201,
                    json={**BUY, "symbol": "BTC/USDT@gamma"},
                )
                site.until("/api/v1/fills", lambda rows: len(rows) > 0)
                site.until(
                    "/api/v1/orders?all=true", lambda rows: rows[0]["status"] == "Filled"
                )
                told = {path: site.get(path) for path in FROM_FILES}
                told["story"] = site.get(f"/api/v1/orders/{order['order_id']}/story")
            yield site, told, order


def test_files_tell_the_orders_and_fills_that_the_desk_told(left):
    site, told, order = left
    for path in ("/api/v1/orders?all=true", "/api/v1/fills"):
        reply = site.ask("GET", path)
        assert reply.headers["x-answered-from"] == "files"
        assert int(reply.headers["x-as-of-ns"]) > 0
        assert reply.json() == told[path]
    story = site.get(f"/api/v1/orders/{order['order_id']}/story")
    assert story == told["story"]


@pytest.mark.parametrize("path", FROM_FILES)
def test_what_files_can_tell_is_told_and_said_to_be(left, path):
    site, _, _ = left
    reply = site.ask("GET", path)
    assert reply.status_code == 200, reply.text
    assert reply.headers["x-answered-from"] == "files"


def test_files_tell_what_an_account_left_behind(left, api_tools):
    site, _, _ = left
    file = site.settings.file
    off = ["accounts.gamma.enabled=false", f"dashboard.database={file.parent / 'other.db'}"]
    settings = load_settings(file, environment={}, overrides=off)
    with api_tools["dashboard"](settings) as without:
        (found,) = without.get("/api/v1/desk")["left_behind"]
    assert (found["account"], found["open_orders"], found["doubts"]) == ("gamma", 0, 0)
    assert {"instrument": "BTC/USDT@gamma", "quantity": "0.01"} in found["positions"]


def test_why_a_position_is_what_it_is_needs_no_desk(left):
    site, _, order = left
    (step, *_) = site.get("/api/v1/audit/why/BTC/USDT@gamma")
    assert step["order_id"] == order["order_id"] and "place" in step["because"]


@pytest.mark.parametrize(("method", "path", "body"), REFUSED)
def test_what_only_a_desk_can_do_is_503_with_a_hint(left, method, path, body):
    site, _, _ = left
    reply = site.ask(method, path, json=body)
    assert (reply.status_code, reply.json()["code"]) == (503, "desk-not-running")
    assert "crossdock run" in reply.json()["hint"]


def test_without_a_journal_nothing_is_made_up(lone_site):
    reply = lone_site.ask("GET", "/api/v1/orders")
    assert (reply.status_code, reply.json()["code"]) == (503, "desk-not-running")


def test_health_is_degraded_without_a_desk(lone_site):
    reply = lone_site.browser.get("/health")
    assert reply.status_code == 200
    assert reply.json() == {
        "status": "degraded",
        "platform": "away",
        "desk": "away",
        "database": "ok",
        "redis": "unused",
    }


def test_health_fails_with_its_database(lone_site):
    lone_site.application.dashboard.identity.database.close()
    reply = lone_site.browser.get("/health")
    assert (reply.status_code, reply.json()["status"]) == (503, "failing")


def test_figures_say_that_the_desk_is_away(lone_site):
    reply = lone_site.ask("GET", "/metrics")
    assert "crossdock_desk_up 0.0" in reply.text
    status = lone_site.get("/integration-status")
    assert not status["platform"]["connected"] and status["data_freshness"] == []
