import json
import math
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crossdock.app.backtest import load_run
from crossdock.app.data import open_store
from crossdock.app.replay import Terms, backtest
from crossdock.model import Bars, instrument_id, timeframe_of

HOUR_NS = 3_600_000_000_000
BEGIN_NS = 1_609_459_200_000_000_000  # 2021-01-01


def hours(count=400, width_ns=HOUR_NS):
    close = [round(100 + 20 * math.sin(i / 17) + i / 50, 2) for i in range(count)]
    opens = [close[0], *close[:-1]]
    return Bars(
        instrument=instrument_id("ABC/USD", "made"),
        width_ns=width_ns,
        start_time_ns=[BEGIN_NS + i * width_ns for i in range(count)],
        open=opens,
        high=[max(pair) for pair in zip(opens, close, strict=True)],
        low=[min(pair) for pair in zip(opens, close, strict=True)],
        close=close,
        volume=[1000.0] * count,
    )


@pytest.fixture(scope="module")
def bars_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("bars") / "ABC_USD-1h.csv"
    lines = ["time,open,high,low,close,volume"]
    for bar in hours():
        at = datetime.fromtimestamp(bar.start_time_ns / 1e9, UTC).isoformat()
        lines.append(f"{at},{bar.open},{bar.high},{bar.low},{bar.close},{bar.volume}")
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CROSSDOCK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


CROSS = ("--strategy", "sma_cross", "--param", "fast=5", "--param", "slow=20")


def test_the_command_earns_what_the_function_earns(crossdock, bars_file):
    said = crossdock(
        *("backtest", bars_file, *CROSS, "--cash", "5000", "--fee", "0.002"),
        *("--slippage-bps", "3", "--json"),
    )
    assert said.code == 0, said.out
    run = backtest(
        "sma_cross",
        str(bars_file),
        params={"fast": 5, "slow": 20},
        cash="5000",
        terms=Terms(maker_fee="0.002", taker_fee="0.002", slippage_bps="3"),
    )
    assert run.trades
    assert said.json["journal_sha256"] == run.journal_sha256
    assert Decimal(said.json["pnl"]) == run.pnl
    assert said.json["initial_equity"] == "5000"
    assert said.json["params"] == {"fast": 5, "slow": 20}


def test_people_are_told_profit_figures_and_models(crossdock, bars_file):
    said = crossdock("backtest", bars_file, *CROSS)
    assert said.code == 0
    for words in ("Profit", "Sharpe", "Max drawdown", "Win rate", "Model: fees"):
        assert words in said.out


def test_a_period_cuts_the_bars(crossdock, bars_file):
    said = crossdock(
        *("backtest", bars_file, *CROSS, "--json"),
        *("--from", "2021-01-03", "--to", "2021-01-10T12:00+02:00"),
    )
    assert said.json["first_time"] >= "2021-01-03T00:00:00Z"
    assert said.json["last_time"] == "2021-01-10T10:00:00Z"


def test_a_report_is_written_where_asked(crossdock, bars_file, tmp_path):
    file = tmp_path / "deep" / "report.html"
    said = crossdock("backtest", bars_file, *CROSS, "--report", file, "--json")
    assert said.json["report"] == str(file)
    assert "sma_cross on ABC/USD" in file.read_text()


def test_a_grid_lists_every_combination_best_first(crossdock, bars_file, tmp_path):
    given = (
        *("backtest", bars_file, "--strategy", "sma_cross", "--param", "share=0.5"),
        *("--grid", "fast=5,10,40", "--grid", "slow=20, 30", "--by", "sharpe"),
    )
    report = tmp_path / "grid.html"
    said = crossdock(*given, "--json", "--workers", "1", "--report", report)
    assert said.code == 0, said.out
    rows = said.json["rows"]
    assert len(rows) == 6
    assert said.json["failed"] == 2
    assert said.json["best"] == rows[0]["params"]
    sharpes = [row["figures"]["sharpe"] for row in rows if not row["error"]]
    assert sharpes == sorted(sharpes, reverse=True)
    assert "heatmap" in report.read_text()
    table = crossdock(*given, "--workers", "2").out
    assert "must be below slow" in table
    assert "Sharpe" in table


def test_bars_of_the_store_are_named_by_instrument(crossdock, home):
    store = open_store()
    store.append(hours(), source="made here")
    said = crossdock("backtest", "ABC/USD@made", *CROSS, "--json")
    assert said.code == 0, said.out
    assert said.json["source"] == "ABC/USD@made 1h of the bar store"
    assert said.json["trades"] > 0
    store.append(hours(width_ns=2 * HOUR_NS), source="made here")
    several = crossdock("backtest", "ABC/USD@made", *CROSS, "--json")
    assert several.error["code"] == "data-missing"
    assert "--timeframe" in several.error["hint"]
    chosen = crossdock("backtest", "ABC/USD@made", *CROSS, "--timeframe", "2h", "--json")
    assert chosen.json["timeframe"] == timeframe_of(2 * HOUR_NS)
    unknown = crossdock("backtest", "ABD/USD@made", *CROSS, "--json")
    assert unknown.error["code"] == "data-missing"
    assert "did you mean ABC/USD@made" in unknown.error["hint"]


def test_kept_runs_are_listed_shown_and_compared(crossdock, bars_file, home):
    assert "no runs" in crossdock("runs", "list").out
    kept = []
    for fast in ("5", "10"):
        said = crossdock(
            *("backtest", bars_file, "--strategy", "sma_cross", "--param", f"fast={fast}"),
            *("--param", "slow=20", "--keep", "--json"),
        )
        kept.append(said.json)
    first, second = (each["kept"] for each in kept)
    assert first.startswith("ABC-USD/")
    listed = crossdock("runs", "list", "--json").json["runs"]
    assert {run["id"] for run in listed} == {first, second}
    assert first in crossdock("runs", "list").out

    shown = crossdock("runs", "show", first, "--json").json
    assert shown["params"] == {"fast": 5, "slow": 20}
    assert load_run(first).folder.is_relative_to(home)
    told = crossdock("runs", "show", first).out
    assert "max_drawdown" in told
    assert "fast=5, slow=20" in told

    rows = crossdock("runs", "compare", first, second, "--json").json["rows"]
    by_name = {(row["what"], row["name"]): row["values"] for row in rows}
    assert by_name["params", "fast"] == [5, 10]
    assert ("params", "slow") not in by_name
    assert by_name["figures", "pnl"] == [each["pnl"] for each in kept]
    compared = crossdock("runs", "compare", first, second).out
    assert "fast" in compared
    assert "sharpe" in compared


WRONG = [
    (["--strategy", "sma_cros"], "strategy-unknown", "did you mean sma_cross?"),
    (["--strategy", "sma_cross", "--param", "fats=5"], None, "did you mean fast"),
    (["--strategy", "sma_cross", "--param", "fast"], "bad-argument", "name=value"),
    (["--strategy", "sma_cross", "--param", "fast=x"], None, "a whole number"),
    ([*CROSS, "--grid", "fast=1,2"], "bad-argument", "given twice"),
    ([*CROSS, "--grid", "share"], "bad-argument", "name=value,value"),
    ([*CROSS, "--grid", "share=0.1,,0.2"], "bad-argument", "name=value,value"),
    ([*CROSS, "--grid", "sharre=0.1"], "bad-argument", "did you mean share?"),
    ([*CROSS, "--grid", "share=0.1", "--keep"], "bad-argument", "only a single run"),
    ([*CROSS, "--grid", "share=0.1", "--by", "sharp"], "bad-argument", "sharpe"),
    (["--strategy", "sma_cross", "--grid", "fast=50,60"], "bad-argument", "below slow"),
    ([*CROSS, "--from", "yesterday"], "bad-argument", "2020-01-31"),
    ([*CROSS, "--from", "2031-01-01"], "data", "no bars in that time"),
    ([*CROSS, "--cash", "lots"], "bad-argument", "cash"),
    ([*CROSS, "--cash", "0"], "bad-argument", "above zero"),
    ([*CROSS, "--fee", "free"], "bad-argument", "maker_fee"),
    ([*CROSS, "--fee", "10"], "bad-argument", "0.001 for 0.1 %"),
    ([], "usage", "--strategy"),
]


@pytest.mark.parametrize(("options", "code", "words"), WRONG)
def test_what_is_wrong_is_said_and_nothing_runs(crossdock, bars_file, options, code, words):
    said = crossdock("backtest", bars_file, *options, "--json")
    assert said.code in (1, 2)
    assert words in f"{said.error['message']} {said.error['hint']}"
    if code is not None:
        assert said.error["code"] == code


def test_a_file_that_is_not_there_is_named(crossdock, tmp_path):
    said = crossdock("backtest", tmp_path / "none.csv", *CROSS, "--json")
    assert said.code != 0
    assert "none.csv" in said.error["message"]


RUNS_WRONG = [
    (["show"], "--keep"),
    (["show", "nothing"], "--keep"),
    (["compare", "one"], "two runs or more"),
    (["compare", "one", "two"], "no kept run one"),
]


@pytest.mark.parametrize(("arguments", "words"), RUNS_WRONG)
def test_runs_that_are_not_there_are_told(crossdock, home, arguments, words):
    said = crossdock("runs", *arguments, "--json")
    assert said.code == 2
    assert words in json.dumps(said.error)


@pytest.mark.parametrize("command", [["backtest"], ["runs", "list"], ["runs", "compare"]])
def test_each_command_explains_itself(crossdock, command):
    said = crossdock(*command, "--help")
    assert said.code == 0
    assert f"crossdock {' '.join(command)}" in said.out
