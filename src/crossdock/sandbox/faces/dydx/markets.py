"""Markets as dYdX lists them: by ticker and pair id, in quantums and subticks.

https://docs.dydx.xyz/interaction/trading and
https://docs.dydx.xyz/indexer-client/http#get-perpetual-markets, read 2026-11-21.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crossdock.model import ZERO, ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.engine.account import INITIAL_MARGIN
from crossdock.sandbox.faces.dydx.refusals import CLOB, Checked, absent
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.host import SECOND_NS, Host

QUOTE = "USDC"
_FINER = 6  # digits that quantums have more than lots
_FINER_PRICES = 3  # digits that subticks have more than ticks
_QUOTE_DIGITS = 6
_DAY_NS = 86_400 * SECOND_NS


class Market:
    """One market, and its numbers as whole numbers of the chain."""

    def __init__(self, spec: MarketSpec, number: int) -> None:
        self.symbol = spec.symbol
        self.number = number
        self.ticker = f"{spec.base}-USD"
        self.resolution = -(_places(spec.quantity_step) + _FINER)
        self._price_digits = _places(spec.ticks[0][1]) + _FINER_PRICES

    def quantity(self, quantums: int) -> Decimal:
        return Decimal(plain(Decimal(quantums).scaleb(self.resolution)))

    def price(self, subticks: int) -> Decimal:
        return Decimal(plain(Decimal(subticks).scaleb(-self._price_digits)))

    def row(self, spec: MarketSpec, host: Host) -> dict[str, Any]:
        """Return the market as it is listed."""
        tick = spec.ticks[0][1]
        last = host.venue.last_price(self.symbol)
        since_ns = host.clock.time_ns() - _DAY_NS
        traded = [
            it for it in host.feed.trades(self.symbol, 1_000_000) if it.time_ns >= since_ns
        ]
        worth = sum((it.price * it.quantity for it in traded), ZERO)
        change = last - traded[0].price if traded and last is not None else ZERO
        return {
            "clobPairId": str(self.number),
            "ticker": self.ticker,
            "status": "ACTIVE",
            "oraclePrice": plain(tick if last is None else last),
            "priceChange24H": plain(change),
            "volume24H": plain(worth),
            "trades24H": len(traded),
            "nextFundingRate": "0",
            "initialMarginFraction": plain(INITIAL_MARGIN),
            "maintenanceMarginFraction": plain(INITIAL_MARGIN / 2),
            "openInterest": "0",
            "atomicResolution": self.resolution,
            "quantumConversionExponent": (
                self.resolution + _QUOTE_DIGITS - self._price_digits
            ),
            "tickSize": plain(tick),
            "stepSize": plain(spec.quantity_step),
            "stepBaseQuantums": int(spec.quantity_step.scaleb(-self.resolution)),
            "subticksPerTick": int(tick.scaleb(self._price_digits)),
            "marketType": "CROSS",
            "baseOpenInterest": "0",
            "defaultFundingRate1H": "0",
        }


class Markets:
    """The perpetuals of a venue that settle in USDC."""

    def __init__(self, host: Host) -> None:
        self._host = host
        seen = [
            it
            for it in host.venue.spec.markets
            if it.kind is ContractKind.LINEAR and it.quote == QUOTE
        ]
        self._markets = [Market(it, number) for number, it in enumerate(seen)]
        self._by_symbol = {it.symbol: it for it in self._markets}
        self._by_ticker = {it.ticker: it for it in self._markets}

    def __contains__(self, symbol: str) -> bool:
        return symbol in self._by_symbol

    def of(self, symbol: str) -> Market:
        return self._by_symbol[symbol]

    def called(self, ticker: str) -> Market:
        """Return a market by its ticker. Raises Unserved."""
        market = self._by_ticker.get(ticker)
        if market is None:
            raise absent(f"{ticker} not found in markets of type PERPETUAL")
        return market

    def numbered(self, number: int) -> Market:
        """Return a market by its pair's id. Raises Checked."""
        if number >= len(self._markets):
            raise Checked(CLOB, 8, f"Clob {number} is not a valid clob")
        return self._markets[number]

    def rows(self) -> dict[str, Any]:
        specs = self._host.venue.markets
        return {it.ticker: it.row(specs[it.symbol], self._host) for it in self._markets}


def _places(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
