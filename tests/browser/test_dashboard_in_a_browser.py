"""What a trader does, done in a real browser on the running demo."""

import re

import pytest
from playwright.sync_api import expect
from tests.browser.hands import best_bid, fill_ticket

PAGES = {
    "overview": "/",
    "trade": "/trade",
    "signals": "/signals",
    "venues": "/venues",
    "strategies": "/strategies",
    "backtests": "/backtests",
    "risk": "/risk",
    "data": "/data",
    "platforms": "/platforms",
    "audit": "/audit",
    "settings": "/settings",
    "webhooks": "/settings?view=webhooks",
}


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Where screenshots are kept: CROSSDOCK_PICTURES, or a folder that pytest keeps."""
    import os
    from pathlib import Path

    named = os.environ.get("CROSSDOCK_PICTURES")
    folder = Path(named) if named else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_fits_in_two_themes_and_on_a_phone(open_page, pictures, name):
    page = open_page(PAGES[name])
    look_at(page, pictures / f"{name}-dark.png")
    page.get_by_role("button", name="Light theme").click()
    look_at(page, pictures / f"{name}-light.png")
    page = open_page(PAGES[name], viewport=PHONE, is_mobile=True)
    look_at(page, pictures / f"{name}-phone.png")


def look_at(page, picture):
    expect(page.get_by_test_id("mode")).to_have_text("PAPER")
    expect(page.locator("main section").first).to_be_visible()
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)
    wide = page.viewport_size["width"]  # a phone's window grows with what does not fit
    needs = page.evaluate("document.documentElement.scrollWidth")
    assert needs <= wide, "the page scrolls sideways"
    kill = page.get_by_role("button", name="Kill", exact=True)
    for always in (page.get_by_test_id("mode"), page.get_by_test_id("line"), kill):
        box = always.bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= wide, "it is out of sight"
    page.screenshot(path=picture)


def test_nobody_enters_without_signing_in(demo, browser):
    page = browser.new_page()
    page.goto(f"{demo.url}/trade")
    expect(page.get_by_role("textbox", name="Password")).to_be_visible()
    page.get_by_label("User").fill("demo")
    page.get_by_role("textbox", name="Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.close()


def test_a_link_works_once(demo, signed_in, browser):
    page = browser.new_page()
    page.goto(demo.link)
    expect(page.get_by_role("alert")).to_be_visible()
    page.close()


def test_the_book_moves(open_page):
    page = open_page("/trade")
    bids = page.get_by_role("list", name="bids")
    expect(bids).to_be_visible()
    before = bids.inner_text()
    expect(bids).not_to_have_text(before, use_inner_text=True)


def test_the_chart_shows_what_a_strategy_goes_by_and_hides_it_for_good(open_page):
    page = open_page("/trade")
    lines = page.get_by_role("list", name="indicators of strategies")
    expect(
        lines.get_by_role("button", name=re.compile(r"sma\(\d+\) averages [\d.]+"))
    ).to_have_count(2)
    times = page.get_by_role("group", name="timeframe")
    times.get_by_role("button", name="5m", exact=True).click()
    expect(lines).to_contain_text("averages reads 1m bars")
    lines.get_by_role("button", name="show 1m").click()
    expect(lines).to_contain_text("sma(5)")
    times.get_by_role("button", name="indicators of strategies").click()
    expect(lines).to_have_count(0)
    page.reload()
    switch = times.get_by_role("button", name="indicators of strategies")
    expect(switch).to_have_attribute("aria-pressed", "false")
    expect(lines).to_have_count(0)


# ---- what a trader does ------------------------------------------------------------


KINDS = {
    "limit": {"Limit price": 0.985},
    "stop": {"Stop price": 1.012},
    "stop_limit": {"Stop price": 1.01, "Limit price": 1.012},
    "market_if_touched": {"Touch price": 0.988},
    "limit_if_touched": {"Touch price": 0.988, "Limit price": 0.987},
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_order_is_placed_amended_and_cancelled(open_page, kind):
    page = open_page("/trade")
    best = best_bid(page)
    prices = {name: f"{best * share:.0f}" for name, share in KINDS[kind].items()}
    page.get_by_role("button", name="Buy", exact=True).click()
    fill_ticket(page, {"Type": kind, "Account": "alpha", "Quantity": "0.0113", **prices})
    expect(page.get_by_label("dry run")).to_contain_text("pass", ignore_case=True)
    page.get_by_role("button", name=re.compile(r"^Buy 0\.0113")).click()
    row = page.get_by_label("working orders").get_by_role("row").filter(has_text="0.0113")
    expect(row).to_be_visible()
    row.get_by_role("button", name=re.compile("^amend ")).click()
    page.get_by_label(re.compile("^quantity of the order")).fill("0.0117")
    page.get_by_role("button", name=re.compile("^save ")).click()
    amended = (
        page.get_by_label("working orders").get_by_role("row").filter(has_text="0.0117")
    )
    expect(amended).to_be_visible()
    amended.get_by_role("button", name=re.compile("^cancel ")).click()
    page.mouse.move(0, 0)  # rows keep their places under a pointer
    expect(amended).to_have_count(0)


def test_a_refusal_is_read_before_anything_is_sent(open_page):
    page = open_page("/trade")
    best = best_bid(page)
    page.get_by_role("button", name="Buy", exact=True).click()
    fill_ticket(
        page, {"Type": "limit", "Quantity": "0.01", "Limit price": f"{best * 2:.0f}"}
    )
    verdict = page.get_by_label("dry run")
    expect(verdict).to_contain_text(re.compile("% from .* the limit is [0-9.]+ %"))


def test_a_venue_is_connected_through_its_form_and_let_go(open_page, other_venue):
    page = open_page("/venues")
    page.get_by_role("button", name="Connect an account").click()
    form = page.get_by_role("dialog")
    form.get_by_role("combobox", name="Adapter").fill("sandb")
    page.get_by_role("option", name="Sandbox").click()
    form.get_by_role("textbox", name="name", exact=True).fill("delta")
    form.get_by_role("textbox", name="url", exact=True).fill(other_venue)
    form.get_by_role("textbox", name="key", exact=True).fill("sandbox-alpha")
    form.get_by_label("key secret").first.fill("sandbox-alpha-secret")
    form.get_by_role("button", name="Test").click()
    expect(form).to_contain_text("ready")
    form.get_by_role("button", name="Connect", exact=True).click()
    accounts = page.get_by_role("table", name="accounts", exact=True)
    row = accounts.get_by_role("row").filter(has_text="delta")
    expect(row).to_contain_text("ready")
    row.click()
    page.get_by_role("button", name="Disconnect").click()
    page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
    expect(row).to_have_count(0)


def test_a_backtest_is_run(open_page):
    page = open_page("/backtests")
    page.get_by_role("button", name=re.compile("backtest", re.IGNORECASE)).first.click()
    form = page.get_by_role("dialog")
    form.get_by_label("Strategy").select_option("sma_cross")
    form.get_by_role("button", name=re.compile("^(Run|Start)")).click()
    expect(page.get_by_role("row").filter(has_text="sma_cross").first).to_contain_text(
        "done"
    )


def test_a_strategy_is_paused_and_goes_on(open_page):
    page = open_page("/strategies")
    page.get_by_role("button", name="pause quoting").click()
    expect(page.get_by_role("row").filter(has_text="quoting")).to_contain_text("paused")
    page.get_by_role("button", name="resume quoting").click()
    expect(page.get_by_role("row").filter(has_text="quoting")).to_contain_text("running")


def test_why_a_position_is_what_it_is(open_page):
    page = open_page("/audit?why=BTC/USDT@alpha")
    expect(page.locator("main")).to_contain_text("fill", timeout=30_000)


def test_the_kill_switch_stops_everything_and_lets_go_again(open_page):
    page = open_page("/risk")
    page.get_by_role("button", name="Kill", exact=True).click()
    dialog = page.get_by_role("dialog")
    deed = dialog.get_by_role("button", name="Kill")
    expect(deed).to_be_disabled()
    dialog.get_by_label(re.compile("^Type KILL")).fill("KILL")
    deed.click()
    expect(page.get_by_text("KILLED", exact=True)).to_be_visible()
    page.get_by_role("button", name="Release", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(re.compile("^Type RELEASE")).fill("RELEASE")
    dialog.get_by_role("button", name="Release").click()
    expect(page.get_by_text("KILLED", exact=True)).to_have_count(0)
