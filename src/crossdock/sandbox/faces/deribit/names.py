"""Markets as Deribit names them, and the currency each one belongs to."""

from __future__ import annotations

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.deribit.refusals import invalid
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import Host

CURRENCIES = ("BTC", "ETH", "SOL", "USDC", "USDT", "EURR")
ANY = "any"


def name_of(market: MarketSpec) -> str:
    if market.kind is ContractKind.INVERSE:
        return f"{market.base}-PERPETUAL"
    pair = f"{market.base}_{market.quote}"
    return pair if market.kind is ContractKind.SPOT else f"{pair}-PERPETUAL"


def kind_of(market: MarketSpec) -> str:
    return "spot" if market.kind is ContractKind.SPOT else "future"


class Names:
    """A venue's markets by name."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._symbols = {name_of(it): it.symbol for it in host.venue.spec.markets}
        self._names = {symbol: name for name, symbol in self._symbols.items()}

    @property
    def symbols(self) -> list[str]:
        return list(self._names)

    @property
    def currencies(self) -> list[str]:
        markets = self._host.venue.spec.markets
        named = {it for market in markets for it in (market.base, market.quote)}
        return [*CURRENCIES, *sorted(named - set(CURRENCIES) - {"USD"})]

    def id(self, symbol: str) -> str:
        return self._names[symbol]

    def market(self, symbol: str) -> MarketSpec:
        return self._host.venue.markets[symbol]

    def currency(self, symbol: str) -> str:
        """Return the currency that a market's orders and trades are listed under."""
        return self.market(symbol).settle

    def find(self, name: str) -> str:
        """Return a market's symbol. Raises Refusal."""
        symbol = self._symbols.get(name)
        if symbol is None:
            raise Refusal("unknown_symbol", "instrument not found")
        return symbol

    def of(self, currency: str, kind: str = ANY) -> list[str]:
        """Return the markets of a currency. Raises Refusal for one there is not."""
        if currency not in (ANY, *self.currencies):
            raise invalid("currency", "invalid currency")
        return [
            symbol
            for symbol in self._names
            if currency in (ANY, self.currency(symbol))
            and kind in (ANY, kind_of(self.market(symbol)))
        ]
