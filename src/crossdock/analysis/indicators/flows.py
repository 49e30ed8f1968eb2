"""Prices with the volume behind them."""

from __future__ import annotations

from crossdock.analysis.indicators.catalogue import (
    TYPICAL,
    Source,
    check_lengths,
    listed,
    single,
    source_of,
)
from crossdock.analysis.indicators.expressions import (
    CLOSE,
    START,
    VOLUME,
    Cumulate,
    Expression,
    Lag,
    Scan,
    ratio,
    sign,
    total,
    where_above,
)
from crossdock.analysis.indicators.indicator import Indicator

_DAY_NS = 86_400_000_000_000


@listed("running sum of volume, added when the close rose, subtracted when it fell")
def obv() -> Indicator[float]:
    """On-balance volume, from 0 at the first bar."""
    change = CLOSE - Lag(CLOSE, hold=True)
    return single(obv=Cumulate(sign(change) * VOLUME))


@listed(
    "sum of price x volume / sum of volume, since the anchor; none before a trade",
    overlay=True,
    anchor="where it begins: first (the first bar it was given) or day (each UTC day, by the time bars start)",
)
def vwap(anchor: str = "first", *, source: Source = "typical") -> Indicator[float]:
    """Volume-weighted average price."""
    worth, volume = source_of(source) * VOLUME, VOLUME
    if anchor == "first":
        sums: tuple[Expression, Expression] = Cumulate(worth), Cumulate(volume)
    elif anchor == "day":
        daily = Scan(_begin_day, _go_on, START, worth, volume)
        sums = daily.field(0), daily.field(1)
    else:
        raise ValueError(f"anchor is first or day, got {anchor!r}")
    return single(vwap=ratio(*sums, otherwise=float("nan")))


def _begin_day(start_ns: float, worth: float, volume: float) -> tuple[float, ...]:
    return (worth, volume, start_ns // _DAY_NS)


def _go_on(
    state: tuple[float, ...], start_ns: float, worth: float, volume: float
) -> tuple[float, ...]:
    day = start_ns // _DAY_NS
    if day != state[2]:
        return (worth, volume, day)
    return (state[0] + worth, state[1] + volume, day)


@listed(
    "100 x money of bars whose typical price rose / money of those where it rose or fell;"
    " money is typical price x volume; 100 where none fell"
)
def mfi(length: int = 14) -> Indicator[float]:
    """Money flow index."""
    check_lengths(length=length)
    money, before = TYPICAL * VOLUME, Lag(TYPICAL)
    gained = total(where_above(TYPICAL, before, money), length)
    lost = total(where_above(before, TYPICAL, money), length)
    return single(mfi=100 * ratio(gained, gained + lost, otherwise=1.0))
