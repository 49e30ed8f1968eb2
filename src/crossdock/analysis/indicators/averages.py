"""Moving averages."""

from __future__ import annotations

from math import isqrt

from crossdock.analysis.indicators.catalogue import (
    Source,
    check_lengths,
    check_rising,
    listed,
    single,
    source_of,
)
from crossdock.analysis.indicators.expressions import (
    VOLUME,
    Expression,
    Lag,
    Scan,
    Smooth,
    absolute,
    mean,
    ratio,
    total,
    weighted,
)
from crossdock.analysis.indicators.indicator import Indicator


def exponential(of: Expression, length: int) -> Expression:
    return Smooth(of, 2 / (length + 1), seed=length)


def wilder(of: Expression, length: int) -> Expression:
    return Smooth(of, 1 / length, seed=length)


def linear(of: Expression, length: int) -> Expression:
    return weighted(of, length) * (2 / (length * (length + 1)))


@listed("sum of the last length values / length", overlay=True)
def sma(length: int = 20, *, source: Source = "close") -> Indicator[float]:
    """Simple moving average."""
    check_lengths(length=length)
    return single(sma=mean(source_of(source), length))


@listed(
    "previous + 2 / (length + 1) x (value - previous), from the first length's mean",
    overlay=True,
)
def ema(length: int = 20, *, source: Source = "close") -> Indicator[float]:
    """Exponential moving average."""
    check_lengths(length=length)
    return single(ema=exponential(source_of(source), length))


@listed("weights 1, 2, … length, the newest the most", overlay=True)
def wma(length: int = 20, *, source: Source = "close") -> Indicator[float]:
    """Linearly weighted moving average."""
    check_lengths(length=length)
    return single(wma=linear(source_of(source), length))


@listed(
    "previous + (value - previous) / length, from the first length's mean", overlay=True
)
def rma(length: int = 14, *, source: Source = "close") -> Indicator[float]:
    """Wilder's moving average, which RSI, ATR and ADX are made with."""
    check_lengths(length=length)
    return single(rma=wilder(source_of(source), length))


@listed("2 x EMA - EMA of EMA", overlay=True)
def dema(length: int = 20, *, source: Source = "close") -> Indicator[float]:
    """Double exponential moving average."""
    check_lengths(length=length)
    once = exponential(source_of(source), length)
    return single(dema=2 * once - exponential(once, length))


@listed("3 x EMA - 3 x EMA of EMA + EMA of EMA of EMA", overlay=True)
def tema(length: int = 20, *, source: Source = "close") -> Indicator[float]:
    """Triple exponential moving average."""
    check_lengths(length=length)
    once = exponential(source_of(source), length)
    twice = exponential(once, length)
    return single(tema=3 * once - 3 * twice + exponential(twice, length))


@listed(
    "WMA over sqrt(length) of (2 x WMA over length / 2 - WMA over length)", overlay=True
)
def hma(length: int = 20, *, source: Source = "close") -> Indicator[float]:
    """Hull moving average. Half and root of the length are rounded down."""
    check_lengths(2, length=length)
    of = source_of(source)
    return single(
        hma=linear(2 * linear(of, length // 2) - linear(of, length), isqrt(length))
    )


@listed(
    "previous + c x (value - previous), c = (efficiency x (2 / (fast + 1) - 2 / (slow + 1))"
    " + 2 / (slow + 1))^2, efficiency = |change over length| / sum of |changes|,"
    " from the value before the first such",
    overlay=True,
    fast="length of the EMA it is in a trend",
    slow="length of the EMA it is without one",
)
def kama(
    length: int = 10, fast: int = 2, slow: int = 30, *, source: Source = "close"
) -> Indicator[float]:
    """Kaufman's adaptive moving average: quick in a trend, slow without one."""
    check_lengths(length=length, fast=fast, slow=slow)
    check_rising(fast=fast, slow=slow)
    of = source_of(source)
    path = total(absolute(of - Lag(of)), length)
    efficiency = ratio(absolute(of - Lag(of, length)), path, otherwise=0.0)
    quickest, slowest = 2 / (fast + 1), 2 / (slow + 1)

    def begin(value: float, before: float, efficient: float) -> tuple[float]:
        return advance((before,), value, before, efficient)

    def advance(
        state: tuple[float], value: float, _: float, efficient: float
    ) -> tuple[float]:
        pace = efficient * (quickest - slowest) + slowest
        return (state[0] + pace * pace * (value - state[0]),)

    return single(kama=Scan(begin, advance, of, Lag(of), efficiency).field(0))


@listed(
    "sum of value x volume / sum of volume; none where nothing was traded", overlay=True
)
def vwma(length: int = 20, *, source: Source = "close") -> Indicator[float]:
    """Volume-weighted moving average."""
    check_lengths(length=length)
    worth = total(source_of(source) * VOLUME, length)
    return single(vwma=ratio(worth, total(VOLUME, length), otherwise=float("nan")))
