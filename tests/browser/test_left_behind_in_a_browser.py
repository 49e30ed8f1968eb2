"""An account that is let go of with something still at its venue, on the demo."""

from playwright.sync_api import expect

NAME = "gamma"


def test_what_an_account_left_behind_is_told_until_it_is_connected_again(
    open_page, accounts_as_before
):
    page = open_page("/venues")
    accounts = page.get_by_role("table", name="accounts", exact=True)
    row = accounts.get_by_role("row").filter(has_text=NAME)
    row.click()
    session = page.get_by_role("region", name=f"{NAME}: session")
    session.get_by_role("button", name="Disconnect").click()
    asked = page.get_by_role("dialog", name=f"Disconnect {NAME}")
    asked.get_by_role("button", name="Disconnect").click()
    expect(row).to_have_count(0)
    # Another account may have been let go of before.
    left = page.get_by_role("table", name="accounts no longer connected")
    stays = left.get_by_role("row").filter(has_text=NAME)
    expect(stays).to_contain_text(f"USDT@{NAME}")

    rail = page.get_by_role("navigation", name="Pages")
    rail.get_by_role("link", name="Overview").click()
    needed = page.get_by_role("region", name="Needs attention")
    matter = needed.get_by_role("link").filter(has_text=f"{NAME} is no longer connected")
    expect(matter).to_contain_text(f"USDT@{NAME}")
    matter.click()
    expect(stays).to_be_visible()

    stays.get_by_role("button").click()
    asked = page.get_by_role("dialog", name=f"Connect {NAME} again")
    asked.get_by_role("button", name="Connect", exact=True).click()
    expect(row).to_contain_text("ready")
    expect(stays).to_have_count(0)
