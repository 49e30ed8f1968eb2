"""The bar store: no bar twice, none lost, whatever is appended in whichever order."""

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.stores.parquet import MANIFEST
from crossdock.adapters.stores.parquet.layout import folder_of, instrument_in
from crossdock.adapters.stores.parquet.store import ParquetStore
from crossdock.errors import DataError
from crossdock.model import Bars, Quote, Side, Trade, width_of
from crossdock.ports import Appended

NAME = "BTC/USDT@binance"
MINUTE, HOUR, DAY = width_of("1m"), width_of("1h"), width_of("1d")
START = int(datetime(2021, 1, 31, 23, 50, tzinfo=UTC).timestamp()) * 10**9


def bars(starts, *, width=MINUTE, shift=0.0, name=NAME):
    """Bars at these numbers of widths from the start; their prices tell them apart."""
    starts = sorted(starts)
    base = [100.0 + n + shift for n in starts]
    return Bars(
        instrument=name,
        width_ns=width,
        start_time_ns=[START - START % width + n * width for n in starts],
        open=base,
        high=[price + 1 for price in base],
        low=[price - 1 for price in base],
        close=[price + 0.5 for price in base],
        volume=[price * 2 for price in base],
    )


def told(added=0, known=0, changed=0):
    return Appended(added=added, known=known, changed=changed)


def trade(n, *, number=None, price="10.50", size="1"):
    time_ns = START + n * 10**9
    number = str(n) if number is None else number
    return Trade(
        NAME, number, Decimal(price), Decimal(size), Side.BUY, time_ns, time_ns + 5
    )


def quote(n, bid=10.0):
    return Quote(NAME, bid, 1.0, bid + 1, 2.0, START + n * 10**9, START + n * 10**9 + 5)


@pytest.fixture
def store(tmp_path):
    return ParquetStore(tmp_path / "market")


def test_the_manifests_factory_opens_a_store_on_a_folder(tmp_path):
    from crossdock.app.data import open_store

    assert MANIFEST.factory.endswith(":ParquetStore")
    assert open_store(tmp_path).series() == []


def test_what_was_appended_comes_back_as_it_was(store):
    given_ = bars(range(40))
    assert store.append(given_, source="a file") == told(added=40)
    assert store.bars(NAME, MINUTE) == given_
    assert store.append(given_, source="a file") == told(known=40)


def test_corrections_replace_and_are_counted(store):
    store.append(bars(range(40)), source="one")
    assert store.append(bars(range(30, 50), shift=0.25), source="two") == told(10, 0, 10)
    read = store.bars(NAME, MINUTE)
    assert len(read) == 50
    assert (read.open[29], read.open[30], read.open[49]) == (129.0, 130.25, 149.25)
    [series] = store.series()
    assert (series.count, series.source) == (50, "one, two")


def test_ranges_are_half_open_and_last_counts_from_the_end(store):
    store.append(bars(range(40)), source="x")
    first = bars(range(40)).start_time_ns

    def read(**terms):
        return [
            (t - first[0]) // MINUTE
            for t in store.bars(NAME, MINUTE, **terms).start_time_ns
        ]

    assert read(start_ns=first[5], end_ns=first[8]) == [5, 6, 7]
    assert read(start_ns=first[5] + 1, end_ns=first[8] + 1) == [6, 7, 8]
    assert read(last=3) == [37, 38, 39]
    assert read(last=35) == list(range(5, 40))  # over the end of the month
    assert read(end_ns=first[12], last=4) == [8, 9, 10, 11]
    assert read(start_ns=first[38], last=9) == [38, 39]
    assert read(start_ns=first[39] + MINUTE) == []
    assert read(end_ns=first[0]) == []


def test_what_is_not_there_is_empty(store):
    assert len(store.bars(NAME, MINUTE)) == 0
    assert store.frame(NAME, MINUTE).columns == [
        "time",
        "open",
        "high",
        "low",
        "close",
        "volume",
    ]
    assert list(store.trades(NAME)) == []
    assert list(store.gaps(NAME, MINUTE)) == []
    assert store.append(bars([]), source="x") == told()
    assert store.series() == []


def test_a_frame_holds_the_same_as_the_bars(store):
    store.append(bars(range(40)), source="x")
    frame = store.frame(NAME, MINUTE, last=20)
    assert frame.schema["time"] == pl.Datetime("ns", "UTC")
    read = store.bars(NAME, MINUTE, last=20)
    assert frame["time"].dt.epoch("ns").to_list() == read.start_time_ns
    assert frame["close"].to_list() == read.close


def test_gaps_are_known_inside_a_part_and_between_two(store):
    there = [*range(5), *range(8, 10), *range(15, 30)]  # the month ends after 9
    store.append(bars(there), source="x")
    times = bars(range(40)).start_time_ns
    assert store.gaps(NAME, MINUTE) == [(times[5], times[8]), (times[10], times[15])]
    assert store.series()[0].gaps == 2
    store.append(bars(range(5, 8)), source="x")
    assert store.series()[0].gaps == 1
    assert store.gaps(NAME, MINUTE) == [(times[10], times[15])]


def test_a_local_midnight_that_moves_by_an_hour_is_no_gap(store):
    days = bars(range(4), width=DAY)
    times = [t - (HOUR if n >= 2 else 0) for n, t in enumerate(days.start_time_ns)]
    later = [times[-1] + DAY + HOUR]
    moved = Bars(
        instrument=NAME,
        width_ns=DAY,
        start_time_ns=times + later,
        **{
            name: [*getattr(days, name), getattr(days, name)[-1]]
            for name in ("open", "high", "low", "close", "volume")
        },
    )
    assert store.append(moved, source="x") == told(added=5)
    assert list(store.gaps(NAME, DAY)) == []


def test_bars_out_of_step_with_the_series_are_refused(store):
    store.append(bars(range(20)), source="x")
    one = bars([5])
    between = Bars(
        instrument=NAME,
        width_ns=MINUTE,
        start_time_ns=[one.start_time_ns[0] + MINUTE // 2],
        open=one.open,
        high=one.high,
        low=one.low,
        close=one.close,
        volume=one.volume,
    )
    with pytest.raises(DataError, match="30 s apart") as caught:
        store.append(between, source="x")
    assert caught.value.code == "data-overlap"
    assert store.bars(NAME, MINUTE) == bars(range(20))


@pytest.mark.parametrize("name", ["high", "low", "volume"])
def test_bars_that_cannot_be_are_refused(store, name):
    good = bars(range(3))
    columns = {
        c: list(getattr(good, c)) for c in ("open", "high", "low", "close", "volume")
    }
    columns[name][1] = {"high": 1.0, "low": 1e6, "volume": float("nan")}[name]
    wrong = Bars(
        instrument=NAME, width_ns=MINUTE, start_time_ns=good.start_time_ns, **columns
    )
    with pytest.raises(DataError) as caught:
        store.append(wrong, source="x")
    assert caught.value.line == 2
    assert store.series() == []


@settings(max_examples=40, deadline=None)
@given(
    there=st.sets(st.integers(0, 40), min_size=1),
    parts=st.lists(st.sets(st.integers(0, 40)), max_size=5),
    width=st.sampled_from([MINUTE, HOUR, DAY]),
    order=st.randoms(use_true_random=False),
)
def test_parts_in_any_split_and_order_are_the_whole(
    tmp_path_factory, there, parts, width, order
):
    store = ParquetStore(tmp_path_factory.mktemp("store"))
    parts = [part & there for part in parts]
    parts.append(there - set().union(*parts))
    order.shuffle(parts)
    counts = [store.append(bars(part, width=width), source="x") for part in parts if part]
    assert sum(count.added for count in counts) == len(there)
    assert sum(count.known for count in counts) == sum(map(len, parts)) - len(there)
    assert not any(count.changed for count in counts)
    assert store.bars(NAME, width) == bars(there, width=width)
    [series] = store.series()
    whole = bars(there, width=width)
    assert (series.count, series.first_time_ns, series.last_time_ns) == (
        len(whole),
        whole.start_time_ns[0],
        whole.start_time_ns[-1],
    )
    assert series.gaps == len(store.gaps(NAME, width))
    assert store.problems(NAME, whole.timeframe) == []


class Stopped(Exception):
    """What a crash is in these tests."""


def steps_of(folder, change):
    """Count the steps of a commit."""
    seen = []
    change(ParquetStore(folder, checkpoint=seen.append))
    return seen


def test_a_crash_at_any_step_leaves_the_old_or_the_new(tmp_path):
    before, after = bars(range(20)), bars(range(5, 35), shift=0.25)
    start = tmp_path / "start"
    ParquetStore(start).append(before, source="x")
    old = ParquetStore(start).bars(NAME, MINUTE)
    copy = tmp_path / "copy"
    shutil.copytree(start, copy)
    steps = steps_of(copy, lambda store: store.append(after, source="y"))
    new = ParquetStore(copy).bars(NAME, MINUTE)
    assert len(new) == 35
    assert len(steps) == 10
    outcomes = []
    for at in range(len(steps)):
        folder = tmp_path / f"crash-{at}"
        shutil.copytree(start, folder)
        left = iter(range(at))

        def crash(_, left=left):
            if next(left, None) is None:
                raise Stopped

        with pytest.raises(Stopped):
            ParquetStore(folder, checkpoint=crash).append(after, source="y")
        again = ParquetStore(folder)
        outcomes.append(again.bars(NAME, MINUTE))
        assert outcomes[-1] in (old, new), steps[at]
        assert again.problems(NAME, "1m") == []
        assert again.append(after, source="y").changed in (15, 0)
        assert again.bars(NAME, MINUTE) == new
        again.append(bars([34, 35]), source="z")  # sweeps what the crash left
        files = {file.name for file in folder_of(folder, NAME, "1m").glob("*.parquet")}
        assert len(files) == 2
    assert outcomes[0] == old
    assert outcomes[-1] == new
    assert steps.index("manifest in place") == sum(each == old for each in outcomes)


WRITER = """
import os, sys
from crossdock.adapters.stores.parquet.store import ParquetStore
from crossdock.model import Bars

folder, first, step = sys.argv[1], int(sys.argv[2]), sys.argv[3]

def checkpoint(name):
    if name == step:
        os.kill(os.getpid(), 9)

store = ParquetStore(folder, checkpoint=checkpoint)
print("ready", flush=True)
sys.stdin.readline()
for n in range(first, 40, 2):
    one = [100.0 + n]
    store.append(
        Bars(
            instrument="BTC/USDT@binance",
            width_ns=60 * 10**9,
            start_time_ns=[int(sys.argv[4]) + n * 60 * 10**9],
            open=one,
            high=[one[0] + 1],
            low=[one[0] - 1],
            close=[one[0] + 0.5],
            volume=[one[0] * 2],
        ),
        source="x",
    )
"""


def writer(folder, first, step="never"):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(first), step, str(START)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def go(process):
    process.stdin.write("go\n")
    process.stdin.close()


def exit_code(process):
    with process:
        return process.wait(timeout=60)


def test_two_writers_at_once_lose_nothing(tmp_path):
    writers = [writer(tmp_path, first) for first in (0, 1)]
    assert [each.stdout.readline() for each in writers] == ["ready\n"] * 2
    for each in writers:
        go(each)
    assert [exit_code(each) for each in writers] == [0, 0]
    assert ParquetStore(tmp_path).bars(NAME, MINUTE) == bars(range(40))


@pytest.mark.parametrize(("step", "count"), [("manifest synced", 0), ("folder synced", 1)])
def test_a_killed_writer_leaves_whole_series_and_no_lock(tmp_path, step, count):
    killed = writer(tmp_path, 0, step)
    go(killed)
    assert exit_code(killed) == -9
    store = ParquetStore(tmp_path)
    assert len(store.bars(NAME, MINUTE)) == count
    store.append(bars(range(40)), source="x")
    assert store.bars(NAME, MINUTE) == bars(range(40))


def test_a_reader_that_an_append_overtakes_reads_the_new_part(tmp_path):
    store = ParquetStore(tmp_path)
    store.append(bars(range(5)), source="x")
    folder = folder_of(tmp_path, NAME, "1m")
    stale = (folder / "series.json").read_bytes()
    store.append(bars(range(5, 8)), source="x")
    fresh = (folder / "series.json").read_bytes()
    (folder / "series.json").write_bytes(stale)
    with pytest.raises(DataError, match="is missing"):
        store.bars(NAME, MINUTE)  # and nobody is writing: it is damage
    (folder / "series.json").write_bytes(fresh)
    assert len(store.bars(NAME, MINUTE)) == 8


SYMBOLS = st.text(min_size=1).filter(lambda text: "@" not in text and "\0" not in text)


@settings(max_examples=200)
@given(symbol=SYMBOLS)
def test_a_folders_name_is_safe_and_tells_the_instrument(tmp_path_factory, symbol):
    root = tmp_path_factory.getbasetemp()
    try:
        name = f"{symbol}@venue"
        folder = folder_of(root, name, "1m")
    except UnicodeEncodeError:
        return  # half a surrogate pair is no symbol
    assert folder.parent.parent == root
    assert instrument_in(folder.parent) == name
    assert not folder.parent.name.startswith(".")
    assert folder.parent.name.isascii()


def test_folders_read_as_people_expect(tmp_path):
    folder = folder_of(tmp_path, NAME, "1m")
    assert folder.relative_to(tmp_path).as_posix() == "BTC%2FUSDT@binance/1m"
    assert folder_of(tmp_path, "..@x", "1m").parent.name == "%2E.@x"


def test_ticks_come_back_as_they_were_and_are_never_there_twice(store):
    trades = [trade(n) for n in range(1200)]  # over midnight
    quotes = [quote(n, bid=10.0 + n % 3) for n in range(1200)]
    assert store.append_trades(trades[:700], source="x") == told(added=700)
    assert store.append_trades(trades[500:], source="x") == told(added=500, known=200)
    assert list(store.trades(NAME)) == trades
    assert store.append_quotes(quotes, source="x") == told(added=1200)
    assert store.append_quotes(quotes, source="x") == told(known=1200)
    assert list(store.quotes(NAME)) == quotes
    within = {"start_ns": START + 595 * 10**9, "end_ns": START + 605 * 10**9}
    assert list(store.trades(NAME, **within)) == trades[595:605]
    assert list(store.quotes(NAME, **within)) == quotes[595:605]
    assert [each.timeframe for each in store.series()] == ["quotes", "trades"]
    assert store.problems(NAME, "trades") == []


def test_a_price_keeps_every_digit_it_came_with(store):
    store.append_trades([trade(1, price="1.10", size="0.00000001")], source="x")
    [read] = store.trades(NAME)
    assert (str(read.price), str(read.quantity)) == ("1.10", "1E-8")


def test_a_corrected_trade_replaces_the_one_of_its_id(store):
    store.append_trades([trade(n) for n in range(3)], source="x")
    corrected = trade(1, price="11")
    assert store.append_trades([corrected], source="x") == told(changed=1)
    assert list(store.trades(NAME)) == [trade(0), corrected, trade(2)]


def test_equal_trades_without_ids_are_as_many_as_there_were(store):
    twice = [trade(1, number=""), trade(1, number=""), trade(1, number="", price="9")]
    assert store.append_trades(twice, source="x") == told(added=3)
    assert store.append_trades(twice[:2], source="x") == told(known=2)
    assert list(store.trades(NAME)) == twice


def test_ticks_of_several_instruments_are_kept_apart(store):
    other = Quote("ETH/USDT@binance", 1.0, 1.0, 2.0, 1.0, START, START)
    assert store.append_quotes([quote(1), other], source="x") == told(added=2)
    assert list(store.quotes("ETH/USDT@binance")) == [other]


@settings(max_examples=25, deadline=None)
@given(
    there=st.sets(st.integers(0, 1200), min_size=1, max_size=40),
    parts=st.lists(st.sets(st.integers(0, 1200)), max_size=4),
    order=st.randoms(use_true_random=False),
)
def test_trades_in_any_split_and_order_are_the_whole(tmp_path_factory, there, parts, order):
    store = ParquetStore(tmp_path_factory.mktemp("store"))
    parts = [part & there for part in parts]
    parts.append(there - set().union(*parts))
    order.shuffle(parts)
    for part in parts:
        mine = [trade(n // 3, number=str(n)) for n in sorted(part)]
        store.append_trades(mine, source="x")
    assert list(store.trades(NAME)) == [trade(n // 3, number=str(n)) for n in sorted(there)]


def part_files(folder):
    return sorted(folder_of(folder, NAME, "1m").glob("*.parquet"))


def test_damage_is_found_and_named(tmp_path):
    store = ParquetStore(tmp_path)
    store.append(bars(range(40)), source="x")
    first, second = part_files(tmp_path)
    whole = first.read_bytes()
    first.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError) as caught:
        store.bars(NAME, MINUTE)
    assert caught.value.file == str(first)
    assert caught.value.code == "data-damaged"
    assert [problem.file for problem in store.problems(NAME, "1m")] == [str(first)]
    frame = pl.read_parquet(second)
    pl.concat([frame, frame.tail(1)]).write_parquet(first)
    [problem] = store.problems(NAME, "1m")
    assert "its manifest says" in str(problem)
    first.unlink()
    [problem] = store.problems(NAME, "1m")
    assert "is missing" in str(problem)


def test_bars_that_cannot_be_are_found_where_somebody_changed_a_part(tmp_path):
    store = ParquetStore(tmp_path)
    store.append(bars(range(8)), source="x")
    [file] = part_files(tmp_path)
    frame = pl.read_parquet(file)
    wrong = frame.with_row_index("n").with_columns(
        high=pl.when(pl.col("n") == 3).then(0.0).otherwise(pl.col("high"))
    )
    wrong.drop("n").write_parquet(file)
    [problem] = store.problems(NAME, "1m")
    assert problem.line == 4
    twice = pl.concat([frame.head(1), frame.head(1), frame[2:]])
    twice.write_parquet(file)
    [problem] = store.problems(NAME, "1m")
    assert (problem.line, "twice" in str(problem)) == (2, True)


def test_a_manifest_that_is_damaged_or_newer_is_refused(tmp_path):
    store = ParquetStore(tmp_path)
    store.append(bars(range(8)), source="x")
    file = folder_of(tmp_path, NAME, "1m") / "series.json"
    text = file.read_text()
    file.write_text(text.replace('"format": 1', '"format": 99'))
    with pytest.raises(DataError, match="format 99"):
        store.bars(NAME, MINUTE)
    file.write_text(text[:50])
    with pytest.raises(DataError, match="does not read"):
        store.series()


def test_a_folder_that_was_renamed_is_not_taken_for_another_series(tmp_path):
    ParquetStore(tmp_path).append(bars(range(8)), source="x")
    folder = folder_of(tmp_path, NAME, "1m").parent
    folder.rename(folder.with_name("ETH%2FUSDT@binance"))
    with pytest.raises(DataError, match="holds BTC/USDT@binance, not ETH/USDT@binance"):
        ParquetStore(tmp_path).series()
    with pytest.raises(DataError, match="not ETH/USDT@binance"):
        ParquetStore(tmp_path).append(bars([9], name="ETH/USDT@binance"), source="x")


def test_parts_tell_other_programs_what_they_are(tmp_path):
    ParquetStore(tmp_path).append(bars(range(8)), source="a file")
    [file] = part_files(tmp_path)
    about = pl.read_parquet_metadata(file)
    assert (about["instrument"], about["timeframe"]) == (NAME, "1m")
    assert about["source"] == "a file"
    assert file.stat().st_mode & 0o077 == 0
