"""The books of every venue that trades a symbol, seen as one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Literal

from crossdock.app.desk import Desk
from crossdock.app.doors.user.rows import Rows
from crossdock.app.gateway import Gateway
from crossdock.book import ConsolidatedBook, OrderBook, VenueLevel
from crossdock.errors import DeskError
from crossdock.model import Instrument, Side, symbol_of, venue_of

OTHERS_S = 1.0  # venues that are slower than the first are waited for this long
_SHOWN = 5

BookSide = Side | Literal["bids", "asks"]


class BookView:
    """A symbol's book over all its venues, as it is at each look; it is not copied.

    Venues are ranked by what a taker has after their fee. `bid` and `ask` are the exact
    prices, without a fee, of the best-ranked venue: another one may show a price that
    looks better and, fee included, is not.
    """

    def __init__(
        self, symbol: str, books: Mapping[str, OrderBook], merged: ConsolidatedBook
    ) -> None:
        self.symbol = symbol
        self._books = books
        self._merged = merged

    @property
    def bid(self) -> Decimal:
        """What the venue that pays most, after fees, bids. DeskError when none bids."""
        return self._best(Side.BUY).price

    @property
    def ask(self) -> Decimal:
        """What the venue that costs least, after fees, asks. DeskError when none asks."""
        return self._best(Side.SELL).price

    @property
    def bid_quantity(self) -> Decimal:
        return self._best(Side.BUY).quantity

    @property
    def ask_quantity(self) -> Decimal:
        return self._best(Side.SELL).quantity

    @property
    def venues(self) -> tuple[str, ...]:
        """The venues whose books are good now."""
        return tuple(venue for venue, book in self._books.items() if book.ready)

    def levels(self, side: BookSide, depth: int | None = None) -> list[VenueLevel]:
        """Return "bids" or "asks" of all venues, best net price first."""
        sides: Mapping[str, Side] = {"bids": Side.BUY, "asks": Side.SELL}
        return self._merged.levels(sides.get(side) or Side(side), depth)

    def _best(self, side: Side) -> VenueLevel:
        best = self._merged.best_bid if side is Side.BUY else self._merged.best_ask
        if best is None:
            raise DeskError(
                f"nobody {'bids for' if side is Side.BUY else 'offers'} {self.symbol} now",
                code="no-book",
                hint="a book that lost a message is empty until its next snapshot",
            )
        return best

    def _shown(self) -> Rows:
        bids, asks = self.levels("bids", _SHOWN), self.levels("asks", _SHOWN)
        rows = []
        for index in range(max(len(bids), len(asks))):
            row: dict[str, str] = {}
            for name, levels in (("bid", bids), ("ask", asks)):
                if index < len(levels):
                    level = levels[index]
                    row[f"{name} venue"] = venue_of(level.instrument)
                    row[f"{name} quantity"] = f"{level.quantity:f}"
                    row[name] = f"{level.price:f}"
            rows.append(row)
        return Rows(
            rows, f"{self.symbol} on {', '.join(self.venues) or 'no venue'}, levels"
        )

    def __repr__(self) -> str:
        return repr(self._shown())

    def _repr_html_(self) -> str:
        return self._shown()._repr_html_()


async def watched_book(desk: Desk, symbol: str, timeout_s: float) -> BookView:
    """Wait until a venue's book is good, and a moment for the others; see `UserDesk.book`."""
    traded = traded_at(desk, symbol)
    kinds = {(it.kind, it.quote, it.multiplier) for it, _ in traded}
    if len(kinds) > 1:
        raise DeskError(
            f"{symbol} is not the same thing at each venue",
            code="which-venue",
            hint=f"name one: {traded[0][0].id}",
        )
    books = {venue_of(it.id): desk.markets.book_of(it.id) for it, _ in traded}
    if not await _until(desk, lambda: any(it.ready for it in books.values()), timeout_s):
        whys = [_why(books[venue_of(it.id)], gateway) for it, gateway in traded]
        raise DeskError(
            f"no book of {symbol} after {timeout_s:g} s: {'; '.join(whys)}", code="no-book"
        )
    here = {venue_of(it.id) for it, gateway in traded if gateway.ready.is_set()}
    rest = [book for venue, book in books.items() if venue in here]
    await _until(desk, lambda: all(it.ready for it in rest), min(OTHERS_S, timeout_s))
    fees = {it.id: it.taker_fee_rate for it, _ in traded if it.taker_fee_rate is not None}
    return BookView(symbol, books, ConsolidatedBook(books.values(), fees))


def traded_at(desk: Desk, symbol: str) -> list[tuple[Instrument, Gateway]]:
    """Return each instrument a symbol means, with the first account that trades it.

    Raises DeskError for one that nobody trades.
    """
    plain, _, venue = symbol.partition("@")
    found: dict[str, tuple[Instrument, Gateway]] = {}
    for gateway in desk.gateways.values():
        options = gateway.options
        if venue not in ("", options.venue) or plain not in (options.symbols or (plain,)):
            continue
        for instrument in desk.kernel.state.instruments.values():
            here = venue_of(instrument.id) == options.venue
            if here and symbol_of(instrument.id) == plain:
                found.setdefault(options.venue, (instrument, gateway))
    if not found:
        known = sorted({symbol_of(it) for it in desk.kernel.state.instruments})
        raise DeskError(
            f"no account trades {symbol}",
            code="unknown-symbol",
            hint=f"there are {', '.join(known[:12]) or 'none yet'}",
        )
    return list(found.values())


def _why(book: OrderBook, gateway: Gateway) -> str:
    if not gateway.ready.is_set():
        return f"{gateway.account} is {gateway.reason or gateway.standing}"
    return f"{venue_of(book.instrument)}: {book.gap_reason or 'its book is crossed'}"


async def _until(desk: Desk, is_so: Callable[[], bool], timeout_s: float) -> bool:
    """Wait for something that a change of a book can make so; tell whether it became so."""
    changed = asyncio.Event()
    end = desk.kernel.bus.subscribe(OrderBook, lambda _: changed.set())
    try:
        async with asyncio.timeout(timeout_s):
            while not is_so():
                changed.clear()
                await changed.wait()
    except TimeoutError:
        return is_so()
    finally:
        end()
    return True
