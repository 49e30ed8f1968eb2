"""Kraken Futures' feeds, where ccxt loses what they tell.

https://docs.kraken.com/exchange/api-reference/futures-websocket/open_orders.md and
https://docs.kraken.com/exchange/api-reference/futures-websocket/book.md (2026-11-21)
"""

from __future__ import annotations

from typing import Any

from crossdock.adapters.venues.ccxt.wire.driver import ccxt_errors

_FILLED = "full_fill"
_MOST_ORDERS = 10_000


def tune_feeds(exchange: Any) -> None:
    """Follow open orders as they are told, and the book by its sequence."""
    _follow_orders(exchange)
    _follow_books(exchange)
    _pass_over_past_trades(exchange)


def _follow_orders(exchange: Any) -> None:
    """Tell each state of an order as it came: ccxt takes them for trades and adds them up.

    An end names the order alone, so what it was is remembered.
    """
    known: dict[str, Any] = {}
    take_snapshot = exchange.handle_order_snapshot

    def handle_order(client: Any, message: Any) -> Any:
        order = message.get("order")
        key = str((order or message).get("order_id"))
        if isinstance(order, dict):
            known[key] = order
            while len(known) > _MOST_ORDERS:
                del known[next(iter(known))]
            row = exchange.parse_ws_order(order)
        elif message.get("is_cancel") and key in known:
            row = _ended(exchange, known.pop(key), str(message.get("reason")))
        else:
            return message
        if exchange.orders is None:
            handle_snapshot(client, {"orders": []})
        exchange.orders.append(row)
        client.resolve(exchange.orders, "orders")
        return message

    def handle_snapshot(client: Any, message: Any) -> None:
        known.update({str(it.get("order_id")): it for it in message.get("orders") or ()})
        take_snapshot(client, message)

    parse = exchange.parse_ws_order

    def parse_ws_order(order: Any, market: Any = None) -> Any:
        row = parse(order, market)
        row["clientOrderId"] = order.get("cli_ord_id")
        row["status"] = row.get("status") or "open"
        row["lastUpdateTimestamp"] = order.get("last_update_time")
        return row

    exchange.handle_order = handle_order
    exchange.handle_order_snapshot = handle_snapshot
    exchange.parse_ws_order = parse_ws_order


def _ended(exchange: Any, order: Any, reason: str) -> Any:
    filled = reason == _FILLED
    if filled:
        whole = exchange.parse_ws_order(order)["amount"]
        order = {**order, "filled": whole, "qty": "0"}
    row = exchange.parse_ws_order(order)
    row["status"] = "closed" if filled else "canceled"
    return row


def _follow_books(exchange: Any) -> None:
    """Begin a book anew when a change of it did not come: ccxt does not look."""
    sequences: dict[str, int] = {}
    take, begin = exchange.handle_order_book, exchange.handle_order_book_snapshot

    def handle_snapshot(client: Any, message: Any) -> None:
        sequences[message["product_id"]] = int(message["seq"])
        begin(client, message)

    def handle_change(client: Any, message: Any) -> None:
        name, number = message["product_id"], int(message["seq"])
        before = sequences.get(name)
        if before is None or number <= before:
            return  # of a book that is to begin anew
        if number == before + 1:
            sequences[name] = number
            take(client, message)
            return
        del sequences[name]
        topic = exchange.get_message_hash("orderbook", None, exchange.safe_symbol(name))
        client.subscriptions.pop(topic, None)
        leave = {"event": "unsubscribe", "feed": "book", "product_ids": [name]}
        exchange.spawn(client.send, leave)
        problem = f"{name}: change {number} came after {before}"
        client.reject(ccxt_errors().InvalidNonce(problem), topic)

    exchange.handle_order_book = handle_change
    exchange.handle_order_book_snapshot = handle_snapshot


def _pass_over_past_trades(exchange: Any) -> None:
    """Tell trades from the subscription on: ccxt tells those before it as news."""
    take = exchange.handle_trade

    def handle_trade(client: Any, message: Any) -> None:
        if message.get("feed") != "trade_snapshot":
            take(client, message)

    exchange.handle_trade = handle_trade
