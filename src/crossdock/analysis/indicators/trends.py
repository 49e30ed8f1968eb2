"""Whether there is a trend, which way, and where it would end."""

from __future__ import annotations

from typing import NamedTuple

from crossdock.analysis.indicators.averages import wilder
from crossdock.analysis.indicators.catalogue import (
    MIDPOINT,
    Source,
    check_lengths,
    check_positive,
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
    Scan,
    absolute,
    least,
    most,
    peak_age,
    positive,
    ratio,
    where_above,
)
from crossdock.analysis.indicators.expressions.expression import NAN
from crossdock.analysis.indicators.indicator import Indicator
from crossdock.analysis.indicators.ranges import RANGE


class Adx(NamedTuple):
    plus: float
    minus: float
    dx: float
    adx: float


class Aroon(NamedTuple):
    up: float
    down: float
    oscillator: float


class Ichimoku(NamedTuple):
    conversion: float
    base: float
    span_a: float
    span_b: float


class Trail(NamedTuple):
    """A stop that follows the price. `direction` is 1 with the stop below, else -1."""

    stop: float
    direction: float


def _directional(length: int) -> tuple[Expression, Expression, Expression]:
    up, down = HIGH - Lag(HIGH), Lag(LOW) - LOW
    size = wilder(RANGE, length)
    plus, minus = (
        100 * ratio(wilder(moved, length), size, otherwise=0.0)
        for moved in (
            where_above(up, down, positive(up)),
            where_above(down, up, positive(down)),
        )
    )
    return plus, minus, 100 * ratio(absolute(plus - minus), plus + minus, otherwise=0.0)


@listed(
    "plus and minus = 100 x Wilder's average of upward and downward movement / ATR,"
    " dx = 100 x |plus - minus| / (plus + minus), adx = Wilder's average of dx"
)
def adx(length: int = 14) -> Indicator[Adx]:
    """Average directional index, and the two directional indicators it is made of."""
    check_lengths(length=length)
    plus, minus, dx = _directional(length)
    outputs = {"plus": plus, "minus": minus, "dx": dx, "adx": wilder(dx, length)}
    return Indicator("", outputs, Adx)


@listed("(ADX + ADX length bars ago) / 2")
def adxr(length: int = 14) -> Indicator[float]:
    """Average directional index rating."""
    check_lengths(length=length)
    *_, dx = _directional(length)
    strength = wilder(dx, length)
    return single(adxr=(strength + Lag(strength, length)) / 2)


@listed(
    "up = 100 x (length - bars since the highest high) / length, down the same of the"
    " lowest low, oscillator = up - down; over this bar and length before it"
)
def aroon(length: int = 25) -> Indicator[Aroon]:
    """Aroon: how long ago the extremes were."""
    check_lengths(length=length)
    up = 100 - peak_age(HIGH, length + 1) * (100 / length)
    down = 100 - peak_age(LOW * -1.0, length + 1) * (100 / length)
    return Indicator("", {"up": up, "down": down, "oscillator": up - down}, Aroon)


@listed(
    "conversion, base = middle of the range over their bars; span_a = (conversion + base)"
    " / 2 and span_b = middle over span bars, both of base bars ago",
    overlay=True,
    conversion="bars of the conversion line (tenkan-sen)",
    base="bars of the base line (kijun-sen), and how far the spans are drawn ahead",
    span="bars of the second span (senkou span B)",
)
def ichimoku(conversion: int = 9, base: int = 26, span: int = 52) -> Indicator[Ichimoku]:
    """Ichimoku cloud, as it is drawn over the present bar.

    The lagging span is left out: it is the close, drawn `base` bars back, and at a bar in
    the past it shows what was not known then.
    """
    check_lengths(conversion=conversion, base=base, span=span)
    check_rising(conversion=conversion, base=base)
    check_rising(base=base, span=span)

    def middle(length: int) -> Expression:
        return (most(HIGH, length) + least(LOW, length)) / 2

    quick, slow = middle(conversion), middle(base)
    outputs = {
        "conversion": quick,
        "base": slow,
        "span_a": Lag((quick + slow) / 2, base),
        "span_b": Lag(middle(span), base),
    }
    return Indicator("", outputs, Ichimoku)


@listed(
    "previous + acceleration x (extreme of the trend - previous), never beyond the last two"
    " bars' lows (highs); acceleration grows by step at each new extreme, up to limit;"
    " turns when a bar goes through it",
    overlay=("stop",),
    step="what the acceleration begins with and grows by",
    limit="the most the acceleration grows to",
)
def psar(step: float = 0.02, limit: float = 0.2) -> Indicator[Trail]:
    """Parabolic stop and reverse. The first trend is taken to be up."""
    check_positive(step=step, limit=limit)
    if step > limit:
        raise ValueError(f"step is at most limit, got {step} and {limit}")

    def begin(high: float, low: float) -> tuple[float, ...]:
        return (low, 1.0, high, step, high, low, NAN, NAN)

    def advance(state: tuple[float, ...], high: float, low: float) -> tuple[float, ...]:
        # Falling is rising upside down: prices times the direction are as if it rose.
        stop, way, extreme, pace, high_1, low_1, high_2, low_2 = state
        near, far, near_1, near_2 = (
            (low, high, low_1, low_2) if way > 0 else (-high, -low, -high_1, -high_2)
        )
        level, furthest = stop * way, extreme * way
        level += pace * (furthest - level)
        if near_2 == near_2:  # noqa: PLR0124  (NaN: there are no two bars before)
            level = min(level, near_1, near_2)
        if near < level:
            return (extreme, -way, near * way, step, high, low, high_1, low_1)
        if far > furthest:
            furthest, pace = far, min(pace + step, limit)
        return (level * way, way, furthest * way, pace, high, low, high_1, low_1)

    scan = Scan(begin, advance, HIGH, LOW)
    return Indicator("", {"stop": scan.field(0), "direction": scan.field(1)}, Trail)


def _trailing(centre: Expression, length: int, multiplier: float) -> Indicator[Trail]:
    """Bands around the centre that only come closer, until the close goes through one."""
    away = wilder(RANGE, length) * multiplier

    def begin(above: float, below: float, close: float, before: float) -> tuple[float, ...]:
        return settled(above, below, close, rising=close >= before)

    def advance(
        state: tuple[float, ...], above: float, below: float, close: float, before: float
    ) -> tuple[float, ...]:
        _, direction, upper, lower = state
        if not (above < upper or before > upper):
            above = upper
        if not (below > lower or before < lower):
            below = lower
        return settled(above, below, close, rising=direction > 0)

    def settled(
        upper: float, lower: float, close: float, *, rising: bool
    ) -> tuple[float, ...]:
        if close <= (lower if rising else upper):
            return (upper, -1.0, upper, lower)
        return (lower, 1.0, upper, lower)

    scan = Scan(begin, advance, centre + away, centre - away, CLOSE, Lag(CLOSE))
    return Indicator("", {"stop": scan.field(0), "direction": scan.field(1)}, Trail)


@listed(
    "bands at the middle of the bar +- multiplier x ATR that only come closer; the stop is"
    " the lower one until the close goes through it, then the upper one",
    overlay=("stop",),
    multiplier="average true ranges from the middle to the stop",
)
def supertrend(length: int = 10, multiplier: float = 3.0) -> Indicator[Trail]:
    """SuperTrend."""
    check_lengths(length=length)
    check_positive(multiplier=multiplier)
    return _trailing(MIDPOINT, length, multiplier)


@listed(
    "as SuperTrend, around the source instead of the middle of the bar",
    overlay=("stop",),
    multiplier="average true ranges from the source to the stop",
)
def atr_stop(
    length: int = 21, multiplier: float = 3.0, *, source: Source = "close"
) -> Indicator[Trail]:
    """Trailing stop by average true range."""
    check_lengths(length=length)
    check_positive(multiplier=multiplier)
    return _trailing(source_of(source), length, multiplier)
