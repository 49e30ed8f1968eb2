"""Market data of venues whose messages we read ourselves, over a real connection.

    dialect = live_market("kraken")
    if dialect is not None:
        stream = LiveMarket(dialect, instruments, context)
        await stream.watch_market([instrument.id], sink)  # a MarketStream

Books are checked by whatever the venue gives to check them with. A loss is a gap of the
market it befell, and that market alone begins again; only what the whole connection lost
ends it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from crossdock.toolkit.live.binance import (
    BINANCE,
    BINANCE_COIN_M,
    BINANCE_US,
    BINANCE_USD_M,
)
from crossdock.toolkit.live.bybit import BYBIT, BYBIT_EU
from crossdock.toolkit.live.coinbase import COINBASE, COINBASE_EXCHANGE
from crossdock.toolkit.live.dialect import Dialect, Line, Origins, SnapshotRequest, Word
from crossdock.toolkit.live.kraken import KRAKEN
from crossdock.toolkit.live.market import LiveMarket
from crossdock.toolkit.live.okx import MY_OKX, OKX, OKX_US

_DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        dialect.exchange: dialect
        for dialect in (
            *(BINANCE, BINANCE_USD_M, BINANCE_COIN_M, BINANCE_US),
            *(BYBIT, BYBIT_EU),
            *(COINBASE, COINBASE_EXCHANGE),
            KRAKEN,
            *(OKX, MY_OKX, OKX_US),
        )
    }
)


def live_market(exchange: str) -> Dialect | None:
    """Return how an exchange streams, by its ccxt id; None when we do not read it ourselves."""
    return _DIALECTS.get(exchange)


__all__ = [
    "Dialect",
    "Line",
    "LiveMarket",
    "Origins",
    "SnapshotRequest",
    "Word",
    "live_market",
]
