"""Markets and assets as Kraken names them: only spot ones are seen through this face.

https://support.kraken.com/articles/360001185506 and
https://docs.kraken.com/api-reference/market-data/get-tradable-asset-pairs, read 2026-11-21.
"""

from __future__ import annotations

from decimal import Decimal

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.kraken.refusals import Said
from crossdock.sandbox.host import Host

_ALTERNATIVE = {"BTC": "XBT", "DOGE": "XDG"}
_COINS = frozenset(
    ["XBT", "ETH", "LTC", "XRP", "XLM", "XMR", "ZEC", "ETC", "XDG", "MLN", "REP"]
)
_FIAT = frozenset(["USD", "EUR", "GBP", "CAD", "JPY", "AUD"])


def altname(asset: str) -> str:
    return _ALTERNATIVE.get(asset, asset)


def asset_id(asset: str) -> str:
    """Return the long name: old coins begin with X, money with Z."""
    name = altname(asset)
    if name in _COINS:
        return f"X{name}"
    return f"Z{name}" if name in _FIAT else name


def places(step: Decimal) -> int:
    """Return how many decimals a step has."""
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


class Names:
    """A venue's spot markets by every name they have."""

    def __init__(self, host: Host) -> None:
        self._host = host
        spot = [it for it in host.venue.spec.markets if it.kind is ContractKind.SPOT]
        self._usual = {it.symbol: it for it in spot}
        self._ids = {it.symbol: _pair_id(it) for it in spot}
        self._by_name: dict[str, str] = {}
        for it in spot:
            for name in (self._ids[it.symbol], self.altname(it), self.wsname(it)):
                self._by_name[name] = it.symbol

    def __contains__(self, symbol: str) -> bool:
        return symbol in self._usual

    @property
    def symbols(self) -> list[str]:
        return list(self._usual)

    @property
    def assets(self) -> list[str]:
        found = {asset for it in self._usual.values() for asset in (it.base, it.quote)}
        for account in self._host.venue.accounts:
            found.update(asset for asset, _, _ in self._host.venue.balances(account))
        return sorted(found)

    def id(self, symbol: str) -> str:
        return self._ids[symbol]

    def altname(self, market: MarketSpec) -> str:
        return altname(market.base) + altname(market.quote)

    def wsname(self, market: MarketSpec) -> str:
        return f"{altname(market.base)}/{altname(market.quote)}"

    def market(self, symbol: str) -> MarketSpec:
        return self._host.venue.markets[symbol]

    def of_pair(self, name: str) -> str:
        """Return the symbol of a pair as REST names it. Raises Refusal."""
        symbol = self._by_name.get(name)
        if symbol is None:
            raise Said("EQuery:Unknown asset pair")
        return symbol

    def asset(self, name: str) -> str:
        """Return an asset by any of its names. Raises Refusal."""
        for asset in self.assets:
            if name in (asset, altname(asset), asset_id(asset)):
                return asset
        raise Said("EQuery:Unknown asset")

    def price_places(self, symbol: str) -> int:
        """Return the decimals of prices, whatever the tick is at the moment."""
        return max(places(tick) for _, tick in self._usual[symbol].ticks)

    def quantity_places(self, symbol: str) -> int:
        return places(self._usual[symbol].quantity_step)


def _pair_id(market: MarketSpec) -> str:
    base, quote = altname(market.base), altname(market.quote)
    if base in _COINS and quote in _COINS | _FIAT:
        return asset_id(market.base) + asset_id(market.quote)
    return base + quote
