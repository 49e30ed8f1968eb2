"""What venues send about their markets, as bytes, made into events. No I/O here.

The same decoder serves a recording and a live stream: who receives the bytes hands them
on, with the time of receipt.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from crossdock.toolkit.decoders.binance import Binance
from crossdock.toolkit.decoders.bitmex import BitMex
from crossdock.toolkit.decoders.bitstamp import Bitstamp
from crossdock.toolkit.decoders.bybit import Bybit
from crossdock.toolkit.decoders.coinbase import (
    Coinbase,
    CoinbaseAdvanced,
    CoinbaseExchange,
)
from crossdock.toolkit.decoders.contract import Decoder, Markets, Tally
from crossdock.toolkit.decoders.deribit import Deribit
from crossdock.toolkit.decoders.gemini import Gemini
from crossdock.toolkit.decoders.htx import Htx
from crossdock.toolkit.decoders.kraken import Kraken
from crossdock.toolkit.decoders.kucoin import KuCoin
from crossdock.toolkit.decoders.okx import Okx

DECODERS: Mapping[str, Callable[[str], Decoder]] = MappingProxyType(
    {
        "binance": Binance,
        "binance_us": Binance,
        "bitmex": BitMex,
        "bitstamp": Bitstamp,
        "bybit": Bybit,
        "coinbase": Coinbase,
        "coinbaseexchange": CoinbaseExchange,
        "deribit": Deribit,
        "gemini": Gemini,
        "htx": Htx,
        "kraken": Kraken,
        "kucoin": KuCoin,
        "okx": Okx,
    }
)
"""Makes the decoder of a venue; called with the venue's name in instrument ids."""

__all__ = [
    "DECODERS",
    "Binance",
    "BitMex",
    "Bitstamp",
    "Bybit",
    "Coinbase",
    "CoinbaseAdvanced",
    "CoinbaseExchange",
    "Decoder",
    "Deribit",
    "Gemini",
    "Htx",
    "Kraken",
    "KuCoin",
    "Markets",
    "Okx",
    "Tally",
]
