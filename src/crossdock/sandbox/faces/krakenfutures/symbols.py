"""Contracts as Kraken Futures lists them: PF_ settle in USD, PI_ in their coin."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.krakenfutures.refusals import Said
from crossdock.sandbox.host import Host

_OWN_NAMES = {"BTC": "XBT", "DOGE": "XDG"}
_PREFIXES = {ContractKind.LINEAR: "PF_", ContractKind.INVERSE: "PI_"}
_OPENED = "2022-01-01T00:00:00.000Z"
_MOST_POSITION = 1_000_000_000
_LEVELS = [{"contracts": 0, "initialMargin": 0.1, "maintenanceMargin": 0.05}]


def own_name(asset: str) -> str:
    return _OWN_NAMES.get(asset, asset)


class Symbols:
    """Kraken's names of a venue's perpetuals against USD."""

    def __init__(self, host: Host) -> None:
        self._host = host
        seen = [
            it
            for it in host.venue.spec.markets
            if it.kind in _PREFIXES and it.quote == "USD"
        ]
        self._ids = {it.symbol: _name(it) for it in seen}
        self._by_id = {name: symbol for symbol, name in self._ids.items()}

    def __contains__(self, symbol: str) -> bool:
        return symbol in self._ids

    @property
    def all(self) -> list[str]:
        """Every market's own symbol."""
        return list(self._ids)

    def id(self, symbol: str) -> str:
        return self._ids[symbol]

    def symbol(self, name: str) -> str:
        """Return the market's own symbol, whatever the case of the name. Raises Refusal."""
        symbol = self._by_id.get(name.upper())
        if symbol is None:
            raise Said("contractNotFound")
        return symbol

    def market(self, symbol: str) -> MarketSpec:
        return self._host.venue.markets[symbol]


def instrument(name: str, market: MarketSpec) -> dict[str, Any]:
    inverse = market.kind is ContractKind.INVERSE
    return {
        "symbol": name,
        "type": "futures_inverse" if inverse else "flexible_futures",
        "underlying": f"rr_{own_name(market.base).lower()}usd" if inverse else None,
        "tickSize": market.ticks[0][1],
        "contractSize": market.multiplier,
        "tradeable": True,
        "impactMidSize": 1,
        "maxPositionSize": _MOST_POSITION,
        "openingDate": _OPENED,
        "marginLevels": _LEVELS,
        "fundingRateCoefficient": 8,
        "maxRelativeFundingRate": 0.0025,
        "contractValueTradePrecision": _places(market.quantity_step),
        "postOnly": False,
        "base": market.base,
        "quote": market.quote,
        "pair": f"{market.base}:{market.quote}",
        "tags": [],
    }


def _name(market: MarketSpec) -> str:
    return f"{_PREFIXES[market.kind]}{own_name(market.base)}{market.quote}"


def _places(step: Decimal) -> int:
    """Return the power of ten that a step is, below the point: -1 is tens."""
    exponent = step.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
