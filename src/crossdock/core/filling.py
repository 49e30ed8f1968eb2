"""Fills on their way into the books and to their orders."""

from __future__ import annotations

from collections.abc import Collection

from crossdock.core.early_fills import EarlyFills, give
from crossdock.core.image import Counts
from crossdock.core.ledger import Ledger
from crossdock.core.orders import TAKEN_BACK, OrderState
from crossdock.model import Fill, FillKind, OrderId, VenueOrderId


class Filling:
    """Books each fill, and keeps those that more is to come of: the inferred ones, by
    order, and the early ones.
    """

    def __init__(self, ledger: Ledger, counts: Counts) -> None:
        self.inferred: dict[OrderId, list[Fill]] = {}
        self.early = EarlyFills()
        self._ledger = ledger
        self._counts = counts

    def book(
        self, fill: Fill, order: OrderState | None, supersedes: Collection[str]
    ) -> None:
        """Book a fill, in the place of those inferred ones that it supersedes."""
        replaced = self._ledger.replaced_by(fill)
        if order is not None and supersedes:
            self._supersede(order, supersedes, fill)
        elif order is None or order.foreign:
            self._ledger.apply_fill(fill)
        else:
            request = order.request
            self._ledger.apply_fill(fill, request.portfolio, request.strategy)
        self._counts.fills += fill.kind not in TAKEN_BACK
        if order is None:
            self.early.keep(fill)
            return
        if fill.kind is FillKind.INFERRED:
            self.inferred.setdefault(order.order_id, []).append(fill)
        if replaced is not None:
            order.unfee(replaced.fees)
        if replaced is not None and fill.kind is FillKind.CORRECTED:
            order.reprice(abs(replaced.quantity), fill.price - replaced.price)
        order.fill(fill)

    def _supersede(
        self, order: OrderState, superseded: Collection[str], fill: Fill
    ) -> None:
        """Put a reported fill in the place of what was inferred for its order."""
        reported = [fill]
        for each in self.inferred.pop(order.order_id, []):
            if each.execution_id in superseded:
                self._ledger.replace_inferred(each.key, reported)
                order.unfill(each)
                reported = []
                self._counts.fills -= 1

    def place(self, order: OrderState) -> None:
        """Give an order the fills that came before anybody knew it by an id they name.

        The ledger has booked them, as nobody's.
        """
        fills = self.early.take(order)
        if not fills:
            return
        self._take_back_inferred(order)
        give(order, fills)
        if not order.foreign:
            for venue_order_id in {fill.venue_order_id for fill in fills}:
                self.assign(order, venue_order_id)

    def pass_on(self, ghost: OrderState, order: OrderState) -> None:
        """Count what was filled of a foreign order as filled of ours, which it was."""
        self._take_back_inferred(order)
        inferred = self.inferred.pop(ghost.order_id, None)
        if inferred:
            self.inferred[order.order_id] = inferred
        order.absorb(ghost)

    def assign(self, order: OrderState, venue_order_id: VenueOrderId) -> None:
        """Have the books give what was filled under an id to whose order it is."""
        request = order.request
        self._ledger.assign(
            request.account, venue_order_id, request.portfolio, request.strategy
        )

    def _take_back_inferred(self, order: OrderState) -> None:
        """Take back what was inferred for an order of which reported fills turn up."""
        for each in self.inferred.pop(order.order_id, ()):
            self._ledger.replace_inferred(each.key, ())
            order.unfill(each)
            self._counts.fills -= 1
