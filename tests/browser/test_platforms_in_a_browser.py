"""Another platform shows itself, and a charting service gets a way in, in a real browser."""

import json
import re
import secrets
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from crossdock.client import PlatformClient

BEGUN_S = 1_700_000_000


@pytest.fixture
def keys_as_before(api):
    before = {row["id"] for row in api.get("/keys")}
    yield
    for row in api.get("/keys"):
        if row["id"] not in before:
            api.send("DELETE", f"/keys/{row['id']}")


@pytest.fixture
def push(open_page, demo, keys_as_before):
    """A client with a key that can push, under a name that no other test has."""
    page = open_page("/settings?view=keys")
    page.get_by_role("button", name="Make a key").click()
    form = page.get_by_role("dialog")
    form.get_by_label("What it is for").fill("another platform")
    form.get_by_role("checkbox", name="view").uncheck()
    form.get_by_role("checkbox", name="push").check()
    form.get_by_role("button", name="Make it").click()
    key = page.get_by_text(re.compile("^cdk_")).inner_text()
    with PlatformClient(demo.url, key, platform=f"p-{secrets.token_hex(4)}") as client:
        yield client


def name_of(client):
    return repr(client).partition("(")[2].partition(" at ")[0]


def test_everything_that_a_platform_pushes_is_shown(open_page, push):
    push.update_market_data("ES", bid="5000.25", ask="5000.50", change_pct=-1.25)
    push.update_portfolio(
        100_000,
        day_pnl=-250,
        positions=[{"symbol": "NQ", "quantity": -2, "entry_price": "18250.5"}],
    )
    push.add_order("o-1", "ES", "buy", 2, type="LIMIT", status="partially_filled")
    push.add_fill("f-1", "ES", "sell", 3, "4998.75", fee="4.20", fee_currency="USD")
    push.update_strategy_performance("trend", pnl=1250, trades=40, win_rate=0.55)
    push.update_risk_metrics({"VaR 95": 1200.0})
    for second in range(3):
        push.add_custom_metric("latency", 12.5 + second, unit="ms")
    push.add_custom_chart("skew", {"1w": [[25, 0.31], [50, 0.27]]}, x="number")
    push.add_custom_chart("drift", {"ES": [[BEGUN_S, 1], [BEGUN_S + 60, 2]]}, kind="area")
    push.add_prediction("ES", model="gbm", direction="up", probability=0.61)
    push.add_news("Rates stay", url="https://news.example/1", source="wire")
    push.update_sentiment("ES", -0.65, source="headlines", count=31)

    page = open_page(f"/platforms?platform={name_of(push)}")
    table = page.get_by_role("table", name="platforms").get_by_role("row")
    expect(table.filter(has_text=name_of(push))).to_contain_text("ok")
    shown = {
        "market data": ["ES", "5\u2009000.25", "5\u2009000.50", "\u22121.25"],
        "positions": ["NQ", "\u22122", "18\u2009250.5"],
        "orders": ["Buy", "limit", "PartiallyFilled"],
        "fills": ["Sell", "4\u2009998.75", "4.20", "USD"],
        "strategies": ["trend", "+1\u2009250.00", "55 %"],
        "risk metrics": ["VaR 95", "1\u2009200"],
        "custom metrics": ["latency", "14.5", "ms"],
        "predictions": ["gbm", "▲ up", "61 %"],
        "sentiment": ["headlines", "\u22120.65", "31"],
        "news": ["Rates stay", "wire"],
    }
    for subject, words in shown.items():
        panel = page.get_by_label(f"{subject} of the platform")
        for each in words:
            expect(panel).to_contain_text(each)
    expect(page.get_by_label("Equity")).to_contain_text("100\u2009000.00")
    for drawn in ("latency over time", "skew: 1w", "drift: ES"):
        expect(page.get_by_role("img", name=drawn)).to_be_visible()


def test_what_is_pushed_shows_without_a_reload(open_page, push):
    push.update_market_data("ES", last="5000.25")
    page = open_page(f"/platforms?platform={name_of(push)}")
    prices = page.get_by_label("market data of the platform")
    expect(prices).to_contain_text("5\u2009000.25")
    push.update_market_data("ES", last="5001.75")
    expect(prices).to_contain_text("5\u2009001.75")
    push.add_fill("f-1", "NQ", "buy", 1, "18250.5")
    expect(page.get_by_label("fills of the platform")).to_contain_text("NQ")


def test_news_are_followed_away_from_this_page_only(open_page, push):
    push.add_news("Rates stay", url="https://news.example/1")
    push.add_news("A note without an address")
    page = open_page(f"/platforms?platform={name_of(push)}")
    news = page.get_by_label("news of the platform")
    expect(news).to_contain_text("A note without an address")
    link = news.get_by_role("link")
    expect(link).to_have_count(1)
    expect(link).to_have_attribute("href", "https://news.example/1")
    expect(link).to_have_attribute("rel", re.compile("noopener"))


def test_what_has_not_come_for_long_is_marked_stale(open_page, push):
    push.update_market_data("ES", last="5000.25", at_ns=BEGUN_S * 10**9)
    page = open_page(f"/platforms?platform={name_of(push)}")
    expect(page.get_by_role("region", name="Market data")).to_contain_text("stale")
    row = page.get_by_role("table", name="platforms").get_by_role("row")
    expect(row.filter(has_text=name_of(push))).to_contain_text("stale")


def test_the_page_says_how_to_push(open_page, push, demo):
    push.update_sentiment("ES", 0.1)
    page = open_page("/platforms")
    page.get_by_role("button", name="How to push").click()
    words = page.get_by_role("dialog")
    expect(words).to_contain_text(f'PlatformClient("{demo.url}"')
    expect(words).to_contain_text(f"curl {demo.url}/api/v1/platforms/")
    words.get_by_role("link", name="Make one in Settings").click()
    expect(page.get_by_role("button", name="Make a key")).to_be_visible()


# ---- webhooks ----------------------------------------------------------------------


def send(address, said):
    """Post an alert as a charting service does: no cookie, no header of ours."""
    request = urllib.request.Request(
        address, json.dumps(said).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.fixture
def webhooks_as_before(api):
    before = {row["id"] for row in api.get("/signals/webhooks")}
    yield
    for row in api.get("/signals/webhooks"):
        if row["id"] not in before:
            api.send("DELETE", f"/signals/webhooks/{row['id']}")


def test_a_webhook_is_made_used_within_its_bounds_and_ended(
    open_page, demo, webhooks_as_before
):
    page = open_page("/settings?view=webhooks")
    page.get_by_role("button", name="Make a webhook").click()
    form = page.get_by_role("dialog")
    deed = form.get_by_role("button", name="Make it")
    expect(deed).to_be_disabled()
    form.get_by_label("Name").fill("charts")
    form.get_by_label("Symbols").fill("BTC/USDT")
    form.get_by_label("Most quantity").fill("nothing")
    expect(form).to_contain_text("is more than 0")
    form.get_by_label("Most quantity").fill("0.005")
    form.get_by_label("Account").select_option("alpha")
    deed.click()
    told = page.get_by_role("dialog", name="Where alerts go")
    address = told.get_by_text(re.compile("cdw_")).inner_text()
    assert address.startswith(f"{demo.url}/api/v1/signals/webhook/cdw_")
    expect(told).to_contain_text("{{strategy.order.action}}")
    told.get_by_role("button", name="I have it").click()
    expect(page.get_by_text(re.compile("cdw_"))).to_have_count(0)
    row = (
        page.get_by_role("table", name="webhooks")
        .get_by_role("row")
        .filter(has_text="charts")
    )
    expect(row).to_contain_text("0.005")
    expect(row).to_contain_text("never")

    alert = {"ticker": "BTCUSDT", "action": "buy", "quantity": "0.001", "id": "1"}
    status, answer = send(address, alert)
    assert (status, answer["outcome"]) == (200, "ordered")
    assert send(address, alert)[1]["repeated"]
    assert send(address, alert | {"id": "2", "quantity": "0.006"})[0] == 403
    assert send(address, alert | {"id": "3", "ticker": "ETHUSDT"})[0] == 403
    expect(row).not_to_contain_text("never")

    row.get_by_role("button", name="end charts").click()
    page.get_by_role("dialog").get_by_role("button", name="End it").click()
    expect(row).to_have_count(0)
    assert send(address, alert | {"id": "4"})[0] == 404


# ---- portfolios --------------------------------------------------------------------


def test_an_order_belongs_to_the_portfolio_that_was_chosen_before(open_page):
    page = open_page("/trade")
    page.get_by_label("Portfolio", exact=True).select_option("makers")
    page.reload()
    expect(page.get_by_label("Portfolio", exact=True)).to_have_value("makers")
    asked = []
    page.on("request", lambda each: asked.append(each) if "dry-run" in each.url else None)
    with page.expect_response(re.compile("dry-run")) as answer:
        page.get_by_label("Type", exact=True).select_option("market")
        page.get_by_label("Quantity", exact=True).fill("0.001")
    assert answer.value.ok
    assert asked[-1].post_data_json["portfolio"] == "makers"
