"""Bybit, unified accounts.

https://bybit-exchange.github.io/docs/v5/intro (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import (
    CancelEvery,
    EventSource,
    FillPaging,
    Known,
    Raw,
)
from crossdock.adapters.venues.ccxt.exchanges.earning.bybit import BybitEarn
from crossdock.adapters.venues.ccxt.exchanges.studied import (
    Studied,
    is_spot,
    rises,
    triggered,
    without,
)
from crossdock.errors import NotSent
from crossdock.model import (
    AccountEventKind,
    KeyRights,
    MarginMode,
    OrderType,
    Right,
    SubAccount,
)
from crossdock.ports import NewOrder
from crossdock.toolkit import AdapterContext

_RECV_WINDOW_MS = 5000


class Bybit(BybitEarn, Studied):
    options: Mapping[str, Any] = {
        "recvWindow": _RECV_WINDOW_MS,
        "enableUnifiedMargin": False,
        "enableUnifiedAccount": True,  # else ccxt asks before each call
        "fetchOrder": {"acknowledged": True},
        "fetchCurrencies": False,
    }
    client_id_param = "orderLinkId"
    spot_margin = True
    lookups = (Known.VENUE_ID, Known.OPEN_ORDERS, Known.DONE_ORDERS)
    open_order_params: Sequence[Mapping[str, Any]] = (
        {"category": "spot", "type": "spot"},
        {"category": "linear", "settleCoin": "USDT"},
        {"category": "linear", "settleCoin": "USDC"},
        {"category": "inverse", "subType": "inverse"},
        {"category": "option", "type": "option"},
    )
    cancel_every = CancelEvery.ONE_BY_ONE
    fills = FillPaging(
        needs_symbol=True, page=100, window_s=7 * 86_400.0, newest_first=True
    )
    events = (
        EventSource(
            method="fetch_ledger",
            page=50,
            window_s=7 * 86_400.0,
            kinds={
                "transfer": AccountEventKind.TRANSFER,
                "TRANSFER_IN": AccountEventKind.TRANSFER,
                "TRANSFER_OUT": AccountEventKind.TRANSFER,
                "SETTLEMENT": AccountEventKind.FUNDING,
                "DELIVERY": AccountEventKind.EXPIRY,
                "LIQUIDATION": AccountEventKind.LIQUIDATION,
                "ADL": AccountEventKind.AUTO_DELEVERAGE,
                "INTEREST": AccountEventKind.INTEREST,
            },
        ),
    )
    wallets: Mapping[str, Mapping[str, Any]] = {
        "unified": {"type": "unified"},
        "funding": {"type": "funding"},
    }
    envelope = "retCode"
    code_paths = ("retCode", "ret_code")
    ok_codes = ("0",)
    message_paths = ("retMsg", "ret_msg")
    duplicate_codes = ("110072", "170141", "3100198")
    unknown_order_codes = ("110001", "170213")

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        if is_spot(market):
            said = without(triggered(order, params), "marginMode")
            if order.margin_mode is not MarginMode.NONE:
                said["isLeverage"] = 1
            if order.attached and order.type is OrderType.MARKET:
                raise NotSent("Bybit attaches legs on spot to limit orders only")
            return said
        # ccxt makes stopLossPrice and takeProfitPrice reduce-only by itself.
        direction = "ascending" if rises(order) else "descending"
        said = triggered(order, params, triggerDirection=direction)
        if order.attached:
            said["tpslMode"] = "Partial"  # of this order's quantity, not the position's
        return said

    async def key_rights(self, exchange: Any, context: AdapterContext) -> KeyRights:
        """https://bybit-exchange.github.io/docs/v5/user/apikey-info (2026-11-21)."""
        told = (await exchange.private_get_v5_user_query_api())["result"]
        held = told.get("permissions") or {}
        rights = {Right.READ}
        trading = ("ContractTrade", "Spot", "Options", "Derivatives")
        if str(told.get("readOnly")) == "0" and any(held.get(name) for name in trading):
            rights.add(Right.TRADE)
        moves = held.get("Wallet") or ()
        if "AccountTransfer" in moves or "SubMemberTransfer" in moves:
            rights.add(Right.TRANSFER)
        if "Withdraw" in moves:
            rights.add(Right.WITHDRAW)
        addresses = told.get("ips") or ["*"]
        return KeyRights(rights=frozenset(rights), is_address_bound="*" not in addresses)

    async def sub_accounts(
        self, exchange: Any, context: AdapterContext
    ) -> Sequence[SubAccount]:
        told = await exchange.private_get_v5_user_query_sub_members()
        return [
            SubAccount(
                name=row["username"],
                venue_id=str(row["uid"]),
                is_frozen=str(row.get("status")) != "1",
            )
            for row in told["result"]["subMembers"]
        ]


QUIRKS = Bybit()
