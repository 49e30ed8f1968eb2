"""Bybit EU: Bybit, with an account of its own.

https://bybit-exchange.github.io/docs/v5/intro (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.bybit import Bybit


class BybitSpot(Bybit):
    market_types = ("spot",)
    open_order_params = ({"category": "spot", "type": "spot"},)
    wallets: Mapping[str, Mapping[str, Any]] = {"unified": {"type": "unified"}}


QUIRKS = BybitSpot()
