"""What each exchange does otherwise: one module for each that was studied."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from crossdock.adapters.venues.ccxt.exchanges.contract import Quirks


def quirks_of(exchange: str) -> Quirks:
    """Load what one exchange does otherwise; of one nobody studied, the cautious default."""
    name = exchange if find_spec(f"{__name__}.{exchange}") is not None else "unstudied"
    quirks: Quirks = import_module(f"{__name__}.{name}").QUIRKS
    return quirks
