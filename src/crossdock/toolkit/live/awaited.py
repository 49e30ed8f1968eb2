"""Which books of a connection have begun, and when to ask again for one that has not."""

from __future__ import annotations

from collections.abc import Iterable

from crossdock.ports import Clock

_SECOND_NS = 1_000_000_000
_PATIENCE_S = 15.0  # for a snapshot that was asked for
_STEADY_S = 60.0  # a book that stood this long is lost as if for the first time
_LONGEST_S = 60.0


class Awaited:
    """The books whose snapshot has not come, each with the time to ask for it.

    A book that is lost is asked for at once. One that is lost again soon after waits, twice
    as long each time, so that a venue whose books cannot be followed is not flooded.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due_ns: dict[str, int] = {}
        self._losses: dict[str, int] = {}
        self._began_ns: dict[str, int] = {}

    def expect(self, keys: Iterable[str], within_s: float = _PATIENCE_S) -> None:
        """Begin to wait: the snapshots were just asked for."""
        due_ns = self._in(within_s)
        self._due_ns.update(dict.fromkeys(keys, due_ns))

    def has(self, key: str) -> bool:
        return key in self._due_ns

    def begun(self, key: str) -> None:
        """Note that a snapshot came."""
        self._due_ns.pop(key, None)
        self._began_ns[key] = self._clock.monotonic_ns()

    def lost(self, key: str) -> None:
        """Note a gap: the book is due at once, or later when it keeps being lost."""
        now_ns = self._clock.monotonic_ns()
        began_ns = self._began_ns.get(key, now_ns)
        if now_ns - began_ns >= _STEADY_S * _SECOND_NS:
            self._losses.pop(key, None)
        losses = self._losses.get(key, 0)
        self._losses[key] = losses + 1
        self._due_ns[key] = self._in(self._pause_s(losses))

    def failed(self, key: str, wait_s: float = 0.0) -> None:
        """Note that asking brought nothing; ask again later, and after `wait_s` at least."""
        losses = self._losses.get(key, 0) + 1
        self._losses[key] = losses
        self._due_ns[key] = self._in(max(wait_s, self._pause_s(losses)))

    def forget(self, key: str) -> None:
        """Stop asking for a book that cannot be had."""
        self._due_ns.pop(key, None)

    def due(self) -> list[str]:
        """Return what is to be asked for now, and wait for it as if it were asked."""
        now_ns = self._clock.monotonic_ns()
        due = [key for key, due_ns in self._due_ns.items() if due_ns <= now_ns]
        self.expect(due)
        return due

    @staticmethod
    def _pause_s(losses: int) -> float:
        return min(2.0 ** (losses - 1), _LONGEST_S) if losses else 0.0

    def _in(self, seconds: float) -> int:
        return self._clock.monotonic_ns() + round(seconds * _SECOND_NS)
