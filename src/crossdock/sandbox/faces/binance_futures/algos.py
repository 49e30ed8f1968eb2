"""Orders of the algo service, and which of them went on to the matching engine."""

from __future__ import annotations

from crossdock.sandbox.engine import VenueOrder
from crossdock.sandbox.engine.records import SPRUNG
from crossdock.sandbox.faces.binance_futures.words import word_of

_ENDED_WAITING = frozenset({"expired", "liquidation"})
"""Reasons of the engine's by which an order may end that waits for its price."""


def is_algo(order: VenueOrder) -> bool:
    """Tell whether an order was given to the algo service."""
    return order.type in SPRUNG


class Algos:
    """The algo orders of one venue. The engine forgets that one waited when it ends."""

    def __init__(self) -> None:
        self._withdrawn: set[int] = set()

    def withdraw(self, order: VenueOrder) -> None:
        """Note that an order is about to be canceled as it waits."""
        self._withdrawn.add(order.number)

    def has_triggered(self, order: VenueOrder) -> bool:
        if not is_algo(order) or order.is_waiting or order.number in self._withdrawn:
            return False
        return bool(order.cumulative_quantity) or order.reason not in _ENDED_WAITING

    def is_placed(self, order: VenueOrder) -> bool:
        """Tell whether the matching engine has, or had, an order."""
        return not is_algo(order) or self.has_triggered(order)

    def status(self, order: VenueOrder) -> str:
        if not self.has_triggered(order):
            return word_of(order.status)
        return "FINISHED" if order.is_done else "TRIGGERED"
