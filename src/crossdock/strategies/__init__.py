"""What strategies are written with, and worked examples.

A settings file names an example by its key in `EXAMPLES`.
"""

from crossdock.strategies.params import Parameter, param
from crossdock.strategies.strategy import Strategy
from crossdock.strategies.tracking import Indicator, Tracked

EXAMPLES = {
    "book_imbalance": "crossdock.strategies.book_imbalance:BookImbalance",
    "dca": "crossdock.strategies.dca:Dca",
    "exercise": "crossdock.strategies.exercise:Exercise",
    "quoting": "crossdock.strategies.quoting:Quoting",
    "rsi_reversion": "crossdock.strategies.rsi_reversion:RsiReversion",
    "sma_cross": "crossdock.strategies.sma_cross:SmaCross",
    "trend": "crossdock.strategies.trend:Trend",
}

__all__ = ["EXAMPLES", "Indicator", "Parameter", "Strategy", "Tracked", "param"]
