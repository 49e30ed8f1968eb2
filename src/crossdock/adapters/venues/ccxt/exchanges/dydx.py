"""dYdX.

https://docs.dydx.xyz/ (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import (
    CancelEvery,
    EventSource,
    FillPaging,
    Known,
    OrderCall,
    Raw,
)
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied
from crossdock.errors import NotSent
from crossdock.model import AccountEventKind, OrderType
from crossdock.ports import NewOrder


class Dydx(Studied):
    keys: Mapping[str, str] = {"walletAddress": "wallet", "privateKey": "wallet_key_secret"}
    lookups = (Known.VENUE_ID, Known.OPEN_ORDERS, Known.DONE_ORDERS)
    writes_by_get = ("/broadcast_tx_sync", "/broadcast_tx_async")
    cancel_every = CancelEvery.ONE_BY_ONE
    fills = FillPaging(per_order=True)
    events = (
        EventSource(
            method="fetch_ledger",
            kinds={
                "deposit": AccountEventKind.DEPOSIT,
                "withdrawal": AccountEventKind.WITHDRAWAL,
                "transfer": AccountEventKind.TRANSFER,
                "TRANSFER_IN": AccountEventKind.TRANSFER,
                "TRANSFER_OUT": AccountEventKind.TRANSFER,
            },
        ),
    )
    code_paths = ("result.code", "error.code")
    ok_codes = ("0",)
    message_paths = ("result.log", "error.message")
    account_streams = ()

    def client_id(self, client_order_id: str) -> Any:
        return int(client_order_id)

    def order_call(self, order: NewOrder, call: OrderCall, market: Raw) -> OrderCall:
        if order.type is not OrderType.LIMIT:
            raise NotSent("dYdX prices every order: send a limit, immediate or cancelled")
        return super().order_call(order, call, market)

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        return params


QUIRKS = Dydx()
