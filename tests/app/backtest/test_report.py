import json
import re
import shutil
from dataclasses import fields
from html.parser import HTMLParser

import pytest
from playwright.sync_api import sync_playwright
from plotly.offline import get_plotlyjs

from crossdock.analysis.equity import monthly_returns
from crossdock.analysis.performance import FORMULAS, Performance
from crossdock.app.backtest.figures import FIGURES, duration, figure
from crossdock.app.backtest.report import document
from crossdock.app.backtest.report.series import hold, series_of
from crossdock.errors import ConfigError

HOSTILE = "<script>alert(1)</script>'\"&</title>"


class Page(HTMLParser):
    """What a browser would make of the file: its elements, and the text in them."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.text, self.scripts = [], [], []
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside != "style":
            self.text.append(data)

    @property
    def words(self):
        return " ".join(self.text)

    @property
    def data(self):
        return json.loads(self.scripts[0])

    def count(self, tag):
        return sum(name == tag for name, _ in self.tags)


def test_text_from_outside_never_becomes_markup(made):
    run = made(
        300,
        50,
        strategy=HOSTILE,
        source=HOSTILE,
        params={HOSTILE: HOSTILE},
        models={HOSTILE: HOSTILE},
        refused=[HOSTILE, HOSTILE],
        alarms=[HOSTILE],
        journal_sha256=HOSTILE,
    )
    page = Page(document(run))
    assert page.count("script") == 3  # the numbers, plotly, ours
    assert page.count("title") == 1
    assert page.words.count(HOSTILE) >= 9
    assert not any(name.startswith("on") for _, found in page.tags for name in found)


def test_text_in_the_charts_stays_inside_the_json(made):
    html = document(made(300, 50, currency=HOSTILE))
    assert Page(html).data["currency"] == HOSTILE
    begin = html.index('id="run">')
    assert "<" not in html[begin + 9 : html.index("</script>", begin)]


def test_the_page_asks_no_other_machine_for_anything(made):
    html = document(made(300, 50))
    assert html.count(get_plotlyjs()) == 1
    ours = html.replace(get_plotlyjs(), "")
    assert "http:" not in ours
    assert "https:" not in ours
    page = Page(html)
    assert not [found for _, found in page.tags if "src" in found or "href" in found]
    policy = next(
        found["content"]
        for tag, found in page.tags
        if tag == "meta" and found.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")
    assert "connect-src" not in policy


def test_every_figure_is_shown_with_its_formula(made):
    run = made(3000, 100)
    words = Page(document(run)).words
    for each in fields(Performance):
        assert FORMULAS[each.name] in words
        assert figure(each.name).label in words
        assert figure(each.name).shown(getattr(run.performance, each.name)) in words


def test_every_figure_has_a_label_and_a_unit_of_its_own():
    names = {each.name for each in fields(Performance)}
    assert names <= set(FIGURES)
    assert len({found.label for found in FIGURES.values()}) == len(FIGURES)


def test_the_header_says_what_was_run_and_how(made):
    run = made(300, 50)
    words = Page(document(run)).words
    for expected in (
        "swing",
        "BTC/USDT@paper 1m",
        "2021-01-01T00:01:00Z to 2021-01-01T05:00:00Z",
        "every = 50, quantity = 0.1",
        "made by hand",
        "0.1 % of the notional",
        run.journal_sha256,
        f"{run.pnl:,.2f} USDT",
    ):
        assert expected in words


def test_months_are_those_of_the_analysis_and_a_year_compounds_them(made):
    day_ns = 86_400_000_000_000
    run = made(500, 20, day_ns)
    words = Page(document(run)).words
    months = monthly_returns(run.curve)
    assert len(months) == 2
    for year, found in months.items():
        whole = 1.0
        for value in found.values():
            assert f"{value:.1%}" in words
            whole *= 1 + value
        assert re.search(rf"{year}.*{re.escape(f'{whole - 1:.1%}')}", words)


def test_half_a_million_bars_fit_a_page_and_the_deepest_fall_is_still_drawn(made):
    run = made(500_000, 60)
    html = document(run)
    data = Page(html).data
    assert len(html.encode()) < 8_000_000
    deepest = min(data["underwater"]["value"])
    assert deepest == pytest.approx(-run.performance.max_drawdown, rel=1e-9)
    assert data["equity"]["value"][-1] == pytest.approx(run.curve.equity[-1], rel=1e-9)
    coarse, *_, fine = data["candles"]
    assert len(coarse["index"]) <= 1500 < len(fine["index"])
    for level in data["candles"]:
        assert max(level["high"]) == max(run.bars.high)
        assert min(level["low"]) == min(run.bars.low)
    assert len(data["trades"]["entry"]) == len(run.trades)


def test_trades_on_the_page_are_those_of_the_run(made):
    run = made(2000, 100)
    trades = series_of(run)["trades"]
    for place, trade in enumerate(run.trades):
        assert trades["entry"][place] * 1_000_000 == trade.entry_time_ns
        assert trades["pnl"][place] == pytest.approx(float(trade.pnl), rel=1e-9)
        assert trades["side"][place] == trade.side
    run = made(1950, 100)
    assert run.trades[-1].exit_time_ns is None
    assert series_of(run)["trades"]["exit"][-1] is None
    assert series_of(run)["trades"]["exit_price"][-1] is None


def test_buy_and_hold_follows_the_closes_from_the_initial_equity(made):
    run = made(100, 10)
    held = hold(run)["value"]
    assert held[0] == 10_000
    assert held[-1] == pytest.approx(10_000 * run.bars.close[-1] / run.bars.close[0])


def test_a_run_of_a_stream_has_no_candles_and_no_comparison(made):
    page = Page(document(made(300, 50, bars=None)))
    assert "Candles" not in page.words
    assert "Buy and hold" not in page.words
    assert page.data["hold"] is None


def test_a_run_without_a_trade_still_has_a_report(made):
    words = Page(document(made(300, 400))).words
    assert "Total return" in words
    assert "Refusals" not in words


def test_a_report_that_cannot_be_written_says_so_and_leaves_nothing(made, tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(ConfigError, match="cannot be written"):
        made(300, 50).report(tmp_path / "taken")
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]


DURATIONS = [
    (0, "0 ms"),
    (250_000_000, "250 ms"),
    (61_000_000_000, "1 min 1 s"),
    (3_600_000_000_000, "1 h"),
    (100_000 * 86_400_000_000_000, "100,000 d"),
    (86_400_000_000_000 + 5 * 60_000_000_000, "1 d"),
]


@pytest.mark.parametrize(("time_ns", "expected"), DURATIONS)
def test_durations_are_told_in_their_two_largest_units(time_ns, expected):
    assert duration(time_ns) == expected


BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="no chromium here to open the report with"
)


def opened(file, until):
    """Open a page until something is there; return what became of its document."""
    complaints = []
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda said: complaints.append(said.text))
        page.goto(file.as_uri())
        page.locator(until).wait_for(state="attached", timeout=120_000)
        shown = page.content()
        browser.close()
    assert complaints == []
    return shown


@needs_browser
def test_a_browser_draws_every_chart_and_fills_the_table(made, tmp_path):
    run = made(3000, 60)
    shown = opened(run.report(tmp_path / "report.html"), ".modebar-btn >> nth=5")
    assert f"1–{len(run.trades)} of {len(run.trades)}" in shown
    assert shown.count("js-plotly-plot") >= 2
    assert "Long entry" in shown
    buttons = set(re.findall(r'class="modebar-btn[^"]*"[^>]*data-title="([^"]+)"', shown))
    assert len(buttons) == 6
    assert not [title for title in buttons if "cloud" in title.lower()]


PROBE = """<script>
const say = (words) => {
  const line = document.createElement("pre");
  line.className = "probe";
  line.textContent = words;
  document.body.append(line);
};
const note = () => document.getElementById("candles-note").textContent;
(async () => {
  say(note());
  for (const change of [
    { "xaxis.range[0]": "2021-01-10", "xaxis.range[1]": "2021-01-10 06:30:00.5" },
    { "xaxis.autorange": true },
  ]) {
    await Plotly.relayout("candles", change);
    await new Promise((done) => setTimeout(done, 300));
    say(note());
  }
  const profit = [...document.querySelectorAll(".trades th button")].at(-1);
  for (let click = 0; click < 2; click += 1) {
    profit.click();
    say(document.querySelector(".trades tbody tr").lastChild.textContent);
  }
})();
</script></body>"""


@needs_browser
def test_zooming_in_shows_finer_candles_and_every_trade_and_columns_sort(made, tmp_path):
    run = made(40_000, 40)
    file = run.report(tmp_path / "report.html")
    file.write_text(file.read_text().replace("</body>", PROBE))
    lines = re.findall(r'<pre class="probe">([^<]*)', opened(file, "pre.probe >> nth=4"))
    whole, near, again, best, worst = lines
    assert re.match(r"Candles of (30m|1h), made from 1m bars, 4\d\d of 500 trades", whole)
    assert near.startswith("Candles of 1m, ")
    assert "marked" not in near
    assert again == whole
    gains = [trade.pnl for trade in run.trades]
    assert best == f"{max(gains):,.2f}"
    assert worst == f"{min(gains):,.2f}"
