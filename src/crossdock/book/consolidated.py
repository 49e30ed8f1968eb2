"""The books of several venues seen as one, for choosing where to trade."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from heapq import merge
from itertools import islice
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from crossdock.book.depth import EXACT, FillCost, cost_of
from crossdock.book.order_book import OrderBook
from crossdock.model import ZERO, InstrumentId, Side

_NO_FEES: Mapping[InstrumentId, Decimal] = MappingProxyType({})


class VenueLevel(NamedTuple):
    """A level and whose it is. `net_price` is what a taker has after the venue's fee."""

    instrument: InstrumentId
    price: Decimal
    quantity: Decimal
    net_price: Decimal


class ConsolidatedBook:
    """Merge books of one symbol, best net price first; books that are not ready are left out.

    Reads the books as they are at each call, keeps no levels. `taker_fee_rates` are shares
    of the notional; a venue without one counts as free. All instruments must count their
    quantity in the same unit and their price in the same currency. Between venues a
    crossed book is an opportunity, not a fault.
    """

    __slots__ = ("_books", "_fees")

    def __init__(
        self,
        books: Iterable[OrderBook],
        taker_fee_rates: Mapping[InstrumentId, Decimal] = _NO_FEES,
    ) -> None:
        self._books = tuple(books)
        self._fees = dict(taker_fee_rates)

    @property
    def ready(self) -> bool:
        return any(book.ready for book in self._books)

    @property
    def best_bid(self) -> VenueLevel | None:
        """The venue that pays most, after fees."""
        return next(self._offers(Side.BUY), None)

    @property
    def best_ask(self) -> VenueLevel | None:
        """The venue that costs least, after fees."""
        return next(self._offers(Side.SELL), None)

    @property
    def crossed(self) -> bool:
        """Whether buying at one venue and selling at another would pay, fees included."""
        bid, ask = self.best_bid, self.best_ask
        return bid is not None and ask is not None and bid.net_price > ask.net_price

    def levels(self, side: Side, depth: int | None = None) -> list[VenueLevel]:
        """Return bids (BUY) or asks (SELL) of all venues, best net price first."""
        return list(islice(self._offers(side), depth))

    def cost_to_fill(self, side: Side, quantity: Decimal) -> FillCost:
        """Tell what a taker would pay or get over all venues, in net prices."""
        offers = self._offers(side.opposite)
        return cost_of(((level.net_price, level.quantity) for level in offers), quantity)

    def split(self, side: Side, quantity: Decimal) -> dict[InstrumentId, Decimal]:
        """Return how much of a taker's quantity to send where, for the best net price.

        The parts add up to less than asked for when all the books together are too thin.
        """
        parts: dict[InstrumentId, Decimal] = {}
        left = quantity
        for level in self._offers(side.opposite):
            if not left > 0:
                break
            taken = min(left, level.quantity)
            parts[level.instrument] = EXACT.add(parts.get(level.instrument, ZERO), taken)
            left = EXACT.subtract(left, taken)
        return parts

    def _offers(self, side: Side) -> Iterator[VenueLevel]:
        sources = [self._of(book, side) for book in self._books if book.ready]
        return merge(*sources, key=attrgetter("net_price"), reverse=side is Side.BUY)

    def _of(self, book: OrderBook, side: Side) -> Iterator[VenueLevel]:
        rate = self._fees.get(book.instrument, ZERO)
        # A fee is paid on the size of the notional, so it hurts at negative prices too.
        paid = -rate if side is Side.BUY else rate
        for price, quantity in book.offers(side):
            net = EXACT.fma(price.copy_abs(), paid, price)
            yield VenueLevel(book.instrument, price, quantity, net)
