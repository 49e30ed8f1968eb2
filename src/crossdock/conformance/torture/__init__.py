"""Kills a trading desk again and again at a hostile venue, and has the result judged."""

from crossdock.conformance.torture.plan import Plan
from crossdock.conformance.torture.run import run_torture

__all__ = ["Plan", "run_torture"]
