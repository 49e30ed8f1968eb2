"""Hyperliquid.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import (
    CancelEvery,
    EventSource,
    FillPaging,
)
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied, known_refusals
from crossdock.model import AccountEventKind


class Hyperliquid(Studied):
    options: Mapping[str, Any] = {
        "approvedBuilderFee": False,  # else ccxt signs a fee to its authors
        "builderFee": False,
        "refSet": True,
        "fetchCurrencies": False,
    }
    keys: Mapping[str, str] = {"walletAddress": "wallet", "privateKey": "wallet_key_secret"}
    cancel_every = CancelEvery.ONE_BY_ONE
    fills = FillPaging(page=2000, until_param="until")
    events = (
        EventSource(
            method="fetch_funding_history", kind=AccountEventKind.FUNDING, page=500
        ),
        EventSource(method="fetch_deposits", kind=AccountEventKind.DEPOSIT),
        EventSource(method="fetch_withdrawals", kind=AccountEventKind.WITHDRAWAL),
    )
    wallets: Mapping[str, Mapping[str, Any]] = {
        "spot": {"type": "spot"},
        "perpetual": {"type": "swap"},
    }
    reads_by_post = ("/info",)
    refusals_in_words = known_refusals("hyperliquid")
    code_paths = ("response.data.statuses.0.error", "response")
    message_paths = ("response.data.statuses.0.error", "response")
    account_streams = ("orders", "trades")


QUIRKS = Hyperliquid()
