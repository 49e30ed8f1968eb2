"""Rate budgets: wait for a venue's limits here instead of being refused there."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from crossdock.errors import NotSent, RateLimited
from crossdock.model import AccountId
from crossdock.ports import Clock, RateLimit
from crossdock.toolkit.pool import CancelledUnsent

EVERY_SCOPE = "all"
_FOREVER_NS = 1 << 62


@dataclass(slots=True, eq=False)
class _Window:
    """One declared limit, as an exact log of what was spent in its window.

    A token bucket would let twice the limit through in one window.
    """

    limit: RateLimit
    per_ns: int
    ample: int  # what urgent calls may fill
    ordinary: int  # what all others may
    spent: deque[tuple[int, int]] = field(default_factory=deque)  # released at, weight
    spent_total: int = 0
    foreign: int = 0  # spent by others, as the venue's own count shows
    foreign_until_ns: int = 0

    def forget(self, now_ns: int) -> None:
        while self.spent and self.spent[0][0] <= now_ns:
            self.spent_total -= self.spent.popleft()[1]
        if self.foreign_until_ns <= now_ns:
            self.foreign = 0

    def free_at_ns(self, weight: int, now_ns: int, *, urgent: bool) -> int:
        """Return when `weight` fits if nobody else spends; `now_ns` when it does already."""
        excess = self.spent_total + self.foreign + weight
        excess -= self.ample if urgent else self.ordinary
        if excess <= 0:
            return now_ns
        releases: Iterable[tuple[int, int]] = self.spent
        if self.foreign:
            releases = sorted([*self.spent, (self.foreign_until_ns, self.foreign)])
        for released_ns, released in releases:
            excess -= released
            if excess <= 0:
                return released_ns
        return _FOREVER_NS

    def spend(self, weight: int, now_ns: int) -> None:
        self.spent.append((now_ns + self.per_ns, weight))
        self.spent_total += weight

    def refund(self, weight: int, spent_ns: int) -> None:
        entry = (spent_ns + self.per_ns, weight)
        if entry in self.spent:
            self.spent.remove(entry)
            self.spent_total -= weight


@dataclass(slots=True, eq=False)
class _Waiter:
    windows: tuple[_Window, ...]
    weight: int
    urgent: bool
    deadline_ns: int
    future: asyncio.Future[None]
    granted_ns: int = 0


class RateLimiter:
    """One budget for one account at one host.

    A call of a scope counts against the limits of that scope and of "all". Calls of the
    same kind go first come, first served; urgent ones (cancels, look-ups of doubts) go
    first and alone may use the reserve. A call that waits for one limit holds up later
    calls on that limit only, so nobody starves and nobody waits for a limit not theirs.

    `margin_s` widens every window, for replies and clocks that arrive unevenly.
    """

    def __init__(
        self, limits: Sequence[RateLimit], clock: Clock, *, margin_s: float = 0.0
    ) -> None:
        self._clock = clock
        self._windows = tuple(
            _Window(
                limit,
                per_ns=round((limit.per_s + margin_s) * 1e9),
                ample=limit.calls,
                ordinary=limit.calls - limit.reserve,
            )
            for limit in limits
        )
        for limit in limits:
            if limit.calls < 1 or limit.per_s <= 0 or not 0 <= limit.reserve < limit.calls:
                raise ValueError(f"a rate limit needs calls > reserve >= 0, got {limit}")
        self._by_scope: dict[str, tuple[_Window, ...]] = {}
        self._barred_until_ns = 0
        self._urgent: deque[_Waiter] = deque()
        self._ordinary: deque[_Waiter] = deque()
        self._pump: asyncio.Task[None] | None = None
        self._wake_ns = _FOREVER_NS

    async def acquire(
        self,
        scope: str = EVERY_SCOPE,
        weight: int = 1,
        *,
        deadline_ns: int,
        urgent: bool = False,
    ) -> None:
        """Return when the call may go out, or raise RateLimited at the deadline.

        Nothing is spent by a call that raises or is cancelled.
        """
        if self.try_acquire(scope, weight, urgent=urgent):
            return
        windows = self._windows_of(scope)
        now_ns = self._clock.monotonic_ns()
        if self._earliest_ns(windows, weight, now_ns, urgent=urgent) > deadline_ns:
            raise self._refused(windows, weight, now_ns, urgent=urgent)
        waiter = _Waiter(
            windows,
            weight,
            urgent,
            deadline_ns,
            asyncio.get_running_loop().create_future(),
        )
        (self._urgent if urgent else self._ordinary).append(waiter)
        self._dispatch()
        try:
            await waiter.future
        except asyncio.CancelledError:
            self._withdraw(waiter)
            raise

    async def admit_write(
        self,
        scope: str,
        weight: int = 1,
        *,
        where: str,
        deadline_ns: int,
        urgent: bool = False,
    ) -> None:
        """Do as `acquire` for a write: NotSent at the deadline or, cancelled, CancelledUnsent."""
        cancelled = False
        try:
            await self.acquire(scope, weight, deadline_ns=deadline_ns, urgent=urgent)
            return
        except RateLimited as error:
            problem = error.message
        except asyncio.CancelledError:
            cancelled = True
            problem = "cancelled in the queue of our own rate limit"
        raise (CancelledUnsent if cancelled else NotSent)(f"{where}: {problem}")

    def try_acquire(
        self, scope: str = EVERY_SCOPE, weight: int = 1, *, urgent: bool = False
    ) -> bool:
        """Spend at once if the call may go out now, without waiting and past nobody."""
        windows = self._by_scope.get(scope) or self._windows_of(scope)
        now_ns = self._clock.monotonic_ns()
        free = now_ns >= self._barred_until_ns and weight > 0
        for window in windows:
            window.forget(now_ns)
            capacity = window.ample if urgent else window.ordinary
            if window.spent_total + window.foreign + weight > capacity:
                free = False
        if not free:
            self._check_weight(windows, weight, urgent=urgent)
            return False
        if self._urgent or (self._ordinary and not urgent):
            return False
        for window in windows:
            window.spend(weight, now_ns)
        return True

    def observe(
        self, remaining: int, reset_s: float | None = None, scope: str = EVERY_SCOPE
    ) -> None:
        """Learn from a reply's headers what the venue says is left of a scope's limit.

        Less than we count means that somebody else spends from the same budget; that much
        is set aside until the reset. More than we count is not believed: calls under way
        have not reached the venue's counter yet.
        """
        now_ns = self._clock.monotonic_ns()
        for window in self._windows:
            if window.limit.scope != scope:
                continue
            window.forget(now_ns)
            window.foreign = max(0, window.limit.calls - remaining - window.spent_total)
            until_ns = window.per_ns
            if reset_s is not None:
                until_ns = min(until_ns, max(0, round(reset_s * 1e9)))
            window.foreign_until_ns = now_ns + until_ns
            break  # headers speak of one window: the first one declared
        self._dispatch()

    def penalise(self, retry_after_s: float) -> None:
        """Hold back every call, urgent ones too: calling during a refusal gets us banned."""
        until_ns = self._clock.monotonic_ns() + math.ceil(max(0.0, retry_after_s) * 1e9)
        self._barred_until_ns = max(self._barred_until_ns, until_ns)
        self._dispatch()

    def wait_s(
        self, scope: str = EVERY_SCOPE, weight: int = 1, *, urgent: bool = False
    ) -> float:
        """Estimate how long a call made now would wait, the queue before it left out."""
        now_ns = self._clock.monotonic_ns()
        windows = self._windows_of(scope)
        at_ns = self._earliest_ns(windows, weight, now_ns, urgent=urgent)
        return (at_ns - now_ns) / 1e9

    @property
    def waiting(self) -> int:
        """How many calls queue."""
        return len(self._urgent) + len(self._ordinary)

    def _windows_of(self, scope: str) -> tuple[_Window, ...]:
        windows = self._by_scope.get(scope)
        if windows is None:
            windows = tuple(
                window
                for window in self._windows
                if window.limit.scope in (scope, EVERY_SCOPE)
            )
            self._by_scope[scope] = windows
        return windows

    def _check_weight(
        self, windows: tuple[_Window, ...], weight: int, *, urgent: bool
    ) -> None:
        if weight < 1:
            raise ValueError(f"a call weighs at least 1, got {weight}")
        for window in windows:
            if weight > (window.ample if urgent else window.ordinary):
                raise ValueError(
                    f"a call of weight {weight} never fits {window.limit.calls} "
                    f"(reserve {window.limit.reserve}) per {window.limit.per_s} s"
                )

    def _earliest_ns(
        self, windows: tuple[_Window, ...], weight: int, now_ns: int, *, urgent: bool
    ) -> int:
        at_ns = max(now_ns, self._barred_until_ns)
        for window in windows:
            window.forget(now_ns)
            at_ns = max(at_ns, window.free_at_ns(weight, now_ns, urgent=urgent))
        return at_ns

    def _refused(
        self, windows: tuple[_Window, ...], weight: int, now_ns: int, *, urgent: bool
    ) -> RateLimited:
        at_ns = self._earliest_ns(windows, weight, now_ns, urgent=urgent)
        wait_s = (at_ns - now_ns) / 1e9
        return RateLimited(
            f"our own rate limit leaves no room before the deadline (in {wait_s:.3f} s)",
            retry_after_s=wait_s,
        )

    def _dispatch(self) -> None:
        """Let go whoever may, refuse whoever is late, and sleep until that changes."""
        now_ns = self._clock.monotonic_ns()
        held: set[int] = set()
        wake_ns = min(
            self._dispatch_queue(self._urgent, now_ns, held),
            self._dispatch_queue(self._ordinary, now_ns, held),
        )
        if self._pump is not None:
            if self._wake_ns <= wake_ns < _FOREVER_NS:
                return
            self._pump.cancel()
            self._pump = None
        if wake_ns >= _FOREVER_NS:
            return
        self._wake_ns = wake_ns
        self._pump = asyncio.get_running_loop().create_task(self._wake_at(wake_ns))

    def _dispatch_queue(self, queue: deque[_Waiter], now_ns: int, held: set[int]) -> int:
        wake_ns = _FOREVER_NS
        staying: list[_Waiter] = []
        for waiter in queue:
            if waiter.future.done():
                continue
            if waiter.deadline_ns < now_ns:
                waiter.future.set_exception(
                    self._refused(
                        waiter.windows, waiter.weight, now_ns, urgent=waiter.urgent
                    )
                )
                continue
            at_ns = max(now_ns, self._barred_until_ns)
            blocking = []
            for window in waiter.windows:
                window.forget(now_ns)
                free_ns = window.free_at_ns(waiter.weight, now_ns, urgent=waiter.urgent)
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
        self._dispatch()

    def _withdraw(self, waiter: _Waiter) -> None:
        if waiter.future.cancelled():
            # A dispatch between the cancellation and now has dropped it already.
            with contextlib.suppress(ValueError):
                (self._urgent if waiter.urgent else self._ordinary).remove(waiter)
        else:  # let go and cancelled in the same turn: the call will not be made
            for window in waiter.windows:
                window.refund(waiter.weight, waiter.granted_ns)
        self._dispatch()


class RateBudgets:
    """Every budget of a desk, so that all adapters of one account at one host share one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._budgets: dict[tuple[AccountId, str], RateLimiter] = {}

    def of(self, account: AccountId, host: str, limits: Sequence[RateLimit]) -> RateLimiter:
        """Return the budget, made on first use from the limits its first user declares."""
        key = (account, host.lower())
        if key not in self._budgets:
            self._budgets[key] = RateLimiter(limits, self._clock)
        return self._budgets[key]
