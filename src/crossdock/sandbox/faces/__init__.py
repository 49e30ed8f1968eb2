"""The protocols a venue can be spoken to in: one folder each, listed here, imported late."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossdock.sandbox.faces.contract import Face

FACES = {
    "native": "crossdock.sandbox.faces.native.face:NativeFace",
    "binance": "crossdock.sandbox.faces.binance.face:BinanceFace",
    "binanceusdm": "crossdock.sandbox.faces.binanceusdm.face:BinanceUsdmFace",
    "binancecoinm": "crossdock.sandbox.faces.binancecoinm.face:BinanceCoinmFace",
    "binanceoptions": "crossdock.sandbox.faces.binanceoptions.face:BinanceOptionsFace",
    "kraken": "crossdock.sandbox.faces.kraken.face:KrakenFace",
    "krakenfutures": "crossdock.sandbox.faces.krakenfutures.face:KrakenFuturesFace",
    "coinbase": "crossdock.sandbox.faces.coinbase.face:CoinbaseFace",
    "coinbaseexchange": (
        "crossdock.sandbox.faces.coinbaseexchange.face:CoinbaseExchangeFace"
    ),
    "alpaca": "crossdock.sandbox.faces.alpaca.face:AlpacaFace",
    "okx": "crossdock.sandbox.faces.okx.face:OkxFace",
    "htx": "crossdock.sandbox.faces.htx.face:HtxFace",
    "kucoin": "crossdock.sandbox.faces.kucoin.face:KucoinFace",
    "kucoinfutures": "crossdock.sandbox.faces.kucoinfutures.face:KucoinFuturesFace",
    "bybit": "crossdock.sandbox.faces.bybit.face:BybitFace",
    "bitstamp": "crossdock.sandbox.faces.bitstamp.face:BitstampFace",
    "deribit": "crossdock.sandbox.faces.deribit.face:DeribitFace",
    "gemini": "crossdock.sandbox.faces.gemini.face:GeminiFace",
    "bitfinex": "crossdock.sandbox.faces.bitfinex.face:BitfinexFace",
    "hyperliquid": "crossdock.sandbox.faces.hyperliquid.face:HyperliquidFace",
    "dydx": "crossdock.sandbox.faces.dydx.face:DydxFace",
}
"""Face by name. Faces stand alone: none imports another's folder."""


def face_class(name: str) -> type[Face]:
    """Import a face. Raises KeyError for a name that is not in the table."""
    module, _, attribute = FACES[name].partition(":")
    found: type[Face] = getattr(import_module(module), attribute)
    return found
