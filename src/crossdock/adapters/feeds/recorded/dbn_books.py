"""A book kept order by order, told as levels."""

from __future__ import annotations

from typing import Any

from crossdock.model import BookChange, InstrumentId, Level

_SNAPSHOT = 32  # flags of a message: part of a snapshot
_LAST = 128  # the last of one event
_SIDES = ("B", "A")
_Key = tuple[str, str]


class OrderByOrder:
    """One instrument's orders. Nothing is told before the book's first whole state.

    https://databento.com/docs/schemas-and-data-formats/mbo read 2026-11-21: A adds,
    C cancels a part, M changes, R clears the book, T and F leave it as it is.
    """

    def __init__(self, instrument: InstrumentId) -> None:
        self._instrument = instrument
        self._orders: dict[int, tuple[str, str, int]] = {}  # side, price, size
        self._levels: dict[_Key, int] = {}
        self._changed: set[_Key] = set()
        self._known = False  # from a clear on
        self._whole = False  # until a snapshot is told
        self._number = 0

    def take(self, record: Any, *, price: str, venue_time_ns: int) -> BookChange | None:
        """Apply one message; return what changed, at the last one of an event."""
        action, side = str(record.action), str(record.side)
        if action == "R":
            self._orders.clear()
            self._levels.clear()
            self._known = True
            self._whole = False
        elif self._known and side in _SIDES:
            self._apply(action, int(record.order_id), side, price, int(record.size))
        if not self._known or not record.flags & _LAST:
            return None
        return self._told(record, venue_time_ns)

    def _apply(self, action: str, order: int, side: str, price: str, size: int) -> None:
        known = self._orders.get(order)
        if action == "A":
            self._put(order, side, price, size)
        elif action == "M":
            if known:
                self._drop(order, known[2])
            self._put(order, side, price, size)
        elif action == "C" and known:
            self._drop(order, size)

    def _put(self, order: int, side: str, price: str, size: int) -> None:
        self._orders[order] = (side, price, size)
        self._add((side, price), size)

    def _drop(self, order: int, size: int) -> None:
        side, price, rest = self._orders.pop(order)
        self._add((side, price), -min(size, rest))
        if rest > size:
            self._orders[order] = (side, price, rest - size)

    def _add(self, level: _Key, size: int) -> None:
        self._levels[level] = self._levels.get(level, 0) + size
        self._changed.add(level)

    def _told(self, record: Any, venue_time_ns: int) -> BookChange | None:
        snapshot = not self._whole
        if snapshot:
            levels = [level for level, size in self._levels.items() if size]
            self._whole = True
        else:
            levels = sorted(self._changed)
        self._changed.clear()
        if not levels and not snapshot:
            return None
        told: dict[str, list[Level]] = {"B": [], "A": []}
        for level in levels:
            size = self._levels.get(level, 0)
            told[level[0]].append((level[1], str(size)))
            if not size:
                del self._levels[level]
        # The venue's sequence is its channel's: several events, and instruments, share one.
        self._number += 1
        return BookChange(
            self._instrument,
            snapshot,
            told["B"],
            told["A"],
            self._number,
            self._number,
            venue_time_ns,
            int(record.ts_recv),
        )
