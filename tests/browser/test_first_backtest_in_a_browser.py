"""Bars and a backtest on the demo, by pressing what is there."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect


def test_the_forms_name_what_is_connected_and_what_was_fetched(open_page):
    page = open_page("/data")
    page.get_by_role("button", name="Download", exact=True).click()
    form = page.get_by_role("dialog", name="Download")
    expect(form.get_by_label("Instrument")).to_have_value(
        re.compile("@(alpha|beta|gamma)$")
    )
    instrument = form.get_by_label("Instrument").input_value()
    yesterday = datetime.now(UTC) - timedelta(days=1)
    form.get_by_label("Since").fill(f"{yesterday:%Y-%m-%d}")
    form.get_by_role("button", name="Download", exact=True).click()
    stored = page.get_by_role("table", name="stored series").get_by_role("row")
    expect(stored.filter(has_text=instrument)).to_have_count(1)

    page.get_by_role("link", name="Backtests").first.click()
    page.get_by_role("button", name="New backtest").click()
    form = page.get_by_role("dialog", name="New backtest")
    form.get_by_label("Series").select_option(label=f"{instrument} 1m")
    form.get_by_role("button", name="Run").click()
    run = page.get_by_role("table", name="backtests").get_by_role("row")
    expect(run.filter(has_text=instrument)).to_contain_text("done")
