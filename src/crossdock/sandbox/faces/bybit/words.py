"""Orders, executions, balances and positions in Bybit's words. Numbers are texts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import (
    LIMITED,
    ZERO,
    ContractKind,
    Liquidity,
    OrderStatus,
    PositionSide,
    Side,
)
from crossdock.sandbox.engine import VenueFill, VenueOrder, VenuePosition
from crossdock.sandbox.engine.account import INITIAL_MARGIN
from crossdock.sandbox.faces.bybit.ids import execution_id, order_id
from crossdock.sandbox.faces.numbers import plain, plain_or_empty

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bybit.face import BybitFace

Row = dict[str, Any]

_AVERAGE = Context(prec=16)
_PRICE = Context(prec=10)
_LEVERAGE = format(1 / INITIAL_MARGIN, "f")
_INDEX = {PositionSide.NET: 0, PositionSide.LONG: 1, PositionSide.SHORT: 2}


def milliseconds(time_ns: int) -> str:
    return str(time_ns // 1_000_000)


def side_of(side: Side) -> str:
    return "Buy" if side is Side.BUY else "Sell"


def told_status(order: VenueOrder) -> OrderStatus:
    """Return the status Bybit tells: whatever ends without being filled is canceled."""
    if order.is_done and order.status is not OrderStatus.FILLED:
        return OrderStatus.CANCELED
    return order.status


class Words:
    """Words what one venue knows."""

    def __init__(self, face: BybitFace) -> None:
        self._face = face
        self._host = face.host
        self._names = face.names
        self._totals = face.host.feed.totals

    def order(self, order: VenueOrder) -> Row:
        is_spot = self._names.is_spot(order.symbol)
        total = self._totals.of(order)
        wanted = self._face.trading.wanted(order)
        fees = {asset: plain(fee) for asset, fee in total.fees.items()}
        leaves = ZERO if order.is_done else order.leaves
        row: Row = {
            "category": self._names.category(order.symbol),
            "symbol": self._names.id(order.symbol),
            "orderId": order_id(order, is_spot=is_spot),
            "orderLinkId": self._face.link_id(order),
            "side": side_of(order.side),
            "orderType": "Limit" if order.type in LIMITED else "Market",
            "price": plain_or_empty(order.limit_price) if order.type in LIMITED else "0",
            "qty": plain(order.quantity),
            "marketUnit": "baseCoin" if is_spot and order.type not in LIMITED else "",
            "orderStatus": self._status(order, is_spot=is_spot),
            "timeInForce": "PostOnly" if order.post_only else str(order.time_in_force),
            "cancelType": "CancelByUser" if order.is_done else "UNKNOWN",
            "rejectReason": "EC_NoError",
            "avgPrice": self._average(order, total.cost),
            "leavesQty": plain(leaves),
            "cumExecQty": plain(order.cumulative_quantity),
            "cumExecValue": plain(total.cost),
            "cumExecFee": plain(sum(total.fees.values(), ZERO)),
            "cumFeeDetail": fees,
            "reduceOnly": order.reduce_only,
            "closeOnTrigger": False,
            "positionIdx": _INDEX[order.position_side],
            "stopOrderType": _stop_type(order),
            "triggerPrice": plain_or_empty(order.stop_price),
            "triggerDirection": _direction(order) if wanted is None else wanted.direction,
            "triggerBy": "" if order.stop_price is None or is_spot else "LastPrice",
            "takeProfit": "",
            "stopLoss": plain_or_empty(order.legs[0].stop_price) if order.legs else "",
            "isLeverage": "0" if is_spot else "",
            "smpType": "None",
            "createdTime": milliseconds(order.created_time_ns),
            "updatedTime": milliseconds(order.updated_time_ns),
        }
        if is_spot:
            return row
        parent = order.parent
        return row | {
            "tpslMode": "Partial" if parent or order.legs else "",
            "createType": "CreateByPartialStopLoss" if parent else "CreateByUser",
            "parentOrderLinkId": self._face.link_id(parent) if parent else "",
        }

    def execution(self, account: str, fill: VenueFill) -> Row:
        """Return one execution of an account."""
        order = self._host.venue.find(account, order_id=fill.order_id)
        market = self._names.market(fill.symbol)
        is_spot = market.kind is ContractKind.SPOT
        is_maker = fill.liquidity is Liquidity.MAKER
        row: Row = {
            "category": self._names.category(fill.symbol),
            "symbol": self._names.id(fill.symbol),
            "orderId": order_id(order, is_spot=is_spot),
            "orderLinkId": self._face.link_id(order),
            "side": side_of(fill.side),
            "orderPrice": plain_or_empty(order.limit_price) or "0",
            "orderQty": plain(order.quantity),
            "leavesQty": plain(ZERO if order.is_done else order.leaves),
            "orderType": "Limit" if order.type in LIMITED else "Market",
            "stopOrderType": _stop_type(order),
            "execFee": plain(fill.fee),
            "feeCurrency": fill.fee_asset,
            "execId": execution_id(fill.execution_id, is_spot=is_spot),
            "execPrice": plain(fill.price),
            "execQty": plain(fill.quantity),
            "execType": "Trade",
            "execValue": plain(fill.price * fill.quantity),
            "execTime": milliseconds(fill.time_ns),
            "isMaker": is_maker,
            "feeRate": plain(market.maker_fee if is_maker else market.taker_fee),
            "seq": fill.sequence,
        }
        return row if is_spot else row | {"createType": "CreateByUser", "closedSize": ""}

    def wallet(self, rows: Sequence[tuple[str, Decimal, Decimal]]) -> Row:
        """Return the unified account: what spot orders and contracts hold is `locked`."""
        return {
            "accountType": "UNIFIED",
            "accountIMRate": "",
            "totalEquity": "",
            "totalWalletBalance": "",
            "coin": [
                {
                    "coin": asset,
                    "equity": plain(total),
                    "walletBalance": plain(total),
                    "locked": plain(held),
                    "totalOrderIM": "0",
                    "totalPositionIM": "0",
                    "availableToWithdraw": "",
                    "borrowAmount": "0",
                    "accruedInterest": "0",
                    "unrealisedPnl": "0",
                    "cumRealisedPnl": "0",
                }
                for asset, total, held in rows
            ],
        }

    def position(self, position: VenuePosition, now_ns: int) -> Row:
        market = self._names.market(position.symbol)
        size, entry = abs(position.quantity), _rounded(position)
        mark = self._host.venue.last_price(position.symbol) or entry
        worth = profit = ZERO
        if mark is not None and entry is not None:
            if market.kind is ContractKind.INVERSE:
                worth = _AVERAGE.divide(size, entry)
                profit = position.quantity * _AVERAGE.subtract(
                    _AVERAGE.divide(Decimal(1), entry), _AVERAGE.divide(Decimal(1), mark)
                )
            else:
                worth, profit = size * entry, position.quantity * (mark - entry)
        side = "" if not size else side_of(Side.BUY if position.quantity > 0 else Side.SELL)
        return {
            "category": self._names.category(position.symbol),
            "symbol": self._names.id(position.symbol),
            "positionIdx": _INDEX[position.position_side],
            "side": side,
            "size": plain(size),
            "avgPrice": plain_or_empty(entry) or "0",
            "entryPrice": plain_or_empty(entry) or "0",
            "positionValue": plain(worth),
            "markPrice": plain_or_empty(mark),
            "leverage": _LEVERAGE,
            "unrealisedPnl": plain(profit),
            "curRealisedPnl": plain(position.realized_pnl),
            "cumRealisedPnl": plain(position.realized_pnl),
            "positionIM": plain(_AVERAGE.multiply(worth, INITIAL_MARGIN)),
            "positionMM": "",
            "liqPrice": "",
            "tradeMode": 0,
            "positionStatus": "Normal",
            "createdTime": milliseconds(now_ns),
            "updatedTime": milliseconds(now_ns),
            "seq": 0,
        }

    def _status(self, order: VenueOrder, *, is_spot: bool) -> str:
        if order.is_waiting:
            return "Untriggered"
        if not order.is_done:
            return "PartiallyFilled" if order.cumulative_quantity else "New"
        if order.status is OrderStatus.FILLED:
            return "Filled"
        if self._face.trading.was_withdrawn(order):
            return "Deactivated"
        partly = is_spot and order.cumulative_quantity
        return "PartiallyFilledCanceled" if partly else "Cancelled"

    def _average(self, order: VenueOrder, cost: Decimal) -> str:
        if not order.cumulative_quantity:
            return ""
        average = _AVERAGE.divide(cost, order.cumulative_quantity)
        return plain(average.normalize())


def _stop_type(order: VenueOrder) -> str:
    if order.stop_price is None:
        return ""
    return "Stop" if order.parent is None else "PartialStopLoss"


def _direction(order: VenueOrder) -> int:
    """Return where the price has to come to for an exit: 1 rises, 2 falls."""
    if order.parent is None:
        return 0
    return 1 if order.side is Side.BUY else 2


def _rounded(position: VenuePosition) -> Decimal | None:
    """Return a position's average price to ten digits."""
    price = position.entry_price
    return None if price is None else _PRICE.plus(price).normalize()
