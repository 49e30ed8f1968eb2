import json
import subprocess
import sys
from dataclasses import replace
from html import escape

import pytest

from crossdock.app.backtest import GridRow, grid
from crossdock.app.backtest.grids.place import place_of
from crossdock.app.backtest.grids.result import GridResult, ranked
from crossdock.app.replay import backtest
from crossdock.errors import ConfigError, DataError
from crossdock.strategies import Strategy
from crossdock.strategies.sma_cross import SmaCross

HOUR_NS = 3_600_000_000_000
PARAMS = {"fast": [5, 10, 25], "slow": [20, 30], "share": "0.5"}


@pytest.fixture(scope="module")
def bars(request):
    return request.getfixturevalue("hours")


@pytest.fixture(scope="module")
def result(bars):
    return grid("sma_cross", bars, params=PARAMS, workers=2)


def test_each_row_is_what_a_single_backtest_of_it_gives(bars, result):
    assert len(result.rows) == 6
    for row in result.rows:
        if row.error:
            continue
        run = backtest("sma_cross", bars, params={**row.params, "share": "0.5"})
        assert run.journal_sha256 == row.journal_sha256
        assert row.figures["pnl"] == run.pnl
        assert row.figures["sharpe"] == run.performance.sharpe
        assert row.figures["orders"] == run.orders > 2


def test_rows_are_the_same_in_one_process_and_in_several(bars, result):
    assert grid("sma_cross", bars, params=PARAMS, workers=1) == result


def test_a_combination_that_cannot_be_run_is_a_row_with_its_error(result):
    assert [row.params for row in result.failed] == [{"fast": 25, "slow": 20}]
    assert result.rows[-1] == result.failed[0]
    assert "must be below slow" in result.rows[-1].error
    assert result.rows[-1].figures == {}


def test_rows_come_best_first_and_best_is_the_first(result):
    returns = [row.figures["total_return"] for row in result.rows if not row.error]
    assert returns == sorted(returns, reverse=True)
    assert len(set(returns)) == len(returns)
    assert result.best == result.rows[0]


def test_a_figure_that_is_better_when_low_ranks_the_other_way(bars):
    found = grid("sma_cross", bars, params=PARAMS, by="max_drawdown", workers=1)
    falls = [row.figures["max_drawdown"] for row in found.rows if not row.error]
    assert falls == sorted(falls)


def row(place, value=None, error=""):
    figures = {} if error else {"sharpe": value}
    return GridRow(place=place, params={"x": place}, figures=figures, error=error)


def test_equals_keep_their_order_and_undefined_comes_before_failed():
    rows = [row(3, error="no"), row(2), row(4, 1.0), row(1, 1.0), row(0, 2.0)]
    assert [each.place for each in ranked(rows, "sharpe")] == [0, 1, 4, 2, 3]


def test_a_grid_where_nothing_has_the_figure_has_no_best():
    result = GridResult(
        strategy="x",
        source="bars",
        by="sharpe",
        varied={"x": (1, 2)},
        fixed={},
        rows=[row(1), row(0, error="no")],
    )
    assert result.best is None
    assert "best: none" in repr(result)


def test_progress_counts_every_combination(bars):
    seen = []
    grid(
        "sma_cross",
        bars[:100],
        params={"fast": range(2, 6)},
        workers=2,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_frame_has_parameters_figures_and_errors(result):
    frame = result.frame()
    assert frame.columns[:3] == ["fast", "slow", "total_return"]
    assert frame["error"].str.len_chars().gt(0).sum() == 1
    assert frame["pnl"].null_count() == 1
    assert frame["total_return"].drop_nulls().is_sorted(descending=True)


def test_a_summary_of_a_grid_is_json(result):
    told = json.loads(json.dumps(result.summary(), allow_nan=False))
    assert told["combinations"] == 6
    assert told["failed"] == 1
    assert told["best"] == result.best.params
    assert told["fixed"] == {"share": "0.5"}


def test_a_notebook_shows_a_grid_that_escapes(result):
    shown = replace(result, strategy="<b>")._repr_html_()
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown


def test_a_report_of_two_parameters_has_a_cell_for_each_combination(result, tmp_path):
    html = result.report(tmp_path / "grid.html").read_text()
    begin = html.index('id="run">') + 9
    data = json.loads(html[begin : html.index("</script>", begin)])["grid"]
    assert data["x"] == {"name": "fast", "values": ["5", "10", "25"]}
    assert data["y"] == {"name": "slow", "values": ["20", "30"]}
    by_params = {(r.params["fast"], r.params["slow"]): r for r in result.rows}
    for line, slow in zip(data["z"], (20, 30), strict=True):
        for cell, fast in zip(line, (5, 10, 25), strict=True):
            assert cell == by_params[fast, slow].figures.get("total_return")


def test_a_report_names_the_fees_and_the_cash_that_hold_for_every_row(result, tmp_path):
    page = result.report(tmp_path / "grid.html").read_text("utf-8")
    [words] = [words for name, words in result.terms.items() if "@" in name]
    assert "taker fee 0.001" in words
    for told in (*result.terms.values(), *result.notes):
        assert escape(told) in page


def test_a_report_of_one_parameter_is_a_table_alone(result, tmp_path):
    one = replace(result, varied={"fast": (5, 10, 25)})
    html = one.report(tmp_path / "grid.html").read_text()
    assert 'id="grid"' not in html
    assert '"grid":null' in html


# ---- what is refused before anything runs -------------------------------------

REFUSED = [
    ({"params": {}}, "varies at least one"),
    ({"params": {"fast": 5}}, "varies at least one"),
    ({"params": {"fast": []}}, "varies at least one"),
    ({"params": {"fats": [5]}}, "did you mean fast"),
    ({"params": {"fast": [5]}, "by": "sharp"}, "did you mean sharpe"),
    ({"params": {"fast": [5]}, "workers": 0}, "1 or more"),
    ({"params": {"fast": range(1000), "slow": range(1000)}}, "1,000,000 combinations"),
    ({"params": {"fast": [5]}, "cash": "lots"}, "cash"),
]


@pytest.mark.parametrize(("wrong", "words"), REFUSED)
def test_what_would_fail_everywhere_is_refused_at_once(bars, wrong, words):
    with pytest.raises(ConfigError) as refused:
        grid("sma_cross", bars, **wrong)
    assert words in str(refused.value)


def test_an_unknown_strategy_gets_advice(bars):
    with pytest.raises(ConfigError, match="did you mean sma_cross"):
        grid("sma_cros", bars, params={"fast": [1]})


def test_a_period_without_bars_is_refused_at_once(bars):
    with pytest.raises(DataError, match="no bars"):
        grid("sma_cross", bars, params={"fast": [5]}, end_ns=0)


# ---- classes, and where workers find them -------------------------------------


def test_a_class_of_a_module_is_found_there_and_gives_the_same_rows(bars):
    assert place_of(SmaCross).load() is SmaCross
    params = {"fast": [5, 10], "slow": 20}
    there = grid(SmaCross, bars[:300], params=params, workers=2)
    here = grid(SmaCross, bars[:300], params=params, workers=1)
    assert there == here
    assert all(row.journal_sha256 for row in here.rows)


def local_strategy():
    class Local(Strategy):
        pass

    return Local


def test_a_class_without_a_place_is_refused_and_runs_with_one_worker(bars):
    with pytest.raises(ConfigError, match="workers=1"):
        place_of(local_strategy())

    class Idle(SmaCross):
        def on_bar(self, bar):
            pass

    found = grid(Idle, bars[:50], params={"fast": [2, 3]}, workers=1)
    assert [row.figures["orders"] for row in found.rows] == [0, 0]


SCRIPT = """
import sys
from crossdock import model
from crossdock.app.backtest import grid
from crossdock.strategies.sma_cross import SmaCross

class Mine(SmaCross):
    pass

bars = model.Bars(
    instrument=model.instrument_id("BTC/USDT", "paper"),
    width_ns=60_000_000_000,
    start_time_ns=[60_000_000_000 * i for i in range(1, 40)],
    **{name: [100.0 + i % 9 for i in range(1, 40)] for name in ("open", "high", "low", "close")},
    volume=[1.0] * 39,
)

def search(strategy):
    found = grid(strategy, bars, params={"fast": [2, 3], "slow": [6]}, workers=2)
    print([row.error[:60] for row in found.rows], [row.figures.get("trades") for row in found.rows])

"""


def ran(tmp_path, ending):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT + ending)
    return subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_script_needs_no_main_guard_for_a_strategy_with_a_name(tmp_path):
    done = ran(tmp_path, 'search("sma_cross")\n')
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("['', ''] [")


def test_a_class_of_the_script_itself_is_found_behind_its_main_guard(tmp_path):
    done = ran(tmp_path, 'if __name__ == "__main__":\n    search(Mine)\n')
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("['', ''] [")


def test_a_class_of_a_script_without_a_guard_is_told_to_add_one(tmp_path):
    done = ran(tmp_path, "search(Mine)\n")
    assert done.returncode == 0, done.stderr
    assert "a grid was asked for while a worker read the script" in done.stdout
