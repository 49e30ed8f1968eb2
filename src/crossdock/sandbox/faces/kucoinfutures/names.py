"""The contracts of a venue, as KuCoin names them: `XBTUSDTM`, and `XBTUSDM` inverse."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.kucoin_gateway.refusals import Said
from crossdock.sandbox.host import Host

_BITCOIN = {"BTC": "XBT"}


class Names:
    def __init__(self, host: Host) -> None:
        self._host = host
        self._symbols = {
            contract(it): it.symbol
            for it in host.venue.markets.values()
            if it.kind is not ContractKind.SPOT
        }
        self._names = {symbol: name for name, symbol in self._symbols.items()}

    @property
    def markets(self) -> Sequence[MarketSpec]:
        return [self._host.venue.markets[it] for it in self._names]

    def __contains__(self, symbol: str) -> bool:
        return symbol in self._names

    def knows(self, name: str) -> bool:
        return name in self._symbols

    def id(self, symbol: str) -> str:
        return self._names[symbol]

    def symbol(self, name: str) -> str:
        """Return the engine's symbol. Raises Refusal."""
        if name not in self._symbols:
            raise Said("100003", "Contract parameter invalid", status=400)
        return self._symbols[name]


def currency(asset: str) -> str:
    return _BITCOIN.get(asset, asset)


def asset_of(name: str) -> str:
    return next((asset for asset, it in _BITCOIN.items() if it == name), name)


def contract(market: MarketSpec) -> str:
    return f"{currency(market.base)}{market.quote}M"
