"""Binance USD-M futures.

https://developers.binance.com/docs/derivatives/usds-margined-futures (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.binance import RECV_WINDOW_MS, key_rights
from crossdock.adapters.venues.ccxt.exchanges.contract import (
    CancelEvery,
    Cost,
    EventSource,
    FillPaging,
    Raw,
)
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied
from crossdock.errors import NotSent
from crossdock.model import AccountEventKind, KeyRights, OrderType
from crossdock.ports import NewOrder
from crossdock.toolkit import AdapterContext


class BinanceFutures(Studied):
    options: Mapping[str, Any] = {
        "defaultType": "swap",
        "defaultSubType": "linear",
        "recvWindow": RECV_WINDOW_MS,
        "fetchMarkets": {"types": ["linear"]},
        "fetchCurrencies": False,
        "warnOnFetchOpenOrdersWithoutSymbol": False,
    }
    market_types = ("swap", "future")
    expire_param = "goodTillDate"
    conditional: Mapping[str, Any] | None = {"trigger": True}
    open_order_params = ({}, {"trigger": True})
    cancel_every = CancelEvery.PER_SYMBOL
    fills = FillPaging(
        needs_symbol=True, page=1000, window_s=7 * 86_400.0, id_param="fromId"
    )
    events = (
        EventSource(
            method="fetch_ledger",
            page=1000,
            window_s=7 * 86_400.0,
            kinds={
                "funding": AccountEventKind.FUNDING,
                "transfer": AccountEventKind.TRANSFER,
                "FUNDING_FEE": AccountEventKind.FUNDING,
                "TRANSFER": AccountEventKind.TRANSFER,
                "INTERNAL_TRANSFER": AccountEventKind.TRANSFER,
                "INSURANCE_CLEAR": AccountEventKind.ADJUSTMENT,
            },
        ),
    )
    code_paths = ("code",)
    message_paths = ("msg",)
    duplicate_codes = ("-4116",)  # the client order id is taken
    unknown_order_codes = ("-2013",)

    def cost(self, method: str, path: str, *, is_write: bool, weight: float) -> Cost:
        return Cost(
            scope="orders" if is_write else "all",
            weight=1 if is_write else max(1, round(weight)),
        )

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        if order.type is OrderType.TRAILING_STOP and order.trail_percent is None:
            raise NotSent("Binance trails by percent, not by an amount")
        return params

    def is_conditional(self, order: Raw) -> bool:
        return "algoId" in (order.get("info") or {})

    async def key_rights(self, exchange: Any, context: AdapterContext) -> KeyRights:
        return await key_rights(exchange)


QUIRKS = BinanceFutures()
