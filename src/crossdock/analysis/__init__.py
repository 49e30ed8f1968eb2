"""What can be computed from prices and results: indicators, trades, performance.

`crossdock.analysis.indicators` and `crossdock.analysis.frames` are imported by name.
"""

from crossdock.analysis.drawdown import Drawdown, deepest, drawdowns, underwater
from crossdock.analysis.equity import EquityCurve, monthly_returns
from crossdock.analysis.performance import FORMULAS, Performance, measure
from crossdock.analysis.trades import RoundTrip, round_trips

__all__ = [
    "FORMULAS",
    "Drawdown",
    "EquityCurve",
    "Performance",
    "RoundTrip",
    "deepest",
    "drawdowns",
    "measure",
    "monthly_returns",
    "round_trips",
    "underwater",
]
