"""Private channels: `executions` and `balances`.

https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/executions and
https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/balances, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from crossdock.model import LIMITED, ZERO, FillKind, Liquidity, OrderStatus, OrderType
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.kraken.ids import trade_id
from crossdock.sandbox.faces.kraken.reads.ledger import Entry
from crossdock.sandbox.faces.kraken.words import (
    Row,
    is_told,
    moment,
    number,
    reason_of,
    side_of,
    told_status,
    txid,
    type_of,
)
from crossdock.sandbox.stream.news import AccountNews, Filled, Moved, OrderChanged

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kraken.face import KrakenFace

EXECUTIONS = "executions"
TRANSITIONS = "executions between opening and closing"
"""What those hear who did not switch `order_status` off."""
BALANCES = "balances"

_TRADES_IN_SNAPSHOT = 50
_STATUSES = {
    OrderStatus.PENDING_NEW: "pending_new",
    OrderStatus.NEW: "new",
    OrderStatus.PARTIALLY_FILLED: "partially_filled",
    OrderStatus.FILLED: "filled",
    OrderStatus.CANCELED: "canceled",
    OrderStatus.EXPIRED: "expired",
}

encode = msgspec.json.Encoder().encode


class Reports:
    """Words an account's news, and the snapshots that come before it."""

    def __init__(self, face: KrakenFace) -> None:
        self._face = face
        self._host = face.host
        self._words = face.words
        self._told: dict[int, int] = {}

    def of(self, account: str, news: AccountNews) -> Iterator[tuple[str, bytes]]:
        """Return (channel, body) pairs; the connection puts the number to each."""
        if isinstance(news, OrderChanged):
            if news.order.symbol in self._face.names and is_told(news.order):
                for channel, row in self._changes(news.order, news.fill):
                    yield channel, _update([row])
        elif isinstance(news, Filled):
            if news.fill.symbol in self._face.names:
                for entry in self._face.ledger(account).of(news.fill.execution_id):
                    yield BALANCES, _update([_booked(entry)])
        elif isinstance(news, Moved):
            for entry in self._face.ledger(account).of(news.event.event_id):
                yield BALANCES, _update([_booked(entry)])

    def executions(self, account: str, *, orders: bool, trades: bool) -> bytes:
        """Return the snapshot of open orders, and of the newest fills."""
        rows: list[Row] = []
        if orders:
            for order in self._face.trading.open_orders(account):
                if order.symbol in self._face.names:
                    self._told[order.number] = len(order.chain)
                    rows.append(self._whole(order, "new") | self._sums(order))
        if trades:
            fills = [
                it
                for it in self._host.venue.fills(account)
                if it.kind is FillKind.REPORTED and it.symbol in self._face.names
            ]
            for fill in fills[-_TRADES_IN_SNAPSHOT:]:
                order = self._host.venue.find(account, order_id=fill.order_id)
                rows.append(self._trade(order, fill))
        return b'"type":"snapshot","data":' + encode(rows)

    def balances(self, account: str) -> bytes:
        rows = [
            {
                "asset": asset,
                "asset_class": "currency",
                "balance": number(total, 8),
                "wallets": [{"type": "spot", "id": "main", "balance": number(total, 8)}],
            }
            for asset, total, _ in self._host.venue.balances(account)
        ]
        return b'"type":"snapshot","data":' + encode(rows)

    def _changes(
        self, order: VenueOrder, fill: VenueFill | None
    ) -> Iterator[tuple[str, Row]]:
        told = self._told.get(order.number)
        self._told[order.number] = len(order.chain)
        is_new = (
            told is None
            and not order.is_done
            and not order.cumulative_quantity
            and len(order.chain) == 1
        )
        if is_new:
            yield TRANSITIONS, self._whole(order, "pending_new")
            yield EXECUTIONS, self._sparse(order, "new")
        if fill is not None:
            yield EXECUTIONS, self._trade(order, fill)
        if order.is_done:
            del self._told[order.number]
            status = _STATUSES[told_status(order)]
            row = self._sparse(order, status) | self._sums(order)
            reason = reason_of(order)
            if reason is not None:
                row |= {"cancel_reason": reason, "reason": reason}
            yield EXECUTIONS, row
        elif told is not None and len(order.chain) > told:
            row = self._whole(order, "amended") | self._sums(order)
            yield TRANSITIONS, row | {"amended": True, "user_requested": True}
        elif fill is None and not is_new:
            yield TRANSITIONS, self._whole(order, "restated") | self._sums(order)

    def _sparse(self, order: VenueOrder, kind: str) -> Row:
        row: Row = {
            "timestamp": moment(order.updated_time_ns),
            "order_status": _STATUSES[told_status(order)],
            "exec_type": kind,
            "order_userref": self._face.trading.userref(order) or 0,
            "order_id": txid(order),
        }
        cl_ord_id = self._face.cl_ord_id(order.account, order.client_order_id)
        if cl_ord_id is not None:
            row["cl_ord_id"] = cl_ord_id
        if order.post_only:
            row["post_only"] = True
        return row

    def _whole(self, order: VenueOrder, kind: str) -> Row:
        places = self._face.names.price_places(order.symbol)
        row = self._sparse(order, kind) | {
            "symbol": order.symbol,
            "order_qty": number(order.quantity, 8),
            "cum_cost": number(self._words.cost(order), 5),
            "time_in_force": self._words.time_in_force(order),
            "side": side_of(order.side),
            "order_type": type_of(order.type),
            "limit_price_type": "static",
            "stop_price": number(order.stop_price or ZERO, places),
            "fee_usd_equiv": number(self._words.fee(order), 5),
            "fee_ccy_pref": "fciq",
        }
        if kind == "pending_new":
            row["order_status"] = "pending_new"
        if order.type in LIMITED:
            row["limit_price"] = number(order.limit_price or ZERO, places)
        if order.expire_time_ns is not None:
            row["expire_time"] = moment(order.expire_time_ns)
        if order.stop_price is not None:
            row["triggers"] = self._triggers(order, places)
        return row

    def _triggers(self, order: VenueOrder, places: int) -> Row:
        trail = order.trail_percent or order.trail_amount
        kind = "static"
        if order.type is OrderType.TRAILING_STOP:
            kind = "pct" if order.trail_percent is not None else "quote"
        return {
            "reference": "last",
            "price": number(trail or order.stop_price or ZERO, 0 if trail else places),
            "price_type": kind,
            "actual_price": number(order.stop_price or ZERO, places),
            "status": "triggered" if order.has_triggered else "untriggered",
        }

    def _sums(self, order: VenueOrder) -> Row:
        places = self._face.names.price_places(order.symbol)
        return {
            "cum_qty": number(order.cumulative_quantity, 8),
            "cum_cost": number(self._words.cost(order), 5),
            "avg_price": number(self._words.average(order), places),
            "fee_usd_equiv": number(self._words.fee(order), 5),
        }

    def _trade(self, order: VenueOrder, fill: VenueFill) -> Row:
        """Return one execution. It never says that the order is filled."""
        places = self._face.names.price_places(order.symbol)
        row = self._sparse(order, "trade") | {
            "order_status": "partially_filled",
            "exec_id": trade_id(fill.execution_id),
            "trade_id": int(fill.execution_id[1:]),
            "symbol": fill.symbol,
            "side": side_of(fill.side),
            "last_qty": number(fill.quantity, 8),
            "last_price": number(fill.price, places),
            "liquidity_ind": "m" if fill.liquidity is Liquidity.MAKER else "t",
            "cost": number(fill.price * fill.quantity, 5),
            "order_type": type_of(order.type),
            "timestamp": moment(fill.time_ns),
            "fee_usd_equiv": number(fill.fee, 5),
            "fees": [{"asset": fill.fee_asset, "qty": number(fill.fee, 5)}],
        }
        row.pop("post_only", None)
        return row


def _update(rows: list[Row]) -> bytes:
    return b'"type":"update","data":' + encode(rows)


def _booked(entry: Entry) -> Row:
    return {
        "ledger_id": entry.id,
        "ref_id": entry.refid,
        "timestamp": moment(entry.time_ns),
        "type": entry.kind,
        "asset": entry.asset,
        "asset_class": "currency",
        "category": entry.kind,
        "wallet_type": "spot",
        "wallet_id": "main",
        "amount": number(entry.amount, 8),
        "fee": number(entry.fee, 8),
        "balance": number(entry.balance, 8),
    }
