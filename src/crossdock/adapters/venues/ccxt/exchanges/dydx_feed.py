"""dYdX's channel of a subaccount, which ccxt has not, and trades from now on.

https://docs.dydx.xyz/indexer-client/websockets (2026-11-21): orders are told in part, and
fills without their fees, so that these are asked for.
"""

from __future__ import annotations

from typing import Any

from crossdock.adapters.venues.ccxt.wire.driver import EXTRA
from crossdock.ports import extras

_CHANNEL = "v4_subaccounts"
_BEGUN, _NEWS = "subscribed", "channel_data"
_HASH = "orders"
_MOST_ROWS = 1_000


def tune_feed(exchange: Any) -> None:
    _follow_orders(exchange)
    _pass_over_past_trades(exchange)


def _follow_orders(exchange: Any) -> None:
    handle = exchange.handle_message
    exchange.has = {**exchange.has, "watchOrders": True}
    exchange.parse_ws_order = exchange.parse_order

    async def watch_orders(*_: Any, **__: Any) -> Any:
        name = f"{exchange.get_wallet_address()}/0"
        asked = {"type": "subscribe", "channel": _CHANNEL, "id": name}
        rows = await exchange.watch(exchange.urls["api"]["ws"], _HASH, asked, _HASH)
        newest = rows.getLimit(None, None)
        return exchange.filter_by_symbol_since_limit(rows, None, None, newest, True)

    def handle_message(client: Any, message: Any) -> None:
        told = message.get("type") in (_BEGUN, _NEWS)
        if not told or message.get("channel") != _CHANNEL:
            handle(client, message)
            return
        rows = (message.get("contents") or {}).get("orders")
        if not rows:
            return
        if exchange.orders is None:
            exchange.orders = _rows()
        for row in rows:
            exchange.orders.append(exchange.parse_order(row))
        client.resolve(exchange.orders, _HASH)

    exchange.watch_orders = watch_orders
    exchange.handle_message = handle_message


def _pass_over_past_trades(exchange: Any) -> None:
    """Tell trades from the subscription on: ccxt tells those before it as news."""
    take = exchange.handle_trades

    def handle_trades(client: Any, message: Any) -> None:
        if message.get("type") != _BEGUN:
            take(client, message)

    exchange.handle_trades = handle_trades


def _rows() -> Any:
    """Return what ccxt keeps the newest rows in."""
    cache = extras.load("ccxt.async_support.base.ws.cache", extra=EXTRA, what="its streams")
    return cache.ArrayCacheBySymbolById(_MOST_ROWS)
