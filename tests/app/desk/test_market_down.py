"""A market that brings nothing is told of once, until it brings something again."""

import asyncio
import random

import pytest

from crossdock.app.gateway.streams import Streams
from crossdock.errors import Unreachable
from crossdock.model import InstrumentId
from crossdock.toolkit.health import HealthRegistry
from crossdock.toolkit.retry import Backoff

ID = InstrumentId("BTC/USDT@toy")


class Failing:
    """A market stream that ends at once; `brings` data first where it says so."""

    def __init__(self, clock, sink):
        self.clock = clock
        self.sink = sink
        self.connections = 0
        self.brings = False

    async def watch_market(self, instruments, sink):
        self.connections += 1
        if self.brings:
            await self.clock.sleep(1)
            self.sink.newest = self.clock.time_ns()
            await asyncio.sleep(0)
        raise Unreachable("no route")


@pytest.fixture
def sink():
    class Sink:
        newest = 0
        gaps = 0

        def market_gap(self, instruments, reason):
            self.gaps += 1

        def newest_ns(self, instruments):
            return self.newest

    return Sink()


async def test_three_connections_without_data_are_one_alarm(toy, clock, journal, sink):
    told = []
    health = HealthRegistry(clock)
    streams = Streams(
        toy.kernel(clock, journal),
        None,
        sink,
        account_health=health.stream("account"),
        market_health=health.stream("market"),
        backoff=lambda: Backoff(random.Random(1), first_s=0.5, most_s=1.0),
        on_break=lambda: None,
        on_market_down=told.append,
        look_s=None,
    )
    market = Failing(clock, sink)
    running = asyncio.ensure_future(streams.market(market, [ID]))
    try:
        while market.connections < 3:
            assert told == []
            await clock.advance(0.1)
        await clock.settle()
        assert told == ["no route"]
        while market.connections < 9:
            await clock.advance(0.5)
        assert told == ["no route"]
        market.brings = True
        before = market.connections
        while market.connections < before + 2:
            await clock.advance(0.5)
        market.brings = False
        while market.connections < before + 7:
            await clock.advance(0.5)
        assert told == ["no route", "no route"]
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
