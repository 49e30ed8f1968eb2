"""Backtests: run by their form, told trade by trade and day by day, and side by side."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect
from tests.browser.hands import number

SHOWN = 100  # trades, before more are asked for


@pytest.fixture
def runs(api):
    """Begin backtests of the bars that are stored. All that a test makes are forgotten after."""
    before = {run["id"] for run in api.get("/backtests")}

    def begin(**params):
        asked = {"strategy": "sma_cross", "symbol": "BTC/USDT@binance", "timeframe": "1m"}
        return api.send("POST", "/backtests", **asked, params=params)["id"]

    yield begin
    for run in api.get("/backtests"):
        if run["id"] not in before:
            api.send("DELETE", f"/backtests/{run['id']}")


def is_done(page, run):
    """Wait until a run is done: only then it can be compared."""
    runs = page.get_by_role("table", name="backtests", exact=True)
    expect(runs.get_by_role("checkbox", name=f"compare {run}")).to_be_enabled()


def test_one_is_run_by_its_form(open_page, runs):
    page = open_page("/backtests")
    page.get_by_role("button", name="New backtest").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Strategy").select_option("sma_cross")
    form.get_by_label("Series").select_option(label="BTC/USDT@binance 1m")
    form.get_by_label("fast", exact=True).fill("7")
    with page.expect_response(
        lambda it: it.request.method == "POST" and it.url.endswith("/api/v1/backtests")
    ) as answer:
        form.get_by_role("button", name="Run", exact=True).click()
    run = answer.value.json()["id"]
    expect(form).to_have_count(0)
    is_done(page, run)
    page.get_by_role("button", name=f"open {run}").click()
    page.wait_for_url(f"**/backtests?run={run}")
    head = page.get_by_role("region", name="sma_cross on BTC/USDT@binance 1m")
    expect(head).to_contain_text("7")


def test_every_trade_and_every_day_of_a_run_is_told(open_page, runs, api):
    run = runs(fast=5, slow=20)
    page = open_page("/backtests")
    is_done(page, run)
    page.get_by_role("button", name=f"open {run}").click()
    told = api.get(f"/backtests/{run}")

    trades = told["trades"]
    assert len(trades) > SHOWN, "there are more than are shown at first"
    table = page.get_by_role("table", name="trades", exact=True)
    rows = table.get_by_role("row").filter(has=page.get_by_role("cell"))
    expect(rows).to_have_count(SHOWN)
    panel = page.get_by_role("region", name=f"Trades ({len(trades)})")
    while len(trades) > rows.count():
        more = min(rows.count() + SHOWN, len(trades))
        panel.get_by_role("button", name="More trades").click()
        expect(rows).to_have_count(more)
    for text, trade in zip(
        rows.locator("td:last-child").all_inner_texts(), trades, strict=True
    ):
        assert abs(number(text) - Decimal(str(trade["pnl"]))) <= Decimal("0.01")

    assert sorted(told["days"]) == ["2025-01-30", "2025-01-31", "2025-02-01"]
    days = page.get_by_role("region", name="Profit and loss by day")
    for date, pnl in told["days"].items():
        day = days.locator(f'td[title^="{date}: "]')
        expect(day).to_contain_text("+" if pnl > 0 else "\u2212")
        shown = number(day.get_attribute("title").partition(": ")[2])
        assert abs(shown - Decimal(str(pnl))) <= Decimal("0.01")
    for month in ("2025-01", "2025-02"):
        caption = days.locator("caption").filter(has_text=month)
        of_it = [pnl for date, pnl in told["days"].items() if date.startswith(month)]
        shown = number(caption.inner_text().removeprefix(month))
        assert abs(shown - Decimal(str(sum(of_it)))) <= Decimal("0.01")
    assert sum(told["days"].values()) == pytest.approx(float(told["figures"]["pnl"]))


def test_two_are_compared_and_the_better_of_each_figure_is_marked(open_page, runs, api):
    quick, slow = runs(fast=5, slow=20), runs(fast=40, slow=120)
    page = open_page("/backtests")
    for run in (quick, slow):
        is_done(page, run)
        page.get_by_role("checkbox", name=f"compare {run}").check()
    page.get_by_role("button", name="Compare 2").click()
    page.wait_for_url("**/backtests?compare=**")
    expect(page.get_by_role("img", name="growth of every run in percent")).to_be_visible()
    table = page.get_by_role("table", name="figures side by side")
    heads = table.get_by_role("columnheader").get_by_role("button")
    expect(heads).to_have_count(2)
    assert [head.get_attribute("title") for head in heads.all()] == [quick, slow]

    def cells(name):
        head = page.get_by_role("rowheader", name=name, exact=True)
        return table.get_by_role("row").filter(has=head).get_by_role("cell")

    assert cells("fast").all_inner_texts() == ["5", "40"]
    assert cells("slow").all_inner_texts() == ["20", "120"]
    told = [api.get(f"/backtests/{run}")["figures"] for run in (quick, slow)]
    returns = [Decimal(str(figures["total_return"])) * 100 for figures in told]
    assert returns[0] != returns[1]
    shown = cells("Total return").all_inner_texts()
    for text, value in zip(shown, returns, strict=True):
        assert abs(number(text) - value) <= Decimal("0.01")
    better = returns.index(max(returns))
    assert [at for at, text in enumerate(shown) if "★" in text] == [better]

    heads.nth(1).click()
    page.wait_for_url(f"**/backtests?*run={slow}*")
    head = page.get_by_role("region", name="sma_cross on BTC/USDT@binance 1m")
    expect(head).to_contain_text("120")
