"""One instrument's book at one venue, kept from snapshots and changes."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from decimal import Decimal
from math import isfinite, nan

from crossdock.book.depth import EXACT, FillCost, cost_of
from crossdock.model import ZERO, BookChange, InstrumentId, Level, Side

_NO_PRICE = Decimal("NaN")
_UNSYNCED = -1
_ZEROS = frozenset(
    {"0", "-0", "0.", "-0.0"}
    | {"0." + "0" * places for places in range(1, 41)}
    | {f"0{e}{sign}{places}" for e in "eE" for sign in "+-" for places in range(41)}
)
"""Every way a venue, or a Decimal, writes a level that is gone."""


class OrderBook:
    """Levels by price, as the venue writes them.

    Until the first snapshot, and from a gap until the next, the book is empty: best
    prices are NaN, so nothing can be decided by levels that may be stale. Quantities are
    told from zero and otherwise kept unread until somebody asks for depth.
    """

    __slots__ = (
        "_asks",
        "_bids",
        "_cached_ask",
        "_cached_bid",
        "_newest",
        "_next",
        "best_ask",
        "best_bid",
        "gap_reason",
        "instrument",
    )

    def __init__(self, instrument: InstrumentId) -> None:
        self.instrument = instrument
        self._bids = _Side(1)
        self._asks = _Side(-1)
        self._cached_bid = self._cached_ask = ("", _NO_PRICE)
        self._newest: BookChange | None = None
        self._next = _UNSYNCED
        # Attributes and no properties: every strategy reads them after every change.
        self.best_bid = self.best_ask = nan
        self.gap_reason = "no snapshot yet"

    @property
    def ready(self) -> bool:
        """Whether the book follows the venue and is not crossed."""
        return self._next != _UNSYNCED and not self.crossed

    @property
    def crossed(self) -> bool:
        """Whether somebody bids at or above an ask: a venue would have matched them."""
        return self.best_bid >= self.best_ask

    @property
    def sequence(self) -> int:
        """The last sequence applied, also after a gap; 0 before the first snapshot."""
        return 0 if self._newest is None else self._newest.last_sequence

    @property
    def venue_time_ns(self) -> int:
        return 0 if self._newest is None else self._newest.venue_time_ns

    @property
    def received_time_ns(self) -> int:
        return 0 if self._newest is None else self._newest.received_time_ns

    @property
    def best_bid_price(self) -> Decimal:
        """The best bid exactly as the venue wrote it; NaN when there is none."""
        side = self._bids
        if not side.keys:
            return _NO_PRICE
        text = side.levels[side.keys[-1]][0]
        if self._cached_bid[0] != text:
            self._cached_bid = (text, Decimal(text))
        return self._cached_bid[1]

    @property
    def best_ask_price(self) -> Decimal:
        """The best ask exactly as the venue wrote it; NaN when there is none."""
        side = self._asks
        if not side.keys:
            return _NO_PRICE
        text = side.levels[side.keys[-1]][0]
        if self._cached_ask[0] != text:
            self._cached_ask = (text, Decimal(text))
        return self._cached_ask[1]

    def apply(self, change: BookChange) -> bool:
        """Follow the venue. False: this is a gap, ask for a snapshot.

        A change already covered is ignored and is no gap. A snapshot is always taken,
        also one with a lower sequence: venues begin again. A price that is no number is a
        gap as well, for the level it stood for is lost.
        """
        if change.snapshot:
            self._clear()
        elif change.first_sequence != self._next:
            if self._next == _UNSYNCED:
                return False
            if change.last_sequence < self._next:
                return True
            if change.first_sequence > self._next:
                self.mark_gap(f"{self._next} was due, {change.first_sequence} came")
                return False
        try:
            if bids := change.bids:
                self.best_bid = self._bids.merge(bids)
            if asks := change.asks:
                self.best_ask = self._asks.merge(asks)
        except ValueError as error:
            self.mark_gap(f"unreadable price: {error}")
            return False
        self._newest = change
        self._next = change.last_sequence + 1
        return True

    def mark_gap(self, reason: str) -> None:
        """Forget every level: something was lost. Only a snapshot makes the book ready."""
        self._clear()
        self._next = _UNSYNCED
        self.gap_reason = reason

    def levels(self, side: Side, depth: int | None = None) -> list[Level]:
        """Return bids (BUY) or asks (SELL) in the venue's own text, best first."""
        held = self._side(side)
        count = len(held.keys) if depth is None else min(depth, len(held.keys))
        return [held.levels[held.keys[-1 - index]] for index in range(count)]

    def volume(self, side: Side, depth: int | None = None) -> Decimal:
        """Return the quantity that rests in the best `depth` levels of a side."""
        total = ZERO
        for _, quantity in self.levels(side, depth):
            total = EXACT.add(total, Decimal(quantity))
        return total

    def cost_to_fill(self, side: Side, quantity: Decimal) -> FillCost:
        """Tell what a taker would pay (BUY, from the asks) or get (SELL, from the bids)."""
        return cost_of(self.offers(side.opposite), quantity)

    def offers(self, side: Side) -> Iterator[tuple[Decimal, Decimal]]:
        """Yield price and quantity of bids (BUY) or asks (SELL), best first.

        Do not apply changes while reading.
        """
        held = self._side(side)
        for key in reversed(held.keys):
            price, quantity = held.levels[key]
            yield Decimal(price), Decimal(quantity)

    def _side(self, side: Side) -> _Side:
        return self._bids if side is Side.BUY else self._asks

    def _clear(self) -> None:
        self._bids.clear()
        self._asks.clear()
        self.best_bid = self.best_ask = nan
        self.gap_reason = ""


class _Keys(dict[str, float]):
    """Price text to sort key, remembered: the same few prices come again and again."""

    __slots__ = ("_sign",)

    _MOST = 16_384

    def __init__(self, sign: int) -> None:
        super().__init__()
        self._sign = sign

    def __missing__(self, text: str) -> float:
        key = float(text) * self._sign
        if not isfinite(key):
            raise ValueError(f"a price is a finite number, got {text!r}")
        if len(self) >= self._MOST:
            self.clear()
        self[text] = key
        return key


class _Side:
    """Levels under signed prices, bids positive and asks negative.

    The best of either side is then the last of a sorted list, where inserting and
    deleting move the least.
    """

    __slots__ = ("_key_of", "_sign", "keys", "levels")

    def __init__(self, sign: int) -> None:
        self.keys: list[float] = []
        self.levels: dict[float, Level] = {}
        self._key_of = _Keys(sign)
        self._sign = sign

    def merge(self, changes: list[Level]) -> float:
        """Put changed levels in, return the best price. ValueError: a price is no number."""
        keys, levels, key_of = self.keys, self.levels, self._key_of
        for level in changes:
            text, quantity = level
            key = key_of[text]
            if quantity in _ZEROS:
                if key in levels:
                    del levels[key]
                    del keys[bisect_left(keys, key)]
            else:
                if key not in levels:
                    insort(keys, key)
                levels[key] = level
        return keys[-1] * self._sign if keys else nan

    def clear(self) -> None:
        self.keys.clear()
        self.levels.clear()
