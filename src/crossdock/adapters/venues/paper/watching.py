"""Who watches the market: the desk through this venue, or the venue for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from crossdock.adapters.venues.paper.feed import Feed
from crossdock.adapters.venues.paper.floor import Floor
from crossdock.adapters.venues.paper.matching.engine import Engine
from crossdock.errors import AdapterError
from crossdock.model import InstrumentId
from crossdock.ports import Clock, MarketSink, MarketSource
from crossdock.toolkit import StreamHealth

_PAUSE_S = 1.0


class Watching:
    """Every instrument is taken from one feed, the newest that covers it.

    A market with orders that no feed of the desk covers (its market data may come through
    another account) is watched for these orders alone, until a feed takes it over.
    """

    def __init__(
        self,
        source: MarketSource,
        engine: Engine,
        floor: Floor,
        *,
        clock: Clock,
        health: StreamHealth,
    ) -> None:
        self._source = source
        self._engine = engine
        self._floor = floor
        self._clock = clock
        self._health = health
        self._feeds: list[Feed] = []
        self._alone: dict[InstrumentId, asyncio.Task[None]] = {}

    async def watch(self, instruments: Sequence[InstrumentId], sink: MarketSink) -> None:
        """Stream to the desk until cancelled, or raise when the source's stream ends."""
        for instrument in instruments:
            if task := self._alone.pop(instrument, None):
                task.cancel()
        self._health.connected()
        try:
            await self._feed(instruments, sink)
        finally:
            self._health.disconnected("closed")

    def cover(self, instrument: InstrumentId) -> None:
        """See to it that the engine sees an instrument's market."""
        for feed in self._feeds:
            if instrument in feed.markets:
                return
        if instrument in self._alone:
            return
        self._alone[instrument] = asyncio.get_running_loop().create_task(
            self._watch_alone(instrument), name=f"paper market of {instrument}"
        )

    async def close(self) -> None:
        for task in self._alone.values():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._alone.clear()

    async def _watch_alone(self, instrument: InstrumentId) -> None:
        while True:
            with suppress(AdapterError):
                await self._feed([instrument], None)
            await self._clock.sleep(_PAUSE_S)

    async def _feed(
        self, instruments: Sequence[InstrumentId], sink: MarketSink | None
    ) -> None:
        for other in self._feeds:
            for instrument in instruments:
                other.markets.pop(instrument, None)
        feed = Feed(self._floor, {it: self._engine.market(it) for it in instruments}, sink)
        self._feeds.append(feed)
        try:
            await self._source.watch_market(instruments, feed)
        finally:
            self._feeds.remove(feed)
            for market in feed.markets.values():
                market.gap("its market is not watched")
