"""ccxt, unmodified but for its addresses, at a venue that speaks HTX."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import ccxt.pro
import pytest


@asynccontextmanager
async def _judge(hosted, *, secret=None, account="main"):
    keys = {
        "main": ("sandbox-htx", "sandbox-htx-secret"),
        "other": ("other-key", "other-secret"),
    }
    key, known = keys[account]
    exchange = ccxt.pro.htx(
        {"apiKey": key, "secret": secret or known, "enableRateLimit": False}
    )
    urls = exchange.urls["api"]
    urls["spot"] = urls["contract"] = hosted.url
    spot = urls["ws"]["api"]["spot"]
    spot["public"], spot["feed"] = f"{hosted.ws}/ws", f"{hosted.ws}/feed"
    spot["private"] = f"{hosted.ws}/ws/v2"
    try:
        await exchange.load_markets()
        yield exchange
    finally:
        await exchange.close()


@pytest.fixture
async def judge():
    """Open ccxt for a hosted venue."""
    async with AsyncExitStack() as stack:

        async def opened(hosted, **more):
            return await stack.enter_async_context(_judge(hosted, **more))

        yield opened


@pytest.fixture
async def venue(host_face):
    return await host_face("htx")


@pytest.fixture
async def exchange(judge, venue):
    return await judge(venue)


@pytest.fixture
async def other(judge, venue):
    return await judge(venue, account="other")


@pytest.fixture
def heard(venue, exchange):
    """Begin to watch; return the task once ccxt waits and the venue knows for what."""

    async def begin(watch, words, *, channel=None, topic=None):
        task = asyncio.create_task(watch)
        host = venue.site.host

        def is_heard():
            waits = any(words in it.futures for it in exchange.clients.values())
            if topic is not None:
                return waits and host.feed.hears(topic)
            signed = [it for it in host.connections if it.is_signed_in]
            return waits and any(it.hears(channel) for it in signed)

        async with asyncio.timeout(20):
            while not task.done() and not is_heard():
                await asyncio.sleep(0)
        return task

    return begin
