"""What can be looked at: market, holdings, risk, strategies, venues, journal."""

import pytest

from crossdock.web.identity.roles import Access

VIEWED = [
    "/api/v1/orders",
    "/api/v1/fills",
    "/api/v1/doubts",
    "/api/v1/positions",
    "/api/v1/portfolio",
    "/api/v1/portfolio/equity",
    "/api/v1/market/books",
    "/api/v1/market/ladder/BTC/USDT",
    "/api/v1/market/ladder/BTC/USDT@alpha?depth=5",
    "/api/v1/market/candles/BTC/USDT@alpha?timeframe=1m",
    "/api/v1/market/instruments/alpha",
    "/api/v1/signals",
    "/api/v1/strategies",
    "/api/v1/strategies/kinds",
    "/api/v1/risk",
    "/api/v1/flags",
    "/api/v1/catalogue",
    "/api/v1/adapters",
    "/api/v1/venues",
    "/api/brokers",
    "/api/v1/integrations",
    "/api/v1/audit",
    "/api/v1/audit/verify",
    "/api/v1/backtests",
    "/api/v1/data",
    "/api/v1/jobs",
    "/integration-status",
]


@pytest.mark.parametrize("path", VIEWED)
def test_viewers_are_told(site, path):
    assert site.get(path, access=Access.VIEW) is not None


def test_the_ladder_adds_up_every_venue(site):
    ladder = site.get("/api/v1/market/ladder/BTC/USDT")
    assert ladder["ready"] and set(ladder["venues"]) == {"alpha", "beta"}
    prices = [float(price) for price, _, _ in ladder["bids"]]
    assert prices == sorted(prices, reverse=True)
    for _, quantity, by_venue in ladder["bids"]:
        assert float(quantity) == pytest.approx(sum(map(float, by_venue.values())))


def test_instruments_say_whose_they_are(site):
    rows = site.get("/api/v1/market/instruments/alpha")
    assert {(row["account"], row["venue"]) for row in rows} == {("alpha", "alpha")}
    assert all(row["tick"] and row["order_types"] for row in rows)


def test_holdings_are_in_the_desks_currency(site):
    told = site.get("/api/v1/portfolio")
    assert told["currency"] == "USDT" and float(told["exposure"]["gross"]) >= 0
    assert {row["account"] for row in told["accounts"]} == {"alpha", "beta"}


def test_every_limit_says_what_it_is_for(site):
    told = site.get("/api/v1/risk")
    assert told["killed"] == ""
    assert all(row["help"] for row in told["limits"])
    assert {"daily_loss_pct", "position_pct"} <= {row["name"] for row in told["limits"]}


def test_accounts_tell_each_step_stream_and_limit(site):
    accounts = {row["account"]: row for row in site.get("/api/v1/venues")}
    assert set(accounts) == {"alpha", "beta"}
    alpha = accounts["alpha"]
    assert alpha["standing"] == "ready" and alpha["steps"] and alpha["streams"]
    assert all(each["account"] == "alpha" for each in alpha["usage"])


def test_brokers_are_the_same_accounts(site):
    assert [row["account"] for row in site.get("/api/brokers")] == ["alpha", "beta"]
    told = site.do("POST", "/api/brokers/beta/test", access=Access.VIEW)
    assert (told["account"], told["standing"]) == ("beta", "ready")


def test_a_closed_venue_says_since_when_and_what_instead(site):
    told = site.get("/api/v1/catalogue/FTX")
    assert told["status"] == "closed" and told["error"]["message"]
    reply = site.ask(
        "POST", "/api/brokers/test", json={"broker_name": "FTX", "credentials": {}}
    )
    assert (reply.status_code, reply.json()["code"]) == (409, "unavailable")


def test_an_adapter_comes_with_its_form(site):
    form = site.get("/api/v1/adapters/sandbox")
    assert {field["name"] for field in form["settings"] if field["secret"]}
    assert all(field["help"] for field in form["settings"])


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/v1/catalogue/nowhere", "unknown-venue"),
        ("/api/v1/adapters/nothing", "unknown-adapter"),
        ("/api/v1/market/instruments/nobody", "unknown-account"),
        ("/api/v1/market/ladder/NOPE/USDT", "unknown-symbol"),
        ("/api/v1/audit/story/nothing", "unknown-id"),
        ("/api/v1/orders/nothing/story", "unknown-id"),
        ("/api/v1/backtests/nothing", "unknown-job"),
        ("/api/v1/jobs/..%2F..%2Fetc", "not-found"),
        ("/api/v1/data/BTC/USDT@nowhere 1m/bars", "data-missing"),
        ("/api/v1/nothing", "not-found"),
    ],
)
def test_what_is_not_there_is_404_with_a_reason(site, path, code):
    reply = site.ask("GET", path)
    assert (reply.status_code, reply.json()["code"]) == (404, code), reply.text
    assert reply.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/orders?limit=0",
        "/api/v1/orders?limit=many",
        "/api/v1/audit?since_ns=99999999999999999999",
        "/api/v1/audit?before=-1",
        "/api/v1/portfolio/equity?since_ns=-5",
        "/api/v1/market/ladder/BTC/USDT?depth=1000",
        "/api/v1/market/candles/BTC/USDT?timeframe=never",
        "/api/v1/market/candles/BTC/USDT?timeframe=7s",
        "/api/v1/market/candles/BTC/USDT?timeframe=9999999w",
        "/api/v1/integrations?month=2026-13",
        "/api/v1/backtests/compare?ids=",
        "/api/v1/backtests/compare",
    ],
)
def test_what_makes_no_sense_is_422(site, path):
    reply = site.ask("GET", path)
    assert (reply.status_code, reply.json()["code"]) == (422, "bad-argument"), reply.text


def test_the_journal_is_searched_page_by_page(site):
    first = site.get("/api/v1/audit?limit=2&kinds=instrument_listed&kinds=session_started")
    assert len(first["entries"]) == 2 and first["before"] is not None
    rest = site.get(f"/api/v1/audit?limit=1000&before={first['before']}")
    newest, next_ = first["entries"][-1]["sequence"], rest["entries"][0]["sequence"]
    assert next_ < newest


def test_the_journal_is_verified_while_it_is_written(site):
    told = site.get("/api/v1/audit/verify")
    assert told["whole"] and told["bad"] is None and told["entries"] > 0


def test_settings_are_masked_and_for_administrators(site):
    rows = {row["key"]: row for row in site.get("/api/v1/settings")}
    secret = rows["accounts.alpha.key_secret"]
    assert set(secret["value"]) <= set("*") or "•" in secret["value"]
    assert rows["accounts.alpha.adapter"]["origin"].startswith("settings.toml:")
    assert site.ask("GET", "/api/v1/settings", access=Access.RISK).status_code == 403


def test_the_reference_is_one_page_without_a_script(site):
    reply = site.ask("GET", "/docs", access=Access.VIEW)
    assert reply.status_code == 200
    assert "/api/v1/orders/dry-run" in reply.text and "<script" not in reply.text
    assert "//" not in reply.text.replace("<!doctype", "").split("</style>")[1]
    assert site.browser.get("/docs").status_code == 401
