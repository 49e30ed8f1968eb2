"""Kraken spot.

https://docs.kraken.com/exchange/api-reference (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import (
    EventSource,
    FillPaging,
    Known,
    Raw,
)
from crossdock.adapters.venues.ccxt.exchanges.earning.kraken import KrakenEarn
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied, without
from crossdock.adapters.venues.ccxt.wire.numbers import plain
from crossdock.errors import NotSent
from crossdock.model import AccountEventKind, Leg
from crossdock.ports import NewOrder

_PRIVATE = "/0/private/"


class Kraken(KrakenEarn, Studied):
    rising_nonce = True
    market_types = ("spot",)
    lookups = (Known.VENUE_ID, Known.OPEN_ORDERS, Known.DONE_ORDERS)
    fills = FillPaging(page=50, newest_first=True)
    events = (
        EventSource(
            method="fetch_ledger",
            page=50,
            kinds={
                "deposit": AccountEventKind.DEPOSIT,
                "withdrawal": AccountEventKind.WITHDRAWAL,
                "transfer": AccountEventKind.TRANSFER,
                "staking": AccountEventKind.INTEREST,
                "reward": AccountEventKind.INTEREST,
                "adjustment": AccountEventKind.ADJUSTMENT,
                "rollover": AccountEventKind.FEE,
            },
        ),
    )
    reads_by_post = tuple(
        f"{_PRIVATE}{name}"
        for name in (
            *("Balance", "BalanceEx", "OpenOrders", "ClosedOrders", "QueryOrders"),
            *("TradesHistory", "QueryTrades", "Ledgers", "TradeVolume", "OpenPositions"),
            *("Earn/Strategies", "Earn/Allocations", "GetWebSocketsToken"),
        )
    )
    envelope = "error"
    code_paths = ("error.0",)
    message_paths = ("error.0",)
    duplicate_codes = ("EOrder:Duplicate client order id", "EGeneral:Duplicate cl_ord_id")
    unknown_order_codes = ("EOrder:Unknown order",)
    account_streams = ("orders", "trades", "balance")

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        said = without(params, "stopLoss", "takeProfit")
        if order.expire_time_ns is not None:
            said["expiretm"] = str(order.expire_time_ns // 1_000_000_000)
        if order.attached:
            said["close"] = _close(order.attached[0])
            if len(order.attached) > 1:
                raise NotSent("Kraken attaches one leg to an order")
        return said


def _close(leg: Leg) -> dict[str, Any]:
    if leg.stop_price is None:
        return {"ordertype": "limit", "price": plain(leg.limit_price)}
    if leg.limit_price is None:
        return {"ordertype": "stop-loss", "price": plain(leg.stop_price)}
    return {
        "ordertype": "stop-loss-limit",
        "price": plain(leg.stop_price),
        "price2": plain(leg.limit_price),
    }


QUIRKS = Kraken()
