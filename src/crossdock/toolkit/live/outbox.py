"""Frames on their way out, no faster than the venue takes them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

from crossdock.ports import Clock

_SECOND_NS = 1_000_000_000


class Outbox:
    """Sends at once while the last second has room, and the rest as `run` finds it."""

    def __init__(self, send: Callable[[bytes], None], clock: Clock, per_s: int) -> None:
        self._send = send
        self._clock = clock
        self._per_s = per_s
        self._waiting: deque[bytes] = deque()
        self._sent_ns: deque[int] = deque()
        self._stuck = asyncio.Event()

    def put(self, frames: Iterable[bytes]) -> None:
        """Send in order, after what waits already. Raises NotSent as the connection does."""
        self._waiting.extend(frames)
        self._flush()

    async def run(self) -> None:
        while True:
            await self._stuck.wait()
            room_ns = self._sent_ns[0] + _SECOND_NS
            left_ns = room_ns - self._clock.monotonic_ns()
            await self._clock.sleep(max(left_ns, 1) / _SECOND_NS)
            self._flush()

    def _flush(self) -> None:
        now_ns = self._clock.monotonic_ns()
        while self._sent_ns and self._sent_ns[0] <= now_ns - _SECOND_NS:
            self._sent_ns.popleft()
        while self._waiting and len(self._sent_ns) < self._per_s:
            self._send(self._waiting.popleft())
            self._sent_ns.append(now_ns)
        if self._waiting:
            self._stuck.set()
        else:
            self._stuck.clear()
