"""Kraken Futures.

https://docs.kraken.com/exchange/guides/futures/rest (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.krakenfutures_feeds import tune_feeds
from crossdock.adapters.venues.ccxt.exchanges.studied import STOP_TYPES, Studied, triggered
from crossdock.adapters.venues.ccxt.exchanges.ways import (
    Cost,
    FillPaging,
    Known,
    OrderList,
    Pages,
)
from crossdock.adapters.venues.ccxt.wire.numbers import maybe, plain, positive
from crossdock.model import ZERO, OrderReport, OrderType, TimeInForce
from crossdock.ports import NewOrder

_UNCANCELLED = "filled"
"""What a cancel of an order is answered with that has filled: a refusal of a cancel only."""

_CALLS = "/derivatives/api/v3"
_TRADING, _HISTORY = "derivatives", "history"
_READS: Mapping[str, int] = {
    **dict.fromkeys(("accounts", "openpositions", "openorders", "leveragepreferences"), 2),
    "fills": 25,  # with a time, as pages behind the first are asked; else 2
    "orders/status": 1,
}
_WRITES: Mapping[str, int] = {"cancelallorders": 25, "cancelallordersafter": 25}
_WRITE = 10  # every other one
"""https://docs.kraken.com/exchange/guides/futures/ratelimits (2026-11-21)."""
_HISTORIES = ("orders", "triggers", "executions")

_TRIGGER_TYPES = {"stop", "stp", "take_profit", "take_profit_market"}


def _events(method: str, **params: Any) -> OrderList:
    """Return a history of events.

    https://docs.kraken.com/api/docs/futures-api/history/get-order-events and
    get-trigger-events (2026-05-27): newest first, and a token where more follow.
    """
    return OrderList(
        method=method,
        params=params,
        pages=Pages(cursor_param="continuation_token", cursor_path="continuationToken"),
        of_market=False,
    )


class KrakenFutures(Studied):
    client_id_param = "cliOrdId"
    lookups = (Known.OPEN_ORDERS, Known.VENUE_ID, Known.DONE_ORDERS)
    done_lists = (
        _events("fetch_canceled_and_closed_orders"),
        _events("fetch_canceled_orders", trigger=True),
    )
    cancels_by_client_id = False
    greets = True
    fills = FillPaging(page=100, newest_first=True, until_param="lastFillTime")
    bar_page = 2000
    shapes: Mapping[str, str] = {
        f"{_CALLS}/instruments": "instruments",
        f"{_CALLS}/orderbook": "orderBook",
        f"{_CALLS}/accounts": "accounts",
        f"{_CALLS}/openpositions": "openPositions",
        f"{_CALLS}/openorders": "openOrders",
        f"{_CALLS}/orders/status": "orders",
        f"{_CALLS}/fills": "fills",
        f"{_CALLS}/sendorder": "sendStatus",
        f"{_CALLS}/editorder": "editStatus",
        f"{_CALLS}/cancelorder": "cancelStatus",
        f"{_CALLS}/cancelallorders": "cancelStatus",
        "/api/history/v2/orders": "elements",
    }
    code_paths = (
        "sendStatus.status",
        "cancelStatus.status",
        "editStatus.status",
        "error",
        "errors.0.message",
    )
    ok_codes = ("placed", "cancelled", "edited", "requestReceived")
    message_paths = ("error", "errors.0.message", "cancelStatus.status")
    duplicate_codes = ("clientOrderIdAlreadyExist",)
    unknown_order_codes = ("notFound",)

    def cost(
        self, method: str, path: str, *, api: str, is_write: bool, weight: float
    ) -> Cost:
        """Weigh as the exchange does; what is public costs nothing."""
        if path in _HISTORIES:
            return Cost(scope=_HISTORY)
        if method != "GET":
            return Cost(scope=_TRADING, weight=_WRITES.get(path, _WRITE))
        if path in _READS:
            return Cost(scope=_TRADING, weight=_READS[path])
        return Cost(scope="public")

    def code_of(self, code: str, words: str) -> str:
        if code == _UNCANCELLED and words != _UNCANCELLED:
            return ""  # of a submit it is the best of news
        return super().code_of(code, words)

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        # ccxt makes stopLossPrice and takeProfitPrice reduce-only by itself.
        kind = "stp" if order.type in STOP_TYPES else "take_profit"
        said = triggered(order, params, orderType=kind)
        if "triggerPrice" in said:
            # ccxt says every triggerPrice as a stop: the exchange's own name is left alone.
            said["stopPrice"] = said.pop("triggerPrice")
        if order.time_in_force is TimeInForce.IOC:
            said["timeInForce"] = "ioc"  # in capitals ccxt would let it rest
        return said

    def order_row(self, order: Raw) -> Raw:
        """Read price and our id from where ccxt does not look."""
        found = _details(order.get("info") or {})
        ours = found.get("cliOrdId") or found.get("cli_ord_id") or found.get("clientId")
        price = found.get("limitPrice") or found.get("limit_price")
        row = {**order, "price": price if positive(price) is not None else None}
        if ours:
            row["clientOrderId"] = ours
        if "tradeable" in found:  # of a history, whose quantity is what was left
            left, filled = (maybe(found.get(it)) for it in ("quantity", "filled"))
            row["amount"] = plain((left or ZERO) + (filled or ZERO))
        return row

    def order_type(self, order: Raw) -> str:
        """Tell stops from take-profits, which ccxt's words for triggers do not."""
        found = _details(order.get("info") or {})
        said = str(found.get("orderType") or found.get("type") or "").lower()
        if said not in _TRIGGER_TYPES:
            return ""
        limited = positive(order.get("price")) is not None
        if said.startswith("take"):
            touched = (OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED)
            return touched[limited].value
        return (OrderType.STOP, OrderType.STOP_LIMIT)[limited].value

    def trade_row(self, trade: Raw) -> Raw:
        """Read the size of contracts, which ccxt leaves out of fills of inverse ones."""
        info = trade.get("info") or {}
        return {**trade, "amount": info.get("size") or info.get("qty")}

    def amend_params(self, order: OrderReport, stop_price: str) -> Mapping[str, Any]:
        return {"stopPrice": stop_price}

    def tune(self, exchange: Any) -> None:
        tune_feeds(exchange)
        _tune_calls(exchange)


def _details(info: Raw) -> Raw:
    """Return the order itself, whichever reply it stands in."""
    events = info.get("orderEvents")
    if isinstance(events, list) and events:
        names = ("new", "order", "orderTrigger", "orderPriorExecution")
        for name in names:
            if isinstance(found := events[0].get(name), dict):
                return found
    inner = info.get("order")
    return inner if isinstance(inner, dict) else info


def _tune_calls(exchange: Any) -> None:
    """Mend an edit, which by default says what is to be open, and two lists.

    Fills are asked for before a time, and done orders of every kind at once: ccxt asks
    twice, and takes what was placed and not filled by then for canceled.
    """
    ask_fills = exchange.privateGetFills
    edit = exchange.privatePostEditorder

    async def edited(params: Mapping[str, Any]) -> Any:
        return await edit({**params, "qtyMode": "ABSOLUTE"})

    async def fills(params: Mapping[str, Any]) -> Any:
        asked = dict(params)
        if isinstance(until_ms := asked.get("lastFillTime"), int):
            asked["lastFillTime"] = exchange.iso8601(until_ms)
        return await ask_fills(asked)

    async def done(
        _symbol: str | None, since_ms: int | None, count: int | None, params: Raw
    ) -> Any:
        span = {"since": since_ms, "count": count}
        given = {name: value for name, value in span.items() if value is not None}
        reply = await exchange.historyGetOrders({**given, **params})
        events = exchange.safe_list(reply, "elements", [])
        ended = (_ended(it.get("event") or {}) for it in events)
        return exchange.parse_orders([it for it in ended if it is not None])

    exchange.privatePostEditorder = edited
    exchange.privateGetFills = fills
    exchange.fetch_canceled_and_closed_orders = done


def _ended(event: Raw) -> Raw | None:
    """Return the order whose end an event tells, with what it is now; None: it goes on."""
    if "OrderPlaced" in event:
        order = event["OrderPlaced"].get("order") or {}
        is_whole = positive(order.get("quantity")) is None
        return {**order, "status": "closed"} if is_whole else None
    if "OrderUpdated" in event:
        updated = event["OrderUpdated"]
        is_whole = updated.get("reason") == "full_fill"
        return {**updated["newOrder"], "status": "closed"} if is_whole else None
    for name, status in (("OrderCancelled", "canceled"), ("OrderRejected", "rejected")):
        if name in event:
            return {**event[name]["order"], "status": status}
    return None


QUIRKS = KrakenFutures()
