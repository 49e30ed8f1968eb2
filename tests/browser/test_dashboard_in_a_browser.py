"""What a trader does, done in a real browser on the running demo."""

import re

import pytest
from playwright.sync_api import expect

PAGES = {
    "overview": "/",
    "trade": "/trade",
    "signals": "/signals",
    "venues": "/venues",
    "strategies": "/strategies",
    "backtests": "/backtests",
    "risk": "/risk",
    "data": "/data",
    "audit": "/audit",
    "settings": "/settings",
}
SCREENS = {
    "dark": {"color_scheme": "dark"},
    "light": {"color_scheme": "light"},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True},
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


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_and_fits(open_page, pictures, name, screen):
    page = open_page(PAGES[name], **SCREENS[screen])
    if screen == "light":
        page.evaluate("localStorage.setItem('mantine-color-scheme-value', 'light')")
        page.reload()
        page.get_by_test_id("mode").wait_for()
    expect(page.get_by_test_id("mode")).to_have_text("PAPER")
    expect(page.locator("main section").first).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, "the page scrolls sideways"
    page.screenshot(path=pictures / f"{name}-{screen}.png")


def test_nobody_enters_without_signing_in(browser, demo):
    page = browser.new_page()
    page.goto(f"{demo.url}/trade")
    expect(page.get_by_role("textbox", name="Password")).to_be_visible()
    page.get_by_label("User").fill("demo")
    page.get_by_role("textbox", name="Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.close()


def test_a_link_works_once(browser, demo, signed_in):
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
