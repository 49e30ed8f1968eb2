"""KuCoin Futures.

https://www.kucoin.com/docs-new/rest/futures-trading (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.kucoin import NUMBERED, STREAMS, Kucoin
from crossdock.adapters.venues.ccxt.exchanges.studied import rises
from crossdock.adapters.venues.ccxt.exchanges.ways import (
    EventSource,
    FillPaging,
    OrderCall,
    Pages,
)
from crossdock.adapters.venues.ccxt.wire.numbers import plain
from crossdock.model import AccountEventKind, MarginMode, PositionSide, TimeInForce
from crossdock.ports import NewOrder

_LAST_PRICE = "TP"


def _listed(field: str) -> Pages:
    """…/account-info/account-funding/get-account-ledgers-futures (2026-11-22)."""
    return Pages(cursor_param="offset", row_field=field, rows_path="data.dataList")


class KucoinFutures(Kucoin):
    options: Mapping[str, Any] = {
        "defaultType": "swap",
        "uta": False,
        "hf": False,  # else ccxt reads the ledger of spot
        "fetchCurrencies": False,
        **STREAMS,
    }
    market_types = ("swap", "future")
    conditional = None  # a stop keeps its id, and is found by it among all orders
    open_orders_need_symbol = False
    fills = FillPaging(
        page=100,
        pages=NUMBERED,
        window_s=7 * 86_400.0,
        newest_first=True,
        oldest_s=90 * 86_400.0,
    )
    events = (
        EventSource(
            method="fetch_ledger",
            page=50,
            pages=_listed("offset"),
            newest_first=True,
            kinds={"transfer": AccountEventKind.TRANSFER},
        ),
        EventSource(
            method="fetch_funding_history",
            kind=AccountEventKind.FUNDING,
            needs_symbol=True,
            page=100,
            pages=_listed("id"),
            newest_first=True,
        ),
    )
    bar_page = 200
    duplicate_codes = ("300018",)
    wallets: Mapping[str, Mapping[str, Any]] = {"futures": {}}
    account_streams = ("orders", "balance", "positions")  # fees: see KuCoin spot

    def order_call(self, order: NewOrder, call: OrderCall, market: Raw) -> OrderCall:
        """Say the whole order: ccxt compares the quantity's text with a number."""
        said: dict[str, Any] = {
            "clientOid": order.client_order_id,
            "side": order.side.value,
            "symbol": market["id"],
            "type": call.type,
            "size": int(order.quantity),
            "leverage": 1,  # what an isolated position begins with, as ccxt has it
        }
        if order.limit_price is not None:
            said["price"] = call.price
        if order.time_in_force is not TimeInForce.GTC:
            said["timeInForce"] = order.time_in_force.value
        if order.stop_price is not None:
            said |= {
                "stop": "up" if rises(order) else "down",
                "stopPrice": plain(order.stop_price),
                "stopPriceType": _LAST_PRICE,
            }
        if order.post_only:
            said["postOnly"] = True
        if order.reduce_only:
            said["reduceOnly"] = True
        if order.position_side is not PositionSide.NET:
            said["positionSide"] = order.position_side.value.upper()
        if order.margin_mode is not MarginMode.NONE:
            said["marginMode"] = order.margin_mode.value.upper()
        return replace(call, params=said, method="futuresprivate_post_orders")

    def placed(self, order: NewOrder, reply: Any) -> Any:
        return reply["data"]


QUIRKS = KucoinFutures()
