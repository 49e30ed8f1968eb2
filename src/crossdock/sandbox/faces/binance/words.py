"""Orders and fills in Binance's words."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import (
    ZERO,
    Contingency,
    FillKind,
    Liquidity,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.binance_words.writing import (
    eight,
    milliseconds,
    side_of,
)

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance.face import BinanceFace

STP = "EXPIRE_MAKER"
_TYPES = {
    OrderType.MARKET: "MARKET",
    OrderType.LIMIT: "LIMIT",
    OrderType.STOP: "STOP_LOSS",
    OrderType.STOP_LIMIT: "STOP_LOSS_LIMIT",
    OrderType.MARKET_IF_TOUCHED: "TAKE_PROFIT",
    OrderType.LIMIT_IF_TOUCHED: "TAKE_PROFIT_LIMIT",
    OrderType.TRAILING_STOP: "STOP_LOSS",
}
_STATUSES = {
    OrderStatus.PENDING_NEW: "PENDING_NEW",
    OrderStatus.NEW: "NEW",
    OrderStatus.PARTIALLY_FILLED: "PARTIALLY_FILLED",
    OrderStatus.FILLED: "FILLED",
    OrderStatus.CANCELED: "CANCELED",
    OrderStatus.REJECTED: "REJECTED",
    OrderStatus.EXPIRED: "EXPIRED",
}
_EXPIRY = {
    "no_liquidity": "INSUFFICIENT_LIQUIDITY",
    "one_cancels_the_other": "OCO_TRIGGER",
    "parent": "OTO_PHASE_ONE_EXPIRED",
    "self_trade": "EXCHANGE_CANCELED",
}
_EXPIRED = frozenset({"one_cancels_the_other", "self_trade"})
"""Reasons of the engine's for cancels that Binance calls expiries."""


def type_of(order: VenueOrder) -> str:
    if order.post_only:
        return "LIMIT_MAKER"
    return _TYPES[order.type]


def time_in_force(order: VenueOrder) -> str:
    tif = order.time_in_force
    return str(tif) if tif in (TimeInForce.IOC, TimeInForce.FOK) else "GTC"


def told_status(order: VenueOrder) -> OrderStatus:
    """Return the status Binance tells: what it ends by itself has expired.

    Who cancels one order of a list has cancelled all of it.
    """
    if order.status is not OrderStatus.CANCELED or order.reason not in _EXPIRED:
        return order.status
    by_hand = (it for it in list_of(order) if not it.reason)
    if any(it.status is OrderStatus.CANCELED for it in by_hand):
        return OrderStatus.CANCELED
    return OrderStatus.EXPIRED


def status_of(order: VenueOrder) -> str:
    if order.status is OrderStatus.CANCELED and order.reason == "self_trade":
        return "EXPIRED_IN_MATCH"
    return _STATUSES[told_status(order)]


def expiry_reason(order: VenueOrder) -> str:
    if order.time_in_force is TimeInForce.IOC and order.reason not in _EXPIRY:
        return "UNFILLED_IOC_QUANTITY_EXPIRED"
    return _EXPIRY.get(order.reason, "EXCHANGE_CANCELED")


def order_id(order: VenueOrder) -> int:
    """Return the id: it stays the same when an order is amended."""
    return int(order.chain[0])


def list_id(order: VenueOrder) -> int:
    """Return the id of an order's list, -1 when it stands alone."""
    if order.parent is not None:
        return order.parent.number
    return order.number if order.contingency is not None else -1


def list_of(order: VenueOrder) -> list[VenueOrder]:
    """Return an order's list, the working order first."""
    parent = order.parent or order
    return [parent, *parent.legs]


def list_kind(order: VenueOrder) -> str:
    contingency = (order.parent or order).contingency
    return "OCO" if contingency is Contingency.OCO else "OTO"


def bips(percent: Decimal) -> int:
    return int(percent * 100)


class Words:
    """Words orders and fills for one venue."""

    def __init__(self, face: BinanceFace) -> None:
        self._face = face
        self._totals = face.host.feed.totals

    def client_id(self, order: VenueOrder | VenueFill, account: str) -> str:
        return self._face.client_id(account, order.client_order_id)

    def order(self, order: VenueOrder) -> dict[str, Any]:
        """Return an order as look-ups show it."""
        is_working = not (order.is_waiting or order.is_pending)
        row: dict[str, Any] = {
            "symbol": self._face.symbols.id(order.symbol),
            "orderId": order_id(order),
            "orderListId": list_id(order),
            "clientOrderId": self.client_id(order, order.account),
            "price": eight(order.limit_price or ZERO),
            "origQty": eight(order.quantity),
            "executedQty": eight(order.cumulative_quantity),
            "cummulativeQuoteQty": eight(self._totals.of(order).cost),
            "status": status_of(order),
            "timeInForce": time_in_force(order),
            "type": type_of(order),
            "side": side_of(order.side),
            "stopPrice": eight(self.stop_price(order)),
            "icebergQty": eight(ZERO),
            "time": milliseconds(order.created_time_ns),
            "updateTime": milliseconds(order.updated_time_ns),
            "isWorking": is_working,
            "workingTime": milliseconds(order.created_time_ns) if is_working else -1,
            "origQuoteOrderQty": eight(ZERO),
            "selfTradePreventionMode": STP,
        }
        if order.trail_percent is not None:
            row["trailingDelta"] = bips(order.trail_percent)
        return row

    def acknowledged(self, order: VenueOrder) -> dict[str, Any]:
        """Return the least that is said of a new order."""
        return {
            "symbol": self._face.symbols.id(order.symbol),
            "orderId": order_id(order),
            "orderListId": list_id(order),
            "clientOrderId": self.client_id(order, order.account),
            "transactTime": milliseconds(order.updated_time_ns),
        }

    def placed(self, order: VenueOrder, manner: str) -> dict[str, Any]:
        """Return the reply to a new order: ACK, RESULT or FULL."""
        row = self.acknowledged(order)
        if manner == "ACK":
            return row
        row |= self._terms(order)
        if not (order.is_waiting or order.is_pending):
            row["workingTime"] = milliseconds(order.created_time_ns)
        if manner == "FULL":
            fills = self._totals.of(order).fills.values()
            row["fills"] = [self._partial(fill) for fill in fills]
        return row

    def canceled(self, order: VenueOrder, cancel_id: str) -> dict[str, Any]:
        row = self.acknowledged(order) | self._terms(order)
        row["origClientOrderId"] = row["clientOrderId"]
        row["clientOrderId"] = cancel_id
        return row

    def amended(self, order: VenueOrder, before: str) -> dict[str, Any]:
        return {
            "symbol": self._face.symbols.id(order.symbol),
            "orderId": order_id(order),
            "orderListId": list_id(order),
            "origClientOrderId": before,
            "clientOrderId": self.client_id(order, order.account),
            "price": eight(order.limit_price or ZERO),
            "qty": eight(order.quantity),
            "executedQty": eight(order.cumulative_quantity),
            "preventedQty": eight(ZERO),
            "quoteOrderQty": eight(ZERO),
            "cumulativeQuoteQty": eight(self._totals.of(order).cost),
            "status": status_of(order),
            "timeInForce": time_in_force(order),
            "type": type_of(order),
            "side": side_of(order.side),
            "workingTime": milliseconds(order.updated_time_ns),
            "selfTradePreventionMode": STP,
        }

    def order_list(self, order: VenueOrder) -> dict[str, Any]:
        """Return an order list as look-ups show it."""
        members = list_of(order)
        is_done = all(it.is_done for it in members)
        return {
            "orderListId": list_id(order),
            "contingencyType": list_kind(order),
            "listStatusType": "ALL_DONE" if is_done else "EXEC_STARTED",
            "listOrderStatus": "ALL_DONE" if is_done else "EXECUTING",
            "listClientOrderId": self._face.lists.name(members[0]),
            "transactionTime": milliseconds(max(it.updated_time_ns for it in members)),
            "symbol": self._face.symbols.id(order.symbol),
            "orders": [
                {
                    "symbol": self._face.symbols.id(it.symbol),
                    "orderId": order_id(it),
                    "clientOrderId": self.client_id(it, it.account),
                }
                for it in members
            ],
        }

    def trade(self, account: str, fill: VenueFill) -> dict[str, Any]:
        """Return a fill as the account's trades list it."""
        return {
            "symbol": self._face.symbols.id(fill.symbol),
            "id": trade_id(fill),
            "orderId": int(self._face.fill_order_id(account, fill)),
            "orderListId": -1,
            "price": eight(fill.price),
            "qty": eight(fill.quantity),
            "quoteQty": eight(fill.price * fill.quantity),
            "commission": eight(fill.fee),
            "commissionAsset": fill.fee_asset,
            "time": milliseconds(fill.time_ns),
            "isBuyer": fill.side is Side.BUY,
            "isMaker": fill.liquidity is Liquidity.MAKER,
            "isBestMatch": True,
        }

    def stop_price(self, order: VenueOrder) -> Decimal:
        return ZERO if order.trail_percent is not None else order.stop_price or ZERO

    def _terms(self, order: VenueOrder) -> dict[str, Any]:
        row: dict[str, Any] = {
            "price": eight(order.limit_price or ZERO),
            "origQty": eight(order.quantity),
            "executedQty": eight(order.cumulative_quantity),
            "origQuoteOrderQty": eight(ZERO),
            "cummulativeQuoteQty": eight(self._totals.of(order).cost),
            "status": status_of(order),
            "timeInForce": time_in_force(order),
            "type": type_of(order),
            "side": side_of(order.side),
            "selfTradePreventionMode": STP,
        }
        if order.trail_percent is not None:
            row["trailingDelta"] = bips(order.trail_percent)
        elif order.stop_price is not None:
            row["stopPrice"] = eight(order.stop_price)
        return row

    def _partial(self, fill: VenueFill) -> dict[str, Any]:
        return {
            "price": eight(fill.price),
            "qty": eight(fill.quantity),
            "commission": eight(fill.fee),
            "commissionAsset": fill.fee_asset,
            "tradeId": trade_id(fill),
        }


def trade_id(fill: VenueFill) -> int:
    return int(fill.execution_id[1:])


def is_told(fill: VenueFill) -> bool:
    """Tell whether a fill is one Binance has words for: it takes no trade back."""
    return fill.kind is FillKind.REPORTED
