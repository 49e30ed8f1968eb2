"""Accounts connected through the form: one that is ready, and one that fails after all."""

from playwright.sync_api import expect

RIGHT, WRONG = "sandbox-alpha-secret", "sandbox-alpha-secrat"


def row_of_account(page, name):
    accounts = page.get_by_role("table", name="accounts", exact=True)
    return accounts.get_by_role("row").filter(has_text=name)


def buttons_of(form):
    return [
        form.get_by_role("button", name=name, exact=True) for name in ("Test", "Connect")
    ]


def fill_form(form, name, venue):
    form.get_by_role("textbox", name="name", exact=True).fill(name)
    form.get_by_role("textbox", name="url", exact=True).fill(venue)
    form.get_by_role("textbox", name="key", exact=True).fill("sandbox-alpha")
    form.get_by_label("key secret").first.fill(RIGHT)


def test_an_account_is_connected_through_its_form_and_let_go(
    open_page, other_venue, quiet_desk, accounts_as_before
):
    page = open_page("/venues")
    page.get_by_role("button", name="Connect an account").click()
    form = page.get_by_role("dialog")
    form.get_by_role("combobox", name="Adapter").fill("sandb")
    page.get_by_role("option", name="Sandbox").click()
    fill_form(form, "delta", other_venue)
    test, connect = buttons_of(form)
    expect(connect).to_be_disabled()
    test.click()
    connect.click()  # once the test has found the account ready
    expect(form).to_have_count(0)
    row = row_of_account(page, "delta")
    expect(row).to_contain_text("ready")
    row.click()
    session = page.get_by_role("region", name="delta: session")
    session.get_by_role("button", name="Disconnect").click()
    asked = page.get_by_role("dialog", name="Disconnect delta")
    asked.get_by_role("button", name="Disconnect").click()
    expect(row).to_have_count(0)


def test_an_account_that_could_not_connect_is_told_and_mended_in_its_form(
    open_page, other_venue, quiet_desk, accounts_as_before
):
    page = open_page("/venues?connect=sandbox")
    form = page.get_by_role("dialog")
    fill_form(form, "epsilon", other_venue)
    test, connect = buttons_of(form)
    test.click()
    expect(connect).to_be_enabled()

    page.route("**/api/v1/venues", revoked)
    with page.expect_response(
        lambda it: it.request.method == "POST" and it.url.endswith("/api/v1/venues")
    ) as answer:
        connect.click()
    standing = answer.value.json()["standing"]
    assert standing != "ready"
    expect(form).to_contain_text("epsilon is not connected yet")
    expect(form).to_contain_text("the signature does not match")
    row = row_of_account(page, "epsilon")
    expect(row).to_contain_text(standing)
    expect(form.get_by_label("key secret").first).to_have_value(RIGHT)

    page.unroute("**/api/v1/venues", revoked)
    form.get_by_role("button", name="Disconnect it").click()
    expect(row).to_have_count(0)
    expect(test).to_be_enabled()
    expect(connect).to_be_disabled()
    test.click()
    expect(connect).to_be_enabled()


def revoked(route):
    """Have the desk meet a venue that knows the secret of the test no longer."""
    asked = route.request
    if asked.method == "POST":
        route.continue_(post_data=asked.post_data.replace(RIGHT, WRONG))
    else:
        route.continue_()
