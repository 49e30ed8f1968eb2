"""The spot markets of a venue, as HTX names them: `btcusdt`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import Host


class Names:
    def __init__(self, host: Host) -> None:
        self._host = host
        self._symbols = {
            f"{it.base}{it.quote}".lower(): it.symbol
            for it in host.venue.markets.values()
            if it.kind is ContractKind.SPOT
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
            raise Refusal("unknown_symbol", "no such symbol")
        return self._symbols[name]


def places(step: Decimal) -> int:
    """Return how many digits after the point a step has."""
    exponent = step.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "a step is a number"
    return max(0, -exponent)
