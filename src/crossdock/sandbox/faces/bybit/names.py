"""Markets as Bybit names them: BTCUSDT stands for one in each category."""

from __future__ import annotations

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.bybit.refusals import SPOT, Said, invalid
from crossdock.sandbox.host import Host

CATEGORIES = (SPOT, "linear", "inverse", "option")
_OF_KIND = {
    ContractKind.SPOT: SPOT,
    ContractKind.LINEAR: "linear",
    ContractKind.INVERSE: "inverse",
}


def category_of(market: MarketSpec) -> str:
    return _OF_KIND[market.kind]


class Names:
    """A venue's markets by category and name."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._symbols = {
            (category_of(it), f"{it.base}{it.quote}"): it.symbol
            for it in host.venue.spec.markets
        }
        self._ids = {symbol: key for key, symbol in self._symbols.items()}

    @property
    def assets(self) -> list[str]:
        markets = self._host.venue.spec.markets
        return sorted({it for market in markets for it in (market.base, market.quote)})

    def id(self, symbol: str) -> str:
        return self._ids[symbol][1]

    def category(self, symbol: str) -> str:
        return self._ids[symbol][0]

    def is_spot(self, symbol: str) -> bool:
        return self.category(symbol) == SPOT

    def market(self, symbol: str) -> MarketSpec:
        return self._host.venue.markets[symbol]

    def find(self, category: str, name: str | None) -> str:
        """Return a market's symbol. Raises Refusal."""
        symbol = self._symbols.get((category, name or ""))
        if symbol is not None:
            return symbol
        if category == SPOT:
            raise Said(170121, "Invalid symbol.")
        raise invalid("symbol invalid")

    def of(self, category: str, name: str | None = None) -> list[str]:
        if name:
            return [self.find(category, name)]
        return [symbol for (kind, _), symbol in self._symbols.items() if kind == category]
