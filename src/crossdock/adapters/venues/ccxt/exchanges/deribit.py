"""Deribit.

https://docs.deribit.com/ (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import (
    CancelEvery,
    FillPaging,
    Known,
    Raw,
)
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied, without
from crossdock.errors import NotSent
from crossdock.model import TimeInForce
from crossdock.ports import NewOrder

_CURRENCIES = ("BTC", "ETH", "USDC", "USDT")


class Deribit(Studied):
    options: Mapping[str, Any] = {"fetchCurrencies": False}
    client_id_param = "label"
    client_id_field = "label"
    lookups = (Known.VENUE_ID, Known.OPEN_ORDERS, Known.DONE_ORDERS)
    cancels_by_client_id = False
    writes_by_get = (
        *("/buy", "/sell", "/edit", "/cancel", "/cancel_all", "/cancel_all_by_instrument"),
        *("/submit_transfer_to_subaccount", "/submit_transfer_to_user"),
    )
    open_order_params = tuple({"currency": each} for each in _CURRENCIES)
    cancel_every = CancelEvery.ONE_CALL
    fills = FillPaging(needs_symbol=True, page=1000)
    envelope = "jsonrpc"
    code_paths = ("error.code",)
    message_paths = ("error.message",)
    unknown_order_codes = ("10004", "11044")
    account_streams = ("orders", "trades", "balance")

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        if order.trail_percent is not None:
            raise NotSent("Deribit trails by an amount, not by percent")
        said = without(params, "hedged")
        if order.time_in_force is TimeInForce.DAY:
            said = without(said, "timeInForce")
            said["time_in_force"] = "good_til_day"
        return said


QUIRKS = Deribit()
