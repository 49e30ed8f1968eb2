"""Bar by bar and over columns: two lives of one definition."""

import json
import math
from math import isnan

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.analysis import indicators as ta
from crossdock.analysis.indicators import Indicator
from crossdock.analysis.indicators.expressions import (
    CLOSE,
    HIGH,
    Cumulate,
    Lag,
    MeanDistance,
    Smooth,
    least,
    mean,
    most,
    peak_age,
    root,
    total,
    variance,
    weighted,
)
from crossdock.model import Bar, Bars, InstrumentId

NAME = InstrumentId("A/B@c")

# Short ones, so that a few dozen bars go through warm-up, blocks and turns.
SHORT = {
    "sma": ta.sma(5),
    "ema": ta.ema(4),
    "wma": ta.wma(5),
    "rma": ta.rma(4),
    "dema": ta.dema(3),
    "tema": ta.tema(3),
    "hma": ta.hma(7),
    "kama": ta.kama(4, 2, 9),
    "vwma": ta.vwma(3),
    "obv": ta.obv(),
    "vwap": ta.vwap(),
    "mfi": ta.mfi(4),
    "rsi": ta.rsi(4),
    "macd": ta.macd(3, 6, 4),
    "stochastic": ta.stochastic(4, 3, 2),
    "stochastic_rsi": ta.stochastic_rsi(3, 4, 2, 2),
    "williams_r": ta.williams_r(4),
    "cci": ta.cci(5),
    "roc": ta.roc(3),
    "momentum": ta.momentum(3),
    "true_range": ta.true_range(),
    "atr": ta.atr(4),
    "natr": ta.natr(4),
    "stdev": ta.stdev(5),
    "zscore": ta.zscore(5),
    "bollinger": ta.bollinger(5, 2),
    "donchian": ta.donchian(4),
    "keltner": ta.keltner(5, 2, 3),
    "slope": ta.slope(5),
    "spread": ta.spread(4),
    "adx": ta.adx(3),
    "adxr": ta.adxr(3),
    "aroon": ta.aroon(5),
    "ichimoku": ta.ichimoku(2, 4, 7),
    "psar": ta.psar(),
    "supertrend": ta.supertrend(3, 1.0),
    "atr_stop": ta.atr_stop(3, 1.0),
}
NESTED = {
    "of another": ta.ema(3, source=ta.rsi(4)),
    "of an output": ta.sma(3, source=ta.macd(2, 4, 3).output("signal")),
    "of volume": ta.bollinger(4, 1.5, source="volume"),
    "of a band": ta.kama(3, source=ta.donchian(4).output("upper")),
    "of a day": ta.vwap("day", source="close"),
    "held": Indicator("held", {"x": Lag(mean(CLOSE, 3), 2, hold=True)}),
    "of an expression": ta.stochastic_rsi(3, 3, 2, 2, source=(CLOSE + HIGH) / 2 - 1),
}
ALL = {**SHORT, **NESTED}


def test_every_indicator_of_the_catalogue_is_tried_here():
    assert SHORT.keys() == ta.CATALOGUE.keys()


prices = st.floats(0.01, 1e6) | st.integers(1, 5).map(float)


@st.composite
def some_bars(draw, *, least_bars=0):
    rows = draw(
        st.lists(
            st.tuples(prices, prices, prices, prices, st.integers(0, 3).map(float)),
            min_size=least_bars,
            max_size=60,
        )
    )
    return [
        Bar(NAME, at * 60, 60, first, max(four), min(four), last, volume)
        for at, (*four, volume) in enumerate(rows)
        for first, _, _, last in [four]
    ]


def columns_of(bars):
    return Bars.of(bars, instrument=NAME, width_ns=60)


def rows_of(result, count):
    columns = result if isinstance(result, tuple) else (result,)
    assert all(len(column) == count and column.dtype == np.float64 for column in columns)
    return [tuple(float(column[at]) for column in columns) for at in range(count)]


def row_of(value):
    return value if isinstance(value, tuple) else (value,)


@settings(max_examples=60, deadline=None)
@given(bars=some_bars())
def test_a_stream_and_columns_give_the_same_floats(bars):
    columns = columns_of(bars)
    for name, indicator in ALL.items():
        stream = indicator.stream()
        rows = rows_of(indicator.over(columns), len(bars))
        for seen, (bar, row) in enumerate(zip(bars, rows, strict=True), 1):
            value = stream.update(bar)
            assert stream.ready == (seen >= indicator.warm_up), name
            assert stream.value == value, name
            if value is None:
                assert any(isnan(each) for each in row), name
            else:
                assert row_of(value) == row, name


# None where nothing was traded yet, or in the window.
UNTRADED = {"vwap", "vwma", "of a day"}


@settings(max_examples=30, deadline=None)
@given(bars=some_bars(least_bars=30))
def test_there_is_a_value_from_the_warm_up_on_and_none_before(bars):
    for name in ALL.keys() - UNTRADED:
        stream = ALL[name].stream()
        there = [stream.update(bar) is not None for bar in bars]
        first = ALL[name].warm_up - 1
        assert there == [False] * first + [True] * (len(bars) - first), name
        assert all(math.isfinite(each) for each in row_of(stream.value)), name


@settings(max_examples=40, deadline=None)
@given(bars=some_bars(), cut=st.integers(0, 60))
def test_a_restored_stream_goes_on_as_if_it_had_never_stopped(bars, cut):
    for name, indicator in ALL.items():
        whole, before, after = (indicator.stream() for _ in range(3))
        for bar in bars[:cut]:
            whole.update(bar)
            before.update(bar)
        after.restore(json.loads(json.dumps(before.state(), allow_nan=False)))
        assert (after.value, after.ready) == (before.value, before.ready), name
        assert type(after.value) is type(before.value), name
        for bar in bars[cut:]:
            assert after.update(bar) == whole.update(bar), name
        assert after.state() == whole.state(), name


def test_a_state_holds_no_more_than_it_was_taken_of():
    stream = ta.sma(3).stream()
    for bar in bars_of(1, 2, 3, 4):
        stream.update(bar)
    state = stream.state()
    kept = json.dumps(state)
    stream.update(bars_of(9)[0])
    assert json.dumps(state) == kept


def test_the_state_of_another_indicator_is_refused():
    with pytest.raises(ValueError, match=r"of sma\(3\), not of sma\(4\)"):
        ta.sma(4).stream().restore(ta.sma(3).stream().state())


def bars_of(*closes):
    return [
        Bar(NAME, at, 1, close, close, close, close, 1.0) for at, close in enumerate(closes)
    ]


# Those whose value is of the last bars alone; the others remember everything, by intent.
WINDOWED = {
    "sma": 5,
    "wma": 5,
    "hma": 8,
    "vwma": 3,
    "mfi": 5,
    "stochastic": 7,
    "williams_r": 4,
    "cci": 5,
    "roc": 4,
    "momentum": 4,
    "true_range": 2,
    "stdev": 5,
    "zscore": 5,
    "bollinger": 5,
    "donchian": 4,
    "slope": 5,
    "spread": 4,
    "aroon": 6,
    "ichimoku": 11,
}


@settings(max_examples=30, deadline=None)
@given(bars=some_bars(least_bars=25), outlier=st.sampled_from([1e12, 1e-9, 1e300]))
def test_what_has_left_a_window_has_left_no_trace(bars, outlier):
    wild = Bar(NAME, 0, 60, outlier, outlier, outlier, outlier, outlier)
    for name, length in WINDOWED.items():
        disturbed, quiet = SHORT[name].stream(), SHORT[name].stream()
        disturbed.update(wild)
        quiet.update(bars[0])
        for seen, bar in enumerate(bars, 1):
            disturbing, quieting = disturbed.update(bar), quiet.update(bar)
            assert disturbing == quieting or seen < length, name


def test_a_mean_recovers_exactly_from_an_outlier_that_dwarfs_the_rest():
    stream = ta.sma(3).stream()
    values = [stream.update(bar) for bar in bars_of(1, 2, 1e17, 0.25, 0.5, 0.75, 1.0)]
    assert values[-2:] == [0.5, 0.75]


closes = st.lists(st.floats(0.5, 2000), max_size=40)
lengths = st.integers(1, 9)


def naive(function, values, length, lead):
    """Compute a window's value from scratch at each bar."""
    return [
        None if at < lead else function(values[at - length + 1 : at + 1])
        for at in range(len(values))
    ]


# From the last values to what a primitive should make of them, written another way.
WINDOWS = {
    "total": (total, math.fsum),
    "mean": (mean, lambda w: math.fsum(w) / len(w)),
    "least": (least, min),
    "most": (most, max),
    "variance": (variance, lambda w: float(np.var(w))),
    "weighted": (weighted, lambda w: math.fsum(i * x for i, x in enumerate(w, 1))),
    "peak_age": (peak_age, lambda w: w[::-1].index(max(w))),
    "mean_distance": (
        MeanDistance,
        lambda w: float(np.mean(np.abs(np.array(w) - np.mean(w)))),
    ),
}


@pytest.mark.parametrize("name", WINDOWS)
@settings(max_examples=40)
@given(values=closes, length=lengths)
def test_a_window_is_what_its_values_are_from_scratch(name, values, length):
    primitive, function = WINDOWS[name]
    stream = Indicator("x", {"x": primitive(CLOSE, length)}).stream()
    ours = [stream.update(bar) for bar in bars_of(*values)]
    theirs = naive(function, values, length, length - 1)
    assert [each is None for each in ours] == [each is None for each in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        assert other is None or mine == pytest.approx(other, rel=1e-9, abs=1e-6)


@settings(max_examples=40)
@given(values=closes, seed=lengths, weight=st.floats(0.01, 1))
def test_smoothing_is_a_weighted_sum_of_everything_so_far(values, seed, weight):
    stream = Indicator("x", {"x": Smooth(CLOSE, weight, seed=seed)}).stream()
    for at, bar in enumerate(bars_of(*values)):
        value = stream.update(bar)
        if at >= seed - 1:
            start, later = values[:seed], values[seed : at + 1]
            expected = math.fsum(start) / seed * (1 - weight) ** len(later) + math.fsum(
                each * weight * (1 - weight) ** (len(later) - 1 - place)
                for place, each in enumerate(later)
            )
            assert value == pytest.approx(expected)


@settings(max_examples=40)
@given(values=closes, bars=lengths)
def test_a_lag_is_the_value_of_before(values, bars):
    lag = Indicator("x", {"x": Lag(CLOSE, bars)}).stream()
    held = Indicator("x", {"x": Lag(CLOSE, bars, hold=True)}).stream()
    for at, bar in enumerate(bars_of(*values)):
        assert lag.update(bar) == (values[at - bars] if at >= bars else None)
        assert held.update(bar) == values[max(at - bars, 0)]


def test_a_trailing_stop_turns_when_the_close_is_at_it():
    rows = [(10, 10, 10), (11, 9, 10), (10, 8, 8), (8, 7, 7.5)]
    bars = [
        Bar(NAME, at, 1, close, high, low, close, 1.0)
        for at, (high, low, close) in enumerate(rows)
    ]
    stream = ta.supertrend(1, 1.0).stream()
    # True ranges 2, 2 and 1 around 10, 9 and 7.5.
    values = [stream.update(bar) for bar in bars]
    assert values == [None, (8, 1), (11, -1), (8.5, -1)]


def test_a_node_that_is_used_twice_is_fed_once():
    run = Cumulate(CLOSE)
    twice = Indicator("x", {"x": run + run * 2.0}).stream()
    assert [twice.update(bar) for bar in bars_of(1, 10, 100)] == [3, 33, 333]


def test_arithmetic_with_constants_is_what_it_says():
    made = Indicator("x", {"x": 10 - CLOSE * 2 / 4 + 1, "y": 3 + root(CLOSE) - 1}, pair)
    (bar,) = bars_of(4.0)
    assert made.stream().update(bar) == (9, 4)


def pair(*values):
    return values


def test_an_indicator_holds_no_values():
    average = ta.sma(2)
    first, second = average.stream(), average.stream()
    for bar in bars_of(1, 2, 3):
        first.update(bar)
    assert (first.value, second.value, second.ready) == (2.5, None, False)


def test_over_takes_bars_frames_and_mappings():
    bars = columns_of(bars_of(*range(1, 9)))
    names = ("open", "high", "low", "close", "volume")
    mapping = {name: getattr(bars, name) for name in names}
    for indicator in (ta.sma(3), ta.atr(2)):
        wanted = indicator.over(bars)
        for columns in (mapping, pl.DataFrame(mapping), pd.DataFrame(mapping)):
            np.testing.assert_array_equal(indicator.over(columns), wanted)


def test_a_volume_weighted_price_by_the_day_begins_anew_at_midnight_utc():
    hour = 3_600_000_000_000
    begun = 20_000 * 24 * hour  # some midnight
    starts = [begun - hour, begun, begun + hour, begun + 23 * hour, begun + 24 * hour]
    rows = [(1.0, 1.0), (2.0, 1.0), (5.0, 2.0), (8.0, 1.0), (3.0, 9.0)]
    bars = [
        Bar(NAME, start, hour, price, price, price, price, volume)
        for start, (price, volume) in zip(starts, rows, strict=True)
    ]
    daily = ta.vwap("day")
    stream = daily.stream()
    assert [stream.update(bar) for bar in bars] == [1, 2, 4, 5, 3]
    columns = columns_of(bars)
    mapping = {name: getattr(columns, name) for name in ("high", "low", "close", "volume")}
    mapping["time"] = np.array(starts, dtype="datetime64[ns]")
    zoned = pd.DataFrame(mapping)
    zoned["time"] = zoned["time"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")
    frame = pl.DataFrame(mapping)
    frame = frame.with_columns(frame["time"].dt.replace_time_zone("UTC"))
    for given_columns in (columns, mapping, {**mapping, "time": starts}, frame, zoned):
        assert daily.over(given_columns).tolist() == [1, 2, 4, 5, 3]


def test_over_leaves_its_input_alone():
    column = np.array([1.0, 2.0, 3.0])
    result = ta.sma(1).over({"close": column})
    result[:] = 0
    source = Indicator("close", {"close": CLOSE}).over({"close": column})
    source[:] = 0
    assert column.tolist() == [1, 2, 3]


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_over_refuses_what_is_no_number(bad):
    with pytest.raises(ValueError, match=r"sma\(2\): close is not a finite number"):
        ta.sma(2).over({"close": [1.0, bad, 2.0]})


def test_a_volume_weighted_price_of_nothing_traded_is_none():
    quiet = Bar(NAME, 0, 1, 5.0, 5.0, 5.0, 5.0, 0.0)
    traded = Bar(NAME, 1, 1, 6.0, 6.0, 6.0, 6.0, 2.0)
    stream = ta.vwap().stream()
    assert [stream.update(bar) for bar in (quiet, traded, quiet)] == [None, 6, 6]
    window = ta.vwma(1).stream()
    assert [window.update(bar) for bar in (traded, quiet)] == [6, None]
    assert window.value is None
