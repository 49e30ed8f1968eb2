"""Orders, fills and positions in contracts, in KuCoin's words.

https://www.kucoin.com/docs-new/rest/futures-trading/orders/get-order-by-orderld,
…/get-trade-history and …/positions/get-position-list, read 2026-11-21.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock.model import LIMITED, ZERO, ContractKind, Liquidity, OrderStatus, Side
from crossdock.model.words import TRIGGERED
from crossdock.sandbox.engine import MarketSpec, VenueFill, VenueOrder, VenuePosition
from crossdock.sandbox.faces.kucoin_gateway.ids import futures_id, trade_id
from crossdock.sandbox.faces.kucoin_gateway.numbers import Row, ms, ratio, side_of
from crossdock.sandbox.faces.kucoinfutures.names import currency
from crossdock.sandbox.faces.numbers import number, plain, plain_or_none

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kucoinfutures.face import KucoinFuturesFace

_STOPS = {True: "up", False: "down"}


def is_apart(order: VenueOrder) -> bool:
    """Tell whether an order is among the stops: it waits for its trigger."""
    return order.type in TRIGGERED and not order.has_triggered


def type_of(order: VenueOrder) -> str:
    return "limit" if order.type in LIMITED else "market"


def stop_of(order: VenueOrder) -> str:
    """Return where the price has to go for an order's trigger to be reached."""
    if order.type not in TRIGGERED:
        return ""
    return _STOPS[order.type.value.startswith("stop") is (order.side is Side.BUY)]


def worth(market: MarketSpec, size: Decimal, price: Decimal) -> Decimal:
    """Return what contracts are worth in what they settle in."""
    if market.kind is ContractKind.INVERSE:
        return ratio(size * market.multiplier, price) if price else ZERO
    return size * market.multiplier * price


class Words:
    def __init__(self, face: KucoinFuturesFace) -> None:
        self._face = face
        self._host = face.host

    def id(self, order: VenueOrder) -> str:
        return futures_id(order.chain[0])

    def order(self, order: VenueOrder) -> Row:
        market = self._host.venue.markets[order.symbol]
        fills = self._host.feed.totals.of(order).fills.values()
        value = sum((worth(market, it.quantity, it.price) for it in fills), ZERO)
        is_open = not order.is_done
        ended = None if is_open else ms(order.updated_time_ns)
        return {
            "id": self.id(order),
            "symbol": self._face.names.id(order.symbol),
            "type": type_of(order),
            "side": side_of(order.side),
            "price": plain_or_none(order.limit_price),
            "size": int(order.quantity),
            "value": plain(worth(market, order.quantity, order.limit_price or ZERO)),
            "dealValue": plain(value),
            "dealSize": int(order.cumulative_quantity),
            "stp": "",
            "stop": stop_of(order),
            "stopPriceType": "TP" if stop_of(order) else "",
            "stopTriggered": order.has_triggered,
            "stopPrice": plain_or_none(order.stop_price),
            "timeInForce": order.time_in_force.value,
            "postOnly": order.post_only,
            "hidden": False,
            "iceberg": False,
            "leverage": "1",
            "forceHold": False,
            "closeOrder": False,
            "visibleSize": None,
            "clientOid": self._face.client_oid(order.account, order.client_order_id),
            "remark": None,
            "tags": None,
            "isActive": is_open,
            "cancelExist": self._face.status(order) is OrderStatus.CANCELED,
            "createdAt": ms(order.created_time_ns),
            "updatedAt": ms(order.updated_time_ns),
            "endAt": ended,
            "orderTime": order.created_time_ns,
            "settleCurrency": currency(market.settle),
            "marginMode": "CROSS",
            "status": "open" if is_open else "done",
            "filledSize": int(order.cumulative_quantity),
            "filledValue": plain(value),
            "reduceOnly": order.reduce_only,
        }

    def fill(self, account: str, fill: VenueFill) -> Row:
        order = self._host.venue.find(account, order_id=fill.order_id)
        market = self._host.venue.markets[fill.symbol]
        value = worth(market, fill.quantity, fill.price)
        return {
            "symbol": self._face.names.id(fill.symbol),
            "tradeId": trade_id(fill.execution_id),
            "orderId": self.id(order),
            "side": side_of(fill.side),
            "liquidity": "maker" if fill.liquidity is Liquidity.MAKER else "taker",
            "forceTaker": False,
            "price": plain(fill.price),
            "size": int(fill.quantity),
            "value": plain(value),
            "feeRate": plain(ratio(fill.fee, value)),
            "fixFee": "0",
            "feeCurrency": currency(fill.fee_asset),
            "stop": stop_of(order),
            "fee": plain(fill.fee),
            "orderType": type_of(order),
            "tradeType": "trade",
            "createdAt": ms(fill.time_ns),
            "settleCurrency": currency(market.settle),
            "tradeTime": fill.time_ns,
            "marginMode": "CROSS",
        }

    def position(self, account: str, it: VenuePosition, now_ns: int) -> Row:
        market = self._host.venue.markets[it.symbol]
        mark = self._host.venue.last_price(it.symbol) or it.entry_price or ZERO
        cost = worth(market, it.quantity, it.entry_price or ZERO)
        value = worth(market, it.quantity, mark)
        sign = -1 if market.kind is ContractKind.INVERSE else 1
        name = self._face.names.id(it.symbol)
        return {
            "id": f"{account}-{name}",
            "symbol": name,
            "crossMode": True,
            "marginMode": "CROSS",
            "positionSide": "BOTH",
            "leverage": 1,
            "currentTimestamp": ms(now_ns),
            "currentQty": int(it.quantity),
            "currentCost": number(cost),
            "isOpen": bool(it.quantity),
            "markPrice": number(mark),
            "markValue": number(value),
            "posCost": number(cost),
            "posInit": number(abs(cost)),
            "posMargin": number(abs(cost)),
            "realisedPnl": number(it.realized_pnl),
            "unrealisedPnl": number(sign * (value - cost)),
            "avgEntryPrice": number(it.entry_price or ZERO),
            "liquidationPrice": 0,
            "settleCurrency": currency(market.settle),
            "isInverse": market.kind is ContractKind.INVERSE,
        }
