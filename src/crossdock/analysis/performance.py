"""How good a run was, by named formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import floor, fsum, sqrt
from types import MappingProxyType
from typing import Any

from crossdock.analysis.drawdown import drawdowns
from crossdock.analysis.equity import DAY_NS, YEAR_NS, EquityCurve, day_ends, spacing_ns
from crossdock.analysis.trades import RoundTrip
from crossdock.model import ZERO

__all__ = ["FORMULAS", "EquityCurve", "Performance", "measure"]

_FLAT = 1e-14  # a deviation below this is what dividing floats leaves of none

LEAST_RETURNS = 10
LEAST_NS = 30 * DAY_NS  # what is shorter tells nothing of a year


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """Figures of one run. None: not defined for it, such as a Sharpe ratio of one return.

    `FORMULAS` says how each is computed. Rates are fractions (0.1 is 10 %); money is in
    the trades' settlement asset, which is taken to be one.
    """

    total_return: float | None
    cagr: float | None
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    max_drawdown: float | None
    max_drawdown_duration_ns: int
    time_in_market: float | None
    average_exposure: float | None
    returns: int
    periods_per_year: float | None
    var_95: float | None
    cvar_95: float | None
    skew: float | None
    kurtosis: float | None
    trades: int
    win_rate: float | None
    profit_factor: float | None
    expectancy: Decimal | None
    average_win: Decimal | None
    average_loss: Decimal | None
    best: Decimal | None
    worst: Decimal | None
    average_duration_ns: int | None


FORMULAS: Mapping[str, str] = MappingProxyType(
    {
        "total_return": "last equity / first equity - 1",
        "cagr": "(last equity / first equity) ^ (365 days / time between them) - 1; not below 30 days",
        "volatility": "sample standard deviation (n - 1) of the returns"
        " x sqrt(periods per year)",
        "sharpe": "mean return / sample standard deviation x sqrt(periods per year),"
        " over a riskless rate of 0",
        "sortino": "mean return / sqrt(mean of min(return, 0)^2) x sqrt(periods per year)",
        "calmar": "cagr / max drawdown",
        "max_drawdown": "largest of (highest equity so far - equity) / highest equity so far,"
        " over every point of the curve",
        "max_drawdown_duration_ns": "longest time from a peak until equity is back at it,"
        " or until the end",
        "time_in_market": "time with an exposure / all time; each exposure holds until the"
        " next point",
        "average_exposure": "mean of |exposure| / equity by time; each holds until the"
        " next point",
        "returns": "number of returns: from one UTC day's end to the next where points are"
        " less than a day apart, else from point to point",
        "periods_per_year": "returns counted / years of 365 days from the first of their"
        " points to the last, unless given",
        "var_95": "- 5 % quantile of the returns, linear between neighbours (historical):"
        " a loss is positive",
        "cvar_95": "- mean of the returns at or below the 5 % quantile",
        "skew": "m3 / m2^1.5, by central moments m = mean of (return - mean)^k",
        "kurtosis": "m4 / m2^2 - 3 (excess)",
        "trades": "number of closed round trips; the figures below are of these",
        "win_rate": "round trips with P&L after fees above 0 / all",
        "profit_factor": "sum of P&L above 0 / - sum of P&L below 0",
        "expectancy": "mean P&L after fees",
        "average_win": "mean of the P&L above 0",
        "average_loss": "mean of the P&L below 0 (negative)",
        "best": "largest P&L",
        "worst": "smallest P&L",
        "average_duration_ns": "mean time from entry to exit",
    }
)


def measure(
    curve: EquityCurve,
    trades: Sequence[RoundTrip],
    *,
    periods_per_year: float | None = None,
    least_returns: int = LEAST_RETURNS,
) -> Performance:
    """Compute every figure.

    Those of returns are None below `least_returns` of them: two days make no Sharpe ratio.

    Volatility, Sharpe, Sortino, value at risk and moments are of returns between UTC day
    ends where the curve is finer than a day, as is customary: minute returns would call
    the noise of a day risk. `periods_per_year` is of those returns: by default as many as
    there were in a year of this curve, 365 for days, about 252 where weekends are missing.
    """
    if periods_per_year is not None and not periods_per_year > 0:
        raise ValueError(f"periods_per_year is positive, got {periods_per_year}")
    points = _points(curve)
    equity = [float(curve.equity[place]) for place in points]
    if periods_per_year is None:
        held_ns = curve.time_ns[points[-1]] - curve.time_ns[points[0]] if points else 0
        periods_per_year = YEAR_NS * (len(points) - 1) / held_ns if held_ns else None
    falls = drawdowns(curve)
    begun = len(curve) > 0 and curve.equity[0] > 0
    deepest = max((fall.depth for fall in falls), default=0.0) if begun else None
    growth = _growth(curve) if begun else None
    return Performance(
        total_return=float(curve.equity[-1] / curve.equity[0] - 1) if begun else None,
        cagr=growth,
        calmar=growth / deepest if growth is not None and deepest else None,
        max_drawdown=deepest,
        max_drawdown_duration_ns=max((fall.duration_ns for fall in falls), default=0),
        periods_per_year=periods_per_year,
        **_exposure(curve),
        **_ratios(_returns(equity), periods_per_year, max(least_returns, 2)),
        **_of_trades([trade for trade in trades if trade.exit_time_ns is not None]),
    )


def _points(curve: EquityCurve) -> Sequence[int]:
    if 0 < spacing_ns(curve.time_ns) < DAY_NS:
        return day_ends(curve)
    return range(len(curve))


def _returns(equity: Sequence[float]) -> list[float]:
    """Return the period returns; none at all where equity was lost on the way."""
    if any(value <= 0 for value in equity[:-1]):
        return []
    return [after / before - 1 for before, after in pairwise(equity)]


def _growth(curve: EquityCurve) -> float | None:
    held_ns = curve.time_ns[-1] - curve.time_ns[0]
    ratio = float(curve.equity[-1] / curve.equity[0])
    if held_ns < LEAST_NS or ratio < 0:
        return None  # a good week is no rate of growth for a year
    return float(ratio ** (YEAR_NS / held_ns)) - 1


def _exposure(curve: EquityCurve) -> dict[str, Any]:
    whole = curve.time_ns[-1] - curve.time_ns[0] if len(curve) else 0
    if not whole:
        return {"time_in_market": None, "average_exposure": None}
    inside = 0
    weighted = 0.0
    defined = True
    steps = zip(pairwise(curve.time_ns), curve.equity, curve.exposure, strict=False)
    for (time, until), equity, exposure in steps:
        if exposure:
            inside += until - time
            if equity > 0:
                weighted += abs(exposure) / equity * (until - time)
            else:
                defined = False
    return {
        "time_in_market": float(inside / whole),
        "average_exposure": float(weighted / whole) if defined else None,
    }


def _ratios(
    returns: Sequence[float], periods_per_year: float | None, least: int
) -> dict[str, Any]:
    count = len(returns)
    figures: dict[str, Any] = dict.fromkeys(
        ("volatility", "sharpe", "sortino", "var_95", "cvar_95", "skew", "kurtosis")
    )
    figures["returns"] = count
    if count < least or periods_per_year is None:
        return figures
    mean = fsum(returns) / count
    squares = fsum((each - mean) ** 2 for each in returns)
    deviation = sqrt(squares / (count - 1))
    scale = sqrt(periods_per_year)
    figures["volatility"] = deviation * scale
    downside = sqrt(fsum(min(each, 0.0) ** 2 for each in returns) / count)
    if downside > _FLAT:
        figures["sortino"] = mean / downside * scale
    if deviation > _FLAT:
        figures["sharpe"] = mean / deviation * scale
        second = squares / count
        third = fsum((each - mean) ** 3 for each in returns) / count
        fourth = fsum((each - mean) ** 4 for each in returns) / count
        figures["skew"] = third / second**1.5
        figures["kurtosis"] = fourth / second**2 - 3
    rising = sorted(returns)
    at = 0.05 * (count - 1)
    below = floor(at)
    quantile = rising[below] + (at - below) * (rising[below + 1] - rising[below])
    tail = [each for each in rising if each <= quantile]
    figures["var_95"] = -quantile
    figures["cvar_95"] = -fsum(tail) / len(tail)
    return figures


def _of_trades(closed: Sequence[RoundTrip]) -> dict[str, Any]:
    gains = [trade.pnl for trade in closed]
    wins = [gain for gain in gains if gain > 0]
    losses = [gain for gain in gains if gain < 0]
    lasted = [
        trade.exit_time_ns - trade.entry_time_ns
        for trade in closed
        if trade.exit_time_ns is not None
    ]
    return {
        "trades": len(closed),
        "win_rate": len(wins) / len(closed) if closed else None,
        "profit_factor": float(sum(wins, ZERO) / -sum(losses, ZERO)) if losses else None,
        "expectancy": _mean(gains),
        "average_win": _mean(wins),
        "average_loss": _mean(losses),
        "best": max(gains, default=None),
        "worst": min(gains, default=None),
        "average_duration_ns": sum(lasted) // len(lasted) if lasted else None,
    }


def _mean(amounts: Sequence[Decimal]) -> Decimal | None:
    return sum(amounts, ZERO) / len(amounts) if amounts else None
