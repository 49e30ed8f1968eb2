"""Each market's data comes by our own stream where there is one, by ccxt's elsewhere."""

from __future__ import annotations

import asyncio

import pytest

from crossdock.adapters.venues.ccxt.abilities.market_stream import (
    WatchesMarkets,
    origins_of,
)
from crossdock.errors import Unreachable
from crossdock.toolkit.live import live_market


class _Own:
    """A stream that serves some markets until it is told to end."""

    def __init__(self, *served):
        self.served, self.watched = served, []
        self.ended = asyncio.Event()

    def serves(self, instrument):
        return instrument in self.served

    async def watch_market(self, instruments, sink):
        self.watched.append(list(instruments))
        await self.ended.wait()
        raise Unreachable("ended")


class _Account(WatchesMarkets):
    def __init__(self, own):
        self.own, self.by_ccxt = own, []

    async def own_stream(self):
        return self.own

    async def ccxt_stream(self, instruments, sink, name):
        self.by_ccxt.append((list(instruments), name))
        self.own.ended.set()
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("wanted", "own", "by_ccxt"),
    [
        (["a", "b"], [["a", "b"]], []),
        (["a", "x", "b"], [["a", "b"]], [(["x"], "market by ccxt")]),
        (["x", "y"], [], [(["x", "y"], "market")]),
    ],
)
async def test_markets_our_stream_serves_go_there_and_the_others_to_ccxt(
    wanted, own, by_ccxt
):
    account = _Account(_Own("a", "b"))
    task = asyncio.create_task(account.watch_market(wanted, None))
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert account.own.watched == own
    assert account.by_ccxt == by_ccxt


async def test_the_end_of_one_stream_ends_both():
    account = _Account(_Own("a"))
    with pytest.raises(Unreachable):
        await account.watch_market(["a", "x"], None)


@pytest.mark.parametrize(
    ("exchange", "environment", "url", "expected"),
    [
        ("kraken", "live", "", {}),
        ("kraken", "test", "", None),
        ("okx", "demo", "", None),
        ("okx", "test", "", live_market("okx").test_origins),
        ("kraken", "live", "http://127.0.0.1:9", {"public": "ws://127.0.0.1:9"}),
    ],
)
def test_our_stream_follows_the_environment_and_the_stand_in(
    exchange, environment, url, expected
):
    dialect = live_market(exchange)
    found = origins_of(dialect, environment, url)
    if expected and url:
        expected = dict.fromkeys(dialect.origins, *expected.values())
    assert found == expected
