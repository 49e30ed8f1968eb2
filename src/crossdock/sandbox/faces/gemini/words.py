"""Markets, orders and fills in Gemini's words.

https://docs.gemini.com/rest-api/#order-status, …/#get-past-trades and
https://docs.gemini.com/websocket/order-events/event-types, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from typing import TYPE_CHECKING

from crossdock.model import (
    ContractKind,
    FillKind,
    Liquidity,
    OrderStatus,
    OrderType,
    TimeInForce,
)
from crossdock.sandbox.engine import MarketSpec, VenueFill, VenueOrder
from crossdock.sandbox.faces.gemini.params import Row, order_id, trade_id
from crossdock.sandbox.faces.numbers import number, plain
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import SECOND_NS, Host

if TYPE_CHECKING:
    from crossdock.sandbox.faces.gemini.face import GeminiFace

_MS_NS = 1_000_000
_LONG = Context(prec=28)
OPTIONS = {
    "immediate-or-cancel": TimeInForce.IOC,
    "fill-or-kill": TimeInForce.FOK,
}
MAKER_OR_CANCEL = "maker-or-cancel"
_BEHAVIORS = {time: word for word, time in OPTIONS.items()}
_REASONS = {TimeInForce.IOC: "ImmediateOrCancelWouldPost"}


def told_status(order: VenueOrder) -> OrderStatus:
    """Return the status as told: what is done was filled or else cancelled."""
    if order.status in (OrderStatus.EXPIRED, OrderStatus.REJECTED):
        return OrderStatus.CANCELED
    return order.status


def stands(fill: VenueFill) -> bool:
    """Tell whether a fill is a trade: Gemini has no words here for one taken back."""
    return fill.kind is FillKind.REPORTED


class Names:
    """The spot markets of a venue, as Gemini names them: `btcusd`."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @property
    def markets(self) -> Sequence[MarketSpec]:
        found = self._host.venue.markets.values()
        return [it for it in found if it.kind is ContractKind.SPOT]

    def __contains__(self, symbol: str) -> bool:
        return any(it.symbol == symbol for it in self.markets)

    def id(self, symbol: str) -> str:
        return symbol.replace("/", "").lower()

    def market(self, name: str) -> MarketSpec:
        """Return a market. Raises Refusal."""
        for market in self.markets:
            if self.id(market.symbol) == name.lower():
                return market
        raise Refusal("unknown_symbol", f"Supplied value '{name}' is not a valid symbol")


class Words:
    def __init__(self, face: GeminiFace) -> None:
        self._face = face
        self._totals = face.host.feed.totals

    def market(self, market: MarketSpec) -> Row:
        return {
            "symbol": self._face.names.id(market.symbol).upper(),
            "base_currency": market.base,
            "quote_currency": market.quote,
            "tick_size": number(market.quantity_step),
            "quote_increment": number(market.ticks[0][1]),
            "min_order_size": plain(market.min_quantity or market.quantity_step),
            "status": "open",
            "wrap_enabled": False,
            "product_type": "spot",
        }

    def order(self, order: VenueOrder) -> Row:
        """Word an order in whatever state it is."""
        row = self._shared(order) | {
            "id": order_id(order.id),
            "exchange": "gemini",
            "type": self._type(order),
            "was_forced": False,
            "options": [it for it in [self.behavior(order)] if it],
        }
        if told_status(order) is OrderStatus.CANCELED:
            row["reason"] = self.reason(order)
        return row

    def event(self, order: VenueOrder, kind: str, sequence: int) -> Row:
        """Word what happened to an order, but for the sequence of its socket."""
        row = self._shared(order) | {
            "type": kind,
            "order_type": self._type(order),
            "event_id": str(sequence),
            "api_session": self._face.host.keys.of_account(order.account).key,
        }
        if behavior := self.behavior(order):
            row["behavior"] = behavior
        if kind == "cancelled":
            row["reason"] = self.reason(order)
        return row

    def fill(self, account: str, fill: VenueFill) -> Row:
        row = {
            "price": plain(fill.price),
            "amount": plain(fill.quantity),
            "timestamp": fill.time_ns // SECOND_NS,
            "timestampms": fill.time_ns // _MS_NS,
            "type": fill.side.value.capitalize(),
            "aggressor": fill.liquidity is Liquidity.TAKER,
            "fee_currency": fill.fee_asset,
            "fee_amount": plain(fill.fee),
            "tid": trade_id(fill.execution_id),
            "order_id": order_id(fill.order_id),
            "exchange": "gemini",
            "is_auction_fill": False,
            "is_clearing_fill": False,
            "symbol": self._face.names.id(fill.symbol).upper(),
        }
        given = self._face.given_id(account, fill.client_order_id)
        return row if given is None else row | {"client_order_id": given}

    def behavior(self, order: VenueOrder) -> str | None:
        if order.post_only:
            return MAKER_OR_CANCEL
        return _BEHAVIORS.get(order.time_in_force)

    def reason(self, order: VenueOrder) -> str:
        """Return why an order was cancelled."""
        if order.status is OrderStatus.CANCELED:
            return "Requested"
        return _REASONS.get(order.time_in_force, "FillOrKillWouldNotFill")

    def _shared(self, order: VenueOrder) -> Row:
        filled = order.cumulative_quantity
        average = Decimal(0)
        if filled:
            average = _LONG.divide(self._totals.of(order).cost, filled)
        row = {
            "order_id": order_id(order.id),
            "symbol": self._face.names.id(order.symbol),
            "side": order.side.value,
            "timestamp": str(order.created_time_ns // SECOND_NS),
            "timestampms": order.created_time_ns // _MS_NS,
            "is_live": not order.is_done,
            "is_cancelled": told_status(order) is OrderStatus.CANCELED,
            "is_hidden": False,
            "avg_execution_price": plain(average),
            "executed_amount": plain(filled),
            "remaining_amount": plain(order.leaves),
            "original_amount": plain(order.quantity),
            "price": plain(order.limit_price or Decimal(0)),
        }
        if order.stop_price is not None:
            row["stop_price"] = plain(order.stop_price)
        given = self._face.given_id(order.account, order.client_order_id)
        return row if given is None else row | {"client_order_id": given}

    def _type(self, order: VenueOrder) -> str:
        stops = order.type is OrderType.STOP_LIMIT
        return "exchange stop limit" if stops else "exchange limit"
