"""Coinbase Exchange's user channel: all products at once, and orders by what befalls them.

https://docs.cdp.coinbase.com/exchange/websocket-feed/channels (2026-11-21)
"""

from __future__ import annotations

from collections import OrderedDict
from decimal import Decimal
from typing import Any

from crossdock.adapters.venues.ccxt.wire.driver import EXTRA
from crossdock.ports import extras

_LIFE = frozenset({"received", "open", "match", "change", "activate", "done"})
_MOST_ORDERS = 10_000
_MOST_ROWS = 1_000


def tune_feed(exchange: Any) -> None:
    """Follow the user channel: ccxt does so for one product, and adds fills up twice."""
    feed = _Feed(exchange)
    exchange.watch_orders = feed.watch_orders
    exchange.watch_my_trades = feed.watch_my_trades
    exchange.parse_ws_order = feed.order
    handle = exchange.handle_message

    def handle_message(client: Any, message: Any) -> None:
        if client.url.endswith("?") and message.get("type") in _LIFE:
            feed.take(client, message)
        else:
            handle(client, message)

    exchange.handle_message = handle_message


class _Feed:
    """What was told of each order so far, and how far each product was told."""

    def __init__(self, exchange: Any) -> None:
        self._exchange = exchange
        self._told: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._sequences: dict[str, int] = {}

    async def watch_orders(self, symbol: Any = None, **_: Any) -> Any:
        return await self._watch("orders")

    async def watch_my_trades(self, symbol: Any = None, **_: Any) -> Any:
        return await self._watch("myTrades")

    def take(self, client: Any, message: Any) -> None:
        """Take a message once: those of a product are numbered."""
        product, number = str(message["product_id"]), int(message.get("sequence") or 0)
        if number and number <= self._sequences.get(product, 0):
            return
        self._sequences[product] = number
        exchange = self._exchange
        if message["type"] == "match":
            for row in self._fills(message):
                if exchange.myTrades is None:
                    exchange.myTrades = _rows()
                exchange.myTrades.append(row)
                client.resolve(exchange.myTrades, "myTrades")
        for info in self._changes(message):
            if exchange.orders is None:
                exchange.orders = _rows()
            exchange.orders.append(self.order(info))
            client.resolve(exchange.orders, "orders")

    def order(self, info: Any, market: Any = None) -> Any:
        """Return an order as ccxt words it, as far as it was told."""
        exchange = self._exchange
        return exchange.safe_order(
            {
                "info": info,
                "symbol": exchange.safe_symbol(info["product_id"], market, "-"),
                "id": info["order_id"],
                "clientOrderId": info.get("client_oid"),
                "timestamp": exchange.parse8601(info.get("time")),
                "type": info.get("order_type", "limit"),
                "side": info.get("side"),
                "price": info.get("price"),
                "triggerPrice": info.get("stop_price"),
                "amount": info.get("total"),
                "filled": info.get("filled"),
                "status": info.get("status", "open"),
            }
        )

    def _changes(self, message: Any) -> list[dict[str, Any]]:
        ids = [message.get("order_id")]
        if message["type"] == "match":
            ids = [message.get("maker_order_id"), message.get("taker_order_id")]
            ours = "maker_fee_rate" not in message
            ids = ids[1:] if ours else ids[:1]
        return [self._changed(str(it), message) for it in ids if it]

    def _changed(self, key: str, message: Any) -> dict[str, Any]:
        """Return all that is known of an order after a message."""
        info = dict(self._told.get(key) or {"order_id": key})
        info["product_id"] = message["product_id"]
        info["time"] = message.get("time") or message.get("timestamp")
        filled = Decimal(info.get("filled", "0"))
        match message["type"]:
            case "received" | "activate":
                names = ("side", "price", "client_oid", "order_type", "stop_price")
                info |= {it: message[it] for it in names if message.get(it)}
                info |= {"stop_type": message.get("stop_type"), "filled": "0"}
                if message.get("size"):
                    info["total"] = message["size"]
            case "match":
                info["filled"] = str(filled + Decimal(message["size"]))
            case "change" if message.get("new_size"):
                info["total"] = str(filled + Decimal(message["new_size"]))
            case "done":
                whole = info.get("total")
                left = message.get("remaining_size")
                if whole and left is not None:
                    info["filled"] = str(Decimal(whole) - Decimal(left))
                is_filled = message.get("reason") == "filled"
                info["status"] = "closed" if is_filled else "canceled"
        self._told[key] = info
        self._told.move_to_end(key)
        if len(self._told) > _MOST_ORDERS:
            self._told.popitem(last=False)
        return info

    def _fills(self, message: Any) -> list[Any]:
        """Return our side of an execution. The message's side is the maker's."""
        exchange = self._exchange
        is_maker = "maker_fee_rate" in message
        rate = message["maker_fee_rate" if is_maker else "taker_fee_rate"]
        theirs = {"buy": "sell", "sell": "buy"}[message["side"]]
        market = exchange.safe_market(message["product_id"], None, "-")
        worth = Decimal(message["price"]) * Decimal(message["size"])
        return [
            exchange.safe_trade(
                {
                    "info": message,
                    "id": str(message["trade_id"]),
                    "order": message["maker_order_id" if is_maker else "taker_order_id"],
                    "symbol": market["symbol"],
                    "timestamp": exchange.parse8601(message["time"]),
                    "side": message["side"] if is_maker else theirs,
                    "takerOrMaker": "maker" if is_maker else "taker",
                    "price": message["price"],
                    "amount": message["size"],
                    "fee": {
                        "cost": format(worth * Decimal(rate), "f"),
                        "currency": market["quote"],
                    },
                },
                market,
            )
        ]

    async def _watch(self, what: str) -> Any:
        exchange = self._exchange
        asked = {
            "type": "subscribe",
            "product_ids": [market["id"] for market in exchange.markets.values()],
            "channels": ["user"],
            **exchange.authenticate(),
        }
        url = f"{exchange.urls['api']['ws']}?"
        rows = await exchange.watch(url, what, asked, "user")
        newest = rows.getLimit(None, None)
        return exchange.filter_by_symbol_since_limit(rows, None, None, newest, True)


def _rows() -> Any:
    """Return what ccxt keeps the newest rows in."""
    cache = extras.load("ccxt.async_support.base.ws.cache", extra=EXTRA, what="its streams")
    return cache.ArrayCacheBySymbolById(_MOST_ROWS)
