"""What is told of a book: its best levels, how they change, and their checksum.

https://docs.bitfinex.com/reference/ws-public-books and …/docs/ws-websocket-checksum, read
2026-11-21.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from zlib import crc32

from crossdock.sandbox.engine import Venue
from crossdock.sandbox.faces.bitfinex.market import level
from crossdock.sandbox.faces.bitfinex.params import Row, number
from crossdock.sandbox.faces.numbers import plain

_CHECKED = 25
_SIGNED = 1 << 31


@dataclass(frozen=True, slots=True)
class Shown:
    """How much of which book a channel shows."""

    symbol: str
    depth: int


class Book:
    """The levels as they were told last: a level that leaves the best is told as gone."""

    def __init__(self, venue: Venue, shown: Shown) -> None:
        self._venue = venue
        self._shown = shown
        self._told: dict[tuple[int, Decimal], Decimal] = {}

    def begin(self) -> list[Row]:
        """Return every level as it is now."""
        if not self._told:
            self._told = self._now()
        return [level((price, it), sign) for (sign, price), it in self._told.items()]

    def changes(self) -> list[Row]:
        """Return levels that are otherwise than they were told; no orders: it is gone."""
        before, now = self._told, self._now()
        self._told = now
        gone = [
            [number(price), 0, sign] for sign, price in before if (sign, price) not in now
        ]
        return gone + [
            level((price, quantity), sign)
            for (sign, price), quantity in now.items()
            if before.get((sign, price)) != quantity
        ]

    def checksum(self) -> int:
        """Return the signed CRC32 of the best bids and asks, one of each in turn."""
        sides = [
            [(price, it * sign) for (told, price), it in self._told.items() if told == sign]
            for sign in (1, -1)
        ]
        parts: list[str] = []
        for place in range(_CHECKED):
            for side in sides:
                if place < len(side):
                    parts += [plain(it) for it in side[place]]
        made = crc32(":".join(parts).encode())
        return made - 2 * _SIGNED if made >= _SIGNED else made

    def _now(self) -> dict[tuple[int, Decimal], Decimal]:
        _, bids, asks = self._venue.book(self._shown.symbol, self._shown.depth)
        return {(1, price): it for price, it in bids} | {
            (-1, price): it for price, it in asks
        }
