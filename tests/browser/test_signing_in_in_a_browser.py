"""A dashboard by itself: its first user, codes at the door, and what it says without a desk."""

import json
import os
import re
import subprocess
import sys
import time

import pyotp
import pytest
from playwright.sync_api import expect
from tests.browser.conftest import BUILT, WAIT_MS, Complaints
from tests.browser.program import Api

from crossdock.client import PlatformClient

PASSWORD = "correct horse battery"


@pytest.fixture
def alone(tmp_path):
    """Start a dashboard in a home of its own, where no desk is: what it tells at its start."""
    if not BUILT.exists():
        pytest.skip("the web app is not built: run `make site`")
    environment = {name: it for name, it in os.environ.items() if "XDG" not in name}
    environment |= {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "crossdock", "--set", "dashboard.port=0", "dashboard"]
    with subprocess.Popen(
        [*command, "--json", "--with-parent"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
        env=environment,
    ) as process:
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


@pytest.fixture
def page(browser):
    """An empty page that nobody is signed in on. It may complain of refusals alone."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    complaints = Complaints(page, but=[401, 403, 503])
    yield page
    context.close()
    assert complaints == []


def set_up(page, link):
    page.goto(link)
    page.get_by_label("User").fill("ada")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("button", name="You")).to_be_visible()


def sign_out(page):
    page.get_by_role("button", name="You").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def sign_in(page, code=None):
    """Try to sign in, and return the status of what was answered."""
    page.get_by_label("User").fill("ada")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    if code is not None:
        page.get_by_label("Code of your authenticator").fill(code)
    with page.expect_response("**/api/v1/session/sign-in") as answer:
        page.get_by_role("button", name="Sign in").click()
    return answer.value.status


def new_link(home):
    """Ask for one as a person would, in another terminal of the same account."""
    environment = {name: it for name, it in os.environ.items() if "XDG" not in name}
    environment |= {"HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    command = [sys.executable, "-m", "crossdock", "dashboard", "link"]
    asked = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=home, check=True
    )
    return asked.stdout.strip()


def code_of(secret, after=0):
    """Return a code that is good now, of a later half minute than one, and which it is of."""
    totp = pyotp.TOTP(secret)
    step = max(int(time.time()) // totp.interval, after + 1)
    return totp.generate_otp(step), step


def wrong_code_of(secret):
    totp = pyotp.TOTP(secret)
    now = int(time.time()) // totp.interval
    good = [totp.generate_otp(step) for step in range(now - 2, now + 20)]
    return next(text for text in map("{:06}".format, range(30)) if text not in good)


def test_from_the_first_start_to_a_sign_in_with_a_code_that_works_once(alone, page):
    assert alone["purpose"] == "set-up"
    page.goto(alone["url"])
    expect(page.get_by_text("Nobody can sign in yet")).to_be_visible()
    set_up(page, alone["link"])

    page.goto(f"{alone['url']}/settings?view=you")
    page.get_by_role("button", name="Set it up").click()
    picture = page.get_by_role("img", name="QR code of the secret")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("picture => picture.naturalWidth") > 0
    secret = page.locator("main").get_by_text(re.compile("^[A-Z2-7]{32}$")).inner_text()
    first, step = code_of(secret)
    code = page.get_by_label("Code", exact=True)
    code.fill(first)
    page.get_by_role("button", name="Prove it").click()
    expect(page.get_by_text("asked for at sign-in")).to_be_visible()

    sign_out(page)
    assert sign_in(page) == 401
    said = page.get_by_role("alert")
    expect(said).to_contain_text("the code of the authenticator app is asked for")
    for refused in (wrong_code_of(secret), first):  # that one was spent on the proof
        assert sign_in(page, refused) == 401
        expect(said).to_contain_text("the code is wrong, or was used already")
        expect(said).to_contain_text("wait for the next one")
    second, _ = code_of(secret, after=step)
    assert sign_in(page, second) == 200
    expect(page.get_by_role("button", name="You")).to_be_visible()

    sign_out(page)
    assert sign_in(page) == 401
    expect(said).to_contain_text("is asked for")
    assert sign_in(page, second) == 401
    expect(said).to_contain_text("was used already")


def test_what_is_pushed_goes_on_after_the_password_was_changed(alone, page):
    lines = []
    page.on("websocket", lambda line: lines.append(line))
    set_up(page, alone["link"])
    page.goto(f"{alone['url']}/settings?view=you")
    expect(page.get_by_test_id("line")).to_contain_text("desk away")  # heard by its line
    line = lines[-1]
    made = Api(page.request, alone["url"]).send(
        "POST", "/keys", label="another platform", scopes=["push"]
    )
    page.get_by_role("textbox", name="The old one").fill(PASSWORD)
    page.get_by_role("textbox", name="The new one").fill(f"{PASSWORD} anew")
    with page.expect_response("**/api/v1/session/password") as answer:
        page.get_by_role("button", name="Change it").click()
    assert answer.value.ok
    if not line.is_closed():  # by the page, or by the server when it looks again
        line.wait_for_event("close", timeout=2 * WAIT_MS)

    with PlatformClient(alone["url"], made["token"], platform="other") as other:
        other.update_market_data("ES", last="5000.25")
        rail = page.get_by_role("navigation", name="Pages")
        rail.get_by_role("link", name="Platforms").click()
        prices = page.get_by_label("market data of the platform")
        expect(prices).to_contain_text("5\u2009000.25")
        other.update_market_data("ES", last="5001.75")
        expect(prices).to_contain_text("5\u2009001.75")


NOBODY = "no desk answers"
PAGES = {
    "Trade": NOBODY,
    "Signals": NOBODY,
    "Venues": NOBODY,
    "Strategies": NOBODY,
    "Backtests": "No backtest has been run",
    "Risk": NOBODY,
    "Data": "Nothing is stored yet",
    "Platforms": "No platform has pushed anything yet",
    "Audit": NOBODY,
    "Settings": NOBODY,
}


def test_without_a_desk_every_page_says_so_and_claims_nothing(alone, page):
    set_up(page, alone["link"])
    expect(page.get_by_test_id("line")).to_contain_text("desk away")
    doubts = page.get_by_role("region", name="In doubt")
    expect(doubts).to_contain_text("–")
    expect(doubts).not_to_contain_text("fate is known")
    for title in ("Needs attention", "Positions and balances", "Last fills"):
        panel = page.get_by_role("region", name=title)
        expect(panel).to_contain_text("The desk does not answer")
        expect(panel).to_contain_text(NOBODY)
    rail = page.get_by_role("navigation", name="Pages")
    ways = {
        title: rail.get_by_role("link", name=title).get_attribute("href") for title in PAGES
    }
    main = page.locator("main")
    for title, words in PAGES.items():
        page.goto(alone["url"] + ways[title])  # anew: nothing of the page before is left
        expect(main).to_contain_text(words)
        expect(main.locator("[aria-busy=true]")).to_have_count(0)


def test_a_link_that_was_used_names_the_command_that_prints_another(alone, page, tmp_path):
    set_up(page, alone["link"])
    sign_out(page)
    expect(page.get_by_text("crossdock dashboard link")).to_be_visible()
    for path in (
        alone["link"],
        f"{alone['url']}/sign-in#{alone['link'].partition('#')[2]}",
    ):
        page.goto("about:blank")
        page.goto(path)
        if "/set-up" in path:
            page.get_by_role("textbox", name="Password").fill(PASSWORD)
            page.get_by_role("button", name="Begin").click()
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("this link was used already")
        expect(alert).to_contain_text("crossdock dashboard link")
    page.get_by_role("link", name="Sign in another way").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    link = new_link(tmp_path)
    assert link.startswith(f"{alone['url']}/set-up#")
    page.goto(link)
    page.get_by_role("textbox", name="Password").fill("another staple pen")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("button", name="You")).to_be_visible()
