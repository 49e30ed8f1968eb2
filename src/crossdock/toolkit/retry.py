"""Repeating reads, and only reads."""

from __future__ import annotations

import contextvars
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from crossdock.errors import RateLimited, Transient
from crossdock.ports import Clock

T = TypeVar("T")

_repeating: contextvars.ContextVar[bool] = contextvars.ContextVar(
    "crossdock_repeating", default=False
)


class Backoff:
    """Waiting times that double from `first_s` to `most_s`, each drawn from 0 up to that.

    Full jitter: clients cut off together do not come back together. The source of chance
    is handed in, so that a replay draws the same.
    """

    def __init__(
        self, chance: random.Random, *, first_s: float = 1.0, most_s: float = 60.0
    ) -> None:
        if not 0 < first_s <= most_s:
            raise ValueError(f"first_s {first_s} must be above 0 and at most {most_s}")
        self._chance = chance
        self._first_s = first_s
        self._most_s = most_s
        self._ceiling_s = first_s

    @property
    def ceiling_s(self) -> float:
        """The longest that the next wait can be."""
        return self._ceiling_s

    def next_s(self) -> float:
        wait_s = self._chance.uniform(0, self._ceiling_s)
        self._ceiling_s = min(self._most_s, self._ceiling_s * 2)
        return wait_s

    def reset(self) -> None:
        """Begin again with short waits, after something worked."""
        self._ceiling_s = self._first_s


async def repeat_read(
    read: Callable[[], Awaitable[T]],
    *,
    clock: Clock,
    backoff: Backoff,
    deadline_ns: int,
    on_failure: Callable[[Transient, float], None] | None = None,
) -> T:
    """Repeat a read while it fails with Transient errors, until the deadline.

    Other errors pass at once; at the deadline the last error does. A wait is never shorter
    than the `retry_after_s` the venue asked for. Any write of the toolkit's clients made
    within raises RuntimeError before it is sent: a write is not repeated.
    """
    token = _repeating.set(True)
    try:
        while True:
            try:
                return await read()
            except Transient as error:
                wait_s = backoff.next_s()
                if isinstance(error, RateLimited):
                    wait_s = max(wait_s, error.retry_after_s)
                if clock.monotonic_ns() + round(wait_s * 1e9) >= deadline_ns:
                    raise
                if on_failure is not None:
                    on_failure(error, wait_s)
            await clock.sleep(wait_s)
    finally:
        _repeating.reset(token)


def refuse_repeated_write() -> None:
    """Raise RuntimeError when called beneath `repeat_read`."""
    if _repeating.get():
        raise RuntimeError("a write inside repeat_read: writes are never repeated")
