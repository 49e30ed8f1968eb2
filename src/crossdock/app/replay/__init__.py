"""Recorded market through the very same desk, on virtual time."""

from crossdock.app.replay.backtesting import NO_LIMITS, backtest
from crossdock.app.replay.checking import check_names, check_run
from crossdock.app.replay.engine import Replay
from crossdock.app.replay.params import parse_params, parse_value
from crossdock.app.replay.run import Run
from crossdock.app.replay.terms import Terms

__all__ = [
    "NO_LIMITS",
    "Replay",
    "Run",
    "Terms",
    "backtest",
    "check_names",
    "check_run",
    "parse_params",
    "parse_value",
]
