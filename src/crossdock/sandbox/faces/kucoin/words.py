"""Orders and fills in KuCoin's words.

https://www.kucoin.com/docs-new/rest/spot-trading/orders/get-order-by-orderld,
…/get-stop-order-by-orderld and …/get-trade-history, read 2026-11-21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossdock.model import LIMITED, ZERO, Liquidity, OrderStatus, Side, TimeInForce
from crossdock.model.words import TRIGGERED
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.kucoin_gateway.ids import order_id, stop_id, trade_id
from crossdock.sandbox.faces.kucoin_gateway.numbers import Row, ms, ratio, side_of
from crossdock.sandbox.faces.numbers import plain, plain_or_none

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kucoin.face import KucoinFace

_TIMES = {TimeInForce.GTD: "GTT"}
_STOPS = {True: "entry", False: "loss"}


def is_apart(order: VenueOrder) -> bool:
    """Tell whether an order is among the stops: it waits, or never came out of it."""
    return order.type in TRIGGERED and not order.has_triggered


def type_of(order: VenueOrder) -> str:
    return "limit" if order.type in LIMITED else "market"


def time_in_force(order: VenueOrder) -> str:
    return _TIMES.get(order.time_in_force, order.time_in_force.value)


def rises(order: VenueOrder) -> bool:
    """Tell whether the price has to rise for an order's trigger to be reached."""
    stops = order.type.value.startswith("stop")
    return stops is (order.side is Side.BUY)


class Words:
    def __init__(self, face: KucoinFace) -> None:
        self._face = face
        self._totals = face.host.feed.totals

    def id(self, order: VenueOrder) -> str:
        return stop_id(order.chain[0]) if is_apart(order) else order_id(order.id)

    def order(self, order: VenueOrder) -> Row:
        """Word an order of the book, or one that is done."""
        total = self._totals.of(order)
        canceled = self._face.status(order) is OrderStatus.CANCELED
        left = order.leaves
        return {
            **self._shared(order),
            "opType": "DEAL",
            "price": plain(order.limit_price or ZERO),
            "size": plain(order.quantity),
            "funds": plain(order.quantity * (order.limit_price or ZERO)),
            "dealSize": plain(order.cumulative_quantity),
            "dealFunds": plain(total.cost),
            "remainSize": plain(ZERO if order.is_done else left),
            "remainFunds": plain(ZERO),
            "cancelledSize": plain(left if canceled else ZERO),
            "cancelledFunds": plain(ZERO),
            "fee": plain(sum(total.fees.values(), ZERO)),
            "feeCurrency": self._quote(order.symbol),
            "visibleSize": "0",
            "cancelAfter": 0,
            "cancelExist": canceled,
            "inOrderBook": not order.is_done,
            "active": not order.is_done,
            "tax": "0",
            "lastUpdatedAt": ms(order.updated_time_ns),
        }

    def stop(self, order: VenueOrder) -> Row:
        """Word an order that waits for its trigger, or ended as it waited."""
        market = self._face.host.venue.markets[order.symbol]
        return {
            **self._shared(order),
            "userId": self._face.host.name,
            "status": "CANCELLED" if order.is_done else "NEW",
            "price": plain_or_none(order.limit_price),
            "size": plain(order.quantity),
            "funds": None,
            "visibleSize": None,
            "cancelAfter": -1,
            "orderTime": order.created_time_ns,
            "domainId": "kucoin",
            "tradeSource": "USER",
            "feeCurrency": self._quote(order.symbol),
            "takerFeeRate": plain(market.taker_fee),
            "makerFeeRate": plain(market.maker_fee),
            "stop": _STOPS[rises(order)],
            "stopTriggerTime": None,
            "stopPrice": plain_or_none(order.stop_price),
        }

    def fill(self, account: str, fill: VenueFill) -> Row:
        order = self._face.host.venue.find(account, order_id=fill.order_id)
        funds = fill.price * fill.quantity
        return {
            "id": fill.sequence,
            "symbol": self._face.names.id(fill.symbol),
            "tradeId": int(trade_id(fill.execution_id)),
            "orderId": order_id(fill.order_id),
            "counterOrderId": order_id("0"),
            "side": side_of(fill.side),
            "liquidity": "maker" if fill.liquidity is Liquidity.MAKER else "taker",
            "forceTaker": False,
            "price": plain(fill.price),
            "size": plain(fill.quantity),
            "funds": plain(funds),
            "fee": plain(fill.fee),
            "feeRate": plain(ratio(fill.fee, funds)),
            "feeCurrency": fill.fee_asset,
            "stop": "",
            "tradeType": "TRADE",
            "type": type_of(order),
            "tax": "0",
            "createdAt": ms(fill.time_ns),
        }

    def _shared(self, order: VenueOrder) -> Row:
        return {
            "id": self.id(order),
            "clientOid": self._face.client_oid(order.account, order.client_order_id),
            "symbol": self._face.names.id(order.symbol),
            "type": type_of(order),
            "side": side_of(order.side),
            "stp": None,
            "timeInForce": time_in_force(order),
            "postOnly": order.post_only,
            "hidden": False,
            "iceberg": False,
            "channel": "API",
            "remark": None,
            "tags": None,
            "tradeType": "TRADE",
            "createdAt": ms(order.created_time_ns),
        }

    def _quote(self, symbol: str) -> str:
        return self._face.host.venue.markets[symbol].quote
