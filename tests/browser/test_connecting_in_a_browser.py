"""The form that connects an account, where the connection fails after all."""

from playwright.sync_api import expect

RIGHT, WRONG = "sandbox-alpha-secret", "sandbox-alpha-secrat"


def test_an_account_that_could_not_connect_is_told_and_mended_in_its_form(
    open_page, other_venue
):
    page = open_page("/venues?connect=sandbox")
    form = page.get_by_role("dialog")
    form.get_by_role("textbox", name="name", exact=True).fill("epsilon")
    form.get_by_role("textbox", name="url", exact=True).fill(other_venue)
    form.get_by_role("textbox", name="key", exact=True).fill("sandbox-alpha")
    secret = form.get_by_label("key secret").first
    secret.fill(RIGHT)
    test, connect = (
        form.get_by_role("button", name=name, exact=True) for name in ("Test", "Connect")
    )
    test.click()

    page.route("**/api/v1/venues", revoked)
    connect.click()
    expect(form).to_contain_text("epsilon is not connected yet")
    expect(form).to_contain_text("the signature does not match")
    expect(page.get_by_text("epsilon is ready")).to_have_count(0)
    expect(secret).to_have_value(RIGHT)

    page.unroute("**/api/v1/venues", revoked)
    form.get_by_role("button", name="Disconnect it").click()
    accounts = page.get_by_role("table", name="accounts", exact=True)
    expect(accounts.get_by_role("row").filter(has_text="epsilon")).to_have_count(0)
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
