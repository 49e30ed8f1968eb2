"""Prices in the protocol's words: one letter a field.

https://docs.alpaca.markets/docs/real-time-stock-pricing-data,
https://docs.alpaca.markets/docs/real-time-crypto-pricing-data and
https://docs.alpaca.markets/reference/stockbars, read 2026-11-21. Times are handed in as
they are to be written: texts, or timestamps of msgpack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from crossdock.model import Side
from crossdock.sandbox.engine import PriceLevel
from crossdock.sandbox.faces.alpaca.assets import Asset
from crossdock.sandbox.faces.alpaca.times import SECOND_NS
from crossdock.sandbox.market import Candle
from crossdock.sandbox.stream.news import QuoteChanged, Traded

Row = dict[str, Any]
Timed = Callable[[int], Any]
"""Writes a time."""

_EXCHANGE = "V"
_TAPE = "C"
_REGULAR = "@"
_QUOTED = "R"


def quote_row(asset: Asset, quote: QuoteChanged, timed: Timed) -> Row:
    row: Row = {
        "t": timed(quote.time_ns),
        "bp": quote.bid[0],
        "bs": quote.bid[1],
        "ap": quote.ask[0],
        "as": quote.ask[1],
    }
    if not asset.is_coin:
        row |= {"bx": _EXCHANGE, "ax": _EXCHANGE, "c": [_QUOTED], "z": _TAPE}
    return row


def trade_row(asset: Asset, trade: Traded, timed: Timed) -> Row:
    row: Row = {
        "t": timed(trade.time_ns),
        "p": trade.price,
        "s": trade.quantity,
        "i": trade.number,
    }
    if asset.is_coin:
        return row | {"tks": "B" if trade.side is Side.BUY else "S"}
    return row | {"x": _EXCHANGE, "c": [_REGULAR], "z": _TAPE}


def bar_row(start_s: int, candle: Candle, timed: Timed) -> Row:
    """Word a bar; trades are not counted here, and not weighed."""
    return {
        "t": timed(start_s * SECOND_NS),
        "o": candle.open,
        "h": candle.high,
        "l": candle.low,
        "c": candle.close,
        "v": candle.volume,
        "n": None,
        "vw": None,
    }


def book_row(
    bids: Iterable[PriceLevel],
    asks: Iterable[PriceLevel],
    at_ns: int,
    timed: Timed,
    *,
    is_whole: bool,
) -> Row:
    row: Row = {
        "t": timed(at_ns),
        "b": [{"p": price, "s": size} for price, size in bids],
        "a": [{"p": price, "s": size} for price, size in asks],
    }
    if is_whole:
        row["r"] = True
    return row
