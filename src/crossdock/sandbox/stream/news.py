"""What can be told on a stream, as the engine means it and before any protocol words it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from crossdock.model import Side
from crossdock.sandbox.engine import (
    MarketSpec,
    PriceLevel,
    VenueEvent,
    VenueFill,
    VenueOrder,
)


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """An order as it stood then: a copy. `fill` is the execution that changed it, if one did."""

    order: VenueOrder
    fill: VenueFill | None


@dataclass(frozen=True, slots=True)
class Filled:
    """An execution, or a word that takes one back. Comes before the order's own change."""

    fill: VenueFill


@dataclass(frozen=True, slots=True)
class Moved:
    """Cash or a position moved without an order."""

    event: VenueEvent


@dataclass(frozen=True, slots=True)
class BalancesChanged:
    """What an account holds of the assets that changed: (asset, total, held)."""

    rows: Sequence[tuple[str, Decimal, Decimal]]
    time_ns: int


@dataclass(frozen=True, slots=True)
class InstrumentChanged:
    market: MarketSpec


@dataclass(frozen=True, slots=True)
class BookChanged:
    """Levels with their new quantity, 0 for gone, that changed within one pace of the feed.

    `first` and `last` bound the engine's sequence, which grows by one for each level.
    """

    symbol: str
    first: int
    last: int
    bids: Sequence[PriceLevel]
    asks: Sequence[PriceLevel]
    time_ns: int
    pace_ms: int


@dataclass(frozen=True, slots=True)
class Traded:
    """A public trade. `side` is the taker's; `number` counts the symbol's trades."""

    symbol: str
    trade_id: str
    price: Decimal
    quantity: Decimal
    side: Side
    time_ns: int
    number: int


@dataclass(frozen=True, slots=True)
class QuoteChanged:
    symbol: str
    bid: PriceLevel
    ask: PriceLevel
    sequence: int
    time_ns: int


AccountNews: TypeAlias = OrderChanged | Filled | Moved | BalancesChanged | InstrumentChanged
MarketNews: TypeAlias = BookChanged | Traded | QuoteChanged
