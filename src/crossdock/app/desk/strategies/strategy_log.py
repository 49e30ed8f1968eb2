"""What strategies log, kept for those who look on.

A line's strategy is found from the call stack when the line is written, so that nothing is
done for a strategy that logs nothing.
"""

from __future__ import annotations

import logging
import sys
from collections import deque
from collections.abc import Mapping
from types import FrameType
from typing import Any, NamedTuple

from crossdock.app.desk.strategies.runner import Runner
from crossdock.toolkit.secrets import Masker

KEPT = 200
_LONGEST = 2_000
_DEEPEST = 60  # frames that are looked at


class Line(NamedTuple):
    at: int  # UTC nanoseconds
    level: str
    words: str


class StrategyLog(logging.Handler):
    """Keeps the newest lines of each strategy. Added to the root logger while a desk runs."""

    def __init__(self, runners: Mapping[str, Runner], masker: Masker) -> None:
        super().__init__()
        self._runners = runners
        self._masker = masker
        self._lines: dict[str, deque[Line]] = {}

    def lines(self, name: str, limit: int) -> list[Line]:
        """Return the newest lines of a strategy, oldest first."""
        return list(self._lines.get(name, ()))[-limit:] if limit > 0 else []

    def emit(self, record: logging.LogRecord) -> None:
        if not self._runners:
            return
        name = self._name_of(record)
        if name is None:
            return
        try:
            words = record.getMessage()
            if record.exc_info and record.exc_info[1] is not None:
                words = (
                    f"{words}: {type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
                )
        except (TypeError, ValueError):
            words = str(record.msg)
        lines = self._lines.setdefault(name, deque(maxlen=KEPT))
        at = int(record.created * 1e9)
        words = self._masker.scrub(words[:_LONGEST])
        lines.append(Line(at, record.levelname.lower(), words))

    def _name_of(self, record: logging.LogRecord) -> str | None:
        """Return whose code is running; else the only one whose module logs by this name."""
        by_owner: dict[int, str] = {}
        for name, runner in self._runners.items():
            by_owner[id(runner)] = by_owner[id(runner.strategy)] = name
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  the stack is what is asked
        for _ in range(_DEEPEST):
            if frame is None:
                break
            owner: Any = frame.f_locals.get("self")
            if owner is not None and id(owner) in by_owner:
                return by_owner[id(owner)]
            frame = frame.f_back
        found = [
            name
            for name, runner in self._runners.items()
            if type(runner.strategy).__module__ == record.name
        ]
        return found[0] if len(found) == 1 else None
