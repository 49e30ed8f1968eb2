"""`crossdock data`: a file goes in once, can be looked at, and what is wrong is told."""

import contextlib
import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

DATA = Path(__file__).parents[3] / "shared/data"
START = datetime(2021, 5, 1, tzinfo=UTC)


def minutes(numbers):
    yield "time,open,high,low,close,volume"
    for n in numbers:
        time = START + timedelta(minutes=n)
        yield f"{time:%Y-%m-%dT%H:%M:%SZ},{100 + n},{102 + n},{98 + n},{101 + n},{7 + n}"


@pytest.fixture
def written(tmp_path):
    def write(numbers, name="binance_btcusdt.csv"):
        file = tmp_path / name
        file.write_text("\n".join(minutes(numbers)) + "\n")
        return file

    return write


@pytest.fixture
def data(crossdock, tmp_path):
    folder = tmp_path / "market"

    def run(command, *arguments):
        where = "--to" if command == "import" else "--dir"
        return crossdock("data", command, *arguments, where, folder)

    return run


def test_importing_twice_adds_nothing_and_says_so(data, written):
    file = written(range(30))
    said = data("import", file, "--json")
    assert (said.code, said.err) == (0, "")
    assert said.json["format"] == "csv-bars"
    [series] = said.json["series"]
    assert series == {
        "instrument": "BTC/USDT@binance",
        "timeframe": "1m",
        "added": 30,
        "known": 0,
        "changed": 0,
    }
    [again] = data("import", file, "--json").json["series"]
    assert (again["added"], again["known"]) == (0, 30)
    [more] = data("import", written(range(20, 40)), "--json").json["series"]
    assert (more["added"], more["known"], more["changed"]) == (10, 10, 0)


def test_the_default_folder_is_this_users_data(crossdock, written, tmp_path, monkeypatch):
    monkeypatch.setenv("CROSSDOCK_HOME", str(tmp_path / "home"))
    said = crossdock("data", "import", written(range(3)), "--json")
    assert said.json["folder"] == str(tmp_path / "home/data/market")
    assert len(crossdock("data", "list", "--json").json["series"]) == 1


def test_what_is_said_beats_what_the_name_says_and_guesses_are_noted(data, written):
    said = data("import", written(range(3)), "--symbol", "ETH/EUR", "--venue", "kraken")
    assert (said.code, "ETH/EUR@kraken" in said.out) == (0, True)
    guessed = data("import", written(range(3)))
    assert "note: the symbol BTC/USDT was read off the file's name" in guessed.err


def test_times_without_a_zone_take_the_one_that_was_said(data, tmp_path):
    file = tmp_path / "x.csv"
    rows = [f"2021-05-01 {hour:02}:00,1,1,1,1,1" for hour in range(9, 12)]
    file.write_text("\n".join(["time,open,high,low,close,volume", *rows]))
    assert "--timezone" in data("import", file).err
    data("import", file, "--symbol", "X/Y", "--timezone", "Asia/Tokyo")
    shown = data("show", "X/Y@recorded", "1h", "--json").json["rows"]
    assert shown[0]["time_ns"] == int(START.timestamp()) * 10**9


def test_list_tells_what_there_is(data, written):
    assert data("list", "--json").json == {"series": []}
    assert "no data" in data("list").out
    data("import", written([0, 1, 2, 6, 7]))
    [row] = data("list", "--json").json["series"]
    assert (row["count"], row["breaks"], row["source"]) == (5, 1, "binance_btcusdt.csv")
    assert row["first_time_ns"] == int(START.timestamp()) * 10**9
    assert "2021-05-01 00:00:00.000 UTC" in data("list").out


def test_an_empty_store_says_where_it_was_looked_for(crossdock, tmp_path):
    for command in ("list", "check"):
        said = crossdock("data", command, "--dir", tmp_path / "nope")
        assert (said.code, str(tmp_path / "nope") in said.out) == (0, True)
    (tmp_path / "file").write_text("")
    assert crossdock("data", "list", "--dir", tmp_path / "file").code == 2


def test_show_takes_a_range_or_the_newest(data, written):
    data("import", written(range(60)))
    name = ("BTC/USDT@binance", "1m")
    rows = data("show", *name, "--json").json["rows"]
    assert [row["open"] for row in rows] == [140.0 + n for n in range(20)]
    rows = data("show", *name, "--last", "2", "--json").json["rows"]
    assert [row["close"] for row in rows] == [159.0, 160.0]
    span = ("--from", "2021-05-01T00:05", "--to", "2021-05-01T01:07+01:00")
    rows = data("show", *name, *span, "--json").json["rows"]
    assert [row["open"] for row in rows] == [105.0, 106.0]
    assert "2021-05-01 00:05:00.000 UTC" in data("show", *name, *span).out
    assert "no rows" in data("show", *name, "--from", "2022-01-01").out
    assert data("show", name[0], "60s", "--json").json["rows"][-1]["open"] == 159.0


def test_ticks_are_imported_and_shown_with_every_digit(data, tmp_path):
    file = tmp_path / "kraken-ETHUSD-trades.csv"
    file.write_text(
        "time,id,price,qty,side\n1600000000,1,10.50,0.10,buy\n1600000001,2,10.5,1,sell\n"
    )
    [series] = data("import", file, "--json").json["series"]
    assert (series["timeframe"], series["added"]) == ("trades", 2)
    rows = data("show", "ETH/USD@kraken", "trades", "--last", "1", "--json").json["rows"]
    assert rows == [
        {
            "trade_id": "2",
            "price": "10.5",
            "quantity": "1",
            "side": "sell",
            "time_ns": 1_600_000_001_000_000_000,
        }
    ]
    assert data("check", "--json").json["sound"] is True


def test_check_is_silent_about_closing_times_and_exits_5_for_a_gap(data, written):
    data("import", written([n for n in range(60) if n not in (20, 21)]))
    said = data("check", "--json")
    assert said.code == 5
    [row] = said.json["series"]
    at = int(START.timestamp()) * 10**9
    assert row["first_gaps"] == [[at + 20 * 60 * 10**9, at + 22 * 60 * 10**9]]
    assert "no bars from 2021-05-01 00:20:00.000 UTC" in data("check").out
    data("import", written(range(60)))
    assert (data("check").code, data("check", "--json").json["sound"]) == (0, True)
    assert data("check", "BTC/USDT@binance").code == 0
    assert data("check", "BTC/USDT@binance", "1m").code == 0


def test_check_finds_damage_and_names_the_file(data, written, tmp_path):
    data("import", written(range(60)))
    [part] = tmp_path.glob("market/*/*/*.parquet")
    part.write_bytes(part.read_bytes()[:500])
    said = data("check", "--json")
    assert said.code == 5
    assert str(part) in said.json["series"][0]["problems"][0]
    assert str(part) in data("check").out
    assert data("show", "BTC/USDT@binance", "1m", "--json").error["code"] == "data-damaged"


def test_a_wrong_file_is_told_with_its_line_and_imports_nothing(data, written):
    file = written(range(30))
    file.write_text(file.read_text().replace(",110,112,", ",110,nan,"))
    said = data("import", file, "--json")
    assert (said.code, said.error["code"]) == (1, "data-value")
    assert f"{file}, line 12: high is 'nan'" in said.error["message"]
    assert said.error["hint"]
    assert data("list", "--json").json == {"series": []}
    assert "Traceback" not in data("import", file).err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("show", "ETH/USDT@binance", "1m"), 1, "did you mean"),
        (("show", "BTC/USDT@binance", "1m", "--from", "soon"), 2, "'soon'"),
        (("check", "XRP/USDT@binance"), 1, "there is no series"),
        (("import", "nowhere.csv"), 1, "no such file"),
    ],
)
def test_mistakes_are_told_with_what_to_do(data, written, arguments, code, words):
    data("import", written(range(3)))
    said = data(*arguments)
    assert said.code == code
    assert words.lower() in said.err.lower()
    assert "docs/errors.md#" in said.err


def test_a_file_of_books_alone_is_refused(data, tmp_path):
    file = tmp_path / "book.csv"
    header = "symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty"
    file.write_text(f"{header}\nXYUSDT,1600000000000,1,1,b,snap,10,1\n")
    said = data("import", file, "--json")
    assert said.error["code"] == "data-unusable"
    assert "replay it as it is" in said.error["hint"]


def test_progress_is_drawn_on_a_terminal_and_kept_out_of_the_answer(written, tmp_path):
    file = written(range(50))
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "crossdock", "data", "import", str(file), "--json"]
    with subprocess.Popen(
        [*command, "--to", str(tmp_path / "market")],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color"},
    ) as process:
        os.close(theirs)
        drawn = b""
        with contextlib.suppress(OSError):  # how a terminal ends, on Linux
            while more := os.read(ours, 4096):
                drawn += more
        os.close(ours)
        answer = json.loads(process.stdout.read())
    assert b"import binance_btcusdt.csv" in drawn
    assert answer["series"][0]["added"] == 50


def test_real_files_go_in_and_are_found_sound(data):
    if not DATA.exists():
        pytest.skip("../shared/data is not here")
    assert data("import", DATA / "bars/GOOG.csv").code == 0
    said = data("check", "GOOG/USD@recorded", "--json")
    [row] = said.json["series"]
    assert (said.code, row["gaps"], row["closures"] > 400) == (0, 0, True)


def test_a_recorded_stream_goes_in_as_ticks(data):
    files = sorted((DATA / "hftbacktest").rglob("*.gz"))
    if not files:
        pytest.skip("../shared/data is not here")
    said = data("import", files[0], "--json")
    assert said.code == 0, said.out
    assert {row["timeframe"] for row in said.json["series"]} <= {"trades", "quotes"}
    assert json.loads(said.out)["left_out"] > 0


def test_what_names_no_symbol_is_not_put_beside_strangers(crossdock, tmp_path):
    file = tmp_path / "bars.csv"
    file.write_text(
        "time,open,high,low,close,volume\n"
        + "".join(f"2024-01-01T00:{minute:02}:00Z,1,2,1,1.5,3\n" for minute in range(5))
    )
    said = crossdock("data", "import", str(file), "--to", str(tmp_path / "store"), "--json")
    assert said.code != 0
    assert said.error["code"] == "data-symbol"
    assert "--symbol" in said.error["hint"]
    assert not (tmp_path / "store").exists()
