"""Typed identifiers. All are plain strings at run time: hashed once, compared fast."""

from __future__ import annotations

from typing import NewType

Asset = NewType("Asset", str)
"""An asset as ccxt writes it: `BTC`, `USDT`, `AAPL`."""

InstrumentId = NewType("InstrumentId", str)
"""`symbol@venue`: `BTC/USDT@binance`. Made by `instrument_id`."""

AccountId = NewType("AccountId", str)
"""The account's name in the settings. Part of every order, fill and position key."""

OrderId = NewType("OrderId", str)
"""Ours, unique in the journal, never sent to a venue."""

ClientOrderId = NewType("ClientOrderId", str)
"""What the venue is given to know our order by, in the codec its manifest declares."""

VenueOrderId = NewType("VenueOrderId", str)
ExecutionId = NewType("ExecutionId", str)
AttemptId = NewType("AttemptId", str)
CorrelationId = NewType("CorrelationId", str)
PortfolioId = NewType("PortfolioId", str)
StrategyId = NewType("StrategyId", str)


def instrument_id(symbol: str, venue: str) -> InstrumentId:
    """Join a symbol and a venue. Raises ValueError when either would make it ambiguous."""
    if not symbol or not venue or "@" in symbol or "@" in venue:
        raise ValueError(
            f"an instrument id is symbol@venue, one @ and both parts filled; "
            f"got symbol {symbol!r} and venue {venue!r}"
        )
    return InstrumentId(f"{symbol}@{venue}")


def parse_instrument_id(text: str) -> InstrumentId:
    """Check a `symbol@venue` somebody typed. Raises ValueError."""
    symbol, _, venue = text.partition("@")
    return instrument_id(symbol, venue)


def symbol_of(instrument: InstrumentId) -> str:
    return instrument.partition("@")[0]


def venue_of(instrument: InstrumentId) -> str:
    return instrument.partition("@")[2]
