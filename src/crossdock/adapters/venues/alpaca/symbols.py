"""The vendor's symbols and ours: stocks, coins and options."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from crossdock.adapters.venues.alpaca.wire import WireAsset
from crossdock.errors import BadPayload
from crossdock.model import (
    Asset,
    ContractKind,
    Instrument,
    InstrumentId,
    instrument_id,
    symbol_of,
)

USD = Asset("USD")
STOCK, CRYPTO, OPTION = "us_equity", "crypto", "us_option"

_OCC = re.compile(r"([A-Z0-9.]{1,6}?)(\d\d)(\d\d)(\d\d)([CP])(\d{8})", re.ASCII)
_OURS = re.compile(r"([^/]+)/USD:USD-(\d{6})-([\d.]+)-([CP])", re.ASCII)
_COIN_QUOTES = ("USDT", "USDC", "USD", "BTC")
_SHARE = ".US"


class OptionParts(NamedTuple):
    """What the symbol of an option says, by the rule of the Options Clearing Corporation."""

    root: str
    day: str  # ISO 8601
    right: str  # C or P
    strike: Decimal


def option_parts(symbol: str) -> OptionParts | None:
    """Take an option's symbol apart; None when it is none."""
    found = _OCC.fullmatch(symbol)
    if found is None:
        return None
    root, year, month, day, right, strike = found.groups()
    return OptionParts(root, f"20{year}-{month}-{day}", right, Decimal(strike) / 1000)


class Symbols:
    """Names instruments and assets. Coins must be known before stocks can be named.

    A few stocks bear the name of a coin or of money (LTC, SOL, USD): their asset ends
    in `.US`, so that shares and coins never become one balance.
    """

    def __init__(self, venue: str) -> None:
        self._venue = venue
        self._ids: dict[tuple[str, str], InstrumentId] = {}
        self._coins: set[str] = {"USD", "USDT", "USDC"}
        self._pairs: dict[str, str] = {}  # without its slash -> with it
        self.is_ready = False

    def learn(self, assets: Iterable[WireAsset]) -> None:
        """Take in the vendor's list of coin pairs."""
        for asset in assets:
            base, slash, quote = asset.symbol.partition("/")
            if not slash:
                raise BadPayload(f"a pair of coins is called {asset.symbol!r}")
            self._coins.update((base, quote))
            self._pairs[base + quote] = asset.symbol
        self._ids.clear()
        self.is_ready = True

    def id_of(self, symbol: str, asset_class: str = "") -> InstrumentId:
        """Return the instrument behind a symbol of the vendor's."""
        key = (symbol, asset_class)
        known = self._ids.get(key)
        if known is None:
            try:
                known = instrument_id(self._symbol(symbol, asset_class), self._venue)
            except ValueError as error:
                raise BadPayload(f"a symbol of the venue: {error}") from None
            self._ids[key] = known
        return known

    def _symbol(self, symbol: str, asset_class: str) -> str:
        parts = option_parts(symbol)
        if parts is not None:
            day = parts.day[2:].replace("-", "")
            strike = format(parts.strike.normalize(), "f")
            return f"{parts.root}/USD:USD-{day}-{strike}-{parts.right}"
        if "/" in symbol:
            return symbol
        if asset_class == CRYPTO or (asset_class != STOCK and symbol in self._pairs):
            return self._pair(symbol)
        return f"{self.share(symbol)}/USD"

    def _pair(self, symbol: str) -> str:
        known = self._pairs.get(symbol)
        if known is not None:
            return known
        for quote in _COIN_QUOTES:
            if symbol.endswith(quote) and symbol != quote:
                return f"{symbol.removesuffix(quote)}/{quote}"
        raise BadPayload(f"{symbol!r} is no pair of coins")

    def share(self, ticker: str) -> Asset:
        """Return the asset that a stock's shares are."""
        return Asset(ticker + _SHARE if ticker in self._coins else ticker)

    def base(self, symbol: str, asset_class: str = "") -> Asset:
        """Return what is held after buying a stock or a coin."""
        return Asset(symbol_of(self.id_of(symbol, asset_class)).partition("/")[0])

    def quote(self, symbol: str, asset_class: str = "") -> Asset:
        quoted = symbol_of(self.id_of(symbol, asset_class)).partition("/")[2]
        return Asset(quoted.partition(":")[0])

    def class_of(self, instrument: InstrumentId) -> str:
        symbol = symbol_of(instrument)
        if ":" in symbol:
            return OPTION
        return CRYPTO if symbol.replace("/", "") in self._pairs else STOCK

    def traded(self, instrument: Instrument) -> tuple[str, str]:
        """Return the vendor's symbol and class of an instrument that came from it."""
        if instrument.kind is ContractKind.OPTION:
            return self.venue_symbol(instrument.id), OPTION
        if "class:crypto" in instrument.tags:
            return symbol_of(instrument.id), CRYPTO
        return self.venue_symbol(instrument.id), self.class_of(instrument.id)

    def venue_symbol(self, instrument: InstrumentId) -> str:
        """Return the vendor's symbol of an instrument of ours."""
        symbol = symbol_of(instrument)
        option = _OURS.fullmatch(symbol)
        if option is not None:
            root, day, strike, right = option.groups()
            return f"{root}{day}{right}{int(Decimal(strike) * 1000):08d}"
        if symbol.replace("/", "") in self._pairs:
            return symbol
        base, _, quote = symbol.partition("/")
        return base.removesuffix(_SHARE) if quote == USD else symbol
