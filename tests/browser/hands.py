"""What a trader's hands do on the dashboard, and how what they did is found again."""

import re
import time
from decimal import Decimal

from playwright.sync_api import TimeoutError as TookTooLong
from playwright.sync_api import expect


def fits(page):
    """Say that no part of a page is to the right of what is seen of it."""
    wide = page.viewport_size["width"]  # a phone's window grows with what does not fit
    needs = page.evaluate("document.documentElement.scrollWidth")
    assert needs <= wide, "the page scrolls sideways"


def number(words):
    """Return the number that a text shows: its thousands apart, its sign as printers have it."""
    found = re.search(r"[+\u2212-]?\d[\d\u2009]*(\.\d+)?", words)
    assert found, f"{words!r} shows no number"
    return Decimal(found[0].replace("\u2009", "").replace("\u2212", "-"))


def spaced(price):
    """Return a price as tables show it, its thousands apart."""
    return f"{price:,.0f}".replace(",", "\u2009")


# ---- the ticket --------------------------------------------------------------------


def fill_ticket(page, fields):
    """Fill the ticket in; a field that a kind of order brings is there once it is chosen."""
    for label, value in fields.items():
        field = page.get_by_label(label, exact=True).first
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        elif value is True:
            field.check()
        else:
            field.fill(value)


def verdict(page):
    """Return what the dry run says of the ticket as it is now, and of no ticket before."""
    return page.locator('[aria-label="dry run"]:not([data-stale])')


def button_of(page, side, quantity):
    """Return the button that places what is on the ticket."""
    return page.get_by_role("button", name=re.compile(f"^{side} {re.escape(quantity)}"))


def press_ticket(page, side, quantity):
    """Press the ticket's button once the order on it is known to pass."""
    expect(verdict(page)).to_contain_text("Passes every check")
    button_of(page, side, quantity).click()


def send_ticket(page, side, quantity):
    """Place what is on the ticket; return the order that the desk made of it."""
    try:
        with page.expect_response(lambda it: is_placing(it.request)) as answer:
            press_ticket(page, side, quantity)
    except TookTooLong as error:
        said = page.get_by_role("alert").all_inner_texts()
        raise AssertionError(
            f"nothing was sent: {said or verdict(page).inner_text()}"
        ) from error
    assert answer.value.ok, answer.value.text()
    return answer.value.json()


def is_placing(request):
    return request.method == "POST" and request.url.endswith("/api/v1/orders")


def placed_from(page):
    """Return a list that every order sent from here on is added to."""
    sent = []
    page.on("request", lambda it: sent.append(it.post_data) if is_placing(it) else None)
    return sent


def best_bid(page):
    """Return the best bid of the ladder, as a number to begin from."""
    bids = page.get_by_role("list", name="bids")
    first = bids.get_by_role("button", name=re.compile(r"^[\d.]+, ")).first
    first.wait_for()
    return float(first.get_attribute("aria-label").partition(",")[0])


# ---- own orders --------------------------------------------------------------------


def orders(page, holding, among="working orders"):
    """Return the rows of own orders that hold a text: a quantity nobody else uses."""
    return page.get_by_label(among, exact=True).get_by_role("row").filter(has_text=holding)


def row_of(page, order, among="working orders"):
    """Return the rows of one order, or of its fills: each leads to the order's story."""
    rows = page.get_by_label(among, exact=True).get_by_role("row")
    return rows.filter(has=page.locator(f'a[href*="{order["order_id"]}"]'))


def show(page, view):
    """Choose what the panel of own orders shows: Working, Fills or Ended."""
    views = page.get_by_role("group", name="what to show")
    views.get_by_role("button", name=re.compile(f"^{view}")).click()


def amend(row, **values):
    """Amend the order of a row; its fields stand in the row until they are saved."""
    row.get_by_role("button", name=re.compile("^amend ")).click()
    page = row.page
    for name, value in values.items():
        page.get_by_label(f"{name} of the order").fill(value)
    page.get_by_role("button", name=re.compile("^save ")).click()


def cancel(row):
    row.get_by_role("button", name=re.compile("^cancel ")).click()
    row.page.mouse.move(0, 0)  # rows keep their places under a pointer


# ---- everything --------------------------------------------------------------------


def confirm(page, word):
    """Type the word that a dialog asks for, and do what it is about."""
    dialog = page.get_by_role("dialog")
    deed = dialog.get_by_role("button", name=word, exact=False)
    expect(deed).to_be_disabled()
    dialog.get_by_label(re.compile(f"^Type {word}")).fill(word)
    deed.click()
    expect(dialog).to_have_count(0)


def chord(page, letter):
    """Press g and a letter a twentieth of a second apart, however long the keys are underway."""
    wire = page.context.new_cdp_session(page)
    now_s = time.time()
    for key, at_s in (("g", now_s - 0.05), (letter, now_s)):
        for kind in ("keyDown", "keyUp"):
            wire.send(
                "Input.dispatchKeyEvent", {"type": kind, "key": key, "timestamp": at_s}
            )
    wire.detach()
