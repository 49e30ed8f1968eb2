"""Markets by the names Binance gives them: a face sees those of one kind."""

from __future__ import annotations

from decimal import Decimal

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.binance_words.refusals import Said
from crossdock.sandbox.host import Host

_HIGHEST_PRICE = Decimal(10_000_000)
_PERPETUAL = "_PERP"


class Names:
    """Binance's names of a venue's markets of one kind."""

    def __init__(self, host: Host, kind: ContractKind) -> None:
        self._host = host
        self._suffix = _PERPETUAL if kind is ContractKind.INVERSE else ""
        seen = [it for it in host.venue.spec.markets if it.kind is kind]
        self._by_id = {f"{it.base}{it.quote}{self._suffix}": it.symbol for it in seen}
        self._ids = {symbol: name for name, symbol in self._by_id.items()}

    def __contains__(self, symbol: str) -> bool:
        return symbol in self._ids

    @property
    def all(self) -> list[str]:
        """Every market's own symbol."""
        return list(self._ids)

    def id(self, symbol: str) -> str:
        """Return Binance's name; one of a market not seen here is made the same way."""
        made = symbol.replace("/", "").partition(":")[0]
        return self._ids.get(symbol) or made + self._suffix

    def symbol(self, name: str) -> str:
        """Return the market's own symbol. Raises Refusal."""
        symbol = self._by_id.get(name)
        if symbol is None:
            raise Said(-1121, "Invalid symbol.")
        return symbol

    def market(self, name: str) -> MarketSpec:
        return self._host.venue.markets[self.symbol(name)]

    def markets(self) -> list[MarketSpec]:
        return [self._host.venue.markets[symbol] for symbol in self._ids]


def highest_price(market: MarketSpec) -> Decimal:
    tick = market.ticks[-1][1]
    return _HIGHEST_PRICE // tick * tick
