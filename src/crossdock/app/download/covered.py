"""Which stretches of time a venue has answered for, kept over interruptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from crossdock.errors import JournalError
from crossdock.ports import AdapterState, BarStore, SeriesInfo

Stretch = tuple[int, int]  # [start, end), UTC nanoseconds


class _Kept(msgspec.Struct, frozen=True):
    count: int  # rows the store held when this was written
    stretches: tuple[Stretch, ...]


class Covered:
    """What was asked and stored, as stretches that neither touch nor overlap.

    It is written after the store, so a crash between them has a page asked again, which
    adds nothing. When the store holds less than it did, all of it is void: what was
    removed must be fetched anew.
    """

    def __init__(self, memory: AdapterState, store: BarStore, name: str) -> None:
        """`name` is the series': instrument and timeframe."""
        self._memory = memory
        self._name = name
        found = series_of(store, name)
        self._count = found.count if found else 0
        self._stretches = self._load()

    def missing(self, start_ns: int, end_ns: int) -> Iterator[Stretch]:
        """Yield what of [start, end) nobody answered for yet, oldest first."""
        at_ns = start_ns
        for begun, ended in self._stretches:
            if ended <= at_ns:
                continue
            if begun >= end_ns:
                break
            if begun > at_ns:
                yield at_ns, begun
            at_ns = ended
        if at_ns < end_ns:
            yield at_ns, end_ns

    def add(self, start_ns: int, end_ns: int, *, added: int = 0) -> None:
        """Note that the store, by `added` rows larger, holds all there is of [start, end)."""
        self._count += added
        if start_ns >= end_ns:
            return
        self._stretches = joined([*self._stretches, (start_ns, end_ns)])
        kept = _Kept(count=self._count, stretches=tuple(self._stretches))
        self._memory.save(self._name, msgspec.json.encode(kept))

    def _load(self) -> list[Stretch]:
        try:
            data = self._memory.load(self._name)
            kept = msgspec.json.decode(data, type=_Kept) if data else None
        except (msgspec.DecodeError, JournalError):
            return []  # asking again costs calls, believing wrong ones costs bars
        if kept is None or self._count < kept.count:
            return []
        return joined(kept.stretches)


def series_of(store: BarStore, name: str) -> SeriesInfo | None:
    for each in store.series():
        if f"{each.instrument} {each.timeframe}" == name:
            return each
    return None


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return them in order, those that touch or overlap as one."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
