"""The line in which calls wait for rate limits: whose turn it is, and when."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from crossdock.ports import Clock, RateLimit
from crossdock.toolkit.purpose import Purpose

FOREVER_NS = 1 << 62


def room_of(calls: int, reserve: int) -> tuple[int, ...]:
    """Return how much of a limit calls for each Purpose may fill."""
    for_orders = calls - reserve
    # Half of that at least, however large the reserve.
    for_reading = max(for_orders - reserve, (for_orders + 1) // 2)
    return calls, for_orders, for_reading


@dataclass(slots=True, eq=False)
class Window:
    """One declared limit, as an exact log of what was spent in its window.

    A token bucket would let twice the limit through in one window.
    """

    limit: RateLimit
    per_ns: int
    room: tuple[int, ...]  # what calls for each Purpose may fill
    users: int = 0  # budgets that this limit is part of
    spent: deque[tuple[int, int]] = field(default_factory=deque)  # released at, weight
    spent_total: int = 0
    foreign: int = 0  # spent by others, as the venue's own count shows
    foreign_until_ns: int = 0
    barred_until_ns: int = 0  # the venue refused a call that is counted here alone

    @classmethod
    def of(cls, limit: RateLimit, margin_s: float) -> Window:
        """Make the window of a limit. Raises ValueError for one that lets nothing through."""
        if limit.calls < 1 or limit.per_s <= 0 or not 0 <= limit.reserve < limit.calls:
            raise ValueError(f"a rate limit needs calls > reserve >= 0, got {limit}")
        return cls(
            limit,
            per_ns=round((limit.per_s + margin_s) * 1e9),
            room=room_of(limit.calls, limit.reserve),
        )

    def forget(self, now_ns: int) -> None:
        while self.spent and self.spent[0][0] <= now_ns:
            self.spent_total -= self.spent.popleft()[1]
        if self.foreign_until_ns <= now_ns:
            self.foreign = 0

    def free_at_ns(self, weight: int, now_ns: int, purpose: Purpose) -> int:
        """Return when `weight` fits if nobody else spends; `now_ns` when it does already."""
        at_ns = max(now_ns, self.barred_until_ns)
        excess = self.spent_total + self.foreign + weight - self.room[purpose]
        if excess <= 0:
            return at_ns
        releases: Iterable[tuple[int, int]] = self.spent
        if self.foreign:
            releases = sorted([*self.spent, (self.foreign_until_ns, self.foreign)])
        for released_ns, released in releases:
            excess -= released
            if excess <= 0:
                return max(at_ns, released_ns)
        return FOREVER_NS

    def spend(self, weight: int, now_ns: int) -> None:
        self.spent.append((now_ns + self.per_ns, weight))
        self.spent_total += weight

    def refund(self, weight: int, spent_ns: int) -> None:
        entry = (spent_ns + self.per_ns, weight)
        if entry in self.spent:
            self.spent.remove(entry)
            self.spent_total -= weight

    def used_is(self, used: int, now_ns: int, reset_s: float | None = None) -> None:
        """Learn the venue's own count. What is in it and not in ours, others have spent.

        Less than we count is not believed: calls under way have not reached it yet.
        """
        self.forget(now_ns)
        self.foreign = max(0, used - self.spent_total)
        until_ns = self.per_ns
        if reset_s is not None:
            until_ns = min(until_ns, max(0, round(reset_s * 1e9)))
        self.foreign_until_ns = now_ns + until_ns


@dataclass(slots=True, eq=False)
class Waiter:
    """One call in the line. `barred_until_ns` is asked whenever its turn may have come."""

    windows: tuple[Window, ...]
    weight: int
    purpose: Purpose
    deadline_ns: int
    barred_until_ns: Callable[[], int]
    refused: Callable[[int], Exception]
    future: asyncio.Future[None]
    granted_ns: int = 0


class Line:
    """Calls for the same Purpose, first come, first served; cancels first, readings last.

    A call that waits for one limit holds up later calls on that limit only, so nobody
    starves and nobody waits for a limit not theirs. Budgets that share a window share
    the line as well: else whoever asks often would overtake whoever waits.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queues: tuple[deque[Waiter], ...] = tuple(deque() for _ in Purpose)
        self._pump: asyncio.Task[None] | None = None
        self._wake_ns = FOREVER_NS

    def __len__(self) -> int:
        return sum(map(len, self._queues))

    def is_ahead(self, windows: tuple[Window, ...], purpose: Purpose) -> bool:
        """Tell whether somebody waits whom a call upon these windows would pass."""
        for queue in self._queues[: purpose + 1]:
            for waiter in queue:
                if any(window in waiter.windows for window in windows):
                    return True
        return False

    def join(self, waiter: Waiter) -> None:
        self._queues[waiter.purpose].append(waiter)
        self.dispatch()

    def withdraw(self, waiter: Waiter) -> None:
        """Take a cancelled call out, and give back what it was let go with."""
        if waiter.future.cancelled():
            queue = self._queues[waiter.purpose]
            # A dispatch between the cancellation and now has dropped it already.
            if waiter in queue:
                queue.remove(waiter)
        else:  # let go and cancelled in the same turn: the call will not be made
            for window in waiter.windows:
                window.refund(waiter.weight, waiter.granted_ns)
        self.dispatch()

    def dispatch(self) -> None:
        """Let go whoever may, refuse whoever is late, and sleep until that changes."""
        now_ns = self._clock.monotonic_ns()
        held: set[int] = set()
        wake_ns = min([self._dispatch_queue(it, now_ns, held) for it in self._queues])
        if self._pump is not None:
            if self._wake_ns <= wake_ns < FOREVER_NS:
                return
            self._pump.cancel()
            self._pump = None
        if wake_ns >= FOREVER_NS:
            return
        self._wake_ns = wake_ns
        self._pump = asyncio.get_running_loop().create_task(self._wake_at(wake_ns))

    def _dispatch_queue(self, queue: deque[Waiter], now_ns: int, held: set[int]) -> int:
        wake_ns = FOREVER_NS
        staying: list[Waiter] = []
        for waiter in queue:
            if waiter.future.done():
                continue
            if waiter.deadline_ns < now_ns:
                waiter.future.set_exception(waiter.refused(now_ns))
                continue
            at_ns = max(now_ns, waiter.barred_until_ns())
            blocking = []
            for window in waiter.windows:
                window.forget(now_ns)
                free_ns = window.free_at_ns(waiter.weight, now_ns, waiter.purpose)
                if free_ns > now_ns:
                    blocking.append(id(window))
                at_ns = max(at_ns, free_ns)
            behind = any(id(window) in held for window in waiter.windows)
            if at_ns > now_ns or behind:
                held.update(blocking)
                staying.append(waiter)
                # Behind somebody: whoever is ahead wakes us, or our deadline does.
                wake_ns = min(wake_ns, waiter.deadline_ns + 1)
                if at_ns > now_ns:
                    wake_ns = min(wake_ns, at_ns)
                continue
            for window in waiter.windows:
                window.spend(waiter.weight, now_ns)
            waiter.granted_ns = now_ns
            waiter.future.set_result(None)
        queue.clear()
        queue.extend(staying)
        return wake_ns

    async def _wake_at(self, wake_ns: int) -> None:
        while (left_ns := wake_ns - self._clock.monotonic_ns()) > 0:
            await self._clock.sleep(left_ns / 1e9)
        self._pump = None
        self.dispatch()
