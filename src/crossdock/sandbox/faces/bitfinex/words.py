"""Orders, fills and wallets in Bitfinex's words: lists whose places have meanings.

https://docs.bitfinex.com/reference/rest-auth-retrieve-orders, …/rest-auth-trades and
…/rest-auth-wallets, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import TYPE_CHECKING

from crossdock.model import (
    Contingency,
    FillKind,
    Liquidity,
    OrderStatus,
    OrderType,
    TimeInForce,
)
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.bitfinex.names import currency
from crossdock.sandbox.faces.bitfinex.params import Row, number, order_id, trade_id
from crossdock.sandbox.faces.numbers import plain

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bitfinex.face import BitfinexFace

REDUCE_ONLY, POST_ONLY, OCO = 1024, 4096, 16384
_MS_NS = 1_000_000
_LONG = Context(prec=28)
_TYPES: Mapping[OrderType, str] = {
    OrderType.MARKET: "MARKET",
    OrderType.LIMIT: "LIMIT",
    OrderType.STOP: "STOP",
    OrderType.STOP_LIMIT: "STOP LIMIT",
    OrderType.TRAILING_STOP: "TRAILING STOP",
}
_AT_ONCE = {TimeInForce.IOC: "IOC", TimeInForce.FOK: "FOK"}
_ENDS = {TimeInForce.IOC: "IOC CANCELED", TimeInForce.FOK: "FILLORKILL CANCELED"}


def told_status(order: VenueOrder) -> OrderStatus:
    """Return the status as told: what is done was executed or else cancelled."""
    if order.status in (OrderStatus.EXPIRED, OrderStatus.REJECTED):
        return OrderStatus.CANCELED
    return order.status


def stands(fill: VenueFill) -> bool:
    """Tell whether a fill is a trade: Bitfinex has no words for one taken back."""
    return fill.kind is FillKind.REPORTED


def kind_of(order: VenueOrder) -> str:
    """Return the order's type as it was asked for."""
    if order.type is OrderType.LIMIT and order.time_in_force in _AT_ONCE:
        return f"EXCHANGE {_AT_ONCE[order.time_in_force]}"
    return f"EXCHANGE {_TYPES[order.type]}"


class Words:
    def __init__(self, face: BitfinexFace) -> None:
        self._face = face
        self._totals = face.host.feed.totals

    def order(self, order: VenueOrder, *, fresh: bool = False) -> Row:
        """Word an order as it is, or, `fresh`, as it was asked for."""
        sign = order.side.sign
        left = order.quantity if fresh else order.leaves
        rests = order.type is OrderType.STOP_LIMIT and order.has_triggered
        kind = kind_of(order)
        price = order.limit_price if order.stop_price is None or rests else order.stop_price
        aux = order.limit_price if order.type is OrderType.STOP_LIMIT else None
        row: Row = [None] * 32
        row[0] = order_id(order.chain[0])
        row[2] = self._face.cid(order.account, order.client_order_id)
        row[3] = self._face.names.id(order.symbol)
        row[4] = order.created_time_ns // _MS_NS
        row[5] = order.updated_time_ns // _MS_NS
        row[6] = number(sign * left)
        row[7] = number(sign * order.quantity)
        row[8] = "EXCHANGE LIMIT" if rests else kind
        row[9] = kind if rests else None
        row[10] = None if order.end_time_ns is None else order.end_time_ns // _MS_NS
        row[12] = self._flags(order)
        row[13] = "ACTIVE" if fresh else self._status(order)
        row[16] = number(price)
        row[17] = number(None if fresh else self._average(order))
        row[18] = number(order.trail_amount)
        row[19] = number(aux)
        row[23] = row[24] = 0
        row[25] = None if order.parent is None else order_id(order.parent.chain[0])
        row[28] = "API>BFX"
        row[31] = {"$F7": 1} if order.post_only else {}
        return row

    def fill(self, account: str, fill: VenueFill, *, with_fee: bool = True) -> Row:
        """Word a trade; a fee that was paid is negative."""
        order = self._face.host.venue.find(account, order_id=fill.order_id)
        return [
            trade_id(fill.execution_id),
            self._face.names.id(fill.symbol),
            fill.time_ns // _MS_NS,
            order_id(order.chain[0]),
            number(fill.side.sign * fill.quantity),
            number(fill.price),
            kind_of(order),
            number(order.limit_price or order.stop_price),
            1 if fill.liquidity is Liquidity.MAKER else -1,
            number(-fill.fee) if with_fee else None,
            currency(fill.fee_asset) if with_fee else None,
            self._face.cid(account, fill.client_order_id),
        ]

    def wallet(self, asset: str, total: Decimal, held: Decimal) -> Row:
        code, free = currency(asset), number(total - held)
        return ["exchange", code, number(total), 0, free, None, None]

    def notification(self, now_ns: int, kind: str, data: object, text: str) -> Row:
        return [now_ns // _MS_NS, kind, None, None, data, None, "SUCCESS", text]

    def _flags(self, order: VenueOrder) -> int:
        paired = order.contingency is Contingency.OCO
        return order.reduce_only * REDUCE_ONLY + order.post_only * POST_ONLY + paired * OCO

    def _average(self, order: VenueOrder) -> Decimal | None:
        if not order.cumulative_quantity:
            return None
        return _LONG.divide(self._totals.of(order).cost, order.cumulative_quantity)

    def _status(self, order: VenueOrder) -> str:
        fills = list(self._totals.of(order).fills.values())
        status = told_status(order)
        if status is OrderStatus.FILLED:
            told = f"EXECUTED @ {_at(fills[-1])}"
            return f"{told}: was {_partly(fills[:-1])}" if fills[1:] else told
        if status is OrderStatus.CANCELED:
            ended = order.status is OrderStatus.EXPIRED
            told = _ENDS.get(order.time_in_force, "CANCELED") if ended else "CANCELED"
            return f"{told} was: {_partly(fills)}" if fills else told
        return _partly(fills) if fills else "ACTIVE"


def _partly(fills: Sequence[VenueFill]) -> str:
    return ", ".join(f"PARTIALLY FILLED @ {_at(it)}" for it in fills)


def _at(fill: VenueFill) -> str:
    return f"{plain(fill.price)}({plain(fill.side.sign * fill.quantity)})"
