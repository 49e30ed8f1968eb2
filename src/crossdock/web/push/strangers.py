"""Connections that are open and that nobody has come in by."""

from __future__ import annotations

from collections.abc import Callable, Collection

PATIENCE_S = 20.0


class Strangers:
    """Counts how long each connection has had nobody in it.

    Engine.IO opens a connection before Socket.IO asks who is there, and keeps one that
    never says so, or that was shown the door and stays.
    """

    def __init__(self, now_s: Callable[[], float], patience_s: float = PATIENCE_S) -> None:
        """`now_s` is monotonic."""
        self._now_s = now_s
        self._patience_s = patience_s
        self._since_s: dict[str, float] = {}

    def overdue(self, strangers: Collection[str]) -> list[str]:
        """Return which of those that nobody is in now have been so for too long."""
        now_s = self._now_s()
        self._since_s = {each: self._since_s.get(each, now_s) for each in strangers}
        return [
            each
            for each, since_s in self._since_s.items()
            if now_s - since_s >= self._patience_s
        ]
