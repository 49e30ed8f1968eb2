"""Clocks and sources of ids: live ones, and ones that replay and tests drive by hand."""

from __future__ import annotations

import asyncio
import heapq
import os
import time
from itertools import count

_ALPHABET = "0123456789abcdefghijklmnopqrstuv"
_PAIRS = tuple(high + low for high in _ALPHABET for low in _ALPHABET)
_COUNT_BITS = 20
_LONGEST_ID = 32
_DIGITS = 20  # of them after the prefix


class LiveClock:
    """The machine's clocks."""

    __slots__ = ()

    time_ns = staticmethod(time.time_ns)
    monotonic_ns = staticmethod(time.monotonic_ns)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that moves only when told to, and wakes its sleepers in order of their time."""

    def __init__(self, time_ns: int = 1_700_000_000_000_000_000) -> None:
        self._time_ns = time_ns
        self._monotonic_ns = 0
        self._order = count()
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []

    def time_ns(self) -> int:
        return self._time_ns

    def monotonic_ns(self) -> int:
        return self._monotonic_ns

    @property
    def sleepers(self) -> int:
        """How many tasks wait for this clock."""
        return sum(not future.done() for _, _, future in self._sleepers)

    async def sleep(self, seconds: float) -> None:
        due_ns = self._monotonic_ns + round(seconds * 1e9)
        if due_ns <= self._monotonic_ns:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (due_ns, next(self._order), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Move on by `seconds`, stopping at each sleeper on the way to let it run."""
        await self.settle()
        end_ns = self._monotonic_ns + round(seconds * 1e9)
        while self._sleepers and self._sleepers[0][0] <= end_ns:
            due_ns, _, future = heapq.heappop(self._sleepers)
            if future.done():
                continue
            self._move_to(due_ns)
            future.set_result(None)
            await self.settle()
        self._move_to(end_ns)
        await self.settle()

    def step(self, seconds: float) -> None:
        """Step the wall clock alone, as a time server would; deadlines do not move."""
        self._time_ns += round(seconds * 1e9)

    async def settle(self, rounds: int = 20) -> None:
        """Give every task that is ready a few turns to come to rest."""
        for _ in range(rounds):
            await asyncio.sleep(0)

    def _move_to(self, monotonic_ns: int) -> None:
        self._time_ns += monotonic_ns - self._monotonic_ns
        self._monotonic_ns = monotonic_ns


class LiveIds:
    """Ids that sort by the time they were made and never repeat.

    Ten digits of milliseconds, four that count within one, six of chance drawn once per
    process: two processes, or a process and its successor, differ in the last part even
    when a clock was set back. One object's ids rise strictly, whatever its clock does.
    """

    def __init__(self) -> None:
        self._last = 0
        self._process_id = 0
        self._chance = ""
        self._high = -1  # the time, whose digits are kept while it does not change
        self._high_text = ""
        self._heads: dict[str, str] = {}  # prefixes that were checked, with their joint

    def next(self, prefix: str) -> str:
        if self._process_id != os.getpid():  # first use, or this is a fork
            self._process_id = os.getpid()
            self._chance = _digits(int.from_bytes(os.urandom(4), "big"), 30)
        now = (time.time_ns() // 1_000_000) << _COUNT_BITS
        self._last = last = now if now > self._last else self._last + 1
        if last >> _COUNT_BITS != self._high:
            self._high = last >> _COUNT_BITS
            self._high_text = _digits(self._high, 50)
        low_text = _PAIRS[(last >> 10) & 1023] + _PAIRS[last & 1023]
        head = self._heads.get(prefix)
        if head is None:
            head = self._heads[prefix] = _head(prefix)
        return head + self._high_text + low_text + self._chance


class CountedIds:
    """`prefix-1`, `prefix-2`, …: the same in every run, for replay and tests."""

    def __init__(self, first: int = 1) -> None:
        self._count = count(first)
        self._heads: dict[str, str] = {}

    def next(self, prefix: str) -> str:
        head = self._heads.get(prefix)
        if head is None:
            head = self._heads[prefix] = _head(prefix)
        return f"{head}{next(self._count)}"


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


def _head(prefix: str) -> str:
    """Return a prefix with its joint. Raises ValueError for one that no id may have."""
    joint = "" if not prefix or prefix.endswith("-") else "-"
    head = prefix + joint
    if len(head) + _DIGITS > _LONGEST_ID or not _PLAIN.issuperset(prefix):
        raise ValueError(
            f"an id is at most {_LONGEST_ID} of [a-z0-9-], {_DIGITS} of them after its "
            f"prefix: got {prefix!r}"
        )
    return head


def _digits(value: int, bits: int) -> str:
    """Write the low `bits`, a multiple of ten, in base 32, highest first."""
    return "".join([_PAIRS[(value >> shift) & 1023] for shift in range(bits - 10, -1, -10)])
