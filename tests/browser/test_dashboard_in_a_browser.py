"""Every page, the way in, and what moves by itself, in a real browser on the running demo."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import WAIT_MS
from tests.browser.hands import (
    best_bid,
    chord,
    fill_ticket,
    fits,
    row_of,
    send_ticket,
    show,
)

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
    fits(page)
    wide = page.viewport_size["width"]
    kill = page.get_by_role("button", name="Kill", exact=True)
    for always in (page.get_by_test_id("mode"), page.get_by_test_id("line"), kill):
        box = always.bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= wide, "it is out of sight"
    page.screenshot(path=picture)


@pytest.fixture
def stranger(browser):
    """A page that nobody is signed in on."""
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        yield page


def test_nobody_enters_without_signing_in(demo, stranger):
    page = stranger
    page.goto(f"{demo.url}/trade")
    page.get_by_label("User").fill("demo")
    page.get_by_role("textbox", name="Password").fill("not the password")
    with page.expect_response("**/session/sign-in") as answer:
        page.get_by_role("button", name="Sign in").click()
    assert answer.value.status == 401
    expect(page.get_by_role("alert")).to_contain_text("user or password is wrong")
    expect(page.get_by_test_id("mode")).to_have_count(0)
    assert page.request.get(f"{demo.url}/api/v1/orders").status == 401


def test_a_link_works_once(demo, signed_in, stranger):
    page = stranger
    page.goto(demo.link)
    expect(page.get_by_role("alert")).to_contain_text("this link was used already")
    assert page.request.get(f"{demo.url}/api/v1/orders").status == 401


def test_the_book_moves(open_page):
    page = open_page("/")
    kept = []

    def as_at_first(route):
        """Answer who asks for the book with the first one: what moves then was pushed."""
        if not kept:
            kept.append(route.fetch())
        route.fulfill(response=kept[0])

    page.route("**/api/v1/market/ladder/**", as_at_first)
    rail = page.get_by_role("navigation", name="Pages")
    rail.get_by_role("link", name="Trade").click()
    best_bid(page)
    bids = page.get_by_role("list", name="bids")
    for _ in range(3):  # the first may be from what was asked for to what was pushed
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


def test_why_a_position_is_what_it_is(open_ticket, quiet_desk):
    page = open_ticket()
    fill_ticket(page, {"Type": "market", "Account": "alpha", "Quantity": "0.0118"})
    order = send_ticket(page, "Buy", "0.0118")
    show(page, "Ended")
    expect(row_of(page, order, among="ended orders")).to_contain_text("Filled")
    page.goto(page.url.partition("/trade")[0] + "/audit?why=BTC/USDT@alpha")
    steps = page.get_by_role("table", name="what made the position in BTC/USDT@alpha")
    story = steps.get_by_role("button", name=f"story of {order['order_id']}")
    expect(story).not_to_have_count(0)
    story.first.click()
    expect(page.locator("main")).to_contain_text(order["order_id"])


def test_g_and_a_letter_goes_to_a_page_whatever_the_letter_means_here(open_page):
    page = open_page("/trade")
    best_bid(page)
    ways = {"b": "/backtests", "t": "/trade", "s": "/signals", "y": "/strategies", "o": "/"}
    for letter, path in ways.items():
        chord(page, letter)
        page.wait_for_url(re.compile(rf"//[^/]+{path}(\?|$)"))
        expect(page.locator("main section").first).to_be_visible()
    page.get_by_role("button", name="You").click()
    page.get_by_role("menuitem", name="Keys").click()
    told = page.get_by_role("dialog").get_by_role("row")
    for letter, title in {"b": "Backtests", "t": "Trade", "r": "Risk"}.items():
        expect(told.filter(has_text=title).filter(has_text="g")).to_contain_text(letter)
    page.keyboard.press("Escape")
    expect(told).to_have_count(0)
