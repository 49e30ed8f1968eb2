"""How each figure of a run is called, shown and ranked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from crossdock.analysis.performance import FORMULAS

if TYPE_CHECKING:
    from crossdock.app.replay.run import Run

_SECOND_NS = 1_000_000_000
_UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
NONE = "-"

Value = float | int | Decimal | None


class Unit(StrEnum):
    SHARE = "share"  # a fraction, shown as per cent
    RATIO = "ratio"
    MONEY = "money"
    TIME = "time"  # nanoseconds
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    unit: Unit
    best_is_high: bool = True

    def shown(self, value: Value | str) -> str:
        """Return a value as people read it; a hyphen for one that is not defined.

        Text is an exact number, as a summary holds money.
        """
        if isinstance(value, str):
            value = Decimal(value)
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return NONE
        match self.unit:
            case Unit.SHARE:
                return f"{value:,.2%}"
            case Unit.MONEY:
                return money(value)
            case Unit.TIME:
                return duration(int(value))
            case Unit.COUNT:
                return f"{value:,}"
            case Unit.RATIO:
                return f"{value:,.2f}"


FIGURES: Mapping[str, Figure] = {
    "total_return": Figure("Total return", Unit.SHARE),
    "cagr": Figure("Yearly growth", Unit.SHARE),
    "volatility": Figure("Volatility", Unit.SHARE, best_is_high=False),
    "sharpe": Figure("Sharpe", Unit.RATIO),
    "sortino": Figure("Sortino", Unit.RATIO),
    "calmar": Figure("Calmar", Unit.RATIO),
    "max_drawdown": Figure("Max drawdown", Unit.SHARE, best_is_high=False),
    "max_drawdown_duration_ns": Figure("Longest drawdown", Unit.TIME, best_is_high=False),
    "time_in_market": Figure("Time in market", Unit.SHARE, best_is_high=False),
    "average_exposure": Figure("Average exposure", Unit.SHARE, best_is_high=False),
    "returns": Figure("Returns counted", Unit.COUNT),
    "periods_per_year": Figure("Periods per year", Unit.RATIO),
    "var_95": Figure("Value at risk 95 %", Unit.SHARE, best_is_high=False),
    "cvar_95": Figure("Expected shortfall 95 %", Unit.SHARE, best_is_high=False),
    "skew": Figure("Skew", Unit.RATIO),
    "kurtosis": Figure("Kurtosis", Unit.RATIO, best_is_high=False),
    "trades": Figure("Closed trades", Unit.COUNT),
    "win_rate": Figure("Win rate", Unit.SHARE),
    "profit_factor": Figure("Profit factor", Unit.RATIO),
    "expectancy": Figure("Expectancy", Unit.MONEY),
    "average_win": Figure("Average win", Unit.MONEY),
    "average_loss": Figure("Average loss", Unit.MONEY),
    "best": Figure("Best trade", Unit.MONEY),
    "worst": Figure("Worst trade", Unit.MONEY),
    "average_duration_ns": Figure("Average time in trade", Unit.TIME, best_is_high=False),
    "pnl": Figure("Profit", Unit.MONEY),
    "fees": Figure("Fees", Unit.MONEY, best_is_high=False),
    "orders": Figure("Orders", Unit.COUNT, best_is_high=False),
    "fills": Figure("Fills", Unit.COUNT, best_is_high=False),
    "refused": Figure("Refused", Unit.COUNT, best_is_high=False),
}
"""Of `Performance`, and after them what is counted of a whole run."""


def figure(name: str) -> Figure:
    """Return how a figure is shown; one without an entry is a plain ratio of its name."""
    return FIGURES.get(name) or Figure(name.replace("_", " ").capitalize(), Unit.RATIO)


def formula(name: str) -> str:
    return FORMULAS.get(name, "")


def figures_of(run: Run) -> dict[str, Value]:
    """Return a run's figures by name; None is one that is not defined for it."""
    return {
        each.name: getattr(run.performance, each.name) for each in fields(run.performance)
    }


def money(amount: float | Decimal) -> str:
    """Return an amount to two decimals, or to four figures where that would hide it."""
    size = abs(float(amount))
    if size == 0 or size >= 1:
        return f"{amount:,.2f}"
    return f"{amount:.{3 - math.floor(math.log10(size))}f}"


def duration(time_ns: int) -> str:
    """Return a time in its two largest units: 3 d 4 h."""
    seconds = time_ns / _SECOND_NS
    if seconds < 1:
        return f"{time_ns / 1e6:,.0f} ms"
    left = round(seconds)
    parts: list[tuple[int, str]] = []
    for unit, width in _UNITS:
        count, left = divmod(left, width)
        if count or parts:
            parts.append((count, unit))
    return " ".join(f"{count:,} {unit}" for count, unit in parts[:2] if count)
