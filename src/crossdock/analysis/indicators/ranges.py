"""How far prices move, and channels made of it."""

from __future__ import annotations

from typing import NamedTuple

from crossdock.analysis.indicators.averages import exponential, wilder
from crossdock.analysis.indicators.catalogue import (
    Source,
    check_lengths,
    check_positive,
    listed,
    single,
    source_of,
)
from crossdock.analysis.indicators.expressions import (
    CLOSE,
    HIGH,
    LOW,
    Expression,
    Lag,
    MeanDistance,
    least,
    mean,
    most,
    ratio,
    reach,
    root,
    total,
    variance,
    weighted,
)
from crossdock.analysis.indicators.indicator import Indicator

RANGE = reach(HIGH, LOW, Lag(CLOSE))
"""The true range: the bar's own, widened to the close before."""


class Bollinger(NamedTuple):
    middle: float
    upper: float
    lower: float
    percent_b: float
    width: float


class Channel(NamedTuple):
    upper: float
    middle: float
    lower: float


class Spread(NamedTuple):
    mean: float
    mad: float
    mse: float
    mape: float


def _channel(
    upper: Expression, middle: Expression, lower: Expression
) -> Indicator[Channel]:
    return Indicator("", {"upper": upper, "middle": middle, "lower": lower}, Channel)


@listed("max(high, previous close) - min(low, previous close)")
def true_range() -> Indicator[float]:
    """True range of a bar."""
    return single(true_range=RANGE)


@listed("Wilder's average of the true range")
def atr(length: int = 14) -> Indicator[float]:
    """Average true range."""
    check_lengths(length=length)
    return single(atr=wilder(RANGE, length))


@listed("100 x ATR / close")
def natr(length: int = 14) -> Indicator[float]:
    """Average true range in percent of the close."""
    check_lengths(length=length)
    return single(natr=100 * ratio(wilder(RANGE, length), CLOSE, otherwise=0.0))


@listed("sqrt(mean of (value - mean)^2), divided by length and not by length - 1")
def stdev(length: int = 20, *, source: Source = "close") -> Indicator[float]:
    """Standard deviation of a window."""
    check_lengths(2, length=length)
    return single(stdev=root(variance(source_of(source), length)))


@listed("(value - mean) / standard deviation; 0 where all are equal")
def zscore(length: int = 20, *, source: Source = "close") -> Indicator[float]:
    """Distance from the mean in standard deviations."""
    check_lengths(2, length=length)
    of = source_of(source)
    away = of - mean(of, length)
    return single(zscore=ratio(away, root(variance(of, length)), otherwise=0.0))


@listed(
    "middle = SMA, upper and lower = middle +- deviations x standard deviation,"
    " percent_b = (value - lower) / (upper - lower), width = (upper - lower) / middle",
    overlay=("middle", "upper", "lower"),
    deviations="standard deviations from the middle to a band",
)
def bollinger(
    length: int = 20, deviations: float = 2.0, *, source: Source = "close"
) -> Indicator[Bollinger]:
    """Bollinger bands."""
    check_lengths(2, length=length)
    check_positive(deviations=deviations)
    of = source_of(source)
    middle = mean(of, length)
    away = root(variance(of, length)) * deviations
    upper, lower = middle + away, middle - away
    outputs = {
        "middle": middle,
        "upper": upper,
        "lower": lower,
        "percent_b": ratio(of - lower, upper - lower, otherwise=0.5),
        "width": ratio(upper - lower, middle, otherwise=0.0),
    }
    return Indicator("", outputs, Bollinger)


@listed(
    "upper = highest high, lower = lowest low, middle halfway; of this bar and those before",
    overlay=True,
)
def donchian(length: int = 20) -> Indicator[Channel]:
    """Donchian channel."""
    check_lengths(length=length)
    upper, lower = most(HIGH, length), least(LOW, length)
    return _channel(upper, (upper + lower) / 2, lower)


@listed(
    "middle = EMA of the source, upper and lower = middle +- multiplier x ATR",
    overlay=True,
    multiplier="average true ranges from the middle to a band",
    atr_length="bars in the average true range",
)
def keltner(
    length: int = 20,
    multiplier: float = 2.0,
    atr_length: int = 10,
    *,
    source: Source = "close",
) -> Indicator[Channel]:
    """Keltner channel."""
    check_lengths(length=length, atr_length=atr_length)
    check_positive(multiplier=multiplier)
    middle = exponential(source_of(source), length)
    away = wilder(RANGE, atr_length) * multiplier
    return _channel(middle + away, middle, middle - away)


@listed("slope of the least-squares line through the last length values, per bar")
def slope(length: int = 20, *, source: Source = "close") -> Indicator[float]:
    """Slope of a linear regression."""
    check_lengths(2, length=length)
    of = source_of(source)
    # Σ(i - ī)·x with i = 1…n; the squares Σ(i - ī)² are n(n² - 1) / 12.
    leaning = weighted(of, length) - total(of, length) * ((length + 1) / 2)
    return single(slope=leaning * (12 / (length * (length * length - 1))))


@listed(
    "mean = SMA, mad = mean of |value - mean|, mse = mean of (value - mean)^2,"
    " mape = mean of |value - mean| / value",
    overlay=("mean",),
)
def spread(length: int = 20, *, source: Source = "close") -> Indicator[Spread]:
    """How far the values of a window lie from their mean."""
    check_lengths(2, length=length)
    of = source_of(source)
    outputs = {
        "mean": mean(of, length),
        "mad": MeanDistance(of, length),
        "mse": variance(of, length),
        "mape": MeanDistance(of, length, relative=True),
    }
    return Indicator("", outputs, Spread)
