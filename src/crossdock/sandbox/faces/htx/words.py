"""Numbers, orders and fills in HTX's words.

https://huobiapi.github.io/docs/spot/v1/en/#get-the-order-detail-of-an-order and
…#search-match-results, read 2026-11-21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock.model import (
    LIMITED,
    ZERO,
    Liquidity,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.numbers import plain

if TYPE_CHECKING:
    from crossdock.sandbox.faces.htx.face import HtxFace

Row = dict[str, Any]

_MS_NS = 1_000_000
_STOPS = frozenset({OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED})


def ms(time_ns: int) -> int:
    return time_ns // _MS_NS


def side_of(side: Side) -> str:
    return "buy" if side is Side.BUY else "sell"


def type_of(order: VenueOrder) -> str:
    kind = "limit" if order.type in LIMITED else "market"
    if order.type in _STOPS:
        kind = "stop-limit"
    if order.post_only:
        kind = "limit-maker"
    if order.time_in_force is TimeInForce.FOK:
        kind = f"{kind}-fok"
    elif order.time_in_force is TimeInForce.IOC:
        kind = "ioc"
    return f"{side_of(order.side)}-{kind}"


def operator_of(order: VenueOrder) -> str:
    """Return where the price has to go for an order's trigger to be reached."""
    stops = order.type is OrderType.STOP_LIMIT
    return "gte" if stops is (order.side is Side.BUY) else "lte"


def told_status(order: VenueOrder) -> OrderStatus:
    """Return the status HTX tells: what is done was filled or else canceled."""
    if order.status in (OrderStatus.EXPIRED, OrderStatus.REJECTED):
        return OrderStatus.CANCELED
    return order.status


def state_of(order: VenueOrder) -> str:
    if order.is_waiting and not order.is_done:
        return "created"
    part = "partial-" if order.cumulative_quantity else ""
    match told_status(order):
        case OrderStatus.FILLED:
            return "filled"
        case OrderStatus.CANCELED:
            return f"{part}canceled"
        case _:
            return "partial-filled" if part else "submitted"


class Words:
    def __init__(self, face: HtxFace) -> None:
        self._face = face
        self._totals = face.host.feed.totals

    def order(self, order: VenueOrder) -> Row:
        total = self._totals.of(order)
        ended = ms(order.updated_time_ns) if order.is_done else 0
        row: Row = {
            "id": int(order.chain[0]),
            "symbol": self._face.names.id(order.symbol),
            "account-id": self._face.account_id(order.account),
            "client-order-id": self.client_id(order),
            "amount": plain(order.quantity),
            "price": plain(order.limit_price or ZERO),
            "created-at": ms(order.created_time_ns),
            "type": type_of(order),
            "filled-amount": plain(order.cumulative_quantity),
            "filled-cash-amount": plain(total.cost),
            "filled-fees": plain(sum(total.fees.values(), ZERO)),
            "field-amount": plain(order.cumulative_quantity),
            "field-cash-amount": plain(total.cost),
            "field-fees": plain(sum(total.fees.values(), ZERO)),
            "finished-at": ended,
            "canceled-at": ended if "canceled" in state_of(order) else 0,
            "source": "spot-api",
            "state": state_of(order),
        }
        if order.stop_price is not None:
            row |= {
                "stop-price": plain(order.stop_price),
                "operator": operator_of(order),
            }
        return row

    def match(self, account: str, fill: VenueFill) -> Row:
        order = self._face.host.venue.find(account, order_id=fill.order_id)
        return {
            "symbol": self._face.names.id(fill.symbol),
            "fee-currency": fill.fee_asset.lower(),
            "source": "spot-api",
            "price": plain(fill.price),
            "created-at": ms(fill.time_ns),
            "role": "maker" if fill.liquidity is Liquidity.MAKER else "taker",
            "order-id": int(order.chain[0]),
            "match-id": fill.sequence,
            "trade-id": int(trade_id(fill.execution_id)),
            "filled-amount": plain(fill.quantity),
            "filled-fees": plain(fill.fee),
            "filled-points": "0",
            "fee-deduct-currency": "",
            "fee-deduct-state": "done",
            "id": fill.sequence,
            "type": type_of(order),
        }

    def client_id(self, order: VenueOrder) -> str:
        return self._face.client_order_id(order.account, order.client_order_id) or ""


def trade_id(execution: str) -> str:
    return execution.lstrip("EVT")
