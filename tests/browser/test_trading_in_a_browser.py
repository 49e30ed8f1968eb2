"""Every kind of order a ticket offers, and the keyboard, in a real browser on the demo."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect
from tests.browser.hands import (
    amend,
    best_bid,
    button_of,
    cancel,
    fill_ticket,
    number,
    orders,
    placed_from,
    press_ticket,
    row_of,
    send_ticket,
    show,
    spaced,
    verdict,
)

KINDS = {
    "limit": {"Limit price": 0.985},
    "stop": {"Stop price": 1.012},
    "stop_limit": {"Stop price": 1.01, "Limit price": 1.012},
    "market_if_touched": {"Touch price": 0.988},
    "limit_if_touched": {"Touch price": 0.988, "Limit price": 0.987},
}
NEW = re.compile("(?<!Pending)New")


@pytest.mark.parametrize("kind", KINDS)
def test_an_order_is_placed_amended_and_cancelled(open_ticket, kind):
    page = open_ticket()
    best = best_bid(page)
    prices = {name: f"{best * share:.0f}" for name, share in KINDS[kind].items()}
    page.get_by_role("button", name="Buy", exact=True).click()
    fill_ticket(page, {"Type": kind, "Account": "alpha", "Quantity": "0.0113", **prices})
    order = send_ticket(page, "Buy", "0.0113")
    assert (order["type"], order["quantity"]) == (kind, "0.0113")
    row = row_of(page, order)
    expect(row).to_contain_text("0.0113")
    amend(row, quantity="0.0117")
    expect(row).to_contain_text("0.0117")
    cancel(row)
    expect(row).to_have_count(0)
    show(page, "Ended")
    expect(row_of(page, order, among="ended orders")).to_contain_text("Canceled")


def test_a_refusal_is_read_before_anything_is_sent(open_ticket):
    page = open_ticket()
    sent = placed_from(page)
    price = f"{best_bid(page) * 2:.0f}"
    page.get_by_role("button", name="Buy", exact=True).click()
    fill_ticket(page, {"Type": "limit", "Quantity": "0.01", "Limit price": price})
    why = re.compile("% from .* the limit is [0-9.]+ %")
    expect(verdict(page)).to_contain_text(why)
    button_of(page, "Buy", "0.01").click()
    expect(page.get_by_role("alert").filter(has_text=why)).to_be_visible()
    assert sent == []


def test_a_market_order_fills_and_its_fills_add_up_to_it(open_ticket, quiet_desk, api):
    page = open_ticket()
    fill_ticket(page, {"Type": "market", "Account": "alpha", "Quantity": "0.0119"})
    order = send_ticket(page, "Buy", "0.0119")
    show(page, "Ended")
    ended = row_of(page, order, among="ended orders")
    expect(ended).to_contain_text("0.0119 / 0.0119")
    expect(ended).to_contain_text("Filled")
    known = [
        row for row in api.get("/fills", limit=1000) if row["order_id"] == order["order_id"]
    ]
    show(page, "Fills")  # told apart from orders: they may be on their way
    fills = row_of(page, order, among="fills")
    expect(fills).to_have_count(len(known))
    expect(fills.first).to_contain_text("taker")
    quantities = fills.locator("td:nth-child(3)").all_inner_texts()
    assert sum(map(number, quantities)) == Decimal("0.0119")


def test_a_trailing_stop_follows_the_market_so_only_its_size_is_amended(open_ticket):
    page = open_ticket()
    page.get_by_role("button", name="Sell", exact=True).click()
    asked = {"Type": "trailing_stop", "Account": "alpha", "Quantity": "0.0121"}
    fill_ticket(page, asked | {"Trails by": "1.5"})
    send_ticket(page, "Sell", "0.0121")
    placed = orders(page, "0.0121")
    expect(placed).to_contain_text("trails 1.5 %")
    placed.get_by_role("button", name=re.compile("^amend ")).click()
    expect(page.get_by_label("quantity of the order")).to_be_visible()
    expect(page.get_by_label(re.compile("^(stop|limit) of the order"))).to_have_count(0)
    page.get_by_label("quantity of the order").fill("0.0127")
    page.get_by_role("button", name=re.compile("^save ")).click()
    amended = orders(page, "0.0127")
    expect(amended).to_contain_text("trails 1.5 %")
    cancel(amended)
    expect(amended).to_have_count(0)


def test_an_oco_is_two_orders_of_which_the_end_of_one_ends_the_other(open_ticket):
    page = open_ticket()
    best = best_bid(page)
    page.get_by_role("button", name="Sell", exact=True).click()
    fill_ticket(page, {"Type": "oco", "Account": "alpha", "Quantity": "0.0122"})
    lacks = verdict(page)
    expect(lacks).to_contain_text("Enter a limit price")
    fill_ticket(page, {"Take profit at": f"{best * 1.015:.0f}"})
    expect(lacks).to_contain_text("Enter a stop-loss price")
    fill_ticket(page, {"Or stop at": f"{best * 0.985:.0f}"})
    send_ticket(page, "Sell", "0.0122")
    legs = orders(page, "0.0122")
    profit, stop = legs.filter(has_text="limit OCO"), legs.filter(has_text="Sell stop")
    expect(profit).to_contain_text(spaced(best * 1.015))
    expect(stop).to_contain_text(spaced(best * 0.985))
    amend(stop, quantity="0.0129")
    refusal = page.get_by_role("alert").filter(has_text="Not amended")
    expect(refusal).to_contain_text("the quantity of an exit follows its group")
    cancel(profit)
    expect(legs).to_have_count(0)


def test_exits_wait_for_their_order_begin_with_its_fill_and_end_each_other(open_ticket):
    page = open_ticket()
    best = best_bid(page)
    page.get_by_role("button", name="Buy", exact=True).click()
    resting = {"Type": "limit", "Account": "alpha", "Quantity": "0.0123"}
    resting["Limit price"] = f"{best * 0.985:.0f}"
    fill_ticket(page, resting | {"Take profit and stop loss": True})
    expect(verdict(page)).to_contain_text("Enter a take profit, a stop loss")
    exits = {"Take profit": f"{best * 1.016:.0f}", "Stop loss": f"{best * 0.97:.0f}"}
    fill_ticket(page, exits)
    send_ticket(page, "Buy", "0.0123")
    family = orders(page, "0.0123")
    expect(family.filter(has_text="PendingNew")).to_have_count(2)
    amend(family.filter(has_text="limit + exits"), quantity="0.0128")
    family = orders(page, "0.0128")
    expect(family).to_have_count(3)  # the exits are as large as what they exit
    cancel(family.filter(has_text="limit + exits"))
    expect(family).to_have_count(0)

    fill_ticket(page, {"Type": "market", "Quantity": "0.0124"})
    send_ticket(page, "Buy", "0.0124")
    family = orders(page, "0.0124")
    profit, stop = family.filter(has_text="Sell limit"), family.filter(has_text="Sell stop")
    expect(profit).to_contain_text(NEW)
    expect(stop).to_contain_text(NEW)
    cancel(stop)
    expect(family).to_have_count(0)


ENDINGS = {
    "IOC": ("0.0131", {"Good for": "IOC", "Limit price": 0.985}, "Expired"),
    "FOK": ("0.0132", {"Good for": "FOK", "Limit price": 0.985}, "Rejected"),
    "post only": ("0.0133", {"Good for": "GTC", "Post only": True}, "Rejected"),
}


def test_how_long_an_order_is_good_decides_how_it_ends(open_ticket, quiet_desk):
    page = open_ticket()
    best = best_bid(page)
    common = {"Type": "limit", "Account": "alpha"}
    for quantity, terms, ending in ENDINGS.values():
        price = terms.get("Limit price", 1.01)
        fields = {**common, **terms, "Quantity": quantity}
        fill_ticket(page, fields | {"Limit price": f"{best * price:.0f}"})
        order = send_ticket(page, "Buy", quantity)
        show(page, "Ended")
        expect(row_of(page, order, among="ended orders")).to_contain_text(ending)

    show(page, "Working")
    page.get_by_label("Post only").uncheck()
    fill_ticket(page, {"Good for": "GTD", "Quantity": "0.0134"})
    fill_ticket(page, {"Limit price": f"{best * 0.985:.0f}"})
    expect(verdict(page)).to_contain_text("Say until when the order is good")
    fill_ticket(page, {"Until": "2100-01-01T00:00"})
    send_ticket(page, "Buy", "0.0134")
    placed = orders(page, "0.0134")
    expect(placed).to_contain_text("limit GTD")
    cancel(placed)
    expect(placed).to_have_count(0)


def test_an_amendment_that_is_refused_says_why_and_leaves_the_order(open_ticket):
    page = open_ticket(answers=[409])
    best = best_bid(page)
    asked = {"Account": "alpha", "Quantity": "0.0136"}
    fill_ticket(page, asked | {"Limit price": f"{best * 0.985:.0f}"})
    send_ticket(page, "Buy", "0.0136")
    placed = orders(page, "0.0136")
    amend(placed, limit=f"{best * 0.9:.0f}")
    refusal = page.get_by_role("alert").filter(has_text="Not amended")
    expect(refusal).to_contain_text(re.compile("% from .* the limit is [0-9.]+ %"))
    page.get_by_label("quantity of the order").press("Escape")
    expect(orders(page, "0.0136")).to_contain_text(spaced(best * 0.985))
    cancel(orders(page, "0.0136"))
    expect(orders(page, "0.0136")).to_have_count(0)


# ---- the keyboard ------------------------------------------------------------------


def test_a_trader_needs_no_mouse_but_to_choose_an_order(open_ticket):
    page = open_ticket()
    best = best_bid(page)
    cancels = []
    page.on("request", lambda it: cancels.append(it.url) if it.method == "DELETE" else None)
    quantity = page.get_by_label("Quantity", exact=True)
    keys = page.keyboard
    keys.press("s")
    expect(page.get_by_role("button", name="Sell", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(quantity).to_be_focused()
    keys.press("Escape")
    expect(quantity).not_to_be_focused()
    keys.press("b")
    expect(page.get_by_role("button", name="Buy", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    keys.type("0.0137s")  # typed, a letter is a letter
    expect(quantity).to_have_value("0.0137s")
    keys.press("Backspace")
    fill_ticket(page, {"Account": "alpha", "Limit price": f"{best * 0.985:.0f}"})
    expect(verdict(page)).to_contain_text("Passes every check")
    keys.press("Tab")
    page.get_by_label("Limit price").press("Enter")
    placed = orders(page, "0.0137")
    expect(placed).to_be_visible()

    page.get_by_label("Limit price").press("Escape")
    keys.press("x")  # nothing is chosen: nothing is cancelled
    placed.get_by_text("limit").click()
    expect(placed).to_have_attribute("aria-selected", "true")
    keys.press("Escape")
    expect(placed).to_have_attribute("aria-selected", "false")
    placed.get_by_text("limit").click()
    expect(placed).to_have_attribute("aria-selected", "true")
    assert cancels == []
    keys.press("x")
    cancelled = placed.get_by_role("button", name=re.compile("^cancel "))
    expect(placed).to_have_attribute("data-past", "true")
    expect(cancelled).to_be_disabled()
    page.mouse.move(0, 0)
    expect(placed).to_have_count(0)


def test_a_large_order_asks_first_and_escape_leaves_it_unsent(open_ticket):
    page = open_ticket()
    sent = placed_from(page)
    price = f"{best_bid(page) * 0.985:.0f}"
    fill_ticket(page, {"Account": "alpha", "Quantity": "900", "Limit price": price})
    less = verdict(page).get_by_role("button", name=re.compile(r"^Take [\d.]+"))
    expect(less).to_be_in_viewport(ratio=0.95)  # without being scrolled to
    less.click()
    quantity = page.get_by_label("Quantity", exact=True)
    expect(quantity).not_to_have_value("900")
    near = f"{float(quantity.input_value()) * 0.8:.3f}"
    fill_ticket(page, {"Quantity": near})
    press_ticket(page, "Buy", near)
    question = page.get_by_role("dialog")
    expect(question).to_contain_text(f"Buy {near} at")
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(button_of(page, "Buy", near)).to_be_enabled()
    assert sent == []
