"""What streams. Made by the million, so msgspec structs instead of dataclasses."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from crossdock.model.ids import InstrumentId
from crossdock.model.words import Side

Level = tuple[str, str]
"""Price and quantity in the exchange's own text: checksums are computed over it."""


class Quote(msgspec.Struct, frozen=True, gc=False):
    """Best bid and ask. Floats: a view to decide by, never a price to send."""

    instrument: InstrumentId
    bid: float
    bid_quantity: float
    ask: float
    ask_quantity: float
    venue_time_ns: int
    received_time_ns: int


class Trade(msgspec.Struct, frozen=True, gc=False):
    """A public trade. `side` is the taker's."""

    instrument: InstrumentId
    trade_id: str
    price: Decimal
    quantity: Decimal
    side: Side
    venue_time_ns: int
    received_time_ns: int


class BookChange(msgspec.Struct, frozen=True):
    """Levels that changed; quantity "0" removes one. A snapshot replaces the whole book.

    Covers the venue's sequence numbers `first_sequence` to `last_sequence`. It follows on
    when `first_sequence` is at most one past the last one applied.
    """

    instrument: InstrumentId
    snapshot: bool
    bids: list[Level]
    asks: list[Level]
    first_sequence: int
    last_sequence: int
    venue_time_ns: int
    received_time_ns: int
    checksum: int | None = None


class Bar(msgspec.Struct, frozen=True, gc=False):
    """Open, high, low, close over [start, start + width).

    One that is not closed yet shows the prices so far; its volume too.
    """

    instrument: InstrumentId
    start_time_ns: int
    width_ns: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    is_closed: bool = True

    @property
    def end_time_ns(self) -> int:
        return self.start_time_ns + self.width_ns
