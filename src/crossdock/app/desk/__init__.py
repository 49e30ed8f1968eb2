"""The running desk: takes the market in, runs strategies, deals, and keeps itself in order."""

from crossdock.app.desk.desk import Desk

__all__ = ["Desk"]
