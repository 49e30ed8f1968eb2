"""Momentum, and where a price stands in its range."""

from __future__ import annotations

from typing import NamedTuple

from crossdock.analysis.indicators.averages import exponential, wilder
from crossdock.analysis.indicators.catalogue import (
    TYPICAL,
    Source,
    check_lengths,
    check_rising,
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
    positive,
    ratio,
)
from crossdock.analysis.indicators.indicator import Indicator


class Macd(NamedTuple):
    macd: float
    signal: float
    histogram: float


class Stochastic(NamedTuple):
    k: float
    d: float
    j: float


class StochasticRsi(NamedTuple):
    k: float
    d: float


def _relative_strength(of: Expression, length: int) -> Expression:
    change = of - Lag(of)
    gain = wilder(positive(change), length)
    loss = wilder(positive(change * -1.0), length)
    return 100 * ratio(gain, gain + loss, otherwise=1.0)


def _place_in_range(of: Expression, high: Expression, low: Expression) -> Expression:
    return 100 * ratio(of - low, high - low, otherwise=0.0)


@listed(
    "100 x average gain / (average gain + average loss), both Wilder's;"
    " 100 where nothing fell"
)
def rsi(length: int = 14, *, source: Source = "close") -> Indicator[float]:
    """Relative strength index."""
    check_lengths(length=length)
    return single(rsi=_relative_strength(source_of(source), length))


@listed(
    "macd = EMA over fast - EMA over slow, signal = EMA of macd, histogram = macd - signal",
    fast="length of the quick EMA",
    slow="length of the slow EMA",
    signal="length of the signal's EMA",
)
def macd(
    fast: int = 12, slow: int = 26, signal: int = 9, *, source: Source = "close"
) -> Indicator[Macd]:
    """Moving average convergence and divergence."""
    check_lengths(fast=fast, slow=slow, signal=signal)
    check_rising(fast=fast, slow=slow)
    of = source_of(source)
    line = exponential(of, fast) - exponential(of, slow)
    smoothed = exponential(line, signal)
    outputs = {"macd": line, "signal": smoothed, "histogram": line - smoothed}
    return Indicator("", outputs, Macd)


@listed(
    "k = SMA over smooth of 100 x (close - lowest low) / (highest high - lowest low),"
    " d = SMA of k, j = 3 x k - 2 x d; 0 where the range is 0",
    signal="bars that d averages",
    smooth="bars that k averages; 1 for the fast stochastic",
)
def stochastic(length: int = 14, signal: int = 3, smooth: int = 3) -> Indicator[Stochastic]:
    """Stochastic oscillator."""
    check_lengths(length=length, signal=signal, smooth=smooth)
    raw = _place_in_range(CLOSE, most(HIGH, length), least(LOW, length))
    k = mean(raw, smooth)
    d = mean(k, signal)
    return Indicator("", {"k": k, "d": d, "j": 3 * k - 2 * d}, Stochastic)


@listed(
    "the stochastic oscillator of RSI, with RSI for high, low and close",
    rsi_length="bars of the RSI",
    length="bars of RSI that its range is of",
    signal="bars that d averages",
    smooth="bars that k averages",
)
def stochastic_rsi(
    rsi_length: int = 14,
    length: int = 14,
    signal: int = 3,
    smooth: int = 1,
    *,
    source: Source = "close",
) -> Indicator[StochasticRsi]:
    """Where the relative strength index stands in its range."""
    check_lengths(rsi_length=rsi_length, length=length, signal=signal, smooth=smooth)
    strength = _relative_strength(source_of(source), rsi_length)
    k = mean(
        _place_in_range(strength, most(strength, length), least(strength, length)), smooth
    )
    return Indicator("", {"k": k, "d": mean(k, signal)}, StochasticRsi)


@listed(
    "-100 x (highest high - close) / (highest high - lowest low); 0 where the range is 0"
)
def williams_r(length: int = 14) -> Indicator[float]:
    """Williams %R."""
    check_lengths(length=length)
    high, low = most(HIGH, length), least(LOW, length)
    return single(williams_r=-100 * ratio(high - CLOSE, high - low, otherwise=0.0))


@listed(
    "(typical price - its SMA) / (0.015 x its mean distance from that SMA);"
    " 0 where all are equal"
)
def cci(length: int = 20) -> Indicator[float]:
    """Commodity channel index."""
    check_lengths(2, length=length)
    away = TYPICAL - mean(TYPICAL, length)
    return single(cci=ratio(away, 0.015 * MeanDistance(TYPICAL, length), otherwise=0.0))


@listed("100 x (value / value length bars ago - 1)", length="bars to look back")
def roc(length: int = 10, *, source: Source = "close") -> Indicator[float]:
    """Rate of change in percent."""
    check_lengths(length=length)
    of = source_of(source)
    before = Lag(of, length)
    return single(roc=100 * ratio(of - before, before, otherwise=0.0))


@listed("value - value length bars ago", length="bars to look back")
def momentum(length: int = 10, *, source: Source = "close") -> Indicator[float]:
    """Change over some bars."""
    check_lengths(length=length)
    of = source_of(source)
    return single(momentum=of - Lag(of, length))
