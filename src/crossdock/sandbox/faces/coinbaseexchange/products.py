"""Spot markets as Coinbase Exchange lists them."""

from __future__ import annotations

from typing import Any

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.coinbaseexchange.refusals import Said
from crossdock.sandbox.host import Host


class Products:
    """Coinbase's names of a venue's spot markets."""

    def __init__(self, host: Host) -> None:
        self._host = host
        spot = [it for it in host.venue.spec.markets if it.kind is ContractKind.SPOT]
        self._by_id = {f"{it.base}-{it.quote}": it.symbol for it in spot}
        self._ids = {symbol: name for name, symbol in self._by_id.items()}

    def __contains__(self, symbol: str) -> bool:
        return symbol in self._ids

    @property
    def names(self) -> list[str]:
        return list(self._by_id)

    def id(self, symbol: str) -> str:
        return self._ids[symbol]

    def symbol(self, name: str) -> str:
        """Return the market's own symbol. Raises Refusal."""
        symbol = self._by_id.get(name)
        if symbol is None:
            raise Said("Product not found", 404)
        return symbol

    def market(self, name: str) -> MarketSpec:
        return self._host.venue.markets[self.symbol(name)]

    def assets(self) -> list[str]:
        markets = [self.market(name) for name in self._by_id]
        return sorted({asset for it in markets for asset in (it.base, it.quote)})


def product(name: str, market: MarketSpec) -> dict[str, Any]:
    return {
        "id": name,
        "base_currency": market.base,
        "quote_currency": market.quote,
        "quote_increment": format(market.ticks[0][1], "f"),
        "base_increment": format(market.quantity_step, "f"),
        "display_name": name.replace("-", "/"),
        "min_market_funds": format(market.min_notional, "f"),
        "margin_enabled": False,
        "post_only": False,
        "limit_only": False,
        "cancel_only": False,
        "status": "online",
        "status_message": "",
        "trading_disabled": False,
        "fx_stablecoin": False,
        "max_slippage_percentage": "0.02000000",
        "auction_mode": False,
    }


def currency(asset: str) -> dict[str, Any]:
    return {
        "id": asset,
        "name": asset,
        "min_size": "0.00000001",
        "status": "online",
        "message": "",
        "max_precision": "0.00000001",
        "convertible_to": [],
        "details": {"type": "crypto", "symbol": None, "display_name": asset},
        "default_network": "",
        "supported_networks": [],
    }
