"""Orders and fills in the protocol's words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock.model import ZERO, OrderStatus, OrderType, Side, TimeInForce
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.coinbase.ids import order_id, trade_id
from crossdock.sandbox.faces.coinbase.orders import groups
from crossdock.sandbox.faces.coinbase.values import Row, moment, quotient
from crossdock.sandbox.faces.numbers import plain

if TYPE_CHECKING:
    from crossdock.sandbox.faces.coinbase.face import CoinbaseFace

_STATUSES = {
    OrderStatus.PENDING_NEW: "PENDING",
    OrderStatus.NEW: "OPEN",
    OrderStatus.PARTIALLY_FILLED: "OPEN",
    OrderStatus.FILLED: "FILLED",
    OrderStatus.CANCELED: "CANCELLED",
    OrderStatus.EXPIRED: "EXPIRED",
    OrderStatus.REJECTED: "FAILED",
}
_TIMES = {
    TimeInForce.GTC: "GOOD_UNTIL_CANCELLED",
    TimeInForce.GTD: "GOOD_UNTIL_DATE_TIME",
    TimeInForce.IOC: "IMMEDIATE_OR_CANCEL",
    TimeInForce.FOK: "FILL_OR_KILL",
}
_LIMIT_NAMES = {
    TimeInForce.GTD: "limit_limit_gtd",
    TimeInForce.IOC: "sor_limit_ioc",
    TimeInForce.FOK: "limit_limit_fok",
}
_TYPES = {
    OrderType.MARKET: "MARKET",
    OrderType.LIMIT: "LIMIT",
    OrderType.STOP_LIMIT: "STOP_LIMIT",
    OrderType.LIMIT_IF_TOUCHED: "STOP_LIMIT",
}
_HUNDRED = Decimal(100)
_TERMINAL = frozenset({"FILLED", "CANCELLED", "EXPIRED", "FAILED"})
_NO_EXPIRY = "UNKNOWN_CONTRACT_EXPIRY_TYPE"


def side_of(side: Side) -> str:
    return "BUY" if side is Side.BUY else "SELL"


def id_of(order: VenueOrder) -> str:
    """Return the id: it stays the same when an order is edited."""
    return order_id(groups.head(order).chain[0])


def status_of(order: VenueOrder) -> str:
    return _STATUSES[groups.told_status(order)]


def type_of(order: VenueOrder) -> str:
    if groups.is_bracket(order):
        return "BRACKET"
    return _TYPES.get(order.type, "STOP")


def trigger_status(order: VenueOrder) -> str:
    waiting = groups.stop(order)
    if waiting.stop_price is None:
        return "INVALID_ORDER_TYPE"
    return "STOP_TRIGGERED" if waiting.has_triggered else "STOP_PENDING"


def time_in_force(order: VenueOrder) -> str:
    return _TIMES.get(order.time_in_force, "UNKNOWN_TIME_IN_FORCE")


@dataclass(slots=True)
class _Done:
    """What was executed of a group, as far as its members' quantities tell."""

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    fees: Decimal = ZERO
    count: int = 0
    last_time_ns: int = 0


class Words:
    """Words orders and fills for one venue."""

    def __init__(self, face: CoinbaseFace) -> None:
        self._face = face
        self._totals = face.host.feed.totals
        self.quote_sizes: dict[int, Decimal] = {}
        self.edits: dict[int, list[Row]] = {}

    def client_id(self, order: VenueOrder | VenueFill, account: str) -> str:
        return self._face.client_id(account, order.client_order_id)

    def configuration(self, order: VenueOrder) -> Row:
        """Return an order as it would be asked for now."""
        order = groups.members(order)[0]
        quote_size = self.quote_sizes.get(order.number)
        fields: Row = {"base_size": plain(order.quantity)}
        if quote_size is not None:
            fields = {"quote_size": plain(quote_size)}
        if order.type is OrderType.MARKET:
            is_fok = order.time_in_force is TimeInForce.FOK
            return {"market_market_fok" if is_fok else "market_market_ioc": fields}
        if order.limit_price is not None:
            fields["limit_price"] = plain(order.limit_price)
        if order.end_time_ns is not None:
            fields["end_time"] = moment(order.end_time_ns)
        suffix = "gtc" if order.end_time_ns is None else "gtd"
        waiting = groups.stop(order)
        if groups.is_bracket(order):
            if waiting.stop_price is not None:
                fields["stop_trigger_price"] = plain(waiting.stop_price)
            return {f"trigger_bracket_{suffix}": fields}
        if waiting.stop_price is not None:
            rises = (order.side is Side.BUY) == (order.type is not _TOUCHED)
            fields["stop_price"] = plain(waiting.stop_price)
            way = "UP" if rises else "DOWN"
            fields["stop_direction"] = f"STOP_DIRECTION_STOP_{way}"
            return {f"stop_limit_stop_limit_{suffix}": fields}
        fields["post_only"] = order.post_only
        return {_LIMIT_NAMES.get(order.time_in_force, "limit_limit_gtc"): fields}

    def created(self, order: VenueOrder) -> Row:
        """Return the reply to an order that was taken, now or under the same id before."""
        attached = groups.attached(order)
        return {
            "success": True,
            "success_response": {
                "order_id": id_of(order),
                "product_id": self._face.products.id(order.symbol),
                "side": side_of(order.side),
                "client_order_id": self.client_id(order, order.account),
                "attached_order_id": "" if attached is None else id_of(attached),
            },
            "order_configuration": self.configuration(order),
        }

    def order(self, order: VenueOrder) -> Row:
        """Return an order as look-ups show it."""
        first = groups.members(order)[0]
        done = self._done(order)
        status = status_of(order)
        attached = groups.attached(order)
        in_quote = first.number in self.quote_sizes
        return {
            "order_id": id_of(order),
            "product_id": self._face.products.id(order.symbol),
            "user_id": self._face.user_id(order.account),
            "order_configuration": self.configuration(order),
            "side": side_of(order.side),
            "client_order_id": self.client_id(first, order.account),
            "status": status,
            "time_in_force": time_in_force(first),
            "created_time": moment(first.created_time_ns),
            "completion_percentage": _percent(done.quantity, first.quantity),
            "filled_size": plain(done.quantity),
            "average_filled_price": plain(quotient(done.cost, done.quantity)),
            "fee": "",
            "number_of_fills": str(done.count),
            "filled_value": plain(done.cost),
            "pending_cancel": False,
            "size_in_quote": in_quote,
            "total_fees": plain(done.fees),
            "size_inclusive_of_fees": in_quote,
            "total_value_after_fees": plain(done.cost + done.fees * order.side.sign),
            "trigger_status": trigger_status(order),
            "order_type": type_of(order),
            "reject_reason": "REJECT_REASON_UNSPECIFIED",
            "settled": status in _TERMINAL,
            "product_type": "SPOT",
            "reject_message": first.reason if status == "FAILED" else "",
            "cancel_message": self._cancel_reason(order, status),
            "order_placement_source": "RETAIL_ADVANCED",
            "outstanding_hold_amount": plain(self._held(order)),
            "is_liquidation": False,
            "last_fill_time": moment(done.last_time_ns) if done.count else None,
            "edit_history": self.edits.get(first.number, []),
            "leverage": "",
            "margin_type": "UNKNOWN_MARGIN_TYPE",
            "retail_portfolio_id": self._face.portfolio_id(order.account),
            "originating_order_id": self._originating(first),
            "attached_order_id": "" if attached is None else id_of(attached),
            "last_update_time": moment(first.updated_time_ns),
        }

    def update(self, order: VenueOrder) -> Row:
        """Return an order as the user channel tells it."""
        first = groups.members(order)[0]
        done = self._done(order)
        status = status_of(order)
        is_done = status in _TERMINAL
        leaves = ZERO if is_done else first.quantity - done.quantity
        waiting = groups.stop(order)
        return {
            "avg_price": plain(quotient(done.cost, done.quantity)),
            "cancel_reason": self._cancel_reason(order, status),
            "client_order_id": self.client_id(first, order.account),
            "completion_percentage": _percent(done.quantity, first.quantity),
            "contract_expiry_type": _NO_EXPIRY,
            "cumulative_quantity": plain(done.quantity),
            "filled_value": plain(done.cost),
            "leaves_quantity": plain(leaves),
            "limit_price": plain(first.limit_price or ZERO),
            "number_of_fills": str(done.count),
            "order_id": id_of(order),
            "order_side": side_of(order.side),
            "order_type": type_of(order).replace("_", " ").title(),
            "outstanding_hold_amount": plain(self._held(order)),
            "post_only": "true" if first.post_only else "false",
            "product_id": self._face.products.id(order.symbol),
            "product_type": "SPOT",
            "reject_reason": first.reason if status == "FAILED" else "",
            "retail_portfolio_id": self._face.portfolio_id(order.account),
            "risk_managed_by": "UNKNOWN_RISK_MANAGEMENT_TYPE",
            "status": status,
            "stop_price": plain(waiting.stop_price) if waiting.stop_price else "",
            "time_in_force": time_in_force(first),
            "total_fees": plain(done.fees),
            "total_value_after_fees": plain(done.cost + done.fees * order.side.sign),
            "trigger_status": trigger_status(order),
            "creation_time": moment(first.created_time_ns),
            "end_time": moment(first.end_time_ns or 0),
            "start_time": moment(0),
        }

    def fill(self, account: str, fill: VenueFill) -> Row:
        order = self._face.host.venue.find(account, order_id=fill.order_id)
        trade = trade_id(fill.execution_id)
        return {
            "entry_id": trade.replace("-", ""),
            "trade_id": trade,
            "order_id": id_of(order),
            "trade_time": moment(fill.time_ns),
            "trade_type": "FILL",
            "price": plain(fill.price),
            "size": plain(fill.quantity),
            "commission": plain(fill.fee),
            "product_id": self._face.products.id(fill.symbol),
            "sequence_timestamp": moment(fill.time_ns),
            "liquidity_indicator": str(fill.liquidity).upper(),
            "size_in_quote": False,
            "user_id": self._face.user_id(account),
            "side": side_of(fill.side),
            "retail_portfolio_id": self._face.portfolio_id(account),
        }

    def _done(self, order: VenueOrder) -> _Done:
        """Add up the executions that made the quantities what they are.

        An order that is told may be a copy, and its totals ahead of it.
        """
        done = _Done()
        for it in groups.members(order):
            left = it.cumulative_quantity
            for fill in self._totals.of(it).fills.values():
                if left <= 0:
                    break
                left -= fill.quantity
                done.quantity += fill.quantity
                done.cost += fill.price * fill.quantity
                done.fees += fill.fee
                done.count += 1
                done.last_time_ns = max(done.last_time_ns, fill.time_ns)
        return done

    def _held(self, order: VenueOrder) -> Decimal:
        return sum((it.charged for it in groups.members(order)), ZERO)

    def _cancel_reason(self, order: VenueOrder, status: str) -> str:
        if status != "CANCELLED":
            return ""
        reasons = [it.reason for it in groups.members(order) if it.reason]
        return reasons[-1] if reasons else "User requested cancel"

    def _originating(self, order: VenueOrder) -> str:
        parent = order.parent
        return "" if parent is None or groups.head(order) is parent else id_of(parent)


_TOUCHED = OrderType.LIMIT_IF_TOUCHED


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{quotient(part * _HUNDRED, whole):.2f}"
