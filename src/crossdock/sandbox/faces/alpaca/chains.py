"""Replaced orders: each link of a chain is an order of its own here.

In the engine one order goes on under a new id. Here the old one ends as `replaced`, and
the new one begins with an id and a client id of its own and nothing filled.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from decimal import Decimal

from crossdock.model import ZERO
from crossdock.sandbox.engine import VenueOrder
from crossdock.sandbox.faces.alpaca.ids import named_id
from crossdock.sandbox.host import Host


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order was sent with that the engine does not keep."""

    order_class: str = ""
    extended_hours: bool = False
    notional: Decimal | None = None
    position_intent: str | None = None


@dataclass(slots=True)
class Link:
    """An order id that took over from another, or was taken over from, or both."""

    client_id: str
    created_ns: int
    carried: Decimal = ZERO  # filled by the links before
    replaced_by: str | None = None
    replaced_ns: int = 0
    last: VenueOrder | None = None  # as it stood when another took over


class Chains:
    """Client ids, terms and links of every order that came in by this protocol."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._ids = host.client_ids
        self._count = 0
        self._clients: dict[tuple[str, str], str] = {}
        self._terms: dict[tuple[str, str], Terms] = {}
        self._links: dict[str, Link] = {}

    def made_up(self) -> str:
        """Return a client id for an order that was given none."""
        self._count += 1
        return named_id(f"{self._host.name} {self._count}")

    def is_taken(self, account: str, text: str) -> bool:
        return (account, text) in self._clients

    def enter(self, account: str, text: str) -> str:
        """Return the engine's id for an order about to be entered."""
        return self._ids.enter(account, text)

    def accepted(self, order: VenueOrder, terms: Terms) -> None:
        """Note an order that was accepted, and its legs."""
        for it in (order, *order.legs):
            shown = self._ids.shown(it.account, it.client_order_id)
            self._ids.accepted(it.account, it.client_order_id)
            self._clients[it.account, shown] = it.id
            self._terms[it.account, it.client_order_id] = terms

    def replaced(
        self, before: VenueOrder, after: VenueOrder, client_id: str, filled: Decimal
    ) -> None:
        """Note that an order took over; `filled` is what the old id had filled."""
        old = self._links.setdefault(
            before.id, Link(self.first_client_id(before), before.created_time_ns)
        )
        ended = copy(before)
        ended.cumulative_quantity = old.carried + filled
        old.last, old.replaced_by, old.replaced_ns = (
            ended,
            after.id,
            after.updated_time_ns,
        )
        self._links[after.id] = Link(
            client_id, after.updated_time_ns, carried=old.carried + filled
        )
        self._clients[after.account, client_id] = after.id

    def terms(self, order: VenueOrder) -> Terms:
        """Return an order's terms; one made by hand has a class at least."""
        known = self._terms.get((order.account, order.client_order_id))
        if known is not None:
            return known
        parent = order if order.parent is None else order.parent
        if not parent.legs:
            return Terms()
        if parent.contingency == "oco":
            return Terms("oco")
        return Terms("bracket" if len(parent.legs) > 1 else "oto")

    def link(self, engine_id: str) -> Link | None:
        return self._links.get(engine_id)

    def carried(self, engine_id: str) -> Decimal:
        """Return what the links before this one had filled."""
        link = self._links.get(engine_id)
        return ZERO if link is None else link.carried

    def created_ns(self, order: VenueOrder) -> int:
        link = self._links.get(order.id)
        return order.created_time_ns if link is None else link.created_ns

    def client_id(self, order: VenueOrder) -> str:
        link = self._links.get(order.id)
        return self.first_client_id(order) if link is None else link.client_id

    def first_client_id(self, order: VenueOrder) -> str:
        return self._ids.shown(order.account, order.client_order_id)

    def find(self, account: str, text: str) -> str | None:
        """Return the engine's id behind a client id."""
        known = self._clients.get((account, text))
        if known is not None:
            return known
        for order in self._host.venue.orders(account):
            if order.client_order_id == text:
                return order.chain[0]
        return None

    def links(self, order: VenueOrder) -> Iterator[VenueOrder]:
        """Yield the orders that make a chain, oldest first, each as it stands."""
        for engine_id in order.chain[:-1]:
            link = self._links.get(engine_id)
            if link is not None and link.last is not None:
                yield link.last
        yield order

    def standing(self, order: VenueOrder, engine_id: str) -> VenueOrder:
        """Return the link of an order's chain that has an id."""
        link = self._links.get(engine_id)
        return order if link is None or link.last is None else link.last
