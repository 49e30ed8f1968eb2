"""What a trader's hands do on the Trade page."""

import re


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


def send_ticket(page, side, quantity):
    """Press the ticket's button once the order on it is known to pass."""
    page.get_by_label("dry run").get_by_text("Passes every check").wait_for()
    page.get_by_role("button", name=re.compile(f"^{side} {re.escape(quantity)}")).click()


def best_bid(page):
    """Return the best bid of the ladder, as a number to begin from."""
    bids = page.get_by_role("list", name="bids")
    first = bids.get_by_role("button", name=re.compile(r"^[\d.]+, ")).first
    first.wait_for()
    return float(first.get_attribute("aria-label").partition(",")[0])


def orders(page, holding, among="working orders"):
    """Return the rows of own orders that hold a text: a quantity nobody else uses."""
    return page.get_by_label(among, exact=True).get_by_role("row").filter(has_text=holding)


def show(page, view):
    """Choose what the panel of own orders shows: Working, Fills or Ended."""
    views = page.get_by_role("group", name="what to show")
    views.get_by_role("button", name=re.compile(f"^{view}")).click()
