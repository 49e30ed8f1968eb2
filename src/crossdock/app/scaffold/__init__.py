"""Folders that begin somebody's own work and pass every check as they are."""

from crossdock.app.scaffold.strategy import new_strategy

__all__ = ["new_strategy"]
