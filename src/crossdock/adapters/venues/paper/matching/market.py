"""One instrument's market as the paper venue sees it, and the orders that meet it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from math import isfinite

from crossdock.adapters.venues.paper.funds.exact import add, subtract, whole_steps
from crossdock.adapters.venues.paper.models import against
from crossdock.adapters.venues.paper.orders import Order
from crossdock.book import OrderBook
from crossdock.model import (
    ZERO,
    Bar,
    BookChange,
    Instrument,
    InstrumentId,
    Quote,
    Rounding,
    Side,
    Trade,
)

_NOISE_OF_TICK = Decimal("1e-6")
_NOISE_OF_PRICE = Decimal("1e-15")  # a few units in a float's last place

Offer = tuple[Decimal, Decimal | None]
"""A price and how much can be had there; None: as much as one likes."""


class Market:
    """The newest of each kind of event. What streams decides what an order fills against.

    A book, once one came, else quotes, else trades, else bars. A book or quote offers
    something to take now; trades and bars only tell what happened, so that an order waits
    for the next one.
    """

    __slots__ = (
        "_taken",
        "bar",
        "bar_volume",
        "book",
        "has_quotes",
        "id",
        "instrument",
        "orders",
        "quote",
        "quote_taken",
        "trade",
    )

    def __init__(self, instrument: InstrumentId) -> None:
        self.id = instrument
        self.instrument: Instrument | None = None  # known from the first order on
        self.orders: list[Order] = []  # open ones, in the order in which they came
        self.quote: Quote | None = None
        self.has_quotes = False
        self.trade: Trade | None = None
        self.bar: Bar | None = None
        self.bar_volume: tuple[int, Decimal] = (0, ZERO)  # start of a bar, ours of it
        self.book: OrderBook | None = None
        # By level: how much orders here took of it, and of how much displayed.
        self._taken: dict[tuple[Side, Decimal], tuple[Decimal, Decimal | None]] = {}
        self.quote_taken: dict[Side, tuple[tuple[float, float], Decimal]] = {}

    @property
    def offers_depth(self) -> bool:
        """Whether there ever was something to take: a book or a quote."""
        return self.book is not None or self.has_quotes

    @property
    def is_readable(self) -> bool:
        """Whether a book or quote shows now what can be taken."""
        if self.book is not None:
            return self.book.ready
        return self.quote is not None

    @property
    def was_seen(self) -> bool:
        return self.offers_depth or self.trade is not None or self.bar is not None

    def gap(self, reason: str) -> None:
        """Take in that messages were lost: nothing fills until the market is seen again."""
        if self.book is not None:
            self.book.mark_gap(reason)
        self.quote = None

    def reference(self, side: Side) -> Decimal | None:
        """Return the price an order of this side would trade near; None: nobody knows."""
        offer = next(self.offers(side), None)
        if offer is not None:
            return offer[0]
        if self.trade is not None:
            return self.trade.price
        return None if self.bar is None else self.price(self.bar.close, side)

    def price(self, value: float, side: Side) -> Decimal:
        """Return a streamed price on the tick, never better for this side than it was.

        Files hold floats that were computed: what is off the tick by their noise is on it.
        """
        assert self.instrument is not None
        exact = Decimal(repr(value))
        tick = self.instrument.tick_at(exact)
        if not exact % tick:
            return exact
        nearest = self.instrument.price_of_float(value, Rounding.NEAREST)
        noise = max(tick * _NOISE_OF_TICK, abs(exact) * _NOISE_OF_PRICE)
        if abs(nearest - exact) <= noise:
            return nearest
        return self.instrument.price_of_float(value, against(side))

    # ---- what can be taken -------------------------------------------------------

    def offers(self, side: Side) -> Iterator[Offer]:
        """Yield what an order of this side could take now, best first."""
        if self.book is not None:
            if self.book.ready:
                yield from self._book_offers(self.book, side)
        elif self.quote is not None:
            yield from self._quote_offer(self.quote, side)

    def _book_offers(self, book: OrderBook, side: Side) -> Iterator[Offer]:
        other = side.opposite
        for price, displayed in book.offers(other):
            taken = self._taken.get((other, price))
            left = displayed if taken is None else subtract(displayed, taken[0])
            if left > 0:
                yield price, left

    def _quote_offer(self, quote: Quote, side: Side) -> Iterator[Offer]:
        value, quantity = _offered(quote, side.opposite)
        if not isfinite(value):
            return
        price = self.price(value, side)
        if not (quantity > 0 and isfinite(quantity)):  # a venue that tells no sizes
            yield price, None
            return
        assert self.instrument is not None
        displayed = whole_steps(Decimal(repr(quantity)), self.instrument.quantity_step)
        taken = self.quote_taken.get(side.opposite)
        if taken is not None:
            displayed = subtract(displayed, taken[1])
        if displayed > 0:
            yield price, displayed

    def take(self, side: Side, price: Decimal, quantity: Decimal) -> None:
        """Remember that an order of this side took from a level, until the level changes."""
        other = side.opposite
        if self.book is not None:
            before = self._taken.get((other, price))
            shown = self.displayed(other, price) if before is None else before[1]
            had = ZERO if before is None else before[0]
            self._taken[other, price] = (add(had, quantity), shown)
        elif self.quote is not None:
            known = self.quote_taken.get(other)
            had = ZERO if known is None else known[1]
            self.quote_taken[other] = (_offered(self.quote, other), add(had, quantity))

    def requote(self, quote: Quote) -> None:
        """Forget what was taken of a side that a new quote changes."""
        for side, (offered, _) in list(self.quote_taken.items()):
            if _offered(quote, side) != offered:
                del self.quote_taken[side]

    # ---- the book ----------------------------------------------------------------

    def apply(self, change: BookChange) -> bool:
        """Follow the book; False when it lost its place."""
        book = self.book
        if book is None:
            book = self.book = OrderBook(self.id)
        followed = book.apply(change)
        if self._taken:
            self._forget_changed(change)
        return followed

    def _forget_changed(self, change: BookChange) -> None:
        sides = ((Side.BUY, change.bids), (Side.SELL, change.asks))
        if not change.snapshot:
            for side, levels in sides:
                for price, _ in levels:
                    self._taken.pop((side, Decimal(price)), None)
            return
        # A venue that is polled sends snapshots only: an equal level did not change.
        for (side, at), (_, shown) in list(self._taken.items()):
            if self.displayed(side, at) != shown:
                del self._taken[side, at]

    def displayed(self, side: Side, price: Decimal) -> Decimal | None:
        """Return what rests at a price of a side; None without a readable book."""
        if self.book is None or not self.book.ready:
            return None
        for at, quantity in self.book.offers(side):
            if at == price:
                return quantity
            if (at < price) is (side is Side.BUY):
                break
        return ZERO


def _offered(quote: Quote, side: Side) -> tuple[float, float]:
    """Return price and quantity of a quote's bid (BUY) or ask (SELL)."""
    if side is Side.BUY:
        return quote.bid, quote.bid_quantity
    return quote.ask, quote.ask_quantity
