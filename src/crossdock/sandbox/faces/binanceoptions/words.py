"""Orders, fills and positions in the words of Binance's options exchange.

https://developers.binance.com/docs/derivatives/options-trading/trade, read 2026-11-22, and the
samples of https://github.com/binance/binance-connector-python (derivatives_trading_options).
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import (
    ZERO,
    FillKind,
    Liquidity,
    OrderStatus,
    TimeInForce,
)
from crossdock.sandbox.engine import VenueFill, VenueOrder, VenuePosition
from crossdock.sandbox.engine.exact import value
from crossdock.sandbox.faces.binance_words.writing import milliseconds, side_of
from crossdock.sandbox.faces.binanceoptions.names import expiry_ms, right, strike
from crossdock.sandbox.faces.numbers import plain

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binanceoptions.face import BinanceOptionsFace

STP = "EXPIRE_MAKER"
_FIRST_ID = 4_611_875_134_427_365_376
"""Where ids begin that are unique over all symbols."""

_DIVIDING = Context(prec=28)
_EIGHT = Decimal("1e-8")
_STATUSES = {
    OrderStatus.PENDING_NEW: "NEW",
    OrderStatus.NEW: "NEW",
    OrderStatus.PARTIALLY_FILLED: "PARTIALLY_FILLED",
    OrderStatus.FILLED: "FILLED",
    OrderStatus.CANCELED: "CANCELLED",
    OrderStatus.REJECTED: "REJECTED",
}


def order_id(order: VenueOrder) -> int:
    return _FIRST_ID + int(order.chain[0])


def engine_id(number: int) -> str:
    """Return the engine's id of an order."""
    return str(number - _FIRST_ID)


def trade_id(fill: VenueFill) -> int:
    return int(fill.execution_id[1:])


def is_told(fill: VenueFill) -> bool:
    """Tell whether a fill is one Binance has words for: it takes no trade back."""
    return fill.kind is FillKind.REPORTED


def told_status(order: VenueOrder) -> OrderStatus:
    """Return the status Binance tells: there is none for an order that expired."""
    if order.status is OrderStatus.EXPIRED:
        return OrderStatus.CANCELED
    return order.status


def status_of(order: VenueOrder) -> str:
    return _STATUSES[told_status(order)]


def time_in_force(order: VenueOrder) -> str:
    if order.post_only:
        return "GTX"
    tif = order.time_in_force
    return str(tif) if tif in (TimeInForce.IOC, TimeInForce.FOK) else "GTC"


class Words:
    """Words orders and fills for one venue."""

    def __init__(self, face: BinanceOptionsFace) -> None:
        self._face = face
        self._venue = face.host.venue
        self._totals = face.host.feed.totals

    def client_id(self, order: VenueOrder) -> str:
        return self._face.client_id(order.account, order.client_order_id)

    def average(self, order: VenueOrder) -> str:
        """Return the average price of as much of an order as it shows filled."""
        left, money = order.cumulative_quantity, ZERO
        if not left:
            return "0"
        for it in self._totals.of(order).fills.values():
            money += min(left, it.quantity) * it.price
            left = max(ZERO, left - it.quantity)
        found = _DIVIDING.divide(money, order.cumulative_quantity)
        return plain(found.quantize(_EIGHT, context=_DIVIDING))

    def order(self, order: VenueOrder) -> dict[str, Any]:
        """Return an order; the quantities of a sale are below zero."""
        name = self._face.symbols.id(order.symbol)
        market = self._venue.markets[order.symbol]
        return {
            "orderId": order_id(order),
            "symbol": name,
            "price": plain(order.limit_price or ZERO),
            "quantity": plain(order.quantity * order.side.sign),
            "executedQty": plain(order.cumulative_quantity * order.side.sign),
            "side": side_of(order.side),
            "type": "LIMIT",
            "timeInForce": time_in_force(order),
            "reduceOnly": order.reduce_only,
            "postOnly": order.post_only,
            "createTime": milliseconds(order.created_time_ns),
            "updateTime": milliseconds(order.updated_time_ns),
            "status": status_of(order),
            "avgPrice": self.average(order),
            "source": "API",
            "clientOrderId": self.client_id(order),
            "priceScale": scale(market.ticks[0][1]),
            "quantityScale": scale(market.quantity_step),
            "optionSide": right(name),
            "quoteAsset": market.quote,
            "mmp": False,
            "selfTradePreventionMode": STP,
        }

    def trade(self, account: str, fill: VenueFill) -> dict[str, Any]:
        """Return a fill as the account's trades list it; what it cost is below zero."""
        market = self._venue.markets[fill.symbol]
        name = self._face.symbols.id(fill.symbol)
        return {
            "id": _FIRST_ID + trade_id(fill),
            "tradeId": trade_id(fill),
            "orderId": int(self._face.fill_order_id(account, fill)),
            "symbol": name,
            "price": plain(fill.price),
            "quantity": plain(fill.quantity * fill.side.sign),
            "fee": plain(-fill.fee),
            "realizedProfit": "0",
            "side": side_of(fill.side),
            "type": "LIMIT",
            "liquidity": "MAKER" if fill.liquidity is Liquidity.MAKER else "TAKER",
            "time": milliseconds(fill.time_ns),
            "priceScale": scale(market.ticks[0][1]),
            "quantityScale": scale(market.quantity_step),
            "optionSide": right(name),
            "quoteAsset": market.quote,
        }

    def position(self, held: VenuePosition, now_ns: int) -> dict[str, Any]:
        market = self._venue.markets[held.symbol]
        name = self._face.symbols.id(held.symbol)
        mark, entry = self.mark(held.symbol), held.entry_price or ZERO
        return {
            "entryPrice": plain(entry),
            "symbol": name,
            "side": "LONG" if held.quantity > 0 else "SHORT",
            "quantity": plain(held.quantity),
            "markValue": plain(value(market, held.quantity, mark)),
            "unrealizedPNL": plain(
                ((mark - entry) * held.quantity * market.multiplier).quantize(
                    _EIGHT, context=_DIVIDING
                )
            ),
            "markPrice": plain(mark),
            "strikePrice": strike(name),
            "expiryDate": expiry_ms(name),
            "priceScale": scale(market.ticks[0][1]),
            "quantityScale": scale(market.quantity_step),
            "optionSide": right(name),
            "quoteAsset": market.quote,
            "time": milliseconds(now_ns),
            "bidQuantity": "0",
            "askQuantity": "0",
        }

    def mark(self, symbol: str) -> Decimal:
        return self._venue.last_price(symbol) or ZERO


def scale(step: Decimal) -> int:
    return len(plain(step).partition(".")[2])
