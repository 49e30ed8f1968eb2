"""The page Risk on the demo: what its dialogs forget, one account's switch, and its history."""

import pytest
from playwright.sync_api import expect
from tests.browser.hands import confirm


def test_what_was_ticked_and_left_is_not_there_when_it_is_opened_again(open_page):
    page = open_page("/risk")
    page.get_by_role("button", name="Kill", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Flatten our positions").check()
    dialog.get_by_label("Reason").fill("only looking")
    dialog.get_by_role("button", name="Leave it").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Kill", exact=True).click()
    expect(dialog.get_by_label("Flatten our positions")).not_to_be_checked()
    expect(dialog.get_by_label("Reason")).to_have_value("")


@pytest.fixture
def gamma_trades(api):
    """However a test ends, the account trades after it."""
    yield
    accounts = {row["account"]: row for row in api.get("/risk")["accounts"]}
    if accounts["gamma"]["killed"]:
        api.send("POST", "/risk/release", account="gamma")


def test_one_account_is_killed_for_a_reason_that_is_read_beside_it(open_page, gamma_trades):
    page = open_page("/risk")
    row = page.get_by_role("table", name="accounts").get_by_role("row")
    row = row.filter(has_text="gamma")
    ask(page, "Kill this account").get_by_label("Reason").fill("it answers late")
    confirm(page, "KILL")
    expect(row).to_contain_text("demo: it answers late")
    expect(page.get_by_text("KILLED", exact=True)).to_have_count(0)
    ask(page, "Release it")
    confirm(page, "RELEASE")
    expect(row).to_contain_text("trades")


def ask(page, deed):
    page.get_by_role("button", name="switches of gamma").click()
    page.get_by_role("menuitem", name=deed).click()
    return page.get_by_role("dialog")


def test_risk_has_a_history(open_page):
    page = open_page("/risk")
    history = page.get_by_role("region", name="History")
    expect(history.get_by_role("img", name="drawdown in %")).to_be_visible()
    history.get_by_text("exposure", exact=True).click()
    expect(history.get_by_role("img", name="exposure in USDT")).to_be_visible()
