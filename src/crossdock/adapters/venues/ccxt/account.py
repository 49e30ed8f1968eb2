"""What every ability of an account uses: its session, its markets, its translation."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from crossdock.adapters.venues.ccxt.instruments import instrument_of
from crossdock.adapters.venues.ccxt.known_symbols import KnownSymbols
from crossdock.adapters.venues.ccxt.session import Session, stand_in_of
from crossdock.adapters.venues.ccxt.translation import Translation
from crossdock.errors import BadPayload, NotSent
from crossdock.model import Instrument, InstrumentId, symbol_of
from crossdock.toolkit import AdapterContext, HealthLimits

log = logging.getLogger(__name__)

_NO_MARKET = ("BadSymbol", "NotSupported")


class CcxtAccount:
    """One account at one exchange. Its abilities are mixed in as the manifest names them."""

    def __init__(self, context: AdapterContext) -> None:
        self.context = context
        self.clock = context.clock
        self.manifest = context.manifest
        self.session = Session(context, stand_in=stand_in_of(context))
        self.quirks = self.session.quirks
        self.translation = Translation(context, self.quirks)
        self.symbols = KnownSymbols(context.state, context.manifest.id)
        self._unlisted: set[str] = set()
        self.health = context.health.stream(
            f"{context.account} account", HealthLimits(quiet_is_normal=True)
        )

    async def __aenter__(self) -> Self:
        await self.session.open()
        self.health.connected()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.session.close()
        self.health.disconnected("closed")

    @property
    def driver(self) -> Any:
        return self.session.driver

    def listed_symbols(self) -> list[str]:
        """Return the symbols known that can be asked for; others are told of once each.

        What the exchange lists no more it refuses to speak of, and all else with it.
        """
        left_out = {it for it in self.symbols.all() if not self._is_listed(it)}
        for symbol in sorted(left_out - self._unlisted):
            words = f"{symbol} is listed no more: nothing is asked of it"
            self.health.gap(words)
            log.warning("%s: %s", self.context.account, words)
        self._unlisted = left_out
        return [it for it in self.symbols.all() if it not in left_out]

    def _is_listed(self, symbol: str) -> bool:
        try:
            self.driver.market(symbol)  # it knows of options that have expired, too
        except Exception as error:
            if type(error).__name__ not in _NO_MARKET:
                raise
            return False
        return True

    async def market(self, instrument: InstrumentId) -> Mapping[str, Any]:
        """Return the market of an instrument. Raises BadPayload when it is not listed."""
        markets = await self.session.markets()
        found = markets.get(symbol_of(instrument))
        if found is None:
            raise BadPayload(f"{instrument} is not in the exchange's listing")
        market: Mapping[str, Any] = found
        return market

    async def instrument(self, instrument: InstrumentId) -> Instrument:
        """Return an instrument as the exchange lists it now. Raises BadPayload."""
        market = await self.market(instrument)
        problem = ""
        try:
            return instrument_of(
                market, venue=self.context.venue, exchange=self.manifest.id
            )
        except ValueError as refused:
            problem = f"{instrument} is not offered: {refused}"
        raise BadPayload(problem)

    async def market_to_write(self, instrument: InstrumentId) -> Mapping[str, Any]:
        """Do as `market` on the way to a write: what fails here has sent nothing."""
        if self.driver.markets:
            found = self.driver.markets.get(symbol_of(instrument))
            if found is not None:
                known: Mapping[str, Any] = found
                return known
        problem = ""
        try:
            return await self.market(instrument)
        except NotSent:
            raise
        except Exception as error:  # noqa: BLE001 - a read failed, whatever it was
            problem = f"{instrument}: {error}"
        raise NotSent(problem)
