"""The kill switch on the demo: what it ends, what it refuses, and that it lets go again."""

import re

import pytest
from playwright.sync_api import expect
from tests.browser.hands import (
    best_bid,
    button_of,
    cancel,
    confirm,
    fill_ticket,
    placed_from,
    row_of,
    send_ticket,
    show,
    verdict,
)
from tests.browser.program import Refused

QUANTITY = "0.0141"


@pytest.fixture
def released(api):
    """However a test ends, the desk trades after it."""
    yield
    if api.get("/risk")["killed"]:
        api.send("POST", "/risk/release")


def test_it_cancels_what_works_and_refuses_what_is_new_until_it_is_released(
    open_ticket, released, api
):
    page = open_ticket()
    price = f"{best_bid(page) * 0.985:.0f}"
    fill_ticket(page, {"Account": "alpha", "Quantity": QUANTITY, "Limit price": price})
    order = send_ticket(page, "Buy", QUANTITY)
    expect(row_of(page, order)).to_be_visible()

    page.get_by_role("button", name="Kill", exact=True).click()
    confirm(page, "KILL")
    expect(page.get_by_text("KILLED", exact=True)).to_be_visible()
    expect(row_of(page, order)).to_have_count(0)
    show(page, "Ended")
    expect(row_of(page, order, among="ended orders")).to_contain_text("Canceled")
    show(page, "Working")
    page.get_by_label("by hand only").uncheck()
    page.get_by_label("all symbols").check()
    shown = page.get_by_role("group", name="what to show")
    working = shown.get_by_role("button", name=re.compile("^Working"))
    expect(working).to_have_text("Working 0")  # those of strategies are cancelled, too

    sent = placed_from(page)
    expect(verdict(page).get_by_title("kill_switch")).to_be_visible()
    button_of(page, "Buy", QUANTITY).click()
    expect(page.get_by_role("alert").filter(has_text="kill switch")).to_be_visible()
    assert sent == []
    asked = {"side": "buy", "symbol": "BTC/USDT@alpha", "quantity": QUANTITY}
    with pytest.raises(Refused) as refused:
        api.send("POST", "/orders", **asked, limit=price)
    assert [check for check, _ in refused.value.told["reasons"]] == ["kill_switch"]

    page.get_by_role("button", name="Release", exact=True).click()
    confirm(page, "RELEASE")
    expect(page.get_by_text("KILLED", exact=True)).to_have_count(0)
    expect(working).to_have_text(re.compile("^Working [1-9]"))  # strategies go on
    page.get_by_label("by hand only").check()
    order = send_ticket(page, "Buy", QUANTITY)
    expect(row_of(page, order)).to_be_visible()
    cancel(row_of(page, order))
    expect(row_of(page, order)).to_have_count(0)
