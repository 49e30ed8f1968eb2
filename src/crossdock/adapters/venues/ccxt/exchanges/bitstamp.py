"""Bitstamp.

https://www.bitstamp.net/api/ (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import (
    EventSource,
    FillPaging,
    Raw,
)
from crossdock.adapters.venues.ccxt.exchanges.studied import (
    Studied,
    known_refusals,
    without,
)
from crossdock.adapters.venues.ccxt.wire.numbers import milliseconds
from crossdock.errors import NotSent
from crossdock.model import AccountEventKind, OrderType, TimeInForce
from crossdock.ports import NewOrder

_TIMES: Mapping[TimeInForce, str] = {
    TimeInForce.IOC: "ioc_order",
    TimeInForce.FOK: "fok_order",
    TimeInForce.DAY: "daily_order",
    TimeInForce.GTD: "gtd_order",
}
_TRUE = "True"  # the form is url-encoded


class Bitstamp(Studied):
    client_id_param = "client_order_id"
    fills = FillPaging(page=1000, until_param="until_timestamp")
    events = (
        EventSource(
            method="fetch_ledger",
            page=1000,
            kinds={
                "deposit": AccountEventKind.DEPOSIT,
                "withdrawal": AccountEventKind.WITHDRAWAL,
                "transfer": AccountEventKind.TRANSFER,
            },
        ),
    )
    reads_by_post = ("/account_balances/", "/open_orders/all/", "/order_status/")
    refusals_in_words = known_refusals("bitstamp")
    code_paths = ("reason", "error", "code")
    message_paths = ("reason", "error", "message")
    unknown_order_codes = ("Order not found.",)
    account_streams = ("orders", "trades")

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


QUIRKS = Bitstamp()
