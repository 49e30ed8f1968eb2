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
from crossdock.adapters.venues.ccxt.exchanges.ways import EventSource, FillPaging, Known
from crossdock.model import AccountEventKind, OrderType
from crossdock.ports import NewOrder


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
    fills = FillPaging(needs_symbol=True, page=100, newest_first=True)
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
        EventSource(method="fetch_deposits", kind=AccountEventKind.DEPOSIT),
        EventSource(method="fetch_withdrawals", kind=AccountEventKind.WITHDRAWAL),
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
        ask = exchange.fetch_order_book

        async def fetch_order_book(*args: Any, **more: Any) -> Any:
            # Its number counts what no channel without keys tells.
            return {**await ask(*args, **more), "nonce": None}

        exchange.fetch_order_book = fetch_order_book


QUIRKS = CoinbaseExchange()
