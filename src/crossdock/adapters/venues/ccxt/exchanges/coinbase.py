"""Coinbase Advanced Trade.

https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import (
    CancelEvery,
    EventSource,
    FillPaging,
    Known,
    Raw,
)
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied, is_spot, without
from crossdock.adapters.venues.ccxt.wire.numbers import plain
from crossdock.errors import NotSent
from crossdock.model import AccountEventKind, KeyRights, OrderType, Right, Side
from crossdock.ports import NewOrder
from crossdock.toolkit import AdapterContext

_RIGHTS: Mapping[str, tuple[Right, ...]] = {
    "can_view": (Right.READ,),
    "can_trade": (Right.TRADE,),
    "can_transfer": (Right.TRANSFER, Right.WITHDRAW),
}


class Coinbase(Studied):
    options: Mapping[str, Any] = {
        "fetchBalance": "v3PrivateGetBrokerageAccounts",
        "createMarketBuyOrderRequiresPrice": False,
    }
    client_id_param = "client_order_id"  # ccxt drops the unified name
    lookups = (Known.VENUE_ID, Known.OPEN_ORDERS, Known.DONE_ORDERS)
    cancels_by_client_id = False
    cancel_every = CancelEvery.ONE_BY_ONE
    fills = FillPaging(page=250)
    events = (
        EventSource(method="fetch_deposits", kind=AccountEventKind.DEPOSIT),
        EventSource(method="fetch_withdrawals", kind=AccountEventKind.WITHDRAWAL),
    )
    envelope = ""
    code_paths = (
        "error_response.error",
        "error_response.new_order_failure_reason",
        "results.0.failure_reason",
        "errors.0.edit_failure_reason",
        "error",
    )
    ok_codes = ("UNKNOWN_FAILURE_REASON", "UNKNOWN_CANCEL_FAILURE_REASON")
    message_paths = ("error_response.message", "message", "error_details")
    account_streams = ("orders",)

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        if order.reduce_only and not is_spot(market):
            raise NotSent("Coinbase has no reduce-only orders")
        if order.type is OrderType.MARKET and order.side is Side.BUY and is_spot(market):
            # ccxt would send money to spend; the exchange takes a quantity as well.
            return {
                **without(params, "timeInForce"),
                "order_configuration": {
                    "market_market_ioc": {"base_size": plain(order.quantity)}
                },
            }
        if order.expire_time_ns is not None:
            end = datetime.fromtimestamp(order.expire_time_ns // 1_000_000_000, UTC)
            return {**params, "end_time": end.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return params

    async def key_rights(self, exchange: Any, context: AdapterContext) -> KeyRights:
        told = await exchange.v3_private_get_brokerage_key_permissions()
        held = (rights for name, rights in _RIGHTS.items() if told.get(name) is True)
        return KeyRights(rights=frozenset(right for rights in held for right in rights))


QUIRKS = Coinbase()
