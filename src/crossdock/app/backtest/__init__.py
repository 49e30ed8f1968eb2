"""What is made of a run: its summary, frames and report; grids of runs, and runs kept."""

from crossdock.app.backtest.grids import GridResult, GridRow, grid
from crossdock.app.backtest.keeping import KeptRun, compare, keep_run, kept_runs, load_run

__all__ = [
    "GridResult",
    "GridRow",
    "KeptRun",
    "compare",
    "grid",
    "keep_run",
    "kept_runs",
    "load_run",
]
