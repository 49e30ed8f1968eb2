"""Backtests, stored series, downloads: work in processes of its own."""

import math
import time
from datetime import UTC, datetime

import pytest

from crossdock.app.data import data_folder, open_store
from crossdock.model import Bars
from crossdock.web.identity.roles import Access

MINUTE_NS = 60_000_000_000
START_NS = 1_700_006_400_000_000_000  # midnight, UTC
COUNT = 3 * 1440
SERIES = "WAVE/USDT@alpha 1m"
ORDER = {
    "strategy": "sma_cross",
    "symbol": "WAVE/USDT@alpha",
    "timeframe": "1m",
    "params": {"fast": 5, "slow": 20},
}

CROSSED = {"fast": 20, "slow": 5}  # each is good, and only the strategy knows: not together


@pytest.fixture(scope="module", autouse=True)
def series(market_home):
    """Three days of a wave, an hour of which is missing."""
    gap = range(2000, 2060)
    kept = [at for at in range(COUNT) if at not in gap]
    close = [100 + 10 * math.sin(at / 40) for at in kept]
    open_store(data_folder()).append(
        Bars(
            instrument="WAVE/USDT@alpha",
            width_ns=MINUTE_NS,
            start_time_ns=[START_NS + at * MINUTE_NS for at in kept],
            open=close,
            high=[price + 0.5 for price in close],
            low=[price - 0.5 for price in close],
            close=close,
            volume=[10.0] * len(kept),
        ),
        source="a test",
    )


def ended(site, job):
    return site.until(
        f"/api/v1/backtests/{job['id']}",
        lambda told: told["state"] in ("done", "failed", "cancelled"),
    )


@pytest.fixture(scope="module")
def done(site):
    begun = [
        site.do(
            "POST",
            "/api/v1/backtests",
            202,
            json={**ORDER, "params": {"fast": fast, "slow": 20}},
            access=Access.TRADE,
        )
        for fast in (5, 10)
    ]
    return [ended(site, job) for job in begun]


def test_a_backtest_tells_its_curve_its_trades_and_profit_by_day(done):
    told = done[0]
    assert told["state"] == "done", told["error"]
    assert told["progress"] == 1.0 and told["by"] == "the-trade"
    assert told["started_ns"] <= told["ended_ns"]
    first, last = told["equity"][0][1], told["equity"][-1][1]
    assert first == pytest.approx(10_000)
    assert sum(told["days"].values()) == pytest.approx(last - first, abs=1e-6)
    assert list(told["days"]) == ["2023-11-15", "2023-11-16", "2023-11-17"]
    closed = [trade for trade in told["trades"] if trade["exit_time"]]
    assert len(closed) == told["figures"]["trades"] > 5
    assert max(depth for _, depth in told["drawdown"]) == pytest.approx(
        told["figures"]["max_drawdown"], rel=1e-6
    )


def test_backtests_are_compared_side_by_side(site, done):
    ids = ",".join(each["id"] for each in done)
    told = site.get(f"/api/v1/backtests/compare?ids={ids}")
    assert [run["id"] for run in told["runs"]] == [each["id"] for each in done]
    differing = [row for row in told["rows"] if row["what"] == "params"]
    assert [row["name"] for row in differing] == ["fast"]
    figures = {row["name"]: row["values"] for row in told["rows"]}
    assert figures["pnl"] == [each["figures"]["pnl"] for each in done]


def test_backtests_are_listed_newest_first(site, done):
    times = [row["created_ns"] for row in site.get("/api/v1/backtests")]
    assert times == sorted(times, reverse=True) and len(times) >= 2


def test_a_part_of_a_series_is_tested(site):
    asked = {**ORDER, "start": "2023-11-16", "end": "2023-11-17T00:00:00Z"}
    told = ended(site, site.do("POST", "/api/v1/backtests", 202, json=asked))
    assert list(told["days"]) == ["2023-11-16"]


def test_a_backtest_that_fails_says_why(site):
    asked = {**ORDER, "params": CROSSED}
    told = ended(site, site.do("POST", "/api/v1/backtests", 202, json=asked))
    assert told["state"] == "failed" and "slow" in told["error"]


def test_a_backtest_is_cancelled_and_removed(site):
    job = site.do("POST", "/api/v1/backtests", 202, json=ORDER)
    path = f"/api/v1/backtests/{job['id']}"
    told = site.do("POST", f"{path}/cancel", access=Access.TRADE)
    assert told["state"] in ("cancelled", "done")
    assert site.do("POST", f"{path}/cancel")["state"] == told["state"]
    left = site.do("DELETE", path, access=Access.TRADE)
    assert job["id"] not in [each["id"] for each in left]
    assert site.ask("GET", path).status_code == 404
    assert site.ask("DELETE", path).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"strategy": "no_such"}, 404, "unknown-strategy"),
        ({"strategy": "os:system"}, 404, "unknown-strategy"),
        ({"symbol": "NOPE/USDT@alpha"}, 404, "data-missing"),
        ({"symbol": "/etc/passwd"}, 422, "bad-argument"),
        ({"timeframe": "soon"}, 422, "bad-argument"),
        ({"capital": "-5"}, 422, "bad-argument"),
        ({"start": "yesterday"}, 422, "bad-argument"),
        ({"start": "0001-01-01"}, 422, "bad-argument"),
        ({"start": "2024-01-02", "end": "2024-01-01"}, 422, "bad-argument"),
        ({"params": {"fast": {}}}, 422, "bad-argument"),
        ({"params": {"zz": 1}}, 422, "bad-argument"),
        ({"params": {"fast": -1}}, 422, "strategy-params"),
        ({"params": {"fast": "quick"}}, 422, "strategy-params"),
        ({"capital": "0"}, 422, "bad-argument"),
        ({"capital": "0.000"}, 422, "bad-argument"),
        ({"fee": "1"}, 422, "bad-argument"),
        ({"start": "2199-01-01"}, 422, "bad-argument"),
        ({"end": "1999-01-01"}, 422, "bad-argument"),
    ],
)
def test_a_backtest_that_cannot_be_is_refused_at_once(site, wrong, status, code):
    before = site.get("/api/v1/backtests")
    reply = site.ask("POST", "/api/v1/backtests", json={**ORDER, **wrong})
    assert site.get("/api/v1/backtests") == before
    assert (reply.status_code, reply.json()["code"]) == (status, code), reply.text


def test_viewers_begin_nothing(site):
    reply = site.ask("POST", "/api/v1/backtests", json=ORDER, access=Access.VIEW)
    assert reply.status_code == 403


def test_an_unfinished_backtest_is_not_compared(site, done):
    failed = site.do("POST", "/api/v1/backtests", 202, json={**ORDER, "params": CROSSED})
    ended(site, failed)
    ids = f"{done[0]['id']},{failed['id']}"
    reply = site.ask("GET", f"/api/v1/backtests/compare?ids={ids}")
    assert (reply.status_code, reply.json()["code"]) == (409, "backtest-unfinished")


def test_series_tell_how_fresh_they_are_and_where_they_have_holes(site):
    (row,) = [each for each in site.get("/api/v1/data") if each["name"] == SERIES]
    assert row["rows"] == COUNT - 60 and row["first_ns"] == START_NS
    assert row["gap_count"] == 1
    (gap,) = row["gaps"]
    assert gap == [START_NS + 2000 * MINUTE_NS, START_NS + 2060 * MINUTE_NS]
    assert row["age_s"] > 86_400 and row["problems"] == []


def test_bars_of_a_series_are_told_as_candles(site):
    told = site.get(f"/api/v1/data/{SERIES}/bars?last=3")
    times = [bar[0] for bar in told["bars"]]
    assert times == [START_NS / 1e9 + 60 * at for at in (COUNT - 3, COUNT - 2, COUNT - 1)]
    assert told["source"] == "store" and told["instrument"] == "WAVE/USDT@alpha"
    end_ns = START_NS + 2 * MINUTE_NS
    assert len(site.get(f"/api/v1/data/{SERIES}/bars?end_ns={end_ns}")["bars"]) == 2


def test_a_download_is_a_job_that_ends(site):
    since = datetime.fromtimestamp(time.time() - 1800, UTC).isoformat()
    asked = {"symbol": "BTC/USDT@alpha", "timeframe": "1m", "since": since}
    job = site.do("POST", "/api/v1/data/download", 202, json=asked, access=Access.TRADE)
    assert job["kind"] == "download"
    path = f"/api/v1/jobs/{job['id']}"
    told = site.until(path, lambda each: each["state"] in ("done", "failed"))
    assert told["state"] == "done", told["words"]
    assert told["figures"]["added"] > 0
    names = [row["name"] for row in site.get("/api/v1/data")]
    assert "BTC/USDT@alpha 1m" in names
    assert job["id"] in [each["id"] for each in site.get("/api/v1/jobs")]
    site.do("DELETE", path)


@pytest.mark.parametrize(
    "asked",
    [
        {"symbol": "BTC/USDT", "since": "2024-01-01"},
        {"symbol": "BTC/USDT@alpha", "since": "2999-01-01"},
        {"symbol": "BTC/USDT@alpha", "since": "long ago"},
        {"symbol": "BTC/USDT@alpha", "since": "2024-01-01", "timeframe": "0m"},
        {"symbol": "BTC/USDT@alpha"},
    ],
)
def test_a_download_of_nothing_is_refused(site, asked):
    reply = site.ask("POST", "/api/v1/data/download", json=asked)
    assert (reply.status_code, reply.json()["code"]) == (422, "bad-argument"), reply.text


def test_jobs_of_a_dashboard_that_is_gone_are_told_as_failed(
    addresses, market_home, api_tools
):
    with api_tools["short_folder"]() as folder:
        settings = api_tools["written_settings"](folder, addresses, ("alpha",))
        with api_tools["dashboard"](settings) as site:
            job = site.do("POST", "/api/v1/backtests", 202, json=ORDER)
            quick = ended(site, job)
            late = site.do("POST", "/api/v1/backtests", 202, json=ORDER)
        with_it = {job["id"], late["id"]}
        assert quick["state"] == "done"
        settings.dashboard.database.unlink()
        with api_tools["dashboard"](settings) as site:
            rows = {row["id"]: row for row in site.get("/api/v1/backtests")}
        assert rows.keys() == with_it
        assert rows[job["id"]]["state"] == "done"
        assert rows[late["id"]]["state"] in ("failed", "done")
