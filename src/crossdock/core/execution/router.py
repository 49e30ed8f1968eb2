"""Chooses where to trade: the venue that leaves most after fees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from crossdock.core.book import OrderBook
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
