"""Who may do what, a strategy from its form to its end, and a limit overridden, on the demo."""

import re

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import WAIT_MS

PASSWORD = "correct horse battery"


@pytest.fixture
def users_as_before(api):
    before = {row["name"] for row in api.get("/users")}
    yield
    for row in api.get("/users"):
        if row["name"] not in before:
            api.send("DELETE", f"/users/{row['name']}")


@pytest.fixture
def users(open_page):
    """The page on which an administrator sees who there is."""
    return open_page("/settings?view=users")


@pytest.fixture
def viewer(users, users_as_before, browser):
    """The page of a user who may only look: invited by an administrator."""
    users.get_by_role("button", name="Add a user").click()
    form = users.get_by_role("dialog", name="Add a user")
    form.get_by_label("Name").fill("looker")
    expect(form.get_by_label("Role")).to_have_value("viewer")
    form.get_by_role("button", name="Add", exact=True).click()
    once = users.get_by_role("dialog", name="A link to choose a password")
    link = once.get_by_text(re.compile("/set-up#")).inner_text()
    once.get_by_role("button", name="I have it").click()
    expect(row_of_user(users, "looker")).to_contain_text("never")

    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.goto(link)
        page.get_by_role("textbox", name="Password").fill(PASSWORD)
        page.get_by_role("button", name="Begin").click()
        page.get_by_test_id("mode").wait_for()
        yield page


def row_of_user(page, name):
    rows = page.get_by_role("table", name="users", exact=True).get_by_role("row")
    return rows.filter(has_text=name)


def test_a_user_who_is_removed_is_out_at_once(viewer, users):
    row = row_of_user(users, "looker")
    row.get_by_role("button", name="more for looker").click()
    users.get_by_role("menuitem", name="Remove").click()
    users.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    viewer.reload()
    expect(viewer.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_viewer_sees_everything_and_can_do_nothing(viewer):
    page = viewer
    main = page.locator("main")
    rail = page.get_by_role("navigation", name="Pages")

    def go(title):
        rail.get_by_role("link", name=title).click()
        expect(rail.get_by_role("link", name=title)).to_have_attribute(
            "aria-current", "page"
        )

    expect(page.get_by_role("button", name="Kill")).to_be_disabled()
    go("Trade")
    own = page.get_by_label("working orders", exact=True).get_by_role("row")
    expect(own.nth(1)).to_be_visible()
    expect(
        page.get_by_role("list", name="bids").get_by_role("listitem").first
    ).to_be_visible()
    expect(main.get_by_role("button", name=re.compile("^(Buy|Sell)"))).to_have_count(0)
    expect(main.get_by_label("Quantity", exact=True)).to_have_count(0)
    deeds = main.get_by_role("button", name=re.compile("^(amend|cancel) ", re.IGNORECASE))
    expect(deeds.and_(page.locator(":enabled"))).to_have_count(0)

    go("Strategies")
    strategies = main.get_by_role("table", name="strategies", exact=True)
    expect(strategies.get_by_role("row").filter(has_text="quoting")).to_be_visible()
    expect(page.get_by_role("button", name="Start a strategy")).to_be_disabled()
    steering = re.compile("^(pause|stop|more for|Edit)")
    expect(main.get_by_role("button", name=steering)).to_have_count(0)

    go("Risk")
    expect(page.get_by_role("button", name="Stop everything")).to_be_disabled()
    expect(page.get_by_text("Traders and above may use it")).to_be_visible()
    limits = main.get_by_role("table", name="limits", exact=True)
    expect(limits.get_by_role("row").nth(1)).to_be_visible()
    accounts = main.get_by_role("table", name="accounts", exact=True)
    expect(accounts.get_by_role("row").filter(has_text="alpha")).to_be_visible()
    expect(main.get_by_role("button", name=re.compile("^switches of"))).to_have_count(0)

    go("Venues")
    expect(main.get_by_role("button", name="Connect an account")).to_be_disabled()
    go("Settings")
    expect(page.get_by_role("switch", name="Trading")).to_be_disabled()
    expect(page.get_by_role("radio", name="Users")).to_have_count(0)


# ---- strategies --------------------------------------------------------------------


def test_a_strategy_is_paused_and_goes_on(open_page, strategies_as_before):
    page = open_page("/strategies")
    rows = page.get_by_role("table", name="strategies", exact=True).get_by_role("row")
    row = rows.filter(has_text="quoting")
    expect(row).to_contain_text("running")
    row.get_by_role("button", name="pause quoting").click()
    expect(row).to_contain_text("paused")
    row.get_by_role("button", name="resume quoting").click()
    expect(row).to_contain_text("running")


def test_a_strategy_is_started_set_otherwise_stopped_and_removed(
    open_page, strategies_as_before
):
    page = open_page("/strategies")
    page.get_by_role("button", name="Start a strategy").click()
    form = page.get_by_role("dialog", name="Start a strategy")
    form.get_by_label("Kind").select_option("book_imbalance")
    start = form.get_by_role("button", name="Start", exact=True)
    expect(start).to_be_disabled()
    form.get_by_label("Symbols").fill("BTC/USDT")
    threshold = form.get_by_label("threshold", exact=True)
    threshold.fill("half")
    expect(form.get_by_text("threshold is a number")).to_be_visible()
    threshold.fill("1.5")
    expect(form.get_by_text("threshold is at most 1")).to_be_visible()
    expect(start).to_be_disabled()
    threshold.fill("0.01")
    start.click()
    expect(form).to_have_count(0)

    row = page.get_by_role("table", name="strategies").get_by_role("row")
    row = row.filter(has_text="book-imbalance")
    expect(row).to_contain_text("running")
    expect(page.get_by_role("region", name="Holds")).to_contain_text("BTC/USDT@")
    set_to = page.get_by_role("region", name="Set to")
    expect(set_to).to_contain_text("0.01")
    expect(set_to).to_contain_text("demo")

    set_to.get_by_role("button", name="Edit").click()
    form = page.get_by_role("dialog", name="Parameters of book-imbalance")
    form.get_by_label("depth", exact=True).fill("0")
    expect(form.get_by_text("depth is at least 1")).to_be_visible()
    expect(form.get_by_role("button", name="Set", exact=True)).to_be_disabled()
    form.get_by_label("depth", exact=True).fill("7")
    form.get_by_role("button", name="Set", exact=True).click()
    expect(form).to_have_count(0)
    expect(set_to.get_by_text("7", exact=True)).to_be_visible()
    expect(row).to_contain_text("running")

    steer(row, "stop")
    expect(row).to_contain_text("stopped")
    steer(row, "remove")
    expect(row).to_have_count(0)


def steer(row, action):
    page = row.page
    row.get_by_role("button", name=re.compile("^more for ")).click()
    page.get_by_role("menuitem", name=action).click()
    question = page.get_by_role("dialog", name=re.compile(f"^{action} "))
    expect(question).to_contain_text("stay as they are")
    question.get_by_role("button", name=action).click()


# ---- limits ------------------------------------------------------------------------


@pytest.fixture
def limits_as_before(api):
    """Limits that a test overrides are those of the settings again; so is who may do it."""
    before = {flag["name"]: flag["value"] for flag in api.get("/flags")}
    yield
    for limit in api.get("/risk")["limits"]:
        if limit["by"] not in ("", "settings"):
            api.send("PUT", "/flags/risk_override", value=True)
            asked = {"name": limit["name"], "scope": limit["scope"] or "desk"}
            api.send("PUT", "/risk/limits", **asked, value=None, reason="as before")
    api.send("PUT", "/flags/risk_override", value=before["risk_override"])


def switch_override(page, on):
    page.get_by_role("link", name="Settings").click()
    switch = page.get_by_role("switch", name="Risk override")
    expect(switch).to_be_checked(checked=not on)
    switch.click()
    expect(switch).to_be_checked(checked=on)
    page.get_by_role("link", name="Risk").click()


def test_a_limit_is_overridden_with_a_reason_and_given_back(open_page, limits_as_before):
    page = open_page("/risk")
    name = re.compile("^Override Orders per second of desk")
    override = page.get_by_role("button", name=name)
    expect(page.get_by_text("only while the switch Risk override is on")).to_be_visible()
    expect(override).to_have_count(0)
    switch_override(page, on=True)
    row = page.get_by_role("table", name="limits").get_by_role("row")
    row = row.filter(has_text="Orders per second")
    expect(row).to_contain_text("20 orders/s")

    override.click()
    form = page.get_by_role("dialog", name="Override: Orders per second")
    deed = form.get_by_role("button", name="Set", exact=True)
    form.get_by_label("New value").fill("15")
    expect(deed).to_be_disabled()  # nobody has said why
    form.get_by_label("Reason").fill("a quiet night")
    deed.click()
    expect(form).to_have_count(0)
    expect(row).to_contain_text("15 orders/s")
    expect(row).to_contain_text("demo a quiet night")

    override.click()
    form.get_by_label("Reason").fill("it is morning")
    form.get_by_role("button", name="Give the settings' own value back").click()
    expect(form).to_have_count(0)
    expect(row).to_contain_text("20 orders/s")
    expect(row).to_contain_text("settings")
    switch_override(page, on=False)
    expect(page.get_by_text("only while the switch Risk override is on")).to_be_visible()
    expect(override).to_have_count(0)
