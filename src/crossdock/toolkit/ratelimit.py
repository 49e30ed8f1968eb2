"""Rate budgets: wait for a venue's limits here instead of being refused there."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crossdock.errors import NotSent, RateLimited
from crossdock.model import AccountId
from crossdock.ports import Clock, RateLimit
from crossdock.toolkit.pool import CancelledUnsent
from crossdock.toolkit.purpose import Purpose, meter_now
from crossdock.toolkit.rateline import Line, Waiter, Window
from crossdock.toolkit.usage import Quota, Usage, UsageRegistry

EVERY_SCOPE = "all"


@dataclass(slots=True, eq=False)
class _Bar:
    """Until when nobody may call, because the venue refused somebody."""

    until_ns: int = 0

    def hold(self, until_ns: int) -> None:
        self.until_ns = max(self.until_ns, until_ns)


@dataclass(slots=True, eq=False)
class _Address:
    """What all accounts share that call one host from this machine's address."""

    line: Line
    windows: dict[RateLimit, Window] = field(default_factory=dict)
    bar: _Bar = field(default_factory=_Bar)


class RateLimiter:
    """One budget for one account at one host.

    A call of a scope counts against the limits of that scope and of "all", but for scopes
    with a limit that stands `apart`. Calls for the same Purpose go first come, first served;
    cancels go first and alone may use the reserve, readings go last and leave as much again
    to orders. A call that waits for one limit holds up later calls on that limit only, so
    nobody starves and nobody waits for a limit not theirs.

    `margin_s` widens every window, for replies and clocks that arrive unevenly. What
    `address` holds is shared with other accounts: limits `per_address`, and their refusals.
    `usage` counts how the calls ended.
    """

    def __init__(
        self,
        limits: Sequence[RateLimit],
        clock: Clock,
        *,
        margin_s: float = 0.0,
        address: _Address | None = None,
        usage: Usage | None = None,
    ) -> None:
        self.usage = usage or Usage()
        self._clock = clock
        shared = {} if address is None else address.windows
        made: list[Window] = []
        for limit in limits:
            if limit.per_address and address is not None:
                if limit not in shared:
                    shared[limit] = Window.of(limit, margin_s)
                made.append(shared[limit])
            else:
                made.append(Window.of(limit, margin_s))
        for window in made:
            window.users += 1
        self._windows = tuple(made)
        self._counted = tuple(w for w in made if w.limit.used_header)
        self._by_scope: dict[str, tuple[Window, ...]] = {}
        self._line = Line(clock) if address is None else address.line
        by_address = any(limit.per_address for limit in limits)
        self._bar = address.bar if address is not None and by_address else _Bar()

    async def acquire(
        self,
        scope: str = EVERY_SCOPE,
        weight: int = 1,
        *,
        deadline_ns: int,
        purpose: Purpose = Purpose.ORDER,
    ) -> None:
        """Return when the call may go out, or raise RateLimited at the deadline.

        Nothing is spent by a call that raises or is cancelled.
        """
        if self.try_acquire(scope, weight, purpose=purpose):
            return
        windows = self._windows_of(scope)
        now_ns = self._clock.monotonic_ns()

        def refused(at_ns: int) -> RateLimited:
            return self._refused(windows, weight, at_ns, purpose)

        if self._earliest_ns(windows, weight, now_ns, purpose) > deadline_ns:
            raise refused(now_ns)
        waiter = Waiter(
            windows,
            weight,
            purpose,
            deadline_ns,
            lambda: self._bar.until_ns,
            refused,
            asyncio.get_running_loop().create_future(),
        )
        self._line.join(waiter)
        try:
            await waiter.future
        except asyncio.CancelledError:
            self._line.withdraw(waiter)
            raise
        _note_spent(windows, weight)

    async def admit_write(
        self,
        scope: str,
        weight: int = 1,
        *,
        where: str,
        deadline_ns: int,
        purpose: Purpose = Purpose.ORDER,
    ) -> None:
        """Do as `acquire` for a write: NotSent at the deadline or, cancelled, CancelledUnsent."""
        cancelled = False
        try:
            await self.acquire(scope, weight, deadline_ns=deadline_ns, purpose=purpose)
            return
        except RateLimited as error:
            problem = error.message
        except asyncio.CancelledError:
            cancelled = True
            problem = "cancelled in the queue of our own rate limit"
        raise (CancelledUnsent if cancelled else NotSent)(f"{where}: {problem}")

    def try_acquire(
        self,
        scope: str = EVERY_SCOPE,
        weight: int = 1,
        *,
        purpose: Purpose = Purpose.ORDER,
    ) -> bool:
        """Spend at once if the call may go out now, without waiting and past nobody."""
        windows = self._by_scope.get(scope) or self._windows_of(scope)
        now_ns = self._clock.monotonic_ns()
        free = now_ns >= self._bar.until_ns and weight > 0
        for window in windows:
            window.forget(now_ns)
            if window.spent_total + window.foreign + weight > window.room[purpose]:
                free = False
            if now_ns < window.barred_until_ns:
                free = False
        if not free:
            self._check_weight(windows, weight, purpose)
            return False
        if len(self._line) and self._line.is_ahead(windows, purpose):
            return False
        for window in windows:
            window.spend(weight, now_ns)
        _note_spent(windows, weight)
        return True

    def observe(
        self, remaining: int, reset_s: float | None = None, scope: str = EVERY_SCOPE
    ) -> None:
        """Learn from a reply's headers what the venue says is left of a scope's limit.

        Less than we count means that somebody else spends from the same budget; that much
        is set aside until the reset. More than we count is not believed: calls under way
        have not reached the venue's counter yet.
        """
        for window in self._windows:
            if window.limit.scope == scope:
                used = window.limit.calls - remaining
                window.used_is(used, self._clock.monotonic_ns(), reset_s)
                break  # headers speak of one window: the first one declared
        self._line.dispatch()

    def observe_headers(self, headers: Mapping[str, str]) -> None:
        """Learn from the headers that limits declare as `used_header`; lower-case names."""
        seen = False
        for window in self._counted:
            told = headers.get(window.limit.used_header.lower(), "")
            if told.isdecimal():
                window.used_is(int(told), self._clock.monotonic_ns())
                seen = True
        if seen and len(self._line):
            self._line.dispatch()

    def penalise(self, retry_after_s: float, scope: str = EVERY_SCOPE) -> None:
        """Hold back every call, cancels too: calling during a refusal gets us banned.

        Where a limit is the address's, the other accounts behind it are held back as well;
        where the refused call's `scope` is counted apart, only calls of that scope.
        """
        until_ns = self._clock.monotonic_ns() + math.ceil(max(0.0, retry_after_s) * 1e9)
        windows = self._windows_of(scope)
        if any(window.limit.apart for window in windows):
            for window in windows:
                window.barred_until_ns = max(window.barred_until_ns, until_ns)
        else:
            self._bar.hold(until_ns)
        self._line.dispatch()

    def wait_s(
        self,
        scope: str = EVERY_SCOPE,
        weight: int = 1,
        *,
        purpose: Purpose = Purpose.ORDER,
    ) -> float:
        """Estimate how long a call made now would wait, the queue before it left out."""
        now_ns = self._clock.monotonic_ns()
        windows = self._windows_of(scope)
        at_ns = self._earliest_ns(windows, weight, now_ns, purpose)
        return (at_ns - now_ns) / 1e9

    @property
    def waiting(self) -> int:
        """How many calls queue, other accounts' included where they share the line."""
        return len(self._line)

    def quotas(self) -> list[Quota]:
        """Return how much of each limit is used now, and how much of that by others."""
        now_ns = self._clock.monotonic_ns()
        found = []
        for window in self._windows:
            window.forget(now_ns)
            limit = window.limit
            found.append(
                Quota(
                    scope=limit.scope,
                    per_s=limit.per_s,
                    limit=limit.calls,
                    ours=window.spent_total,
                    foreign=window.foreign,
                )
            )
        return found

    def _windows_of(self, scope: str) -> tuple[Window, ...]:
        windows = self._by_scope.get(scope)
        if windows is None:
            own = [it for it in self._windows if it.limit.scope == scope]
            if not any(it.limit.apart for it in own):
                scopes = (scope, EVERY_SCOPE)
                own = [it for it in self._windows if it.limit.scope in scopes]
            windows = self._by_scope[scope] = tuple(own)
        return windows

    def _check_weight(
        self, windows: tuple[Window, ...], weight: int, purpose: Purpose
    ) -> None:
        if weight < 1:
            raise ValueError(f"a call weighs at least 1, got {weight}")
        for window in windows:
            if weight > window.room[purpose]:
                raise ValueError(
                    f"a call of weight {weight} never fits {window.limit.calls} "
                    f"(reserve {window.limit.reserve}) per {window.limit.per_s} s"
                )

    def _earliest_ns(
        self, windows: tuple[Window, ...], weight: int, now_ns: int, purpose: Purpose
    ) -> int:
        at_ns = max(now_ns, self._bar.until_ns)
        for window in windows:
            window.forget(now_ns)
            at_ns = max(at_ns, window.free_at_ns(weight, now_ns, purpose))
        return at_ns

    def _refused(
        self, windows: tuple[Window, ...], weight: int, now_ns: int, purpose: Purpose
    ) -> RateLimited:
        at_ns = self._earliest_ns(windows, weight, now_ns, purpose)
        wait_s = (at_ns - now_ns) / 1e9
        return RateLimited(
            f"our own rate limit leaves no room before the deadline (in {wait_s:.3f} s)",
            retry_after_s=wait_s,
        )


def _note_spent(windows: tuple[Window, ...], weight: int) -> None:
    meter = meter_now()
    if meter is not None:
        meter.add(windows, weight)


class RateBudgets:
    """Every budget of a desk, so that all adapters of one account at one host share one.

    Limits that a venue counts by network address are one for all accounts at its host.
    """

    def __init__(self, clock: Clock, usage: UsageRegistry | None = None) -> None:
        self.usage = usage or UsageRegistry()
        self._clock = clock
        self._budgets: dict[tuple[AccountId, str], RateLimiter] = {}
        self._addresses: dict[str, _Address] = {}

    def of(self, account: AccountId, host: str, limits: Sequence[RateLimit]) -> RateLimiter:
        """Return the budget, made on first use from the limits its first user declares."""
        host = host.lower()
        key = (account, host)
        if key not in self._budgets:
            address = None
            if any(limit.per_address for limit in limits):
                address = self._addresses.get(host)
                if address is None:
                    address = self._addresses[host] = _Address(Line(self._clock))
            self._budgets[key] = RateLimiter(
                limits, self._clock, address=address, usage=self.usage.of(account, host)
            )
        return self._budgets[key]

    def quotas(self, account: AccountId, host: str) -> list[Quota]:
        """Return how much of each limit is used now; nothing for a host never called."""
        budget = self._budgets.get((account, host.lower()))
        return [] if budget is None else budget.quotas()
