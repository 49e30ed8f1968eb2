"""Binance spot and margin.

https://developers.binance.com/en/docs/products/spot (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.binance_pairs import pair_call, placed_of
from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.earning.binance import BinanceEarn
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied
from crossdock.adapters.venues.ccxt.exchanges.ways import (
    CancelEvery,
    Cost,
    EventSource,
    FillPaging,
    OrderCall,
    Pages,
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
from crossdock.ports import NewOrder, OrderRef
from crossdock.toolkit import AdapterContext

RECV_WINDOW_MS = 5000
DUPLICATE = "Duplicate order sent."
"""The one message under -2010 that is no refusal."""

_WITHDRAWALS = "capital/withdraw/history"
"""…/docs/wallet/capital/withdraw-history (2026-11-21): UID weight 18 000."""

_MOVES: Mapping[str, Any] = {
    "page": 1000,
    "pages": Pages(offset_param="offset"),
    "newest_first": True,
    "window_s": 89 * 86_400.0,
    "until_param": "endTime",  # of withdrawals ccxt says another one
    "oldest_s": 89 * 86_400.0,
}
"""…/docs/wallet/capital/deposite-history (2026-11-22): less than 90 days at a time."""

_RIGHTS: Mapping[str, Right] = {
    "enableReading": Right.READ,
    "enableSpotAndMarginTrading": Right.TRADE,
    "enableMargin": Right.TRADE,
    "enableFutures": Right.TRADE,
    "enableVanillaOptions": Right.TRADE,
    "permitsUniversalTransfer": Right.TRANSFER,
    "enableInternalTransfer": Right.TRANSFER,
    "enableWithdrawals": Right.WITHDRAW,
}


class Binance(BinanceEarn, Studied):
    options: Mapping[str, Any] = {
        "defaultType": "spot",
        "recvWindow": RECV_WINDOW_MS,
        "fetchMarkets": {"types": ["spot"]},
        "fetchCurrencies": False,
        "fetchMargins": False,
        "warnOnFetchOpenOrdersWithoutSymbol": False,
    }
    market_types = ("spot",)
    cancel_every = CancelEvery.PER_SYMBOL
    bar_page = 1000
    fills = FillPaging(needs_symbol=True, page=1000, window_s=86_400.0, id_param="fromId")
    events = (
        EventSource(method="fetch_deposits", kind=AccountEventKind.DEPOSIT, **_MOVES),
        EventSource(method="fetch_withdrawals", kind=AccountEventKind.WITHDRAWAL, **_MOVES),
    )
    wallets: Mapping[str, Mapping[str, Any]] = {
        "spot": {"type": "spot"},
        "margin": {"type": "margin"},
        "funding": {"type": "funding"},
    }
    shapes: Mapping[str, str] = {
        "/exchangeInfo": "symbols",
        "/api/v3/time": "serverTime",
        "/api/v3/depth": "lastUpdateId",
        "/api/v3/klines": "[]",
        "/api/v3/account": "balances",
        "/api/v3/order": "orderId",
        "/api/v3/openOrders": "[]",
        "/api/v3/myTrades": "[]",
    }
    code_paths = ("code",)
    message_paths = ("msg",)
    duplicate_codes = (DUPLICATE,)
    unknown_order_codes = ("-2013",)

    def for_account(self, settings: Mapping[str, Any]) -> Binance:
        return CROSS if settings.get("orders") == "cross" else self

    def cost(
        self, method: str, path: str, *, api: str, is_write: bool, weight: float
    ) -> Cost:
        """Weigh as the exchange does: ccxt's weights are tenths of a second of its 6000.

        What is around trading (`sapi`) it counts apart, by address or by user: there ccxt's
        are thousandths of a second of 12 000 and, but for withdrawals, of 180 000.
        """
        if api == "sapi" and not is_write:
            if path == _WITHDRAWALS:
                return Cost(scope="uid", weight=18_000)
            return Cost(scope="sapi", weight=max(1, round(weight * 10)))
        units = max(1, round(weight * 5)) if not is_write else 1
        return Cost(scope="orders" if is_write else "all", weight=units)

    def code_of(self, code: str, words: str) -> str:
        """Tell a duplicate, which is evidence, from the refusals that share its code."""
        return DUPLICATE if code == "-2010" and DUPLICATE in words else code

    def order_call(self, order: NewOrder, call: OrderCall, market: Raw) -> OrderCall:
        if order.attached:
            return pair_call(order, market, self.client_id(order.client_order_id))
        return super().order_call(order, call, market)

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        if order.type is OrderType.TRAILING_STOP:
            if order.trail_percent is None:
                raise NotSent("Binance trails by percent, not by an amount")
            return {**params, "stopLossOrTakeProfit": "stopLoss"}
        return params

    def group(self, order: Raw) -> str:
        info = order.get("info") or {}
        number = str(info.get("orderListId", info.get("g", -1)))
        return "" if number == "-1" else number

    def placed(self, order: NewOrder, reply: Any) -> Any:
        return placed_of(order, reply)

    def symbol_params(self, ref: OrderRef, market: Raw) -> Mapping[str, Any]:
        return {}

    async def key_rights(self, exchange: Any, context: AdapterContext) -> KeyRights:
        return await key_rights(exchange)

    async def sub_accounts(
        self, exchange: Any, context: AdapterContext
    ) -> Sequence[SubAccount]:
        told = await exchange.sapi_get_sub_account_list({"limit": 200})
        return [
            SubAccount(
                name=row["email"],
                venue_id=str(row.get("subUserId", row["email"])),
                is_frozen=_is_true(row.get("isFreeze")),
            )
            for row in told["subAccounts"]
        ]


async def key_rights(exchange: Any) -> KeyRights:
    """https://developers.binance.com/docs/wallet/account/api-key-permission (2026-11-21)."""
    told = await exchange.sapi_get_account_apirestrictions()
    return KeyRights(
        rights=frozenset(
            right for name, right in _RIGHTS.items() if _is_true(told.get(name))
        ),
        is_address_bound=_is_true(told.get("ipRestrict")),
    )


def _is_true(value: Any) -> bool:
    return value is True or str(value).lower() == "true"


class BinanceCross(Binance):
    """An account whose every order, look-up and fill is of the cross margin account.

    https://developers.binance.com/docs/margin_trading (2026-11-21)
    """

    options: Mapping[str, Any] = {
        **Binance.options,
        "defaultType": "margin",
        "defaultMarginMode": MarginMode.CROSS.value,
    }
    spot_margin = True
    wallets: Mapping[str, Mapping[str, Any]] = {"margin": {"type": "margin"}}

    def order_call(self, order: NewOrder, call: OrderCall, market: Raw) -> OrderCall:
        if order.attached:
            raise NotSent("Binance attaches legs to spot orders without margin only")
        if order.margin_mode is MarginMode.ISOLATED:
            raise NotSent("this account's orders go to the cross margin account")
        said = super().order_call(order, call, market)
        return replace(said, params={**said.params, "marginMode": MarginMode.CROSS.value})


CROSS = BinanceCross()
QUIRKS = Binance()
