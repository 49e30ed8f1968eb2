"""A file that is read quickly is read as row by row: to the last bit, note and error."""

import gzip
import math
import random
import struct
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.feeds.recorded.bar_files import recognise_bars
from crossdock.adapters.feeds.recorded.opening import head_of
from crossdock.adapters.feeds.recorded.tables.bars import BarTable
from crossdock.adapters.feeds.recorded.tables.quick_csv import QUICK_FROM_BYTES
from crossdock.analysis.frame_bars import FrameBars
from crossdock.errors import DataError
from crossdock.model import Bars

DATA = Path(__file__).parents[4] / "shared/data"
START = datetime(2023, 10, 29, 0, 30, tzinfo=UTC)
COLUMNS = ("start_time_ns", "open", "high", "low", "close", "volume")
HEADER = "time,open,high,low,close,volume"


def tables(file, zone="", **said):
    """Return the recording as it is read quickly, and row by row."""
    found = recognise_bars(str(file), head_of(str(file)), **said)
    if not isinstance(found, BarTable):
        return None
    both = []
    for least in (0, sys.maxsize):
        table = BarTable(found._table, found._layout, found._terms, quick_from_bytes=least)
        both.append(table.in_timezone(zone) if zone else table)
    return both


def told(recording):
    """Return all a recording says, with floats as their bits, or its error."""
    try:
        [bars] = recording.bars()
    except DataError as error:
        return str(error), error.line, error.code, error.hint
    columns = [getattr(bars, name) for name in COLUMNS]
    assert all(type(column) is list for column in columns)
    assert {type(time) for time in columns[0]} == {int}
    assert {type(value) for column in columns[1:] for value in column} == {float}
    bits = [struct.pack(f"{len(column)}d", *column) for column in columns[1:]]
    about = (bars.instrument, bars.width_ns, len(bars))
    said = (recording.instruments(), recording.notes, recording.stats, recording.format)
    return about, columns[0], bits, said


def is_quick(recording):
    return type(recording.bars()[0]) is FrameBars


def assert_both_say_the_same(file, zone="", **said):
    """Return whether the file was read quickly."""
    try:
        both = tables(file, zone, **said)
    except DataError:
        both = None
    if both is None:
        return False  # refused by its first lines, before anything is read
    quick, exact = both
    words = told(exact)
    assert told(quick) == words
    return not isinstance(words[0], str) and is_quick(quick)


def write(folder, text, name="BTC_USDT-1m.csv"):
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def moments(count=6, step_s=60):
    return [START + timedelta(seconds=n * step_s) for n in range(count)]


def epoch(per_second):
    return lambda t: str(int(t.timestamp()) * per_second)


QUICK_TIMES = {
    "seconds": epoch(1),
    "milliseconds": epoch(10**3),
    "microseconds": epoch(10**6),
    "nanoseconds": epoch(10**9),
    "iso": lambda t: f"{t:%Y-%m-%d %H:%M:%S}",
    "iso with T": lambda t: f"{t:%Y-%m-%dT%H:%M:%S}",
    "iso in UTC": lambda t: f"{t:%Y-%m-%dT%H:%M:%SZ}",
    "iso with an offset": lambda t: f"{t:%Y-%m-%d %H:%M:%S}-04:30",
    "iso of minutes": lambda t: f"{t:%Y-%m-%d %H:%M}",
    "iso with milliseconds": lambda t: f"{t:%Y-%m-%d %H:%M:%S}.000",
    "iso with microseconds": lambda t: f"{t:%Y-%m-%dT%H:%M:%S}.000000+00:00",
}
OTHER_TIMES = {
    "a fraction": lambda t: f"{t:%Y-%m-%d %H:%M:%S}.250",
    "seconds with a fraction": lambda t: f"{int(t.timestamp())}.0",
    "slashes": lambda t: f"{t:%m/%d/%Y %H:%M}",
    "packed": lambda t: f"{t:%Y%m%d%H%M%S}",
    "packed to milliseconds": lambda t: f"{t:%Y%m%d%H%M%S}000",
    "UTC in words": lambda t: f"{t:%Y-%m-%d %H:%M:%S UTC}",
    "a century ago": lambda t: f"{t.year - 100}{t:-%m-%d %H:%M}",
    "centuries on": lambda t: f"{t.year + 300}{t:-%m-%d %H:%M}",
    "spaces about": lambda t: f" {t:%Y-%m-%d %H:%M} ",
}


def text_of(times, values="1.25,2.5,1.125,2.0,3.5", header=HEADER):
    return "\n".join([header, *(f"{time},{values}" for time in times)]) + "\n"


@pytest.mark.parametrize("write_time", QUICK_TIMES.values(), ids=QUICK_TIMES)
@pytest.mark.parametrize("zone", ["", "Europe/Berlin"])
def test_plain_times_are_read_quickly_and_the_same(tmp_path, write_time, zone):
    file = write(tmp_path, text_of(map(write_time, moments())))
    naive = not zone or write_time(START)[-6:] != write_time(START)[-6:]
    quick = assert_both_say_the_same(file, zone)
    if naive:
        assert quick


@pytest.mark.parametrize("write_time", OTHER_TIMES.values(), ids=OTHER_TIMES)
def test_other_times_are_left_to_the_exact_way(tmp_path, write_time):
    file = write(tmp_path, text_of(map(write_time, moments())))
    assert not assert_both_say_the_same(file)


def test_days_are_read_quickly_and_their_zone_is_not_asked_for(tmp_path):
    days = [f"2024-02-{n}" for n in range(25, 30)]
    file = write(tmp_path, text_of(days, values="1,1,1,1,1"), "ACME-1d.csv")
    assert assert_both_say_the_same(file)
    assert tables(file)[0].instruments()[0].quantity_step == 1


PLAIN = text_of(map(QUICK_TIMES["iso"], moments()))
ROW = "1.25,2.5,1.125,2.0,3.5"
QUICK_FILES = {
    "newest first": text_of(map(QUICK_TIMES["seconds"], reversed(moments()))),
    "windows line ends": PLAIN.replace("\n", "\r\n"),
    "a mark of UTF-8": PLAIN.encode("utf-8-sig"),
    "no last line end": PLAIN.rstrip("\n"),
    "blank lines above": "\n\n" + PLAIN,
    "a mark and blank lines above": ("\r\n\n" + PLAIN).encode("utf-8-sig"),
    "a mark and no header": PLAIN.partition("\n")[2].encode("utf-8-sig"),
    "gzip": gzip.compress(PLAIN.encode()),
    "semicolons": PLAIN.replace(",", ";"),
    "tabs": PLAIN.replace(",", "\t"),
    "no header": PLAIN.partition("\n")[2],
    "no volume": "\n".join(line.rpartition(",")[0] for line in PLAIN.splitlines()),
    "a gap": text_of(epoch(1)(t) for t in moments(9) if t.minute != 34),
    "two steps as often": text_of(["1700000000", "1700000060", "1700000180"]),
    "one symbol in all rows": "\n".join(
        line + (",symbol" if not n else ",ETHEUR") for n, line in enumerate(PLAIN.split("\n"))
        if line
    ),
    "an adjusted close": PLAIN.replace("volume", "volume,Adj Close").replace(ROW, ROW + ",x"),
    "day and time apart": PLAIN.replace("time,", "date,time,").replace("29 0", "29,0"),
    "volumes with exponents": PLAIN.replace("3.5\n", "1.5e-7\n"),
    "eight decimals": PLAIN.replace("1.125", "1.12345678"),
    "prices with exponents": PLAIN.replace("1.125", "1125e-3"),
    "trailing zeros": PLAIN.replace("2.0,", "2.00000000,"),
    "finer below": PLAIN + f"2023-10-29 00:36:00,{ROW.replace('1.25', '1.2503')}\n",
    "finest below": PLAIN + f"2023-10-29 00:36:00,{ROW.replace('1.25', '1.25000001')}\n",
}  # fmt: skip
OTHER_FILES = {
    "quotes": PLAIN.replace("2.5", '"2.5"'),
    "old line ends": PLAIN.replace("\n", "\r"),
    "UTF-16": PLAIN.encode("utf-16"),
    "a word beyond ASCII": PLAIN.replace("volume", "volume €"),
    "a blank line between": PLAIN.replace("\n", "\n\n"),
    "spaces": PLAIN.replace(",", ", "),
    "noise of floats": PLAIN.replace("1.125", "1.1000000000000000888"),
    "nine decimals": PLAIN + f"2023-10-29 00:36:00,{ROW.replace('1.25', '1.250000001')}\n",
    "tiny prices": PLAIN.replace(ROW, "1e-10,2e-10,1e-10,2e-10,7"),
    "a comment": PLAIN + "# the end\n",
    "zeros": PLAIN.replace(ROW, "0,1,-1,0,1"),
    "a number that is none": PLAIN.replace("3.5\n", "nan\n"),
    "a number without end": PLAIN.replace("2.5,", "1e999,"),
    "an underscore": PLAIN.replace("2.5,", "2_5,"),
    "empty cells nobody needs": PLAIN.replace("volume\n", "volume,note\n").replace(
        "3.5\n", "3.5,\n"
    ),
    "digits a float does not hold": PLAIN.replace("1.125", "1.12500000000000000000"),
    "two rows": text_of(["1700000000", "1700000060"]),
    "a header alone": HEADER + "\n",
    "two symbols": "symbol," + text_of(["A,1700000000", "B,1700000000", "A,1700000060"]),
    "times in two units": text_of(["1700000000", "1700000060", "1700000120000"]),
    "a time that would fill the memory": text_of(
        ["1700000000", "1700000060", "17e40000000000"]
    ),
    "a price no memory could write out": PLAIN.replace("1.125", "1e-9999999999"),
    "a leap second": text_of(["2016-12-31 23:59:59", "2016-12-31 23:59:60", "2017-01-01 00:00:01"]),
    "offsets that change": text_of(
        ["2023-10-29 00:00:00+02:00", "2023-10-29 01:00:00+02:00", "2023-10-29 01:00:00+01:00"]
    ),
    "a day that is none": text_of(["2023-02-27", "2023-02-28", "2023-02-29"]),
    "a gzip that breaks off": gzip.compress(PLAIN.encode())[:-9],
    "a cell without end": PLAIN.replace("2.5,", f"2.5{'0' * 140_000},"),
    "months": text_of(["2023-01-01", "2023-02-01", "2023-03-01"]),
}  # fmt: skip


@pytest.mark.parametrize("text", QUICK_FILES.values(), ids=QUICK_FILES)
def test_plain_files_are_read_quickly_and_the_same(tmp_path, text):
    assert assert_both_say_the_same(write(tmp_path, text))


@pytest.mark.parametrize("text", OTHER_FILES.values(), ids=OTHER_FILES)
def test_what_is_not_plain_is_left_to_the_exact_way(tmp_path, text):
    assert not assert_both_say_the_same(write(tmp_path, text))


ODD_CELLS = (
    *("", " ", "nan", "inf", "-1", "-0", "0", "+2.5", ".5", "2.", "1e0", "1E400", "1e", "0x1"),
    *("1_0", "2,5", "'2'", '"2"', "2\t", " 2", "2\r", "null", "None", "-", "1.2.3", "١", "１"),
    *("1700000000", "1700000060.0", "17000000600", "2023-10-29", "20231029", "true", "1" * 30),
    *("2023-10-29 00:31", "2023-10-29T00:31:00", "2023-10-29 00:31:00+00:00", "\x1f2", "2\0"),
)  # fmt: skip
PLAIN_PRICES = (
    st.integers(1, 10**8).map(lambda n: str(n / 100)),
    st.integers(1, 10**6).map(str),
    st.decimals(1, 1000, places=4).map(str),
    st.decimals("0.00000001", 1000, places=8).map(lambda d: format(d, "f")),
    st.integers(1, 9999).map(lambda n: f"{n}e-4"),
)
OTHER_PRICES = (
    st.floats(1e-9, 1e9).map(lambda x: f"{x:.17g}" if x < 1e-3 else repr(x)),
    st.decimals("1e-12", 10**7).map(lambda d: format(d, "f")),
    st.integers(1, 10**17).map(str),
    st.one_of(PLAIN_PRICES),
)


@st.composite
def rows(draw, times, prices, least=1, skips=(1,)):
    write_time = draw(st.sampled_from(times))
    price = draw(st.sampled_from(prices))
    step_s = draw(st.sampled_from([60, 60, 300, 3600, 86_400, 7]))
    volume = st.sampled_from(["1", "0", "2.5", "1e3", "7"]) | price
    at, made = START, []
    for _ in range(draw(st.integers(least, 8))):
        four = sorted((draw(price) for _ in range(4)), key=Decimal)
        made.append([write_time(at), four[1], four[3], four[0], four[2], draw(volume)])
        at += timedelta(seconds=step_s * draw(st.sampled_from(skips)))
    return made[::-1] if draw(st.booleans()) else made


plain_rows = rows(list(QUICK_TIMES.values())[:6], PLAIN_PRICES, least=3)
any_rows = rows(
    [*QUICK_TIMES.values(), *OTHER_TIMES.values()],
    PLAIN_PRICES + OTHER_PRICES,
    skips=(1, 1, 1, 2, 3),
)


@settings(max_examples=150)
@given(
    rows=plain_rows, delimiter=st.sampled_from(",;\t|"), end=st.sampled_from(["\n", "\r\n"])
)
def test_every_plain_file_is_read_quickly_and_the_same(
    tmp_path_factory, rows, delimiter, end
):
    text = end.join(delimiter.join(row) for row in [HEADER.split(","), *rows])
    assert assert_both_say_the_same(write(tmp_path_factory.mktemp("plain"), text))


@st.composite
def files(draw):
    """Make a file that is plain, or one that has up to three things that are not."""
    cells = [HEADER.split(","), *draw(plain_rows | plain_rows | any_rows)]
    for _ in range(draw(st.sampled_from([0, 1, 1, 1, 2, 3]))):
        row = cells[draw(st.integers(0, len(cells) - 1))]
        at = draw(st.integers(0, len(row) - 1)) if row else 0
        match draw(
            st.sampled_from(["cell", "cell", "short", "long", "twice", "swap", "mix"])
        ):
            case "cell" if row:
                row[at] = draw(st.sampled_from(ODD_CELLS) | st.text(max_size=3))
            case "short":
                del row[at:]
            case "long":
                row.insert(at, draw(st.sampled_from(ODD_CELLS)))
            case "twice":
                cells.append(list(row))
            case "swap":
                cells[-1], cells[1] = cells[1], cells[-1]
            case "mix" if len(row) > 2:
                row[1], row[2] = row[2], row[1]
    delimiter = draw(st.sampled_from(",,;\t|"))
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\n\n", "\r"]))
    lines = [delimiter.join(row) for row in cells][draw(st.sampled_from([0, 0, 0, 1])) :]
    text = (end.join(lines) + draw(st.sampled_from([end, ""]))).encode(errors="replace")
    if draw(st.integers(0, 4)) == 0:
        text = text[: draw(st.integers(0, len(text)))]
    if text and draw(st.integers(0, 4)) == 0:
        at = draw(st.integers(0, len(text) - 1))
        text = text[:at] + draw(st.binary(max_size=2)) + text[at + 1 :]
    return text


@settings(max_examples=400)
@given(
    text=files(),
    zone=st.sampled_from(["", "", "", "Europe/Berlin"]),
    timeframe=st.sampled_from(["", "", "", "1m", "1d", "never"]),
    name=st.sampled_from(["BTC_USDT-1m.csv", "ACME.csv", "x.csv"]),
)
def test_any_file_is_read_or_refused_in_the_same_words(
    tmp_path_factory, text, zone, timeframe, name
):
    if text:
        file = write(tmp_path_factory.mktemp("any"), text, name)
        assert_both_say_the_same(file, zone, timeframe=timeframe)


def halfway(chance):
    """Return the number between two floats, or one that is nearly it: hardest to round."""
    low = math.ldexp(chance.random() + 0.5, chance.randint(-20, 40))
    middle = (Fraction(low) + Fraction(math.nextafter(low, math.inf))) / 2
    places = middle.denominator.bit_length() - 1
    text = f"{middle.numerator * 5**places:0{places + 1}d}"
    text = f"{text[:-places]}.{text[-places:]}" if places else f"{text}.0"
    return text + chance.choice(["", "", "0", "1", "0000000000000001"])


def test_floats_are_rounded_as_python_rounds_them(tmp_path):
    chance = random.Random(3)
    made = []
    for n in range(3000):
        price = f"{chance.uniform(1, 10 ** chance.randint(1, 6)):.{chance.randint(0, 8)}f}"
        time = 1_700_000_000 + 60 * n
        made.append(f"{time},{price},{price},{price},{price},{halfway(chance)}")
    assert assert_both_say_the_same(write(tmp_path, "\n".join([HEADER, *made])))


REAL = sorted(file for file in DATA.rglob("*") if ".csv" in file.name)


@pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not here")
def test_every_real_file_of_bars_is_read_the_same_and_most_of_them_quickly():
    quick = []
    for file in REAL:
        try:
            found = recognise_bars(str(file), head_of(str(file)))
        except DataError:
            continue
        if isinstance(found, BarTable):
            quick.append(assert_both_say_the_same(file))
    assert len(quick) >= 20
    assert sum(quick) * 2 > len(quick)


def test_a_small_file_is_not_worth_an_import_and_a_large_one_is(tmp_path):
    small = write(tmp_path, PLAIN)
    line = len("1700000000," + ROW) + 1
    times = range(1_700_000_000, 1_700_000_000 + 60 * (QUICK_FROM_BYTES // line + 1), 60)
    large = write(tmp_path, text_of(times), "ETH_USDT.csv")
    for file, kind in ((small, Bars), (large, FrameBars)):
        [bars] = recognise_bars(str(file), head_of(str(file))).bars()
        assert type(bars) is kind


def test_a_price_of_thirty_digits_has_no_decimals_and_is_read(tmp_path):
    text = PLAIN.replace("2.5,", f"{'1' * 30},").replace("1.125", "1.12500001")
    file = write(tmp_path, text)
    assert not assert_both_say_the_same(file)
    assert tables(file)[1].instruments()[0].tick_table[0].tick == Decimal("1e-8")
