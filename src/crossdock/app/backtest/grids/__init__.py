"""Grids: every combination of parameters, on all cores."""

from crossdock.app.backtest.grids.combination import GridRow
from crossdock.app.backtest.grids.result import GridResult
from crossdock.app.backtest.grids.search import grid

__all__ = ["GridResult", "GridRow", "grid"]
