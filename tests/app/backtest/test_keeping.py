import csv
import json
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256

import polars as pl
import pytest

from crossdock.app.backtest import compare, keep_run, kept_runs, load_run
from crossdock.app.backtest.fingerprint import bars_sha256
from crossdock.errors import ConfigError

NOON_NS = 1_795_262_400_000_000_000  # 2026-11-21 12:00
SECOND_NS = 1_000_000_000


class Clock:
    def __init__(self):
        self.now_ns = NOON_NS

    def __call__(self):
        return self.now_ns


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keep(tmp_path, clock):
    def kept(run, **options):
        return keep_run(run, root=tmp_path / "runs", now_ns=clock, **options)

    return kept


@pytest.fixture
def root(tmp_path):
    return tmp_path / "runs"


def test_a_kept_run_is_read_back_as_it_was(made, keep, root):
    run = made(2000, 100, refused=["cash: too little"])
    kept = keep(run)
    assert kept.id == "BTC-USDT/2026-11-21/120000-swing"
    assert kept.folder == root / kept.id
    assert kept.kept_at == "2026-11-21T12:00:00Z"
    found = load_run(kept.id, root=root)
    assert found == kept
    for name, value in run.summary().items():
        assert found.summary[name] == value
    assert found.summary["refusals"] == ["cash: too little"]
    for name in ("trades", "equity", "fills"):
        assert pl.read_parquet(found.file(name)).equals(getattr(run, f"{name}_frame")())
    assert found.file("report") is None


def test_fills_are_kept_with_all_that_was_taken_for_them(made, keep):
    run = made(300, 50)
    first = replace(run.fills[0], more_fees=(("BNB", Decimal("0.1")),))
    kept = keep(replace(run, fills=[first, *run.fills[1:]]))
    fees = pl.read_parquet(kept.file("fills"))["more_fees"].to_list()
    assert fees == ["0.1 BNB"] + [""] * (len(run.fills) - 1)


def test_a_report_is_kept_when_asked(made, keep):
    assert keep(made(300, 50), report=True).file("report").read_text().startswith("<!doc")


def test_series_are_csv_where_parquet_cannot_be(made, keep):
    run = made(1950, 100)
    kept = keep(run, as_csv=True)
    with kept.file("trades").open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [int(row["entry_time"]) for row in rows] == [
        trade.entry_time_ns for trade in run.trades
    ]
    assert rows[-1]["exit_time"] == ""
    assert [float(row["pnl"]) for row in rows] == [float(it.pnl) for it in run.trades]


def test_runs_of_the_same_second_do_not_meet(made, keep, root):
    run = made(300, 50)
    ids = [keep(run).id for _ in range(3)]
    assert [name.rpartition("/")[2] for name in ids] == [
        "120000-swing",
        "120000-swing-2",
        "120000-swing-3",
    ]
    assert {each.id for each in kept_runs(root=root)} == set(ids)


def test_a_run_that_could_not_be_written_whole_is_not_there(made, keep, root):
    run = made(300, 50, trades=[object()])
    with pytest.raises(AttributeError):
        keep(run)
    assert kept_runs(root=root) == []
    assert [each for each in root.rglob("*") if not each.is_dir()] == []
    assert list((root / "BTC-USDT" / "2026-11-21").iterdir()) == []


def test_what_a_killed_process_left_is_no_run(made, keep, root):
    kept = keep(made(300, 50))
    kept.folder.rename(kept.folder.with_name(".unfinished-x"))
    assert kept_runs(root=root) == []


NAMES = [
    ("../../etc/passwd", "etc-passwd"),
    ("pkg.mod:Class", "pkg.mod-Class"),
    ("..", "unnamed"),
    (".hidden", "hidden"),
    ("a" * 300, "a" * 80),
]


@pytest.mark.parametrize(("strategy", "shown"), NAMES)
def test_no_name_leads_out_of_the_folder(made, keep, root, strategy, shown):
    kept = keep(made(100, 20, strategy=strategy))
    assert kept.folder.name == f"120000-{shown}"
    assert kept.folder.resolve().is_relative_to(root.resolve())
    assert kept.summary["strategy"] == strategy


def test_runs_come_newest_first_and_are_found_by_short_names(made, keep, root, clock):
    first = keep(made(300, 50))
    clock.now_ns += 90 * SECOND_NS
    second = keep(made(300, 40))
    assert [run.id for run in kept_runs(root=root)] == [second.id, first.id]
    assert load_run("last", root=root).id == second.id
    assert load_run("120000-swing", root=root).id == first.id


def test_a_name_that_is_no_runs_or_of_several_is_refused_with_advice(
    made, keep, root, clock
):
    with pytest.raises(ConfigError) as nothing:
        load_run("last", root=root)
    assert "--keep" in nothing.value.hint
    first = keep(made(300, 50))
    clock.now_ns += 86_400 * SECOND_NS
    keep(made(300, 50))
    with pytest.raises(ConfigError) as several:
        load_run("120000-swing", root=root)
    assert first.id in several.value.hint
    with pytest.raises(ConfigError) as mistyped:
        load_run(first.id.replace("swing", "swng"), root=root)
    assert mistyped.value.hint == f"did you mean {first.id}?"


DAMAGES = ["", "{", "[]", "{}", '{"format": 1}', '{"format": 99, "kept_at": "x"}']


@pytest.mark.parametrize("text", DAMAGES)
def test_a_damaged_run_is_named_and_not_guessed(made, keep, root, text):
    kept, other = keep(made(300, 50)), keep(made(300, 50))
    (kept.folder / "run.json").write_text(text)
    for asked in (lambda: kept_runs(root=root), lambda: load_run(kept.id, root=root)):
        with pytest.raises(ConfigError, match=r"run\.json"):
            asked()
    assert load_run(other.id, root=root) == other


def test_comparing_tells_what_differs_and_every_figure(made, keep, root, clock):
    slow = keep(made(2000, 200))
    clock.now_ns += SECOND_NS
    quick = keep(made(2000, 20, models={"fees": "0.2 %", "bar_fill": "at the close"}))
    rows = {(row["what"], row["name"]): row for row in compare([slow.id, quick], root=root)}
    assert rows["params", "every"]["values"] == [200, 20]
    assert ("params", "quantity") not in rows
    assert rows["models", "fees"]["values"] == ["0.1 % of the notional", "0.2 %"]
    assert ("models", "bar_fill") not in rows
    assert ("run", "strategy") not in rows
    assert rows["figures", "max_drawdown"]["values"] == [
        run.summary["figures"]["max_drawdown"] for run in (slow, quick)
    ]
    assert rows["figures", "trades"]["differs"]


def test_a_run_knows_the_bytes_it_was_made_of(made, keep, tmp_path):
    file = tmp_path / "bars.csv"
    file.write_bytes(b"time,open\n")
    of_file = keep(made(300, 50, source=str(file)))
    assert of_file.summary["source_sha256"] == sha256(b"time,open\n").hexdigest()
    run = made(300, 50)
    of_bars = keep(run)
    assert of_bars.summary["source_sha256"] == bars_sha256(run.bars)
    assert keep(made(300, 50, bars=None)).summary["source_sha256"] == ""


def test_one_changed_price_changes_the_digest_of_bars(made):
    bars = made(300, 50).bars
    before = bars_sha256(bars)
    bars.close[17] += 0.01
    assert bars_sha256(bars) != before


def test_a_folder_that_cannot_be_written_is_told(made, tmp_path):
    (tmp_path / "runs").write_text("a file where a folder should be")
    with pytest.raises(ConfigError, match="cannot be kept"):
        keep_run(made(300, 50), root=tmp_path / "runs")


def test_run_json_is_plain_json(made, keep):
    text = (keep(made(300, 50)).folder / "run.json").read_text()
    assert json.loads(text)["format"] == 1
    assert "NaN" not in text
    assert "Infinity" not in text
