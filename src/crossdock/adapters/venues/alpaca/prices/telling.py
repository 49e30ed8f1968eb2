"""Prices as the streams and the histories of the Market Data API tell them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from crossdock.adapters.venues.alpaca.prices.wire import DataLevel
from crossdock.model import BookChange, InstrumentId, Level, Side

_ROUND_LOT = 100
_SHARES_SINCE_NS = 1_762_128_000_000_000_000  # 2025-11-03

BestPrices = tuple[Decimal, Decimal, Decimal, Decimal]
"""Bid, its size, ask, its size."""


class TickRule:
    """Tells who took the liquidity, where the vendor does not say: stocks and options.

    By the tick rule: a price above the one before it was a buyer's, one below a seller's.
    """

    def __init__(self) -> None:
        self._last: dict[str, tuple[Decimal, Side]] = {}

    def side(self, symbol: str, price: Decimal, taker: str = "") -> Side:
        if taker in ("B", "S"):
            return Side.BUY if taker == "B" else Side.SELL
        before, side = self._last.get(symbol, (price, Side.BUY))
        if price != before:
            side = Side.BUY if price > before else Side.SELL
        self._last[symbol] = (price, side)
        return side


def shares(at_ns: int) -> int:
    """Return what a quote's size counts: round lots until 2025-11-03, shares since.

    https://docs.alpaca.markets/reference/stockquotes-1, read 2026-11-21.
    """
    return 1 if at_ns >= _SHARES_SINCE_NS else _ROUND_LOT


def levels(rows: Iterable[DataLevel], *, descending: bool = False) -> list[Level]:
    """Return levels in the vendor's own digits, best first."""
    ordered = sorted(rows, key=lambda row: row.p, reverse=descending)
    return [(format(row.p, "f"), format(row.s, "f")) for row in ordered]


class BookNumbers:
    """Numbers the messages of books by their times: the vendor does not count them."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def began(self, symbol: str) -> bool:
        return symbol in self._last

    def follow(self, symbol: str, at_ns: int) -> tuple[int, int]:
        """Return the numbers a message covers, from right behind the one before it."""
        before = self._last.get(symbol)
        first = at_ns if before is None else before + 1
        last = self._last[symbol] = max(at_ns, first)
        return first, last


def book_of_quote(
    instrument: InstrumentId,
    best: BestPrices,
    numbers: tuple[int, int],
    at_ns: int,
    received_ns: int,
) -> BookChange:
    """Return the book that best prices make: one level a side, none where nobody quotes."""
    bid, bid_size, ask, ask_size = best
    return BookChange(
        instrument,
        True,
        _side(bid, bid_size),
        _side(ask, ask_size),
        *numbers,
        at_ns,
        received_ns,
    )


def _side(price: Decimal, size: Decimal) -> list[Level]:
    return [(format(price, "f"), format(size, "f"))] if price and size else []
