"""Reads of an account: its collateral, positions, orders, fills and history."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, OrderStatus
from crossdock.sandbox.engine import VenueOrder
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.krakenfutures.params import Params
from crossdock.sandbox.faces.krakenfutures.refusals import Said
from crossdock.sandbox.faces.krakenfutures.symbols import own_name
from crossdock.sandbox.faces.krakenfutures.words import (
    history_type,
    is_told,
    is_trigger,
    milliseconds,
    moment,
    number_of,
    order_uid,
)

if TYPE_CHECKING:
    from crossdock.sandbox.faces.krakenfutures.face import KrakenFuturesFace

_MOST_FILLS = 100
_MOST_EVENTS = 1000
_REMEMBERED_NS = 5_000_000_000


def _left(token: str) -> int:
    try:
        return int(b64decode(token, validate=True))
    except ValueError:
        raise Said("invalidArgument: continuation_token") from None


class AccountReads:
    """Reads of one venue's accounts."""

    def __init__(self, face: KrakenFuturesFace) -> None:
        self._face = face
        self._host = face.host
        self._leverage: dict[tuple[str, str], int] = {}

    def accounts(self, params: Params, account: str) -> Act:
        def act(_now_ns: int) -> Any:
            rows = list(self._host.venue.balances(account))
            currencies = {
                own_name(asset): {
                    "quantity": total,
                    "value": total,
                    "collateral": total,
                    "available": max(ZERO, total - held),
                }
                for asset, total, held in rows
            }
            total = sum((it for _, it, _ in rows), ZERO)
            held = sum((it for _, _, it in rows), ZERO)
            flex = {
                "type": "multiCollateralMarginAccount",
                "currencies": currencies,
                "balanceValue": total,
                "portfolioValue": total,
                "collateralValue": total,
                "initialMargin": held,
                "initialMarginWithOrders": held,
                "maintenanceMargin": held / 2,
                "pnl": ZERO,
                "unrealizedFunding": ZERO,
                "totalUnrealized": ZERO,
                "availableMargin": max(ZERO, total - held),
                "marginEquity": total,
            }
            cash = {"type": "cashAccount", "balances": {}}
            return {"accounts": {"cash": cash, "flex": flex}}

        return act

    def positions(self, params: Params, account: str) -> Act:
        def act(now_ns: int) -> Any:
            rows = [
                {
                    "side": "long" if it.quantity > 0 else "short",
                    "symbol": self._face.symbols.id(it.symbol),
                    "price": it.entry_price,
                    "fillTime": moment(now_ns),
                    "size": abs(it.quantity),
                    "unrealizedFunding": ZERO,
                    "pnlCurrency": own_name(it.settle),
                }
                for it in self._host.venue.positions(account)
                if it.quantity and it.symbol in self._face.symbols
            ]
            return {"openPositions": rows}

        return act

    def open_orders(self, params: Params, account: str) -> Act:
        def act(_now_ns: int) -> Any:
            orders = self._seen(self._host.open_orders(account))
            return {"openOrders": [self._face.words.open_order(it) for it in orders]}

        return act

    def status(self, params: Params, account: str) -> Act:
        """Return orders by their ids: open ones, and those that ended within seconds."""
        numbers = {number_of(it) for it in params.every("orderIds")}
        names = set(params.every("cliOrdIds"))

        def act(_now_ns: int) -> Any:
            now_ns = self._host.now_ns()
            found = [
                it
                for it in self._seen(self._host.orders(account))
                if it.chain[0] in numbers
                or self._face.words.client_id(it, account) in names
            ]
            told = [
                it
                for it in found
                if not it.is_done or now_ns - it.updated_time_ns <= _REMEMBERED_NS
            ]
            return {"orders": [self._face.words.cached(it) for it in told]}

        return act

    def fills(self, params: Params, account: str) -> Act:
        """Return the newest fills, or those before a time, newest first."""
        before_ms = params.time_ms("lastFillTime")

        def act(_now_ns: int) -> Any:
            fills = [
                it
                for it in self._host.venue.fills(account)
                if is_told(it)
                and it.symbol in self._face.symbols
                and (before_ms is None or milliseconds(it.time_ns) < before_ms)
            ]
            page = self._face.passage.page(account, fills[-_MOST_FILLS:])
            return {"fills": [self._face.words.fill(account, it) for it in page[::-1]]}

        return act

    def order_events(self, params: Params, account: str) -> Act:
        return self._events(params, account, triggers=False)

    def trigger_events(self, params: Params, account: str) -> Act:
        return self._events(params, account, triggers=True)

    def leverage(self, params: Params, account: str) -> Act:
        def act(_now_ns: int) -> Any:
            rows = [
                {"symbol": self._face.symbols.id(symbol), "maxLeverage": most}
                for (owner, symbol), most in self._leverage.items()
                if owner == account
            ]
            return {"leveragePreferences": rows}

        return act

    def set_leverage(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        most = params.whole("maxLeverage", 0)

        def act(_now_ns: int) -> Any:
            if most:
                self._leverage[account, symbol] = most
            else:
                self._leverage.pop((account, symbol), None)
            return {}

        return act

    def _events(self, params: Params, account: str, *, triggers: bool) -> Act:
        """Return what became of orders, newest first, and a token where more follow.

        It says how many are left, which what is new meanwhile changes nothing of.
        """
        since_ms, before_ms = params.time_ms("since"), params.time_ms("before")
        count = min(params.whole("count", _MOST_EVENTS), _MOST_EVENTS)
        token = params.maybe("continuation_token")

        def act(_now_ns: int) -> Any:
            rows = [
                {"uid": order_uid(order), "timestamp": time_ms, "event": event}
                for order in self._seen(self._host.orders(account))
                if is_trigger(order) is triggers
                for time_ms, event in self._life(order)
                if (since_ms is None or time_ms >= since_ms)
                and (before_ms is None or time_ms <= before_ms)
            ]
            rows.sort(key=lambda it: int(str(it["timestamp"])), reverse=True)
            if token:
                rows = rows[len(rows) - _left(token) :]
            told: dict[str, Any] = {"accountUid": account, "len": len(rows[:count])}
            if rows[count:]:
                left = str(len(rows) - count).encode()
                told["continuationToken"] = b64encode(left).decode()
            return {**told, "elements": rows[:count]}

        return act

    def _life(self, order: VenueOrder) -> Iterator[tuple[int, Any]]:
        """Tell an order as it came, after what it filled at once, and its end."""
        began, ended = order.created_time_ns, order.updated_time_ns
        fills = self._host.feed.totals.of(order).fills.values()
        at_once = sum((it.quantity for it in fills if it.time_ns == began), ZERO)
        placed = self._past(order, at_once, began)
        first = "OrderTriggerPlaced" if is_trigger(order) else "OrderPlaced"
        yield milliseconds(began), {first: {"order": placed, "reason": "new_user_order"}}
        now = self._past(order, order.cumulative_quantity, ended)
        if order.status is OrderStatus.FILLED:
            if at_once < order.quantity:
                change = {"oldOrder": placed, "newOrder": now, "reason": "full_fill"}
                yield milliseconds(ended), {"OrderUpdated": change}
        elif order.is_done:
            last = "OrderTriggerCancelled" if is_trigger(order) else "OrderCancelled"
            end = {"order": now, "reason": "cancelled_by_user"}
            yield milliseconds(ended), {last: end}

    def _past(self, order: VenueOrder, filled: Decimal, time_ns: int) -> dict[str, Any]:
        """Return an order as histories show it: its quantity is what was left of it."""
        return {
            "uid": order_uid(order),
            "accountUid": order.account,
            "tradeable": self._face.symbols.id(order.symbol),
            "direction": order.side.value.capitalize(),
            "quantity": format(order.quantity - filled, "f"),
            "filled": format(filled, "f"),
            "timestamp": milliseconds(order.created_time_ns),
            "limitPrice": format(order.limit_price or ZERO, "f"),
            "orderType": history_type(order),
            "clientId": self._face.words.client_id(order, order.account) or "",
            "reduceOnly": order.reduce_only,
            "lastUpdateTimestamp": milliseconds(time_ns),
        }

    def _seen(self, orders: Sequence[VenueOrder]) -> list[VenueOrder]:
        return [it for it in orders if it.symbol in self._face.symbols]
