"""Kraken Futures.

https://docs.kraken.com/exchange/guides/futures/rest (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import FillPaging, Known, Raw
from crossdock.adapters.venues.ccxt.exchanges.studied import STOP_TYPES, Studied, triggered
from crossdock.model import TimeInForce
from crossdock.ports import NewOrder


class KrakenFutures(Studied):
    client_id_param = "cliOrdId"
    rising_nonce = True
    lookups = (Known.OPEN_ORDERS, Known.VENUE_ID, Known.DONE_ORDERS)
    cancels_by_client_id = False
    fills = FillPaging(page=100, newest_first=True)
    code_paths = (
        "sendStatus.status",
        "cancelStatus.status",
        "editStatus.status",
        "error",
        "errors.0",
    )
    ok_codes = ("placed", "cancelled", "edited", "filled", "requestReceived")
    message_paths = ("error", "errors.0")
    duplicate_codes = ("clientOrderIdAlreadyExist",)
    unknown_order_codes = ("notFound",)

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        # ccxt makes stopLossPrice and takeProfitPrice reduce-only by itself.
        kind = "stp" if order.type in STOP_TYPES else "take_profit"
        said = triggered(order, params, orderType=kind)
        if order.time_in_force is TimeInForce.IOC:
            said["timeInForce"] = "ioc"  # in capitals ccxt would let it rest
        return said


QUIRKS = KrakenFutures()
