"""A venue's market data, live: a MarketStream over the connections its dialect asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from crossdock.errors import ConfigError, Error, Unavailable
from crossdock.model import Instrument, InstrumentId
from crossdock.ports import MarketSink
from crossdock.toolkit.context import AdapterContext
from crossdock.toolkit.health import StreamHealth
from crossdock.toolkit.live.connection import Connection, first_end
from crossdock.toolkit.live.dialect import Dialect, Line


class LiveMarket:
    """Implements MarketStream for the instruments it was given.

    `origins` redirects roles of `dialect.origins`, to a test environment or a proxy. Where
    a venue needs several connections, the end of one ends all: the caller reconnects.
    """

    def __init__(
        self,
        dialect: Dialect,
        instruments: Sequence[Instrument],
        context: AdapterContext,
        *,
        origins: Mapping[str, str] | None = None,
    ) -> None:
        unknown = set(origins or {}) - set(dialect.origins)
        if unknown:
            raise ConfigError(
                f"{dialect.exchange} has no origin {', '.join(sorted(unknown))}",
                hint=f"it has {', '.join(sorted(dialect.origins))}",
            )
        self._dialect = dialect
        self._origins = {**dialect.origins, **(origins or {})}
        self._context = context
        self._instruments = {each.id: each for each in instruments}

    def serves(self, instrument: InstrumentId) -> bool:
        """Tell whether `watch_market` takes an instrument."""
        known = self._instruments.get(instrument)
        return known is not None and self._dialect.serves(known)

    async def watch_market(
        self, instruments: Sequence[InstrumentId], sink: MarketSink
    ) -> None:
        """Do as MarketStream says. Raises Unavailable for what it does not serve."""
        for instrument in instruments:
            if not self.serves(instrument):
                raise Unavailable(
                    f"{instrument} is not streamed by {self._dialect.exchange}"
                )
        chosen = [self._instruments[instrument] for instrument in instruments]
        lines = self._dialect.lines(chosen, self._origins)
        if not lines:
            await asyncio.Event().wait()  # nothing to watch, until cancelled
        try:
            await first_end(
                [
                    Connection(
                        line, self._context, sink, self._health_of(line, lines)
                    ).run()
                    for line in lines
                ]
            )
        except Error as error:
            sink.market_gap(list(instruments), error.message)
            raise

    def _health_of(self, line: Line, lines: Sequence[Line]) -> StreamHealth:
        name = f"{self._context.account} market"
        if line is not lines[0]:
            name = f"{name} {line.name}"
        return self._context.health.stream(name, line.limits)
