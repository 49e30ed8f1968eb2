"""What Bitfinex calls markets and currencies: `tBTCUST`, `tDOGE:USD`, `UST`.

https://docs.bitfinex.com/docs/ws-general, read 2026-11-21: a pair is two symbols behind a
`t`, with a colon between them where one has more than three letters; USDT is UST.
"""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import Host

_CODES = {"USDT": "UST", "USDC": "UDC"}


def currency(asset: str) -> str:
    return _CODES.get(asset, asset)


def pair(market: MarketSpec) -> str:
    base, quote = currency(market.base), currency(market.quote)
    return f"{base}{quote}" if len(base) == len(quote) == 3 else f"{base}:{quote}"


class Names:
    """The spot markets of a venue."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @property
    def markets(self) -> Sequence[MarketSpec]:
        found = self._host.venue.markets.values()
        return [it for it in found if it.kind is ContractKind.SPOT]

    def __contains__(self, symbol: str) -> bool:
        return any(it.symbol == symbol for it in self.markets)

    def id(self, symbol: str) -> str:
        return f"t{pair(self._host.venue.markets[symbol])}"

    def market(self, name: str | None) -> MarketSpec:
        """Return a market. Raises Refusal."""
        for market in self.markets:
            if self.id(market.symbol) == name:
                return market
        raise Refusal("unknown_symbol", "no such pair")
