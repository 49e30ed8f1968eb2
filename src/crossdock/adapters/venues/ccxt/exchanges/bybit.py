"""Bybit, unified accounts.

https://bybit-exchange.github.io/docs/v5/intro (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.bybit_kinds import tune_cancels
from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.earning.bybit import BybitEarn
from crossdock.adapters.venues.ccxt.exchanges.studied import (
    Studied,
    is_spot,
    rises,
    triggered,
    without,
)
from crossdock.adapters.venues.ccxt.exchanges.ways import (
    CancelEvery,
    EventSource,
    FillPaging,
    Known,
    OrderList,
    Pages,
)
from crossdock.errors import NotSent
from crossdock.model import (
    AccountEventKind,
    KeyRights,
    MarginMode,
    Right,
    SubAccount,
)
from crossdock.ports import NewOrder
from crossdock.toolkit import AdapterContext

_RECV_WINDOW_MS = 5000
_PAGES = Pages(cursor_param="cursor", cursor_path="result.nextPageCursor")
_ATTACHED = ("takeProfit", "stopLoss")
_BY_ORDER = "Partial"
"""The exits' mode in which they are as large as their order, not as the position."""


def _listed(method: str) -> OrderList:
    """Return a list of which a page holds fifty at most, and a cursor leads on."""
    return OrderList(method=method, page=50, pages=_PAGES, takes_since=False)


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
    open_list = _listed("fetch_open_orders")
    # …/docs/v5/order/order-list (2026-11-21): of every status, asked for by orderLinkId.
    done_lists = (_listed("fetch_canceled_and_closed_orders"),)
    lists_by_client_id = True
    cancel_every = CancelEvery.ONE_BY_ONE
    fills = FillPaging(
        needs_symbol=True,
        page=100,
        pages=_PAGES,
        window_s=7 * 86_400.0,
        newest_first=True,
    )
    events = (
        EventSource(
            method="fetch_ledger",
            page=50,
            pages=_PAGES,
            window_s=7 * 86_400.0,
            until_param="endTime",  # without it a day is told; ccxt leaves it out
            newest_first=True,
            oldest_s=2 * 365 * 86_400.0,
            kind_path="type",  # ccxt calls most of them trades
            kinds={
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

    def tune(self, exchange: Any) -> None:
        tune_cancels(exchange)

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        if order.attached:
            params |= _exit_terms(order, market)
        if is_spot(market):
            said = without(triggered(order, params), "marginMode")
            if order.margin_mode is not MarginMode.NONE:
                said["isLeverage"] = 1
            return said
        # ccxt makes stopLossPrice and takeProfitPrice reduce-only by itself.
        direction = "ascending" if rises(order) else "descending"
        return triggered(order, params, triggerDirection=direction)

    def open_params_of(self, market: Raw) -> Sequence[Mapping[str, Any]]:
        kind = market.get("type")
        if kind not in ("spot", "option"):
            kind = "inverse" if market.get("inverse") else "linear"
        found = [it for it in self.open_order_params if it["category"] == kind]
        return found[:1]  # one market has one settlement: its symbol tells

    def group(self, order: Raw) -> str:
        """Return our id of an order that exits are attached to; they name it, too."""
        told = order.get("info") or {}
        if told.get("parentOrderLinkId"):
            return str(told["parentOrderLinkId"])
        is_bare = "orderStatus" not in told  # a reply to its submit
        has_exits = any(_exit_price(told, it) for it in _ATTACHED)
        return str(told.get("orderLinkId") or "") if is_bare or has_exits else ""

    def order_row(self, order: Raw) -> Raw:
        """Leave prices of exits to the exits: ccxt takes them for the order's own."""
        told = order.get("info") or {}
        if not any(_exit_price(told, it) for it in _ATTACHED):
            return order
        return {**order, "stopLossPrice": None, "takeProfitPrice": None}

    def trade_row(self, trade: Raw) -> Raw:
        """Name what the fee was paid in as Bybit does: ccxt goes by the side."""
        paid_in = (trade.get("info") or {}).get("feeCurrency")
        if not paid_in or not trade.get("fee"):
            return trade
        fee = {**trade["fee"], "currency": paid_in}
        return {**trade, "fee": fee, "fees": [fee]}

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


def _exit_terms(order: NewOrder, market: Raw) -> dict[str, Any]:
    """Say that a stop is as large as its order. Raises NotSent for other exits."""
    if market.get("linear") is not True and market.get("inverse") is not True:
        raise NotSent("Bybit says whose an attached exit is on contracts alone")
    [leg] = order.attached
    if leg.stop_price is None:
        raise NotSent("an attached take-profit rests nowhere on Bybit: it would wait")
    if leg.limit_price is not None:
        return {"tpslMode": _BY_ORDER}  # ccxt says that it is limited
    return {"tpslMode": _BY_ORDER, "slOrderType": "Market"}


def _exit_price(told: Raw, name: str) -> bool:
    return str(told.get(name) or "0").strip("0.") != ""


QUIRKS = Bybit()
