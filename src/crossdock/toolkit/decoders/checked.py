"""Books whose messages carry a checksum over the best levels, and are held to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left, insort
from itertools import islice
from math import isfinite

from crossdock.model import InstrumentId, Level
from crossdock.ports import MarketEvent
from crossdock.toolkit.decoders.books import StreamedBook


class CheckedBook(StreamedBook, ABC):
    """A copy of one book, cut to the depth subscribed to, to check each checksum against.

    Levels that fall out of the depth are told as gone, since the venue does not speak of
    them again. `depth` None: the venue says itself what is gone.
    """

    def __init__(self, instrument: InstrumentId) -> None:
        super().__init__(instrument)
        self.bids = CheckedSide(1)
        self.asks = CheckedSide(-1)
        self.depth: int | None = None

    @abstractmethod
    def agrees(self, checksum: int) -> bool:
        """Tell whether the copy's best levels give this checksum."""

    def check(
        self,
        bids: list[Level],
        asks: list[Level],
        venue_time_ns: int,
        received_time_ns: int,
        *,
        is_snapshot: bool,
        number: int | None,
        checksum: int | None,
    ) -> list[MarketEvent]:
        """Return the change to pass on, or the gap that its checksum shows."""
        make = self.change
        if is_snapshot:
            self.bids.clear()
            self.asks.clear()
            make = self.snapshot
        try:
            self.bids.merge(bids)
            self.asks.merge(asks)
        except ValueError as error:
            self.standing = self.standing or is_snapshot
            return self.lose(f"unreadable level: {error}", received_time_ns)
        if self.depth is not None:
            bids = bids + self.bids.cut(self.depth)
            asks = asks + self.asks.cut(self.depth)
        change = make(
            bids, asks, venue_time_ns, received_time_ns, number=number, checksum=checksum
        )
        if checksum is None or self.agrees(checksum):
            return [change]
        words = f"the checksum is not {checksum}: a message is missing or altered"
        return self.lose(words, received_time_ns)


class CheckedSide:
    """One side's levels in the venue's own text.

    They stand under signed prices, bids positive and asks negative: the best is the last
    of a sorted list. What a checksum takes of a level is kept by `texts`, price by price,
    until the level changes.
    """

    __slots__ = ("_keys", "_levels", "_sign", "texts")

    def __init__(self, sign: int) -> None:
        self._sign = sign
        self._keys: list[float] = []
        self._levels: dict[float, Level] = {}
        self.texts: dict[float, str] = {}

    def merge(self, changes: list[Level]) -> None:
        """Put changed levels in. ValueError: one is no number."""
        keys, levels, texts, sign = self._keys, self._levels, self.texts, self._sign
        for level in changes:
            price, quantity = level
            key = float(price) * sign
            if not isfinite(key):
                raise ValueError(f"{quantity!r} offered at {price!r}")
            if key in texts:
                del texts[key]
            if float(quantity):
                if key not in levels:
                    insort(keys, key)
                levels[key] = level
            elif key in levels:
                del levels[key]
                del keys[bisect_left(keys, key)]

    def cut(self, depth: int) -> list[Level]:
        """Take out what lies beyond `depth`, and return it as levels that are gone."""
        beyond = len(self._keys) - depth
        if beyond <= 0:
            return []
        keys = self._keys[:beyond]
        del self._keys[:beyond]
        for key in keys:
            self.texts.pop(key, None)
        return [(self._levels.pop(key)[0], "0") for key in reversed(keys)]

    def best(self, count: int) -> list[tuple[float, Level]]:
        """Return the best levels, best first, each with its place in `texts`."""
        return [(key, self._levels[key]) for key in islice(reversed(self._keys), count)]

    def clear(self) -> None:
        self._keys.clear()
        self._levels.clear()
        self.texts.clear()
