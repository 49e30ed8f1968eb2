"""Gemini.

https://docs.gemini.com/rest-api/ (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import (
    CancelEvery,
    EventSource,
    FillPaging,
    Known,
    Raw,
)
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied, triggered
from crossdock.errors import NotSent
from crossdock.model import AccountEventKind, OrderType, TimeInForce
from crossdock.ports import NewOrder


class Gemini(Studied):
    client_id_param = "client_order_id"
    rising_nonce = True
    lookups = (Known.VENUE_ID, Known.OPEN_ORDERS)
    cancels_by_client_id = False
    cancel_every = CancelEvery.ONE_BY_ONE
    fills = FillPaging(needs_symbol=True, page=500, until_param="", newest_first=True)
    events = (
        EventSource(
            method="fetch_deposits_withdrawals",
            page=50,
            kinds={
                "deposit": AccountEventKind.DEPOSIT,
                "withdrawal": AccountEventKind.WITHDRAWAL,
            },
        ),
    )
    reads_by_post = (
        *("/v1/orders", "/v1/order/status", "/v1/mytrades", "/v1/balances"),
        *("/v1/transfers", "/v1/notionalvolume", "/v1/roles"),
    )
    code_paths = ("reason",)
    message_paths = ("message",)
    account_streams = ("orders",)

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        if order.type is OrderType.STOP_LIMIT and (
            order.post_only or order.time_in_force is not TimeInForce.GTC
        ):
            raise NotSent("Gemini's stop-limit orders rest until they are cancelled")
        return triggered(order, params)


QUIRKS = Gemini()
