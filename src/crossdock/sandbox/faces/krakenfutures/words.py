"""Orders and fills in Kraken Futures' words.

https://docs.kraken.com/exchange/guides/futures/rest, read 2026-11-21.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import (
    ZERO,
    FillKind,
    Liquidity,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.engine.records import SPRUNG

if TYPE_CHECKING:
    from crossdock.sandbox.faces.krakenfutures.face import KrakenFuturesFace

_ORDER_IDS = "-0000-4000-8000-"
_FILL_IDS = "-0000-4000-9000-"
_TYPES = {
    OrderType.MARKET: "mkt",
    OrderType.LIMIT: "lmt",
    OrderType.STOP: "stop",
    OrderType.STOP_LIMIT: "stop",
    OrderType.MARKET_IF_TOUCHED: "take_profit",
    OrderType.LIMIT_IF_TOUCHED: "take_profit",
    OrderType.TRAILING_STOP: "trailing_stop",
}
_HISTORY_TYPES = {"mkt": "Market", "lmt": "Limit", "post": "PostOnly", "ioc": "IoC"}


def milliseconds(time_ns: int) -> int:
    return time_ns // 1_000_000


def moment(time_ns: int) -> str:
    """Write a time as Kraken does: UTC, to the millisecond."""
    whole, part = divmod(milliseconds(time_ns), 1000)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{part:03d}Z"


def uid(number: str) -> str:
    """Return an order's id as clients see it."""
    return f"{int(number):08x}{_ORDER_IDS}{int(number):012x}"


def order_uid(order: VenueOrder) -> str:
    """Return the id: it stays the same when an order is edited."""
    return uid(order.chain[0])


def number_of(text: str) -> str:
    """Return the engine's id behind an id that a client gave; what is none stays as it is."""
    tail = text.partition(_ORDER_IDS)[2]
    try:
        return str(int(tail, 16)) if tail and uid(str(int(tail, 16))) == text else text
    except ValueError:
        return text


def fill_uid(execution_id: str) -> str:
    number = int(execution_id[1:])
    return f"{number:08x}{_FILL_IDS}{number:012x}"


def type_of(order: VenueOrder) -> str:
    if order.post_only:
        return "post"
    if order.type is OrderType.LIMIT and order.time_in_force is TimeInForce.IOC:
        return "ioc"
    return _TYPES[order.type]


def history_type(order: VenueOrder) -> str:
    return _HISTORY_TYPES.get(type_of(order), "Limit")


def is_trigger(order: VenueOrder) -> bool:
    return order.type in SPRUNG


def is_told(fill: VenueFill) -> bool:
    """Tell whether a fill is one Kraken has words for: it takes no trade back."""
    return fill.kind is FillKind.REPORTED


def life_of(order: VenueOrder) -> str:
    """Return an order's status as orders/status tells it."""
    if order.status is OrderStatus.FILLED:
        return "FULLY_EXECUTED"
    if order.is_done:
        return "CANCELLED"
    return "TRIGGER_PLACED" if order.is_waiting else "ENTERED_BOOK"


class Words:
    """Words orders and fills for one venue."""

    def __init__(self, face: KrakenFuturesFace) -> None:
        self._face = face

    def client_id(self, order: VenueOrder | VenueFill, account: str) -> str | None:
        """Return the id its client gave; None where there is none."""
        shown = self._face.client_id(account, order.client_order_id)
        return None if self._face.trading.is_nameless(shown) else shown

    def open_order(self, order: VenueOrder) -> dict[str, Any]:
        """Return an order as the list of open ones shows it."""
        row: dict[str, Any] = {
            "order_id": order_uid(order),
            "cliOrdId": self.client_id(order, order.account),
            "symbol": self._face.symbols.id(order.symbol),
            "side": order.side.value,
            "orderType": type_of(order),
            "limitPrice": order.limit_price,
            "unfilledSize": order.leaves,
            "filledSize": order.cumulative_quantity,
            "receivedTime": moment(order.created_time_ns),
            "lastUpdateTime": moment(order.updated_time_ns),
            "status": "partiallyFilled" if order.cumulative_quantity else "untouched",
            "reduceOnly": order.reduce_only,
        }
        if is_trigger(order):
            row |= {"stopPrice": order.stop_price, "triggerSignal": "last"}
        return {name: it for name, it in row.items() if it is not None}

    def event_order(self, order: VenueOrder, filled: Decimal | None = None) -> Any:
        """Return an order as events of it show it, as of so much filled."""
        return {
            "type": type_of(order),
            "orderId": order_uid(order),
            "cliOrdId": self.client_id(order, order.account),
            "symbol": self._face.symbols.id(order.symbol),
            "side": order.side.value,
            "quantity": order.quantity,
            "filled": order.cumulative_quantity if filled is None else filled,
            "limitPrice": order.limit_price,
            "reduceOnly": order.reduce_only,
            "timestamp": moment(order.created_time_ns),
            "lastUpdateTimestamp": moment(order.updated_time_ns),
        }

    def trigger(self, order: VenueOrder) -> Any:
        """Return an order that waits for a price as events of it show it."""
        return {
            "uid": order_uid(order),
            "clientId": self.client_id(order, order.account),
            "type": type_of(order),
            "symbol": self._face.symbols.id(order.symbol),
            "side": order.side.value,
            "quantity": order.quantity,
            "limitPrice": order.limit_price,
            "triggerPrice": order.stop_price,
            "triggerSide": "trigger_above"
            if (order.side is Side.BUY) is (type_of(order) == "stop")
            else "trigger_below",
            "triggerSignal": "last_price",
            "reduceOnly": order.reduce_only,
            "timestamp": moment(order.created_time_ns),
            "lastUpdateTimestamp": moment(order.updated_time_ns),
        }

    def placing(self, order: VenueOrder) -> list[Any]:
        """Return the events of an order that was just entered."""
        if order.is_waiting:
            placed = {"type": "PLACE", "orderTrigger": self.trigger(order)}
            return [placed | {"reducedQuantity": None}]
        events: list[Any] = []
        filled = ZERO
        for fill in self._face.host.feed.totals.of(order).fills.values():
            events.append(
                {
                    "type": "EXECUTION",
                    "executionId": fill_uid(fill.execution_id),
                    "price": fill.price,
                    "amount": fill.quantity,
                    "orderPriorEdit": None,
                    "orderPriorExecution": self.event_order(order, filled),
                    "takerReducedQuantity": None,
                }
            )
            filled += fill.quantity
        if not events or not order.is_done:
            placed = {"type": "PLACE", "order": self.event_order(order)}
            events.insert(0, placed | {"reducedQuantity": None})
        return events

    def cached(self, order: VenueOrder) -> dict[str, Any]:
        """Return an order as orders/status shows it."""
        row = self.event_order(order) | {"type": "ORDER"}
        if is_trigger(order):
            row["type"] = "TRIGGER_ORDER"
            row["priceTriggerOptions"] = {
                "triggerPrice": order.stop_price,
                "triggerSignal": "LAST_PRICE",
                "triggerSide": self.trigger(order)["triggerSide"].upper(),
            }
        return {
            "order": row,
            "status": life_of(order),
            "updateReason": None,
            "error": None,
        }

    def fill(self, account: str, fill: VenueFill) -> dict[str, Any]:
        """Return a fill as the account's list of them shows it."""
        row = {
            "fill_id": fill_uid(fill.execution_id),
            "symbol": self._face.symbols.id(fill.symbol),
            "side": fill.side.value,
            "order_id": self._face.fill_order_id(account, fill),
            "cliOrdId": self.client_id(fill, account),
            "size": fill.quantity,
            "price": fill.price,
            "fillTime": moment(fill.time_ns),
            "fillType": "maker" if fill.liquidity is Liquidity.MAKER else "taker",
        }
        return {name: it for name, it in row.items() if it is not None}
