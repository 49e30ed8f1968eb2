"""Binance COIN-M futures."""

from __future__ import annotations

from crossdock.sandbox.faces.binance_futures.exchange import FuturesFace
from crossdock.sandbox.faces.binance_futures.terms import COIN_M


class BinanceCoinmFace(FuturesFace):
    """One venue as Binance COIN-M."""

    terms = COIN_M
