import json
import re
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

import crossdock
from crossdock.analysis.performance import FORMULAS
from crossdock.app.backtest.figures import FIGURES, figure
from crossdock.app.backtest.summary import moment, plain

ROOT = Path(__file__).parents[3]


def test_a_summary_is_json_with_money_as_text(made):
    run = made(2000, 100)
    told = json.loads(json.dumps(run.summary(), allow_nan=False))
    assert told == run.summary()
    assert told["params"] == {"every": 100, "quantity": "0.1"}
    assert Decimal(told["pnl"]) == run.pnl
    assert Decimal(told["final_equity"]) == run.initial_equity + run.pnl
    assert Decimal(told["fees"]) == run.fees
    assert told["figures"]["max_drawdown"] == run.performance.max_drawdown
    assert (told["trades"], told["fills"]) == (len(run.trades), len(run.fills))
    assert told["first_time"] == "2021-01-01T00:01:00Z"
    assert told["version"] == crossdock.__version__


def test_what_json_has_no_number_for_is_null():
    found = plain({"a": float("inf"), "b": [float("nan"), 1.5], "c": Decimal("1E+3")})
    assert found == {"a": None, "b": [None, 1.5], "c": "1000"}
    assert plain({"x": True, "y": None, "z": ("a", 1)}) == {
        "x": True,
        "y": None,
        "z": ["a", 1],
    }


AMOUNTS = [
    ("-19.24190000", "-19.2419"),
    ("100", "100"),
    ("1200.00", "1200"),
    ("-0.000", "0"),
    ("0E+3", "0"),
    ("1E-9", "0.000000001"),
]


@pytest.mark.parametrize(("amount", "expected"), AMOUNTS)
def test_money_is_exact_text_without_idle_zeros(amount, expected):
    assert plain(Decimal(amount)) == expected


MOMENTS = [
    (0, "1970-01-01T00:00:00Z"),
    (1_609_459_200_000_000_001, "2021-01-01T00:00:00.000000001Z"),
    (-1_000_000_000, "1969-12-31T23:59:59Z"),
]


@pytest.mark.parametrize(("time_ns", "expected"), MOMENTS)
def test_a_moment_is_exact_to_the_nanosecond(time_ns, expected):
    assert moment(time_ns) == expected


SHOWN = [
    ("total_return", 0.1234, "12.34%"),
    ("sharpe", None, "-"),
    ("sharpe", float("inf"), "-"),
    ("expectancy", Decimal("-1234.567"), "-1,234.57"),
    ("expectancy", "-1234.567", "-1,234.57"),
    ("expectancy", Decimal("0.00012346"), "0.0001235"),
    ("expectancy", -0.5, "-0.5000"),
    ("expectancy", Decimal(0), "0.00"),
    ("trades", 1200, "1,200"),
    ("average_duration_ns", 5_400_000_000_000, "1 h 30 min"),
    ("of_no_list", 1.5, "1.50"),
]


@pytest.mark.parametrize(("name", "value", "expected"), SHOWN)
def test_a_figure_is_shown_in_its_unit(name, value, expected):
    assert figure(name).shown(value) == expected


def test_a_run_tells_itself_in_one_line(made):
    words = repr(made(2000, 100))
    assert words.startswith("<Run swing(every=100, quantity=0.1) on BTC/USDT@paper 1m, ")
    assert "USDT in 10 trades" in words
    assert "\n" not in words


def test_a_notebook_shows_a_run_as_a_table_that_escapes(made):
    shown = made(300, 50, strategy="<b>", models={"fees": "<i>"})._repr_html_()
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown
    assert "<i>" not in shown
    assert "Total return" in shown


def test_frames_hold_every_row_with_times_in_utc(made):
    run = made(1950, 100)
    fills, trades, equity = run.fills_frame(), run.trades_frame(), run.equity_frame()
    assert (len(fills), len(trades), len(equity)) == (
        len(run.fills),
        len(run.trades),
        len(run.curve),
    )
    assert equity["time"].dtype == pl.Datetime("ns", "UTC")
    assert trades["exit_time"].dtype == pl.Datetime("ns", "UTC")
    assert trades["exit_time"].null_count() == 1
    assert fills["time"].cast(pl.Int64).to_list() == [
        each.venue_time_ns for each in run.fills
    ]
    assert trades["pnl"].sum() == pytest.approx(float(sum(it.pnl for it in run.trades)))
    assert equity["drawdown"].max() == run.performance.max_drawdown


def test_frames_of_a_run_without_trades_have_the_same_columns(made):
    empty, full = made(50, 100), made(500, 100)
    for name in ("fills_frame", "trades_frame"):
        quiet, busy = getattr(empty, name)(), getattr(full, name)()
        assert len(quiet) == 0
        assert quiet.columns == busy.columns


def test_the_page_of_figures_holds_every_formula_and_which_are_better_when_low():
    page = (ROOT / "docs/reference/backtest-figures.md").read_text("utf-8")
    for name, formula in FORMULAS.items():
        escaped = formula.replace("|", "\\|")
        assert re.search(
            rf"^\| `{name}` \| .+ \| {re.escape(escaped)} \|$", page, re.MULTILINE
        )
        assert f"| `{name}` | {FIGURES[name].label} |" in page
    low = page.rpartition("Lower is better for")[2]
    assert set(re.findall(r"`(\w+)`", low)) == {
        name for name, each in FIGURES.items() if not each.best_is_high
    }
