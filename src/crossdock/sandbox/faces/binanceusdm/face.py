"""Binance USD-M futures."""

from __future__ import annotations

from crossdock.sandbox.faces.binance_futures.exchange import FuturesFace
from crossdock.sandbox.faces.binance_futures.terms import USD_M


class BinanceUsdmFace(FuturesFace):
    """One venue as Binance USD-M."""

    terms = USD_M
