"""Worked examples. A settings file names them by the keys of `EXAMPLES`."""

from crossdock.strategies.passive import Passive

EXAMPLES = {
    "exercise": "crossdock.strategies.exercise:Exercise",
    "quoting": "crossdock.strategies.quoting:Quoting",
    "trend": "crossdock.strategies.trend:Trend",
}

__all__ = ["EXAMPLES", "Passive"]
