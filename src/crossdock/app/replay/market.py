"""The market of a replay: whoever trades against it is handed what the driver plays."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from crossdock.model import Instrument, InstrumentId
from crossdock.ports import MarketSink


class ReplayMarket:
    """Implements `ports.MarketSource`. `sink` is where the driver plays to."""

    def __init__(self, instruments: Sequence[Instrument]) -> None:
        self._instruments = tuple(instruments)
        self.sink: MarketSink | None = None

    async def instruments(self) -> Sequence[Instrument]:
        return self._instruments

    async def watch_market(
        self,
        instruments: Sequence[InstrumentId],
        sink: MarketSink,
    ) -> None:
        self.sink = sink
        await asyncio.get_running_loop().create_future()
