"""Binance COIN-M futures.

https://developers.binance.com/docs/derivatives/coin-margined-futures (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.binanceusdm import BinanceFutures


class BinanceCoinFutures(BinanceFutures):
    options: Mapping[str, Any] = {
        **BinanceFutures.options,
        "defaultType": "delivery",
        "defaultSubType": "inverse",
        "fetchMarkets": {"types": ["inverse"]},
    }


QUIRKS = BinanceCoinFutures()
