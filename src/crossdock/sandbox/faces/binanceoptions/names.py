"""Options by the names Binance gives them, and what a name says."""

from __future__ import annotations

from datetime import UTC, datetime

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.binance_words.names import Names
from crossdock.sandbox.host import Host

_HOUR = 8  # of the day, in UTC, at which options end
_MS = 1000


class OptionNames(Names):
    """Binance's names of a venue's options: BTC-300726-9000-C."""

    def __init__(self, host: Host) -> None:
        super().__init__(host, ContractKind.OPTION)
        seen = [it for it in host.venue.spec.markets if it.kind is ContractKind.OPTION]
        self._by_id = {_name_of(it.symbol): it.symbol for it in seen}
        self._ids = {symbol: name for name, symbol in self._by_id.items()}

    def id(self, symbol: str) -> str:
        return self._ids.get(symbol) or _name_of(symbol)


def underlying(market: MarketSpec) -> str:
    return f"{market.base}{market.quote}"


def strike(name: str) -> str:
    return name.split("-")[2]


def right(name: str) -> str:
    return "CALL" if name.endswith("-C") else "PUT"


def expiry_ms(name: str) -> int:
    day = datetime.strptime(name.split("-")[1], "%y%m%d").replace(hour=_HOUR, tzinfo=UTC)
    return int(day.timestamp()) * _MS


def _name_of(symbol: str) -> str:
    pair, _, contract = symbol.partition(":")
    return f"{pair.partition('/')[0]}-{contract.partition('-')[2]}"
