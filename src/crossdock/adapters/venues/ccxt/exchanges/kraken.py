"""Kraken spot.

https://docs.kraken.com/exchange/api-reference (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.earning.kraken import KrakenEarn
from crossdock.adapters.venues.ccxt.exchanges.kraken_otp import ask_with_otp
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied, without
from crossdock.adapters.venues.ccxt.exchanges.ways import (
    Cost,
    EventSource,
    FillPaging,
    Known,
    OrderList,
    Pages,
)
from crossdock.adapters.venues.ccxt.wire.driver import ccxt_errors
from crossdock.adapters.venues.ccxt.wire.numbers import plain
from crossdock.errors import NotSent
from crossdock.model import AccountEventKind, KeyRights, Leg, OrderReport, Right
from crossdock.ports import NewOrder
from crossdock.toolkit import AdapterContext

_PRIVATE = "/0/private/"
_PAGES = Pages(offset_param="ofs", total_path="result.count")
_TOO_FINE = "price can only be specified up to"
"""The part of `EOrder:Invalid price:XBT/USD price can only be specified up to 1 decimals.`
that is the same for every pair."""

# https://docs.kraken.com/exchange/api-reference/account-data/get-api-key-info (2026-11-21)
_RIGHTS: Mapping[str, Right] = {
    "query-funds": Right.READ,
    "query-open-trades": Right.READ,
    "query-closed-trades": Right.READ,
    "query-ledger": Right.READ,
    "modify-trades": Right.TRADE,
    "close-trades": Right.TRADE,
    "withdraw-funds": Right.WITHDRAW,
}


class Kraken(KrakenEarn, Studied):
    keys: Mapping[str, str] = {
        **Studied.keys,
        "password": "otp_password_secret",
        "twofa": "otp_setup_key_secret",
    }
    rising_nonce = True
    market_types = ("spot",)
    lookups = (Known.VENUE_ID, Known.OPEN_ORDERS, Known.DONE_ORDERS)
    # …/account-data/get-open-orders and get-closed-orders (2026-11-22): both "restrict
    # results to given client order id"; of the closed ones 50 are told at a time, and how
    # many match.
    lists_by_client_id = True
    done_lists = (
        OrderList(
            method="fetch_closed_orders",
            page=50,
            pages=Pages(
                offset_param="ofs", total_path="result.count", rows_path="result.closed"
            ),
            of_market=False,
            takes_since=False,
        ),
    )
    client_id_field = "cl_ord_id"
    fills = FillPaging(page=50, newest_first=True, pages=_PAGES)
    events = (
        EventSource(
            method="fetch_ledger",
            page=50,
            pages=_PAGES,
            newest_first=True,
            kind_path="type",  # ccxt calls deposits and withdrawals the same
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
            "GetApiKeyInfo",
        )
    )
    envelope = "error"
    code_paths = ("error.0",)
    message_paths = ("error.0",)
    duplicate_codes = (
        "EOrder:Duplicate client order id",
        "EGeneral:Duplicate cl_ord_id",
        "EGeneral:Invalid arguments:cl_ord_id not unique",
    )
    unknown_order_codes = ("EOrder:Unknown order",)
    refusals_in_words = (_TOO_FINE,)
    sparse_stream = True

    def tune(self, exchange: Any) -> None:
        """Let a wrong signature be one of the keys: ccxt has no class for its words."""
        keys = ccxt_errors().AuthenticationError
        exchange.exceptions["exact"]["EAPI:Invalid signature"] = keys
        ask_with_otp(exchange)

    def cost(
        self, method: str, path: str, *, api: str, is_write: bool, weight: float
    ) -> Cost:
        """Weigh as the exchange does: histories are two; ccxt's three are its one."""
        cost = super().cost(method, path, api=api, is_write=is_write, weight=weight)
        if cost.scope != "reads":
            return cost
        return replace(cost, weight=max(1, round(weight / 3)))

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

    def streamed_order(self, order: Raw) -> Raw | None:
        """https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/executions.

        An execution says nothing certain of its order; quantities come once (2026-11-21).
        """
        info = order["info"]
        if info.get("exec_type") == "trade":
            return None
        return {**order, "amount": info.get("order_qty"), "filled": info.get("cum_qty")}

    def streamed_fill(self, fill: Raw) -> Raw | None:
        return fill if fill["info"].get("exec_type") == "trade" else None

    def amend_params(self, order: OrderReport, stop_price: str) -> Mapping[str, Any]:
        return {"trigger_price": stop_price}

    async def key_rights(self, exchange: Any, context: AdapterContext) -> KeyRights:
        told = (await exchange.private_post_getapikeyinfo())["result"]
        return KeyRights(
            rights=frozenset(
                right for name, right in _RIGHTS.items() if name in told["permissions"]
            ),
            is_address_bound=bool(told.get("ipAllowlist")),
        )


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
