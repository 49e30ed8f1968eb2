"""An order in the protocol's words.

https://docs.alpaca.markets/reference/getorderbyorderid-1 and
https://docs.alpaca.markets/docs/orders-at-alpaca, read 2026-11-21.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import OrderStatus, OrderType
from crossdock.sandbox.engine import VenueOrder
from crossdock.sandbox.faces.alpaca.ids import order_id
from crossdock.sandbox.faces.alpaca.times import text_of
from crossdock.sandbox.faces.numbers import plain, plain_or_none

if TYPE_CHECKING:
    from crossdock.sandbox.faces.alpaca.face import AlpacaFace

Row = dict[str, Any]

REPLACED, HELD, NEW = "replaced", "held", "new"
_TIMED_OUT = "expired"
_ENDED = {
    OrderStatus.FILLED: "filled",
    OrderStatus.CANCELED: "canceled",
    OrderStatus.REJECTED: "rejected",
}
_ENDS = {
    "filled": "filled_at",
    "canceled": "canceled_at",
    _TIMED_OUT: "expired_at",
    "rejected": "failed_at",
}


def is_held(order: VenueOrder) -> bool:
    """Tell whether an exit waits for its entry, or a stop for its rival to give way."""
    return order.is_pending or (
        order.is_waiting and order.parent is not None and bool(order.rivals)
    )


def status_of(order: VenueOrder, filled: Decimal) -> str:
    """Return the status of an order of which one link has filled so much."""
    if is_held(order):
        return HELD
    if order.status is OrderStatus.EXPIRED:
        return _TIMED_OUT if order.reason == _TIMED_OUT else "canceled"
    known = _ENDED.get(order.status)
    if known is not None:
        return known
    return "partially_filled" if filled else NEW


def told_status(order: VenueOrder) -> OrderStatus:
    """Return the status of a whole chain as whoever reads the protocol has it."""
    if order.status is OrderStatus.PENDING_NEW:
        return OrderStatus.NEW
    if order.status is OrderStatus.EXPIRED and order.reason != _TIMED_OUT:
        return OrderStatus.CANCELED
    return order.status


class Words:
    """Words orders of one venue."""

    def __init__(self, face: AlpacaFace) -> None:
        self._face = face

    def order(self, order: VenueOrder, *, nested: bool = False) -> Row:
        """Word one link of a chain as it stands; `nested` shows the legs beneath it."""
        link = self._face.chains.link(order.id)
        row = self._row(order)
        if link is not None and link.last is order:
            assert link.replaced_by is not None, "what ended so was taken over from"
            row["status"] = REPLACED
            row["replaced_by"] = order_id(link.replaced_by)
            row["replaced_at"] = row["updated_at"] = text_of(link.replaced_ns)
        if nested and order.legs:
            row["legs"] = [self.order(leg) for leg in order.legs]
        return row

    def as_it_was(self, order: VenueOrder, status: str = "") -> Row:
        """Word an order as it stood, whatever became of it; with its legs."""
        row = self._row(order)
        if order.legs:
            row["legs"] = [self._row(leg) for leg in order.legs]
        if status:
            row["status"] = status
        return row

    def taken(self, order: VenueOrder) -> Row:
        """Word an order as it is told to whoever sent it: nothing befell it yet."""
        row = self.as_it_was(order, "pending_new")
        nothing = {"filled_qty": "0", "filled_avg_price": None}
        row |= nothing | dict.fromkeys(_ENDS.values())
        for leg in row["legs"] or ():
            leg.update(nothing | dict.fromkeys(_ENDS.values()) | {"status": HELD})
        return row

    def _row(self, order: VenueOrder) -> Row:
        chains, executions = self._face.chains, self._face.executions
        terms = chains.terms(order)
        asset = self._face.assets.of(order.symbol)
        carried = chains.carried(order.id)
        filled = order.cumulative_quantity - carried
        status = status_of(order, filled)
        sums = executions.of(order.account, order.id)
        created = text_of(chains.created_ns(order))
        updated = text_of(order.updated_time_ns)
        row: Row = {
            "id": order_id(order.id),
            "client_order_id": chains.client_id(order),
            "created_at": created,
            "updated_at": updated,
            "submitted_at": created,
            "filled_at": None,
            "expired_at": None,
            "expires_at": None if order.end_time_ns is None else text_of(order.end_time_ns),
            "canceled_at": None,
            "failed_at": None,
            "replaced_at": None,
            "replaced_by": None,
            "replaces": None if order.replaces is None else order_id(order.replaces),
            "asset_id": asset.id,
            "symbol": asset.symbol,
            "asset_class": asset.asset_class,
            "notional": plain_or_none(terms.notional),
            "qty": None if terms.notional else plain(order.quantity - carried),
            "filled_qty": plain(filled),
            "filled_avg_price": plain_or_none(_rounded(sums.average(filled))),
            "order_class": terms.order_class,
            "order_type": order.type.value,
            "type": order.type.value,
            "side": order.side.value,
            "position_intent": terms.position_intent,
            "time_in_force": order.time_in_force.value.lower(),
            "limit_price": plain_or_none(order.limit_price),
            "stop_price": plain_or_none(order.stop_price),
            "status": status,
            "extended_hours": terms.extended_hours,
            "legs": None,
            "trail_percent": plain_or_none(order.trail_percent),
            "trail_price": plain_or_none(order.trail_amount),
            "hwm": plain_or_none(self._extreme(order)),
            "subtag": None,
            "source": None,
        }
        ended = _ENDS.get(status)
        if ended is not None:
            row[ended] = updated
        return row

    def _extreme(self, order: VenueOrder) -> Decimal | None:
        """Return the best price a trailing stop has seen, to within a tick."""
        if order.type is not OrderType.TRAILING_STOP or order.stop_price is None:
            return None
        if order.trail_amount is not None:
            return order.stop_price - order.trail_amount * order.side.sign
        assert order.trail_percent is not None, "a trailing stop trails by something"
        tick = self._face.assets.of(order.symbol).market.tick_at(order.stop_price)
        seen = order.stop_price / (1 + order.trail_percent * order.side.sign / 100)
        return (seen / tick).to_integral_value() * tick


_FRACTION = Decimal("1e-9")


def _rounded(price: Decimal | None) -> Decimal | None:
    """Round an average to nine digits; a price that is exact stays as it is."""
    if price is None or price == price.quantize(_FRACTION):
        return price
    return price.quantize(_FRACTION)
