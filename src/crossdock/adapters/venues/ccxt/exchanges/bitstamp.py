"""Bitstamp.

https://www.bitstamp.net/api/ (2026-11-21)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.studied import (
    Studied,
    known_refusals,
    without,
)
from crossdock.adapters.venues.ccxt.exchanges.ways import EventSource, FillPaging, Pages
from crossdock.adapters.venues.ccxt.wire.driver import ccxt_errors
from crossdock.adapters.venues.ccxt.wire.numbers import exact, maybe, milliseconds
from crossdock.errors import NotSent
from crossdock.model import AccountEventKind, OrderStatus, OrderType, TimeInForce
from crossdock.ports import NewOrder

_TIMES: Mapping[TimeInForce, str] = {
    TimeInForce.IOC: "ioc_order",
    TimeInForce.FOK: "fok_order",
    TimeInForce.DAY: "daily_order",
    TimeInForce.GTD: "gtd_order",
}
_TRUE = "True"  # the form is url-encoded
_CODE = re.compile(r"\d{3}\.\d{3}", re.ASCII)


class Bitstamp(Studied):
    # ccxt would await six changes of a book before it asks for the whole of it, and keeps
    # what it was told of markets for a second.
    options: Mapping[str, Any] = {
        "watchOrderBook": {"snapshotDelay": 0},
        "fetchMarkets": {"expires": -1},
    }
    book_waits = True
    client_id_param = "client_order_id"
    cancels_by_client_id = False
    fills = FillPaging(
        page=1000, until_param="until_timestamp", newest_first=True, id_param="since_id"
    )
    events = (
        EventSource(
            method="fetch_ledger",
            page=1000,
            pages=Pages(offset_param="offset"),
            newest_first=True,
            kind_path="type",
            kinds={
                "0": AccountEventKind.DEPOSIT,
                "1": AccountEventKind.WITHDRAWAL,
                "14": AccountEventKind.TRANSFER,
            },
        ),
    )
    reads_by_post = ("/account_balances/", "/open_orders/all/", "/order_status/")
    refusals_in_words = tuple(
        it for it in known_refusals("bitstamp") if not _CODE.fullmatch(it)
    )
    shapes: Mapping[str, str] = {
        "/markets/": "[]",
        "/account_balances/": "[]",
        "/open_orders/all/": "[]",
        "/user_transactions/": "[]",
        "/order_status/": "id",
        "/cancel_order/": "id",
    }
    code_paths = (
        *("response_code", "code", "reason", "reason.__all__.0"),
        *("reason.amount.0", "reason.price.0", "error"),
    )
    message_paths = (
        *("reason", "error", "reason.amount.0", "reason.price.0", "reason.__all__.0"),
        "message",
    )
    duplicate_codes = ("400.019",)
    unknown_order_codes = ("Order not found.", "404.002")
    account_streams = ()  # ccxt streams orders of a named market only: they are polled

    def tune(self, exchange: Any) -> None:
        """Say times in seconds, and put right what ccxt makes of limits and ledgers."""
        errors = ccxt_errors()
        for words in ("exceeded rate limit", "exceeded client rate limit"):
            exchange.exceptions["broad"][words] = errors.RateLimitExceeded
        ask = exchange.privatePostUserTransactions

        async def paged(params: Mapping[str, Any]) -> Any:
            return await ask(_page(params))

        exchange.privatePostUserTransactions = paged
        read = exchange.parse_ledger_entry

        def signed(item: Raw, currency: Any = None) -> Raw:
            # ccxt looks for the amount under the asset's name in capitals, and finds none.
            entry = read(item, currency)
            amount = maybe(item.get(str(entry.get("currency")).lower()))
            return {**entry, "direction": "in" if amount and amount > 0 else "out"}

        exchange.parse_ledger_entry = signed

    def code_of(self, code: str, words: str) -> str:
        return code if _CODE.fullmatch(code) else super().code_of(code, words)

    def order_row(self, order: Raw) -> Raw:
        """Work out of its trades how much an order was for, where only the rest is told."""
        info = order.get("info") or {}
        if maybe(info.get("amount_at_create")) is not None:
            whole, left = exact(info["amount_at_create"]), exact(info["amount"])
            return {**order, "amount": str(whole), "filled": str(whole - left)}
        rest = maybe(info.get("amount_remaining"))
        if rest is None or order.get("symbol") is None:
            return order
        base = str(order["symbol"]).partition("/")[0].lower()
        done = [exact(it[base]) for it in info.get("transactions") or () if base in it]
        filled = sum((abs(it) for it in done), Decimal(0))
        return {**order, "amount": str(rest + filled), "filled": str(filled)}

    def status(self, order: Raw) -> str:
        expired = (order.get("info") or {}).get("status") == "Expired"
        return OrderStatus.EXPIRED.value if expired else ""

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        said = without(params, "timeInForce", "postOnly")
        word = _TIMES.get(order.time_in_force)
        if word is not None:
            if order.type is OrderType.MARKET:
                raise NotSent("Bitstamp's market orders have no time in force")
            said[word] = _TRUE
        if order.expire_time_ns is not None:
            said["expire_time"] = milliseconds(order.expire_time_ns)
        if order.post_only:
            said["moc_order"] = _TRUE
        return said


def _page(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ask behind an id from there on, and until a time in whole seconds."""
    said = dict(params)
    if "since_id" in said:
        said["sort"] = "asc"
    if "until_timestamp" in said:
        said["until_timestamp"] = -(-int(said["until_timestamp"]) // 1000)
    return said


QUIRKS = Bitstamp()
