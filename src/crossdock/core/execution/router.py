"""Chooses where to trade: the venue that leaves most after fees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from crossdock.book import OrderBook
from crossdock.model import ONE, ZERO, AccountId, Instrument, Rounding, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """One place that trades the symbol: an account there, its book and its fee."""

    account: AccountId
    instrument: Instrument
    book: OrderBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A venue with what a quantity would cost there, the taker fee in `net_price`."""

    venue: Venue
    quantity: Decimal  # on that venue's lot
    net_price: Decimal  # per unit: what a buyer pays, or a seller receives
    worst_price: Decimal  # the last level a market order would reach

    @property
    def words(self) -> str:
        return f"{self.venue.account} {self.net_price:.6f}"


def routes(venues: Iterable[Venue], side: Side, quantity: Decimal) -> list[Route]:
    """Return the venues that can fill the whole quantity now, cheapest first.

    A venue whose book is not ready, or whose least quantity or notional is above what is
    wanted, is left out.
    """
    found = []
    for venue in venues:
        route = _route(venue, side, quantity)
        if route is not None:
            found.append(route)
    found.sort(key=lambda route: route.net_price * side.sign)
    return found


def _route(venue: Venue, side: Side, quantity: Decimal) -> Route | None:
    book, instrument = venue.book, venue.instrument
    if not book.ready or book.crossed:
        return None
    try:
        fitting = instrument.quantity(quantity, Rounding.DOWN)
    except ValueError:
        return None
    cost = book.cost_to_fill(side, fitting)
    if cost.filled < fitting or cost.average_price is None or cost.worst_price is None:
        return None
    if abs(instrument.notional(fitting, cost.average_price)) < instrument.min_notional:
        return None
    fee = instrument.taker_fee_rate or ZERO
    return Route(
        venue=venue,
        quantity=fitting,
        net_price=cost.average_price * (ONE + fee * side.sign),
        worst_price=cost.worst_price,
    )


def venue_by_hand(
    venues: Iterable[Venue],
    side: Side,
    quantity: Decimal,
    limit_price: Decimal | None,
    *,
    takes: bool = True,
) -> Venue | None:
    """Return where an order that names no venue goes; None when no book is ready.

    First among venues whose steps it fits: the one that fills all of it at once, within
    the limit, for least after fees; when none can, the one that offers most within the
    limit. An order that may not take (`takes`) goes where it would rest. What then still
    is equal, the lower maker fee and the order of `venues` decide.
    """
    ready = [venue for venue in venues if venue.book.ready]
    fitting = [it for it in ready if _fits(it.instrument, quantity, limit_price)] or ready
    offered = {it.instrument.id: _offered(it.book, side, limit_price) for it in fitting}
    if takes:
        for route in routes(fitting, side, quantity):
            there = route.venue.instrument.id
            if route.quantity == quantity and offered[there] >= quantity:
                return route.venue

    def rank(venue: Venue) -> tuple[Decimal, Decimal]:
        at_once = offered[venue.instrument.id]
        return (-at_once if takes else at_once, venue.instrument.maker_fee_rate or ZERO)

    return min(fitting, key=rank, default=None)


def _fits(instrument: Instrument, quantity: Decimal, limit_price: Decimal | None) -> bool:
    try:
        instrument.quantity(quantity)
        if limit_price is None:
            return True
        instrument.price(limit_price)
    except ValueError:
        return False
    return abs(instrument.notional(quantity, limit_price)) >= instrument.min_notional


def _offered(book: OrderBook, side: Side, limit_price: Decimal | None) -> Decimal:
    """Return how much a taker finds at the limit or better."""
    total = ZERO
    for price, quantity in book.offers(side.opposite):
        if limit_price is not None and (limit_price - price) * side.sign < 0:
            break
        total += quantity
    return total
