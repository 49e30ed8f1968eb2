"""Orders and fills in the words of Binance's futures exchanges."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import (
    ZERO,
    FillKind,
    Liquidity,
    OrderStatus,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
)
from crossdock.sandbox.engine import MarketSpec, VenueFill, VenueOrder
from crossdock.sandbox.engine.exact import value
from crossdock.sandbox.faces.binance_words.writing import milliseconds, side_of
from crossdock.sandbox.faces.numbers import plain

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance_futures.exchange import FuturesFace

STP = "EXPIRE_MAKER"
_ALGO_IDS = 3_000_000_000
"""Algo orders are counted apart: their ids begin here."""

_DIVIDING = Context(prec=28)
_EIGHT = Decimal("1e-8")
_TYPES = {
    OrderType.MARKET: "MARKET",
    OrderType.LIMIT: "LIMIT",
    OrderType.STOP: "STOP_MARKET",
    OrderType.STOP_LIMIT: "STOP",
    OrderType.MARKET_IF_TOUCHED: "TAKE_PROFIT_MARKET",
    OrderType.LIMIT_IF_TOUCHED: "TAKE_PROFIT",
    OrderType.TRAILING_STOP: "TRAILING_STOP_MARKET",
}
_STATUSES = {
    OrderStatus.PENDING_NEW: "NEW",
    OrderStatus.NEW: "NEW",
    OrderStatus.PARTIALLY_FILLED: "PARTIALLY_FILLED",
    OrderStatus.FILLED: "FILLED",
    OrderStatus.CANCELED: "CANCELED",
    OrderStatus.REJECTED: "REJECTED",
    OrderStatus.EXPIRED: "EXPIRED",
}
_POSITION_SIDES = {
    PositionSide.NET: "BOTH",
    PositionSide.LONG: "LONG",
    PositionSide.SHORT: "SHORT",
}


def order_id(order: VenueOrder) -> int:
    """Return the id: it stays the same when an order is amended."""
    return int(order.chain[0])


def algo_id(order: VenueOrder) -> int:
    return _ALGO_IDS + order_id(order)


def engine_id(number: int) -> str:
    """Return the engine's id of an algo order."""
    return str(number - _ALGO_IDS)


def trade_id(fill: VenueFill) -> int:
    return int(fill.execution_id[1:])


def is_told(fill: VenueFill) -> bool:
    """Tell whether a fill is one Binance has words for: it takes no trade back."""
    return fill.kind is FillKind.REPORTED


def told_status(order: VenueOrder) -> OrderStatus:
    """Return the status Binance tells: what it ends by itself has expired."""
    if order.status is OrderStatus.CANCELED and order.reason == "self_trade":
        return OrderStatus.EXPIRED
    return order.status


def status_of(order: VenueOrder) -> str:
    if order.status is OrderStatus.CANCELED and order.reason == "self_trade":
        return "EXPIRED_IN_MATCH"
    return _STATUSES[order.status]


def word_of(status: OrderStatus) -> str:
    return _STATUSES[status]


def type_of(order: VenueOrder) -> str:
    """Return what an order is in the matching engine."""
    return "MARKET" if order.limit_price is None else "LIMIT"


def asked_type(order: VenueOrder) -> str:
    return _TYPES[order.type]


def time_in_force(order: VenueOrder) -> str:
    if order.post_only:
        return "GTX"
    tif = order.time_in_force
    known = (TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD)
    return str(tif) if tif in known else "GTC"


def position_side(side: PositionSide) -> str:
    return _POSITION_SIDES[side]


def worth(market: MarketSpec, fills: Iterable[VenueFill]) -> Decimal:
    """Return what fills come to in the asset the market settles in."""
    return sum((value(market, it.quantity, it.price) for it in fills), ZERO)


def average(market: MarketSpec, quantity: Decimal, money: Decimal) -> str:
    """Return the average price of a quantity that came to some money."""
    if not quantity or not money:
        return "0.00000"
    size = quantity * market.multiplier
    inverse = market.settle == market.base
    found = _DIVIDING.divide(size, money) if inverse else _DIVIDING.divide(money, size)
    return plain(found.quantize(_EIGHT, context=_DIVIDING))


def expiry_ms(order: VenueOrder) -> int:
    is_gtd = order.time_in_force is TimeInForce.GTD
    return milliseconds(order.end_time_ns or 0) if is_gtd else 0


class Words:
    """Words orders and fills for one venue."""

    def __init__(self, face: FuturesFace) -> None:
        self._face = face
        self._venue = face.host.venue
        self._totals = face.host.feed.totals
        self._terms = face.terms

    def client_id(self, order: VenueOrder) -> str:
        return self._face.client_id(order.account, order.client_order_id)

    def cost(self, order: VenueOrder) -> Decimal:
        """Return the money an order has come to, by as much of it as it shows filled."""
        market, left = self._venue.markets[order.symbol], order.cumulative_quantity
        money = ZERO
        for it in self._totals.of(order).fills.values():
            if left <= 0:
                break
            money += value(market, it.quantity, it.price)
            left -= it.quantity
        return money

    def average_of(self, order: VenueOrder) -> str:
        market = self._venue.markets[order.symbol]
        return average(market, order.cumulative_quantity, self.cost(order))

    def order(self, order: VenueOrder) -> dict[str, Any]:
        """Return an order of the matching engine as look-ups show it."""
        name = self._face.symbols.id(order.symbol)
        row: dict[str, Any] = {
            "orderId": order_id(order),
            "symbol": name,
            "status": status_of(order),
            "clientOrderId": self.client_id(order),
            "price": plain(order.limit_price or ZERO),
            "avgPrice": self.average_of(order),
            "origQty": plain(order.quantity),
            "executedQty": plain(order.cumulative_quantity),
            f"cum{self._terms.money}": plain(self.cost(order)),
            "timeInForce": time_in_force(order),
            "type": type_of(order),
            "reduceOnly": order.reduce_only,
            "closePosition": False,
            "side": side_of(order.side),
            "positionSide": position_side(order.position_side),
            "stopPrice": "0",
            "workingType": "CONTRACT_PRICE",
            "priceProtect": False,
            "origType": asked_type(order),
            "priceMatch": "NONE",
            "selfTradePreventionMode": STP,
            "goodTillDate": expiry_ms(order),
            "time": milliseconds(order.created_time_ns),
            "updateTime": milliseconds(order.updated_time_ns),
        }
        return row | self.pair(name)

    def pair(self, name: str) -> dict[str, str]:
        return {"pair": name.partition("_")[0]} if self._terms.is_inverse else {}

    def placed(self, order: VenueOrder) -> dict[str, Any]:
        """Return the reply to a new order, a cancel or an amendment."""
        row = self.order(order)
        del row["time"]
        return row | {"cumQty": row["executedQty"]}

    def algo(self, order: VenueOrder) -> dict[str, Any]:
        """Return an order of the algo service."""
        went_on = self._face.algos.has_triggered(order)
        row: dict[str, Any] = {
            "algoId": algo_id(order),
            "clientAlgoId": self.client_id(order),
            "algoType": "CONDITIONAL",
            "orderType": asked_type(order),
            "symbol": self._face.symbols.id(order.symbol),
            "side": side_of(order.side),
            "positionSide": position_side(order.position_side),
            "timeInForce": time_in_force(order),
            "quantity": plain(order.quantity),
            "algoStatus": self._face.algos.status(order),
            "actualOrderId": str(order_id(order)) if went_on else "",
            "actualPrice": self.average_of(order),
            "triggerPrice": plain(self.trigger(order)),
            "price": plain(order.limit_price or ZERO),
            "icebergQuantity": None,
            "selfTradePreventionMode": STP,
            "workingType": "CONTRACT_PRICE",
            "priceMatch": "NONE",
            "closePosition": False,
            "priceProtect": False,
            "reduceOnly": order.reduce_only,
            "createTime": milliseconds(order.created_time_ns),
            "updateTime": milliseconds(order.updated_time_ns),
            "triggerTime": milliseconds(order.updated_time_ns) if went_on else 0,
            "goodTillDate": expiry_ms(order),
        }
        if order.trail_percent is not None:
            row |= {"callbackRate": plain(order.trail_percent), "activatePrice": "0"}
        return row

    def trigger(self, order: VenueOrder) -> Decimal:
        return ZERO if order.trail_percent is not None else order.stop_price or ZERO

    def trade(self, account: str, fill: VenueFill) -> dict[str, Any]:
        """Return a fill as the account's trades list it."""
        market = self._venue.markets[fill.symbol]
        name = self._face.symbols.id(fill.symbol)
        row = {
            "symbol": name,
            "id": trade_id(fill),
            "orderId": int(self._face.fill_order_id(account, fill)),
            "side": side_of(fill.side),
            "price": plain(fill.price),
            "qty": plain(fill.quantity),
            "realizedPnl": plain(self._face.realized.of(account, fill)),
            f"{self._terms.unit}Qty": plain(value(market, fill.quantity, fill.price)),
            "commission": plain(fill.fee),
            "commissionAsset": fill.fee_asset,
            "time": milliseconds(fill.time_ns),
            "positionSide": position_side(fill.position_side),
            "buyer": fill.side is Side.BUY,
            "maker": fill.liquidity is Liquidity.MAKER,
        }
        return row | self.pair(name)
