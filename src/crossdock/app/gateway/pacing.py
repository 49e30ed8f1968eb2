"""When the next audit is due: as often as wanted, and as a venue's limits allow."""

from __future__ import annotations

import asyncio
from typing import Any

from crossdock.errors import AdapterError, RateLimited
from crossdock.ports import Clock
from crossdock.toolkit import Meter
from crossdock.toolkit.retry import Backoff

SOON_S = 0.5
AT_MOST_S = 300.0  # between two audits, however dear they are
REPEAT_AT_MOST_S = 60.0  # before what one audit found is looked at again
SHARE = 1 / 3  # of each limit, for audits
EVENTS_SHARE = 1 / 6  # besides, for what is neither fill nor order
EVENTS_S = 60.0  # and no more often than that


class Pacing:
    """One account's. What an audit spent says how long the next one has to wait.

    A loss is looked after at once, but for the time a venue, or our own limit, bade us wait.
    After failures it waits longer and longer.
    """

    def __init__(self, clock: Clock, every_s: float | None, backoff: Backoff) -> None:
        self._clock = clock
        self._every_s = every_s  # None: only when something asks for one
        self._backoff = backoff
        self._lost = asyncio.Event()
        self._looked_for = asyncio.Event()
        self._is_soon = False
        self._began_ns = clock.monotonic_ns()
        self._least_s = 0.0  # until the next audit, unless something was lost
        self._barred_s = 0.0  # and even then
        self._events_due_ns = 0
        self._events_allowed_ns = 0

    def want(self) -> None:
        self._lost.set()

    def look(self) -> None:
        self._looked_for.set()

    def repeat(self) -> None:
        """Have the next audit soon."""
        self._is_soon = True

    def begin(self) -> None:
        """Forget what was wanted: all of it is asked now."""
        self._lost.clear()
        self._looked_for.clear()

    async def wait(self) -> bool:
        """Wait for the next audit; tell whether something asked for it."""
        if self._barred_s:
            await self._clock.sleep(self._barred_s)
        every_s = SOON_S if self._is_soon else self._every_s
        await self._unless(max(0.0, self._least_s - self._barred_s), self._lost)
        if every_s is None:
            await self._unless(None, self._lost, self._looked_for)
        elif every_s > self._least_s:
            rest_s = every_s - self._least_s
            await self._unless(rest_s, self._lost, self._looked_for)
        was_wanted = self._lost.is_set() or self._looked_for.is_set()
        self._is_soon = False
        self._began_ns = self._clock.monotonic_ns()
        self.begin()
        return was_wanted

    def succeeded(self, spent: Meter) -> None:
        self._backoff.reset()
        most_s = REPEAT_AT_MOST_S if self._is_soon else AT_MOST_S
        self._least_s = min(most_s, self._rest_s(spent))
        self._barred_s = 0.0

    def failed(self, spent: Meter, error: AdapterError) -> None:
        self._is_soon = True
        self._least_s = max(self._backoff.next_s(), min(AT_MOST_S, self._rest_s(spent)))
        self._barred_s = error.retry_after_s if isinstance(error, RateLimited) else 0.0

    def _rest_s(self, spent: Meter) -> float:
        """Return how long what was spent has to last yet, from now on."""
        took_s = (self._clock.monotonic_ns() - self._began_ns) / 1e9
        return max(0.0, spent.pause_s(SHARE) - took_s)

    def events_are_due(self, *, was_wanted: bool) -> bool:
        due_ns = self._events_allowed_ns if was_wanted else self._events_due_ns
        return self._clock.monotonic_ns() >= due_ns

    def events_asked(self, spent: Meter) -> None:
        now_ns = self._clock.monotonic_ns()
        pause_s = spent.pause_s(EVENTS_SHARE)
        self._events_allowed_ns = now_ns + round(pause_s * 1e9)
        self._events_due_ns = now_ns + round(max(EVENTS_S, pause_s) * 1e9)

    async def _unless(self, seconds: float | None, *events: asyncio.Event) -> None:
        """Wait so long, or until one of these happens."""
        if seconds == 0.0 or any(event.is_set() for event in events):
            return
        waiting = [asyncio.ensure_future(event.wait()) for event in events]
        both: list[asyncio.Future[Any]] = [*waiting]
        if seconds is not None:
            both.append(asyncio.ensure_future(self._clock.sleep(seconds)))
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in both:
                each.cancel()
