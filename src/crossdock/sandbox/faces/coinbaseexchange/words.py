"""Orders and fills in Coinbase Exchange's words.

https://docs.cdp.coinbase.com/exchange/reference/exchangerestapi_getorder, read 2026-11-21.
"""

from __future__ import annotations

from datetime import UTC, datetime
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

if TYPE_CHECKING:
    from crossdock.sandbox.faces.coinbaseexchange.face import CoinbaseExchangeFace

_ORDER_IDS = "-0000-4000-8000-"
_STOPS = (OrderType.STOP_LIMIT, OrderType.STOP)


def moment(time_ns: int) -> str:
    """Write a time as Coinbase does: UTC, to the microsecond."""
    whole, part = divmod(time_ns // 1000, 10**6)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{part:06d}Z"


def uid(number: str) -> str:
    """Return an order's id as clients see it."""
    return f"{int(number):08x}{_ORDER_IDS}{int(number):012x}"


def order_uid(order: VenueOrder) -> str:
    return uid(order.chain[0])


def number_of(text: str) -> str:
    """Return the engine's id behind an id that a client gave; what is none stays as it is."""
    tail = text.partition(_ORDER_IDS)[2]
    try:
        return str(int(tail, 16)) if tail and uid(str(int(tail, 16))) == text else text
    except ValueError:
        return text


def trade_id(fill: VenueFill) -> int:
    return int(fill.execution_id[1:])


def is_told(fill: VenueFill) -> bool:
    """Tell whether a fill is one Coinbase has words for: it takes no trade back."""
    return fill.kind is FillKind.REPORTED


def is_kept(order: VenueOrder) -> bool:
    """Tell whether an order can be looked up: one that ended without a fill cannot."""
    return not order.is_done or bool(order.cumulative_quantity)


def stop_of(order: VenueOrder) -> str:
    """Return which way the price has to go for a stop, "" for what is none."""
    if order.stop_price is None:
        return ""
    rises = (order.type in _STOPS) is (order.side is Side.BUY)
    return "entry" if rises else "loss"


def status_of(order: VenueOrder) -> str:
    if order.is_done:
        return "done"
    return "active" if order.is_waiting else "open"


def type_of(order: VenueOrder) -> str:
    return "market" if order.limit_price is None else "limit"


def time_in_force(order: VenueOrder) -> str:
    tif = order.time_in_force
    if tif is TimeInForce.GTD:
        return "GTT"
    return tif.value if tif in (TimeInForce.IOC, TimeInForce.FOK) else "GTC"


class Words:
    """Words orders and fills for one venue."""

    def __init__(self, face: CoinbaseExchangeFace) -> None:
        self._face = face
        self._totals = face.host.feed.totals

    def client_id(self, order: VenueOrder) -> str:
        """Return the id its client gave, "" where there is none."""
        shown = self._face.client_id(order.account, order.client_order_id)
        return "" if self._face.trading.is_nameless(shown) else shown

    def order(self, order: VenueOrder) -> dict[str, Any]:
        """Return an order as look-ups show it."""
        total = self._totals.of(order)
        row: dict[str, Any] = {
            "id": order_uid(order),
            "size": format(order.quantity, "f"),
            "product_id": self._face.products.id(order.symbol),
            "profile_id": self._face.profile_id(order.account),
            "side": order.side.value,
            "type": type_of(order),
            "time_in_force": time_in_force(order),
            "post_only": order.post_only,
            "created_at": moment(order.created_time_ns),
            "fill_fees": format(sum(total.fees.values(), ZERO), "f"),
            "filled_size": format(order.cumulative_quantity, "f"),
            "executed_value": format(total.cost, "f"),
            "status": status_of(order),
            "settled": order.status is OrderStatus.FILLED,
        }
        if order.limit_price is not None:
            row["price"] = format(order.limit_price, "f")
        if order.stop_price is not None:
            row["stop"] = stop_of(order)
            row["stop_price"] = format(order.stop_price, "f")
        if self.client_id(order):
            row["client_oid"] = self.client_id(order)
        if order.is_done:
            filled = order.status is OrderStatus.FILLED
            row["done_at"] = moment(order.updated_time_ns)
            row["done_reason"] = "filled" if filled else "canceled"
        if order.expire_time_ns is not None:
            row["expire_time"] = moment(order.expire_time_ns)
        return row

    def placed(self, order: VenueOrder) -> dict[str, Any]:
        """Return the reply to a new order: it is told before it is matched."""
        row = self.order(order)
        row |= {
            "status": "active" if order.is_waiting else "pending",
            "filled_size": "0",
            "executed_value": "0",
            "fill_fees": "0",
            "settled": False,
        }
        for name in ("done_at", "done_reason"):
            row.pop(name, None)
        return row

    def fill(self, account: str, fill: VenueFill) -> dict[str, Any]:
        return {
            "created_at": moment(fill.time_ns),
            "trade_id": trade_id(fill),
            "product_id": self._face.products.id(fill.symbol),
            "order_id": self._face.fill_order_id(account, fill),
            "user_id": account,
            "profile_id": self._face.profile_id(account),
            "liquidity": "M" if fill.liquidity is Liquidity.MAKER else "T",
            "price": format(fill.price, "f"),
            "size": format(fill.quantity, "f"),
            "fee": format(fill.fee, "f"),
            "side": fill.side.value,
            "settled": True,
            "usd_volume": format(fill.price * fill.quantity, "f"),
        }
