"""Orders, executions, balances and positions in OKX's words. Every number is a text."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import (
    LIMITED,
    ZERO,
    ContractKind,
    Liquidity,
    OrderStatus,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
)
from crossdock.sandbox.engine import VenueFill, VenueOrder, VenuePosition
from crossdock.sandbox.engine.account import INITIAL_MARGIN
from crossdock.sandbox.faces.numbers import plain, plain_or_empty
from crossdock.sandbox.faces.okx.ids import algo_id, order_id, trade_id

if TYPE_CHECKING:
    from crossdock.sandbox.faces.okx.face import OkxFace

Row = dict[str, Any]

_AVERAGE = Context(prec=16)
_PRICE = Context(prec=10)
_STATES: Mapping[OrderStatus, str] = {
    OrderStatus.PENDING_NEW: "live",
    OrderStatus.NEW: "live",
    OrderStatus.PARTIALLY_FILLED: "partially_filled",
    OrderStatus.FILLED: "filled",
}
_STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)
_LEVERAGE = format(1 / INITIAL_MARGIN, "f")


def milliseconds(time_ns: int) -> str:
    return str(time_ns // 1_000_000)


def side_of(side: Side) -> str:
    return "buy" if side is Side.BUY else "sell"


def told_status(order: VenueOrder) -> OrderStatus:
    """Return the status OKX tells: whatever ends without being filled is canceled."""
    if order.is_done and order.status is not OrderStatus.FILLED:
        return OrderStatus.CANCELED
    return order.status


class Words:
    """Words what one venue knows."""

    def __init__(self, face: OkxFace) -> None:
        self._face = face
        self._host = face.host
        self._totals = face.host.feed.totals

    def average(self, order: VenueOrder) -> str:
        if not order.cumulative_quantity:
            return ""
        cost = self._totals.of(order).cost
        return plain(_AVERAGE.divide(cost, order.cumulative_quantity).normalize())

    def order(self, order: VenueOrder, fill: VenueFill | None = None) -> Row:
        """Return an order that matches; `fill` is the execution it is told for."""
        terms = self._face.trading.terms(order)
        total = self._totals.of(order)
        last = fill or next(reversed(total.fills.values()), None)
        is_algo = self._face.trading.is_algo(order)
        fee = -sum(total.fees.values(), ZERO)
        return {
            **self._common(order),
            "ordId": order_id(order),
            "clOrdId": "" if is_algo else self._face.own_id(order),
            "algoId": algo_id(order) if is_algo else "",
            "algoClOrdId": self._face.own_id(order) if is_algo else "",
            "ordType": self._ord_type(order),
            "px": plain_or_empty(order.limit_price) if order.type in LIMITED else "",
            "tgtCcy": "base_ccy" if order.type is OrderType.MARKET else "",
            "accFillSz": plain(order.cumulative_quantity),
            "avgPx": self.average(order),
            "state": _STATES.get(told_status(order), "canceled"),
            "cancelSource": "1" if told_status(order) is OrderStatus.CANCELED else "",
            "fee": plain(fee),
            "feeCcy": self._face.names.market(order.symbol).settle,
            "rebate": "0",
            "rebateCcy": "",
            "tag": "" if terms is None else terms.tag,
            "fillPx": "" if last is None else plain(last.price),
            "fillSz": "0" if last is None else plain(last.quantity),
            "fillTime": "" if last is None else milliseconds(last.time_ns),
            "tradeId": "" if last is None else trade_id(last.execution_id),
            "attachAlgoOrds": [self._attached(leg) for leg in order.legs],
            "linkedAlgoOrd": {"algoId": ""},
            "category": "normal",
            "lever": self._lever(order.symbol),
            "stpMode": "cancel_maker",
            "source": "",
            "quickMgnType": "",
        }

    def pushed(self, order: VenueOrder, fill: VenueFill | None) -> Row:
        """Return an order as its channel tells it, with the execution that changed it."""
        row = self.order(order, fill)
        if fill is None:
            row |= {"fillPx": "", "fillSz": "0", "fillTime": "", "tradeId": ""}
        row |= {
            "execType": "" if fill is None else _exec_type(fill),
            "fillFee": "0" if fill is None else plain(-fill.fee),
            "fillFeeCcy": "" if fill is None else fill.fee_asset,
            "code": "0",
            "msg": "",
            "reqId": "",
            "amendResult": "",
            "amendSource": "",
        }
        return row

    def algo(self, order: VenueOrder) -> Row:
        """Return an order as an algo order."""
        triggered = self._face.trading.has_triggered(order)
        state = "live" if order.is_waiting or order.is_pending else "canceled"
        placed = [order_id(order)] if triggered else []
        is_limited = order.type in LIMITED
        stop, price = plain_or_empty(order.stop_price), plain_or_empty(order.limit_price)
        row: Row = {
            **self._common(order),
            "algoId": algo_id(order),
            "algoClOrdId": self._face.own_id(order),
            "clOrdId": "",
            "ordId": placed[0] if placed else "",
            "ordIdList": placed,
            "ordType": self._algo_type(order),
            "state": "effective" if triggered else state,
            "actualSz": plain(order.quantity) if triggered else "0",
            "actualPx": "",
            "actualSide": "",
            "triggerTime": milliseconds(order.updated_time_ns) if triggered else "",
            "lever": self._lever(order.symbol),
            **dict.fromkeys(
                ("tpTriggerPx", "tpOrdPx", "slTriggerPx", "slOrdPx", "triggerPx", "ordPx"),
                "",
            ),
            **dict.fromkeys(("callbackRatio", "callbackSpread", "moveTriggerPx"), ""),
        }
        behind = price if is_limited else "-1"
        if order.type is OrderType.TRAILING_STOP:
            if order.trail_percent is not None:
                row["callbackRatio"] = plain(order.trail_percent / 100)
            row["callbackSpread"] = plain_or_empty(order.trail_amount)
            row["moveTriggerPx"] = stop
        elif row["ordType"] == "trigger":
            row |= {"triggerPx": stop, "ordPx": behind}
        else:
            name = "sl" if order.type in _STOPS else "tp"
            row |= {f"{name}TriggerPx": stop, f"{name}OrdPx": behind}
            if triggered:
                row["actualSide"] = name
        return row

    def trade(self, order: VenueOrder, fill: VenueFill) -> Row:
        """Return one execution of an account."""
        is_algo = self._face.trading.is_algo(order)
        return {
            "instType": self._face.names.type(fill.symbol),
            "instId": self._face.names.id(fill.symbol),
            "tradeId": trade_id(fill.execution_id),
            "ordId": order_id(order),
            "clOrdId": "" if is_algo else self._face.own_id(order),
            "billId": trade_id(fill.execution_id),
            "subType": "1" if fill.side is Side.BUY else "2",
            "tag": "",
            "fillPx": plain(fill.price),
            "fillSz": plain(fill.quantity),
            "side": side_of(fill.side),
            "posSide": _position_side(fill.position_side),
            "execType": _exec_type(fill),
            "fee": plain(-fill.fee),
            "feeCcy": fill.fee_asset,
            "ts": milliseconds(fill.time_ns),
            "fillTime": milliseconds(fill.time_ns),
        }

    def account(self, account: str, assets: list[str], now_ns: int) -> Row:
        """Return the balance of the trading account."""
        told = self._host.venue.balances(account)
        details = [
            {
                "ccy": asset,
                "eq": plain(total),
                "cashBal": plain(total),
                "availBal": plain(total - held),
                "availEq": plain(total - held),
                "frozenBal": plain(held),
                "ordFrozen": plain(held),
                "upl": "0",
                "liab": "",
                "uTime": milliseconds(now_ns),
            }
            for asset, total, held in told
            if not assets or asset in assets
        ]
        return {"uTime": milliseconds(now_ns), "totalEq": "", "details": details}

    def position(self, position: VenuePosition, now_ns: int) -> Row:
        market = self._face.names.market(position.symbol)
        mark = self._host.venue.last_price(position.symbol) or _rounded(position)
        contracts, entry = position.quantity * market.multiplier, _rounded(position)
        profit = ZERO
        if mark is not None and entry is not None:
            if market.kind is ContractKind.INVERSE:
                profit = _AVERAGE.subtract(
                    _AVERAGE.divide(contracts, entry), _AVERAGE.divide(contracts, mark)
                )
            else:
                profit = _AVERAGE.multiply(contracts, mark - entry)
        return {
            "instType": self._face.names.type(position.symbol),
            "instId": self._face.names.id(position.symbol),
            "posId": str(self._face.names.code(position.symbol)),
            "mgnMode": "cross",
            "posSide": _position_side(position.position_side),
            "pos": plain(position.quantity),
            "posCcy": "",
            "avgPx": plain_or_empty(entry),
            "markPx": plain_or_empty(mark),
            "last": plain_or_empty(mark),
            "upl": plain(profit),
            "realizedPnl": plain(position.realized_pnl),
            "lever": _LEVERAGE,
            "imr": "",
            "mmr": "",
            "liqPx": "",
            "ccy": position.settle,
            "cTime": milliseconds(now_ns),
            "uTime": milliseconds(now_ns),
        }

    def _common(self, order: VenueOrder) -> Row:
        terms = self._face.trading.terms(order)
        kind = self._face.names.type(order.symbol)
        usual = "cash" if kind == "SPOT" else "cross"
        return {
            "instType": kind,
            "instId": self._face.names.id(order.symbol),
            "ccy": "",
            "side": side_of(order.side),
            "posSide": _position_side(order.position_side) if kind != "SPOT" else "",
            "tdMode": usual if terms is None else terms.td_mode,
            "sz": plain(order.quantity),
            "reduceOnly": "true" if order.reduce_only else "false",
            "cTime": milliseconds(order.created_time_ns),
            "uTime": milliseconds(order.updated_time_ns),
        }

    def _ord_type(self, order: VenueOrder) -> str:
        if order.type not in (OrderType.MARKET, OrderType.LIMIT):
            return "limit" if order.type in LIMITED else "market"
        if order.type is OrderType.MARKET:
            return "market"
        if order.post_only:
            return "post_only"
        tif = order.time_in_force
        return tif.lower() if tif in (TimeInForce.IOC, TimeInForce.FOK) else "limit"

    def _algo_type(self, order: VenueOrder) -> str:
        terms = self._face.trading.terms(order)
        if order.type is OrderType.TRAILING_STOP:
            return "move_order_stop"
        return "conditional" if terms is None else terms.ord_type

    def _attached(self, leg: VenueOrder) -> Row:
        """Return an exit as its parent tells of it."""
        is_stop = leg.stop_price is not None
        name = "sl" if is_stop else "tp"
        price = plain_or_empty(leg.limit_price) or "-1"
        trigger = plain_or_empty(leg.stop_price) if is_stop else price
        return {
            "attachAlgoId": algo_id(leg),
            "attachAlgoClOrdId": "",
            "tpOrdKind": "" if is_stop else "limit",
            f"{name}TriggerPx": trigger,
            f"{name}OrdPx": price,
            "sz": "",
        }

    def _lever(self, symbol: str) -> str:
        return "" if self._face.names.type(symbol) == "SPOT" else _LEVERAGE


def _exec_type(fill: VenueFill) -> str:
    return "M" if fill.liquidity is Liquidity.MAKER else "T"


def _position_side(side: PositionSide) -> str:
    return str(side.value)


def _rounded(position: VenuePosition) -> Decimal | None:
    """Return a position's average price to ten digits."""
    price = position.entry_price
    return None if price is None else _PRICE.plus(price).normalize()
