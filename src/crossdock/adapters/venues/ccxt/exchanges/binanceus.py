"""Binance.US: Binance's spot interface, without margin and without order lists.

https://docs.binance.us/ (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.binance import Binance


class BinanceUs(Binance):
    spot_margin = False
    wallets: Mapping[str, Mapping[str, Any]] = {"": {}}


QUIRKS = BinanceUs()
