"""Time and identity are handed in, so that replay and live are one code path."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    def time_ns(self) -> int:
        """Return UTC nanoseconds, for records and for what a venue must see."""

    def monotonic_ns(self) -> int:
        """Return nanoseconds that never step, for deadlines and horizons."""

    async def sleep(self, seconds: float) -> None:
        """Wait on the monotonic clock."""


class Ids(Protocol):
    """The source of every id we make. Live ones never repeat; replay's are deterministic."""

    def next(self, prefix: str) -> str:
        """Return a new id that begins with `prefix`; only [a-z0-9-], at most 32 long."""
