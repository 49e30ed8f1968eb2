"""KuCoin spot.

https://www.kucoin.com/docs-new/introduction (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import (
    CancelEvery,
    EventSource,
    FillPaging,
)
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied
from crossdock.model import AccountEventKind, KeyRights, Right, SubAccount
from crossdock.toolkit import AdapterContext

_RIGHTS: Mapping[str, Right] = {
    "General": Right.READ,
    "Spot": Right.TRADE,
    "Margin": Right.TRADE,
    "Futures": Right.TRADE,
    "Trade": Right.TRADE,
    "InnerTransfer": Right.TRANSFER,
    "FlexTransfers": Right.TRANSFER,
    "Transfer": Right.TRANSFER,
    "Withdrawal": Right.WITHDRAW,
    "Withdraw": Right.WITHDRAW,
}


class Kucoin(Studied):
    options: Mapping[str, Any] = {
        "defaultType": "spot",
        "fetchMarkets": {"types": ["spot"]},
        "uta": False,
        "fetchCurrencies": False,
    }
    market_types: Sequence[str] = ("spot",)
    keys: Mapping[str, str] = {
        "apiKey": "key",
        "secret": "key_secret",
        "password": "passphrase_secret",
    }
    client_id_param = "clientOid"
    spot_margin = True
    conditional: Mapping[str, Any] | None = {"trigger": True}
    open_order_params: Sequence[Mapping[str, Any]] = ({}, {"trigger": True})
    cancel_every = CancelEvery.PER_SYMBOL
    fills = FillPaging(page=100, window_s=7 * 86_400.0, newest_first=True)
    events: Sequence[EventSource] = (
        EventSource(method="fetch_deposits", kind=AccountEventKind.DEPOSIT),
        EventSource(method="fetch_withdrawals", kind=AccountEventKind.WITHDRAWAL),
    )
    wallets: Mapping[str, Mapping[str, Any]] = {
        "trade": {"type": "trade"},
        "main": {"type": "main"},
        "margin": {"type": "margin"},
    }
    envelope = "code"
    code_paths = ("code",)
    ok_codes = ("200000",)
    message_paths = ("msg",)
    duplicate_codes = ("126044", "102435")
    unknown_order_codes = ("100001",)
    account_streams: Sequence[str] = ("orders", "trades", "balance")

    async def key_rights(self, exchange: Any, context: AdapterContext) -> KeyRights:
        """https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-apikey-info"""
        row = (await exchange.private_get_user_api_key())["data"]
        words = [word.strip() for word in str(row.get("permission", "")).split(",")]
        return KeyRights(
            rights=frozenset(_RIGHTS[word] for word in words if word in _RIGHTS),
            is_address_bound=bool(row.get("ipWhitelist")),
        )

    async def sub_accounts(
        self, exchange: Any, context: AdapterContext
    ) -> Sequence[SubAccount]:
        told = await exchange.private_get_sub_user()
        return [
            SubAccount(name=row["subName"], venue_id=str(row.get("userId", row["subName"])))
            for row in told["data"]
        ]


QUIRKS = Kucoin()
