"""Coinbase Exchange, for institutions.

https://docs.cdp.coinbase.com/exchange (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import (
    EventSource,
    FillPaging,
    Known,
    Raw,
)
from crossdock.adapters.venues.ccxt.exchanges.studied import (
    Studied,
    known_refusals,
    rises,
    triggered,
)
from crossdock.model import AccountEventKind
from crossdock.ports import NewOrder


class CoinbaseExchange(Studied):
    keys: Mapping[str, str] = {
        "apiKey": "key",
        "secret": "key_secret",
        "password": "passphrase_secret",
    }
    client_id_param = "client_oid"
    lookups = (Known.CLIENT_ID, Known.VENUE_ID, Known.OPEN_ORDERS)
    fills = FillPaging(needs_symbol=True, page=100, newest_first=True)
    events = (
        EventSource(method="fetch_deposits", kind=AccountEventKind.DEPOSIT),
        EventSource(method="fetch_withdrawals", kind=AccountEventKind.WITHDRAWAL),
    )
    refusals_in_words = known_refusals("coinbaseexchange")
    code_paths = ("message",)
    message_paths = ("message",)
    unknown_order_codes = ("NotFound", "order not found")
    account_streams = ("orders", "trades")

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        # "entry" triggers when the last trade is at or above the stop price, "loss" below.
        return triggered(order, params, stop="entry" if rises(order) else "loss")


QUIRKS = CoinbaseExchange()
