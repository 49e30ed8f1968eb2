"""A circuit breaker: stop asking a venue that does not answer."""

from __future__ import annotations

from enum import StrEnum

from crossdock.errors import Unreachable
from crossdock.ports import Clock


class BreakerState(StrEnum):
    CLOSED = "closed"  # calls pass
    OPEN = "open"  # calls are refused here
    HALF_OPEN = "half_open"  # one call at a time tries whether it works again


class CircuitBreaker:
    """Opens after `failures` in a row, tries again after `open_s`, closes on a success.

    For reads. Writes are not held back by it: a cancel must always be tried, and whether
    to submit is decided by the risk gate.
    """

    def __init__(self, clock: Clock, *, failures: int = 5, open_s: float = 30.0) -> None:
        if failures < 1 or open_s <= 0:
            raise ValueError(f"failures {failures} and open_s {open_s} must be positive")
        self._clock = clock
        self._most_failures = failures
        self._open_ns = round(open_s * 1e9)
        self._failures = 0
        self._opened_ns: int | None = None
        self._probe_ns: int | None = None

    @property
    def state(self) -> BreakerState:
        if self._opened_ns is None:
            return BreakerState.CLOSED
        if self._clock.monotonic_ns() - self._opened_ns < self._open_ns:
            return BreakerState.OPEN
        return BreakerState.HALF_OPEN

    def allow(self) -> bool:
        """Tell whether a call may go out. True in half-open claims the one probe.

        A probe whose end is never recorded lapses after `open_s`.
        """
        state = self.state
        if state is not BreakerState.HALF_OPEN:
            return state is BreakerState.CLOSED
        now_ns = self._clock.monotonic_ns()
        if self._probe_ns is not None and now_ns - self._probe_ns < self._open_ns:
            return False
        self._probe_ns = now_ns
        return True

    def check(self, where: str) -> None:
        """Raise Unreachable where `allow` says no."""
        if not self.allow():
            raise Unreachable(
                f"{where}: not asked, {self._failures} calls in a row got no reply"
            )

    def record(self, *, ok: bool) -> None:
        """Count how a call ended. Only a missing reply is a failure; a refusal is a reply."""
        if ok:
            self._failures = 0
            self._opened_ns = self._probe_ns = None
            return
        self._failures += 1
        probed = self._probe_ns is not None
        if probed or (self._opened_ns is None and self._failures >= self._most_failures):
            self._opened_ns = self._clock.monotonic_ns()
            self._probe_ns = None
