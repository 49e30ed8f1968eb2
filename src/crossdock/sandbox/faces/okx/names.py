"""Markets as OKX names them: BTC-USDT, BTC-USDT-SWAP, BTC-USD-SWAP.

https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments, read 2026-11-21.
"""

from __future__ import annotations

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.okx.refusals import Said
from crossdock.sandbox.host import Host

SPOT = "SPOT"
SWAP = "SWAP"
TYPES = (SPOT, "MARGIN", SWAP, "FUTURES", "OPTION")


def inst_type(market: MarketSpec) -> str:
    return SPOT if market.kind is ContractKind.SPOT else SWAP


def inst_id(market: MarketSpec) -> str:
    pair = f"{market.base}-{market.quote}"
    return pair if market.kind is ContractKind.SPOT else f"{pair}-SWAP"


class Names:
    """A venue's markets by their names."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._symbols = {inst_id(it): it.symbol for it in host.venue.spec.markets}
        self._ids = {symbol: name for name, symbol in self._symbols.items()}

    @property
    def symbols(self) -> list[str]:
        return list(self._ids)

    def id(self, symbol: str) -> str:
        return self._ids[symbol]

    def market(self, symbol: str) -> MarketSpec:
        return self._host.venue.markets[symbol]

    def type(self, symbol: str) -> str:
        return inst_type(self.market(symbol))

    def code(self, symbol: str) -> int:
        """Return the number that stands for a market in binary messages."""
        return 1 + list(self._ids).index(symbol)

    def find(self, name: str | None) -> str:
        """Return a market's symbol. Raises Refusal."""
        symbol = self._symbols.get(name or "")
        if symbol is None:
            raise Said("51001", "Instrument ID does not exist")
        return symbol

    def of(self, kind: str | None, name: str | None) -> list[str]:
        """Return the markets of a type, of a name, or all of them."""
        if name:
            return [self.find(name)]
        return [it for it in self.symbols if kind in (None, "", "ANY", self.type(it))]
