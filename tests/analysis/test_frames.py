"""Bars go into frames and come back the same; what is wrong is told with its row."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.analysis.closures import open_gaps
from crossdock.analysis.frames import bars_frame, bars_of, frame_of, pandas_of
from crossdock.errors import DataError
from crossdock.model import Bars, Side, width_of

NAME = "BTC/USDT@binance"
MINUTE, HOUR, DAY = width_of("1m"), width_of("1h"), width_of("1d")
START = 1_600_000_200_000_000_000
PRICE = st.floats(-1e9, 1e9, allow_nan=False)


@st.composite
def some_bars(draw):
    count = draw(st.integers(2, 8))
    rows = [sorted(draw(PRICE) for _ in range(4)) for _ in range(count)]
    return Bars(
        instrument=NAME,
        width_ns=MINUTE,
        start_time_ns=[START + n * MINUTE for n in range(count)],
        open=[row[1] for row in rows],
        high=[row[3] for row in rows],
        low=[row[0] if row[0] > 0 else 0.0 if row[1] >= 0 else row[0] for row in rows],
        close=[row[2] for row in rows],
        volume=[draw(st.floats(0, 1e12)) for _ in rows],
    )


BARS = Bars(
    instrument=NAME,
    width_ns=MINUTE,
    start_time_ns=[START + n * MINUTE for n in range(4)],
    open=[1.0, 2.0, 3.0, 4.0],
    high=[2.0, 3.0, 4.0, 5.0],
    low=[0.5, 1.0, 2.0, 3.0],
    close=[1.5, 2.5, 3.5, 4.5],
    volume=[10.0, 0.0, 3.0, 4.0],
)


@settings(max_examples=50)
@given(bars=some_bars())
def test_bars_through_a_frame_of_either_kind_are_the_same(bars):
    frame = bars_frame(bars)
    assert bars_of(frame, instrument=NAME) == bars
    assert bars_of(pandas_of(frame), instrument=NAME, width_ns=MINUTE) == bars


def test_a_frame_of_bars_has_times_in_utc_and_floats():
    frame = bars_frame(BARS)
    assert frame.columns == ["time", "open", "high", "low", "close", "volume"]
    assert frame.dtypes == [pl.Datetime("ns", "UTC"), *[pl.Float64] * 5]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC", None])
def test_times_of_any_unit_and_zone_are_taken(unit, zone):
    frame = bars_frame(BARS).with_columns(pl.col("time").cast(pl.Datetime(unit, "UTC")))
    frame = frame.with_columns(pl.col("time").dt.convert_time_zone(zone or "UTC"))
    if zone is None:
        frame = frame.with_columns(pl.col("time").dt.replace_time_zone(None))
    assert bars_of(frame, instrument=NAME) == BARS
    assert bars_of(pandas_of(frame), instrument=NAME) == BARS


def test_a_pandas_index_and_capital_names_are_taken():
    frame = pandas_of(bars_frame(BARS)).set_index("time")
    frame.columns = [name.capitalize() for name in frame.columns]
    assert bars_of(frame, instrument=NAME) == BARS
    assert (
        bars_of(frame[["Open", "High", "Low", "Close"]], instrument=NAME).volume
        == [0.0] * 4
    )


def test_dates_and_whole_nanoseconds_are_times():
    days = pl.DataFrame(
        {
            "Date": [date(2021, 1, 4), date(2021, 1, 5)],
            **{name: [1.0, 1.0] for name in ("open", "high", "low", "close")},
        }
    )
    assert bars_of(days, instrument=NAME).timeframe == "1d"
    frame = (
        bars_frame(BARS)
        .drop("time")
        .with_columns(start_time_ns=pl.Series(BARS.start_time_ns))
    )
    assert bars_of(frame, instrument=NAME) == BARS
    assert bars_of(pandas_of(frame), instrument=NAME) == BARS


def test_newest_first_is_turned_round():
    assert bars_of(bars_frame(BARS).reverse(), instrument=NAME) == BARS


def put(name, row, value):
    def change(frame):
        column = frame[name].to_list()
        column[row] = value
        return frame.with_columns(pl.Series(name, column, dtype=frame[name].dtype))

    return change


WRONG = {
    "nan": (put("close", 2, float("nan")), 3, "close is nan"),
    "null": (put("close", 2, None), 3, "close is missing"),
    "no time": (put("time", 1, None), 2, "time is missing"),
    "volume": (put("volume", 3, -1.0), 4, "volume -1.0 is negative"),
    "high": (put("high", 0, 0.25), 1, "is below"),
    "twice": (lambda f: pl.concat([f[:2], f[1:]]), 3, "second time"),
    "order": (lambda f: pl.concat([f[2:], f[:2]]), 3, "out of order"),
    "no rows": (lambda f: f[:0], 0, "no row"),
    "columns": (lambda f: f.drop("low"), 0, "columns are missing: low; found: time"),
    "text": (lambda f: f.with_columns(pl.col("time").cast(pl.String)), 0, "is no time"),
    "words": (lambda f: f.with_columns(open=pl.lit("x")), 1, "'x', which is no number"),
    "close together": (
        lambda f: f.with_columns(
            time=pl.Series([*BARS.start_time_ns[:3], BARS.start_time_ns[2] + 1]).cast(
                pl.Datetime("ns", "UTC")
            )
        ),
        4,
        "begins 1e-09 s after",
    ),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("kind", ["polars", "pandas"])
def test_what_is_wrong_with_a_frame_is_told_with_its_row(name, kind):
    change, row, words = WRONG[name]
    frame = change(bars_frame(BARS))
    if kind == "pandas":
        frame = pandas_of(frame)
        words = words.replace("close is missing", "close is nan")  # it keeps no null there
    with pytest.raises(DataError) as caught:
        bars_of(frame, instrument=NAME)
    assert (caught.value.file, caught.value.line) == ("the frame", row)
    assert words in caught.value.message
    assert caught.value.hint


def test_something_else_is_no_frame():
    with pytest.raises(TypeError, match="not dict"):
        bars_of({"open": [1]}, instrument=NAME)


def test_pandas_frames_keep_what_polars_frames_hold():
    frame = pl.DataFrame(
        {
            "n": [1, None],
            "m": [1, 2],
            "x": [0.5, None],
            "flag": [True, False],
            "words": ["a", None],
            "money": pl.Series([Decimal("1.10"), None], dtype=pl.Decimal(38, 2)),
            "at": pl.Series([0, 1]).cast(pl.Datetime("ns", "Asia/Tokyo")),
        }
    )
    made = pandas_of(frame)
    assert list(made.columns) == frame.columns
    assert made["n"].dtype == "Int64"
    assert made["n"][0] == 1
    assert made["n"].isna()[1]
    assert made["m"].dtype == np.int64
    assert made["money"][0] == Decimal("1.10")
    assert made["at"].dt.tz.key == "Asia/Tokyo"
    assert made["at"][1] == pd.Timestamp(1, unit="ns", tz="UTC")


def test_rows_of_money_become_exact_decimals_and_never_floats():
    rows = [
        {"side": Side.BUY, "price": Decimal("1.10"), "n": 1},
        {"side": Side.SELL, "price": Decimal("0.000000015"), "n": 2, "note": "x"},
        {"side": Side.SELL, "price": 3, "n": 3},
    ]
    frame = frame_of(rows)
    assert frame.columns == ["side", "price", "n", "note"]
    assert frame.schema["price"] == pl.Decimal(38, 9)
    assert frame["price"].to_list() == [Decimal("1.10"), Decimal("0.000000015"), Decimal(3)]
    assert frame["side"].to_list() == ["buy", "sell", "sell"]
    assert frame["note"].to_list() == [None, "x", None]
    with pytest.raises(TypeError, match="never a float"):
        frame_of([{"price": Decimal(1)}, {"price": 0.5}])
    assert frame_of([]).is_empty()


def week_of(hours, weeks=3):
    """Hourly starts that are open at these hours of each weekday, Monday to Friday."""
    monday = 18_631 * DAY  # 2021-01-04
    return [
        monday + week * 7 * DAY + day * DAY + hour * HOUR
        for week in range(weeks)
        for day in range(5)
        for hour in hours
    ]


def gaps_of(times, width):
    return [(a + width, b) for a, b in pairwise(times) if b - a > width]


def test_nights_weekends_and_holidays_are_closures_and_missing_hours_are_gaps():
    times = week_of(range(9, 17))
    assert open_gaps(times, HOUR, gaps_of(times, HOUR)) == []
    lost = times[20]
    left = [time for time in times if time != lost]
    assert open_gaps(left, HOUR, gaps_of(left, HOUR)) == [(lost, lost + HOUR)]
    day = times[16] // DAY
    holiday = [time for time in times if time // DAY != day]
    assert open_gaps(holiday, HOUR, gaps_of(holiday, HOUR)) == []
    week = [time for time in times if not 5 <= time // DAY - 18_631 < 14]
    later = week + [time + 21 * DAY for time in times]
    assert len(open_gaps(later, HOUR, gaps_of(later, HOUR))) == 1


def test_a_market_that_never_closes_explains_no_gap():
    times = [START + n * HOUR for n in range(24 * 20) if n not in (30, 31)]
    assert len(open_gaps(times, HOUR, gaps_of(times, HOUR))) == 1


def test_days_of_a_market_with_weekends_explain_them():
    times = week_of([0], weeks=10)
    assert open_gaps(times, DAY, gaps_of(times, DAY)) == []
    lost = times[:10] + times[18:]
    assert len(open_gaps(lost, DAY, gaps_of(lost, DAY))) == 1


def test_a_single_day_explains_nothing():
    times = [START + n * MINUTE for n in range(600) if not 200 <= n < 230]
    assert len(open_gaps(times, MINUTE, gaps_of(times, MINUTE))) == 1
