"""Numbers, times and orders in Kraken's words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.model import (
    LIMITED,
    TRIGGERED,
    ZERO,
    Liquidity,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.kraken.forms import TYPES
from crossdock.sandbox.faces.kraken.ids import order_id, trade_id
from crossdock.sandbox.faces.kraken.names import altname

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kraken.face import KrakenFace

Row = dict[str, Any]

_SECOND_NS = 1_000_000_000
_MICROSECOND_NS = 1_000
_AVERAGE = Context(prec=28)
_TYPE_NAMES = {kind: name for name, kind in TYPES.items()}
_REASONS = {
    "": "User requested",
    "expired": "Order expired",
    "no_liquidity": "Insufficient liquidity",
    "not_filled_at_once": "IOC order not filled",
    "would_cross": "Post only order",
    "insufficient_funds": "Insufficient funds",
    "self_trade_prevention": "Self trade prevention",
}


def padded(value: Decimal, places: int) -> str:
    """Write a decimal with so many places, or as many more as it has."""
    text = format(value, "f")
    missing = places - len(text.partition(".")[2])
    if missing <= 0:
        return text
    return text + ("" if "." in text else ".") + "0" * missing


def number(value: Decimal, places: int = 0) -> msgspec.Raw:
    """Return a decimal as a number of JSON, digit by digit."""
    return msgspec.Raw(padded(value, places).encode())


def seconds(time_ns: int) -> msgspec.Raw:
    """Return a time in seconds since 1970 as a number of JSON, to the microsecond."""
    whole, rest = divmod(time_ns, _SECOND_NS)
    return msgspec.Raw(f"{whole}.{rest // _MICROSECOND_NS:06d}".encode())


def moment(time_ns: int) -> str:
    """Return a time as RFC 3339 writes it, to the microsecond."""
    whole, rest = divmod(time_ns, _SECOND_NS)
    day = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{day}.{rest // _MICROSECOND_NS:06d}Z"


def side_of(side: Side) -> str:
    return "buy" if side is Side.BUY else "sell"


def type_of(kind: OrderType) -> str:
    return _TYPE_NAMES[kind]


def txid(order: VenueOrder) -> str:
    """Return an order's id: amends do not change it."""
    return order_id(order.chain[0])


def is_told(order: VenueOrder) -> bool:
    """Tell whether clients see an order: one that closes another comes with its fill."""
    return not order.is_pending and order.reason != "parent"


def told_status(order: VenueOrder) -> OrderStatus:
    """Return the status Kraken tells: only time lets an order expire."""
    if order.status is OrderStatus.EXPIRED and order.reason != "expired":
        return OrderStatus.CANCELED
    if order.status is OrderStatus.REJECTED:
        return OrderStatus.CANCELED
    return order.status


def reason_of(order: VenueOrder) -> str | None:
    """Return why an order is done, or None for one that was filled or is not done."""
    if not order.is_done or order.status is OrderStatus.FILLED:
        return None
    return _REASONS.get(order.reason, "User requested")


def trail_of(order: VenueOrder) -> str:
    if order.trail_percent is not None:
        return f"+{padded(order.trail_percent, 4)}%"
    return f"+{padded(order.trail_amount or ZERO, 1)}"


class Words:
    """Words orders and trades for one venue."""

    def __init__(self, face: KrakenFace) -> None:
        self._face = face
        self._totals = face.host.feed.totals

    def price(self, symbol: str, value: Decimal | None) -> str:
        return padded(value or ZERO, self._face.names.price_places(symbol))

    def quantity(self, symbol: str, value: Decimal) -> str:
        return padded(value, max(8, self._face.names.quantity_places(symbol)))

    def cost(self, order: VenueOrder) -> Decimal:
        return self._totals.of(order).cost

    def fee(self, order: VenueOrder) -> Decimal:
        return sum(self._totals.of(order).fees.values(), ZERO)

    def average(self, order: VenueOrder) -> Decimal:
        if not order.cumulative_quantity:
            return ZERO
        places = self._face.names.price_places(order.symbol) + 5
        exact = _AVERAGE.divide(self.cost(order), order.cumulative_quantity)
        return exact.quantize(Decimal(1).scaleb(-places), context=_AVERAGE).normalize()

    def described(self, order: VenueOrder) -> Row:
        """Return what was ordered, by fields and in a sentence."""
        price, price2 = self._prices(order)
        volume = self.quantity(order.symbol, order.quantity)
        pair = self._pair(order.symbol)
        kind = type_of(order.type)
        words = kind.replace("-limit", "").replace("-", " ")
        sentence = f"{side_of(order.side)} {volume} {pair} @ {words}"
        if order.type is not OrderType.MARKET:
            sentence += f" {price}"
        if price2 != "0":
            sentence += f" -> limit {price2}"
        return {
            "pair": pair,
            "aclass": "forex",
            "type": side_of(order.side),
            "ordertype": kind,
            "price": price,
            "price2": price2,
            "leverage": "none",
            "order": sentence,
            "close": self._closing(order),
        }

    def order(self, order: VenueOrder, *, with_trades: bool = False) -> Row:
        """Return an order as REST shows it."""
        symbol = order.symbol
        userref = self._face.trading.userref(order)
        is_triggered = order.type in TRIGGERED or order.type is OrderType.TRAILING_STOP
        row: Row = {
            "refid": None,
            "userref": userref,
            "cl_ord_id": self._face.cl_ord_id(order.account, order.client_order_id),
            "status": self._status(order),
            "opentm": seconds(order.created_time_ns),
            "starttm": 0,
            "expiretm": (order.expire_time_ns or 0) // _SECOND_NS,
            "descr": self.described(order),
            "vol": self.quantity(symbol, order.quantity),
            "vol_exec": self.quantity(symbol, order.cumulative_quantity),
            "cost": padded(self.cost(order), 5),
            "fee": padded(self.fee(order), 5),
            "price": self.price(symbol, self.average(order)),
            "stopprice": self.price(symbol, order.stop_price),
            "limitprice": self.price(symbol, None),
            "misc": "",
            "oflags": "post,fciq" if order.post_only else "fciq",
        }
        if row["cl_ord_id"] is None:
            del row["cl_ord_id"]
        if is_triggered:
            row["trigger"] = "last"
        if order.parent is not None:
            row["refid"] = txid(order.parent)
        if with_trades:
            fills = self._totals.of(order).fills.values()
            row["trades"] = [trade_id(it.execution_id) for it in fills]
        if order.is_done:
            row["closetm"] = seconds(order.updated_time_ns)
            row["reason"] = reason_of(order)
        return row

    def trade(self, account: str, fill: VenueFill) -> Row:
        """Return a fill as REST shows it."""
        order = self._face.host.venue.find(account, order_id=fill.order_id)
        return {
            "ordertxid": txid(order),
            "postxid": f"TKH2SE-{txid(order)[8:]}",
            "pair": self._face.names.id(fill.symbol),
            "aclass": "forex",
            "time": seconds(fill.time_ns),
            "type": side_of(fill.side),
            "ordertype": type_of(order.type),
            "price": self.price(fill.symbol, fill.price),
            "cost": padded(fill.price * fill.quantity, 5),
            "fee": padded(fill.fee, 5),
            "vol": self.quantity(fill.symbol, fill.quantity),
            "margin": padded(ZERO, 5),
            "leverage": "0",
            "misc": "",
            "trade_id": int(fill.execution_id[1:]),
            "maker": fill.liquidity is Liquidity.MAKER,
        }

    def time_in_force(self, order: VenueOrder) -> str:
        tif = order.time_in_force
        return "GTD" if tif is TimeInForce.DAY else str(tif)

    def _pair(self, symbol: str) -> str:
        market = self._face.names.market(symbol)
        return altname(market.base) + altname(market.quote)

    def _status(self, order: VenueOrder) -> str:
        if not order.is_done:
            return "open"
        if order.status is OrderStatus.FILLED:
            return "closed"
        return "expired" if told_status(order) is OrderStatus.EXPIRED else "canceled"

    def _prices(self, order: VenueOrder) -> tuple[str, str]:
        """Return the two prices as Kraken calls them: the trigger stands first."""
        if order.type is OrderType.TRAILING_STOP:
            return trail_of(order), "0"
        limit = "0"
        if order.type in LIMITED:
            limit = self.price(order.symbol, order.limit_price)
        if order.type not in TRIGGERED:
            return limit, "0"
        return self.price(order.symbol, order.stop_price), limit

    def _closing(self, order: VenueOrder) -> str:
        if not order.legs:
            return ""
        price, price2 = self._prices(order.legs[0])
        words = type_of(order.legs[0].type).replace("-limit", "").replace("-", " ")
        tail = "" if price2 == "0" else f" -> limit {price2}"
        return f"close position @ {words} {price}{tail}"
