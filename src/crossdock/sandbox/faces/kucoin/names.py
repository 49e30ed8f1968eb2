"""The spot markets of a venue, as KuCoin names them: `BTC-USDT`."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.kucoin_gateway.refusals import Said
from crossdock.sandbox.host import Host


class Names:
    def __init__(self, host: Host) -> None:
        self._host = host

    @property
    def markets(self) -> Sequence[MarketSpec]:
        found = self._host.venue.markets.values()
        return [it for it in found if it.kind is ContractKind.SPOT]

    def __contains__(self, symbol: str) -> bool:
        market = self._host.venue.markets.get(symbol)
        return market is not None and market.kind is ContractKind.SPOT

    def id(self, symbol: str) -> str:
        return symbol.replace("/", "-")

    def symbol(self, name: str) -> str:
        """Return the engine's symbol. Raises Refusal."""
        symbol = name.replace("-", "/")
        if symbol not in self:
            raise Said("400100", "Unsupported trading pair.", status=400)
        return symbol
