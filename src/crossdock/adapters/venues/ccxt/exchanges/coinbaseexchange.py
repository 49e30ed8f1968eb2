"""Coinbase Exchange, for institutions.

https://docs.cdp.coinbase.com/exchange (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.coinbaseexchange_feed import tune_feed
from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.studied import (
    Studied,
    known_refusals,
    rises,
    triggered,
)
from crossdock.adapters.venues.ccxt.exchanges.ways import (
    EventSource,
    FillPaging,
    Known,
    Pages,
)
from crossdock.model import AccountEventKind, OrderType
from crossdock.ports import NewOrder

_MOVES: Mapping[str, Any] = {"page": 100, "newest_first": True, "until_param": "after"}
"""…/rest-api/transfers/get-all-transfers (2026-11-22): `after` is a time, not an id."""


class CoinbaseExchange(Studied):
    keys: Mapping[str, str] = {
        "apiKey": "key",
        "secret": "key_secret",
        "password": "passphrase_secret",
    }
    client_id_param = "client_oid"
    lookups = (Known.CLIENT_ID, Known.VENUE_ID, Known.OPEN_ORDERS)
    forgets_unfilled = True
    sparse_stream = True
    bar_page = 300
    # …/exchange/rest-api/pagination (2026-11-22): `after` a row are the older ones.
    fills = FillPaging(
        needs_symbol=True,
        page=100,
        pages=Pages(cursor_param="after", row_field="trade_id"),
        newest_first=True,
    )
    shapes: Mapping[str, str] = {
        "/products": "[]",
        "/book": "sequence",
        "/candles": "[]",
        "/time": "epoch",
        "/accounts": "[]",
        "/fills": "[]",
        "/transfers": "[]",
        "/fees": "maker_fee_rate",
    }
    events = (
        EventSource(method="fetch_deposits", kind=AccountEventKind.DEPOSIT, **_MOVES),
        EventSource(method="fetch_withdrawals", kind=AccountEventKind.WITHDRAWAL, **_MOVES),
    )
    refusals_in_words = known_refusals("coinbaseexchange")
    code_paths = ("message",)
    message_paths = ("message",)
    unknown_order_codes = ("NotFound", "order not found")

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        # "entry" triggers when the last trade is at or above the stop price, "loss" below.
        return triggered(order, params, stop="entry" if rises(order) else "loss")

    def order_type(self, order: Raw) -> str:
        """Tell stops from orders that wait to be touched: both have a stop price."""
        info = order.get("info") or {}
        waits_for = info.get("stop") or info.get("stop_type")
        if waits_for not in ("entry", "loss"):
            return ""
        is_stop = (waits_for == "entry") is (order.get("side") == "buy")
        kind = OrderType.STOP_LIMIT if is_stop else OrderType.LIMIT_IF_TOUCHED
        return kind.value

    def tune(self, exchange: Any) -> None:
        tune_feed(exchange)
        ask_moved = exchange.privateGetTransfers

        async def moved(params: Raw) -> Any:
            asked = dict(params)
            if isinstance(until_ms := asked.get("after"), int):
                asked["after"] = exchange.iso8601(until_ms)
            return await ask_moved(asked)

        exchange.privateGetTransfers = moved
        ask = exchange.fetch_order_book

        async def fetch_order_book(*args: Any, **more: Any) -> Any:
            # Its number counts what no channel without keys tells.
            return {**await ask(*args, **more), "nonce": None}

        exchange.fetch_order_book = fetch_order_book


QUIRKS = CoinbaseExchange()
