"""HTX.

https://huobiapi.github.io/docs/spot/v1/en/ and …/docs/usdt_swap/v1/en/ (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import (
    CancelEvery,
    EventSource,
    FillPaging,
    Raw,
)
from crossdock.adapters.venues.ccxt.exchanges.studied import (
    Studied,
    is_spot,
    rises,
    triggered,
)
from crossdock.errors import NotSent
from crossdock.model import AccountEventKind, OrderType, Side
from crossdock.ports import NewOrder


class Htx(Studied):
    options: Mapping[str, Any] = {"defaultType": "spot", "fetchCurrencies": False}
    spot_margin = True
    cancel_every = CancelEvery.PER_SYMBOL
    open_orders_need_symbol = True
    fills = FillPaging(needs_symbol=True, page=500, window_s=2 * 86_400.0)
    events = (
        EventSource(
            method="fetch_deposits", kind=AccountEventKind.DEPOSIT, needs_code=True
        ),
        EventSource(
            method="fetch_withdrawals", kind=AccountEventKind.WITHDRAWAL, needs_code=True
        ),
    )
    wallets: Mapping[str, Mapping[str, Any]] = {
        "spot": {"type": "spot"},
        "margin": {"type": "margin"},
        "linear": {"type": "swap", "subType": "linear"},
        "inverse": {"type": "swap", "subType": "inverse"},
    }
    reads_by_post = ("_info", "_openorders", "_hisorders", "_matchresults", "_orders")
    funding_one_by_one = True
    code_paths = ("err-code", "err_code", "code")
    ok_codes = ("200", "ok")
    message_paths = ("err-msg", "err_msg", "message")
    unknown_order_codes = ("base-record-invalid", "1017", "1061")
    account_streams = ("orders", "trades", "balance")

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        if not is_spot(market):
            if market.get("inverse") is True:
                return {**params, "offset": "close" if order.reduce_only else "open"}
            return params
        if order.type is OrderType.MARKET and order.side is Side.BUY:
            raise NotSent(
                "HTX buys on spot at market for a sum of money, not a quantity",
                hint="send a limit order that is immediate or cancelled",
            )
        return triggered(order, params, operator="gte" if rises(order) else "lte")


QUIRKS = Htx()
