"""ccxt, unmodified but for its addresses, at a venue that speaks Bitstamp."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import ccxt.pro
import pytest

KEYS = {
    "main": ("sandbox-bitstamp", "sandbox-bitstamp-secret"),
    "other": ("other-key", "other-secret"),
}


@asynccontextmanager
async def _judge(hosted, *, secret=None, account="main"):
    key, known = KEYS[account]
    exchange = ccxt.pro.bitstamp(
        {
            "apiKey": key,
            "secret": secret or known,
            "enableRateLimit": False,
            "options": {"watchOrderBook": {"snapshotDelay": 0}},
        }
    )
    for name in ("public", "private"):
        exchange.urls["api"][name] = f"{hosted.url}/api"
    exchange.urls["api"]["ws"] = hosted.ws
    try:
        yield exchange
    finally:
        await exchange.close()


@pytest.fixture
async def judge():
    """Open ccxt for a hosted venue, its markets loaded."""
    async with AsyncExitStack() as stack:

        async def opened(hosted, **more):
            exchange = await stack.enter_async_context(_judge(hosted, **more))
            await exchange.load_markets()
            return exchange

        yield opened


@pytest.fixture
def heard():
    """Begin to watch; return the task once the venue knows of the subscription."""

    async def begin(hosted, watch, channel):
        task = asyncio.create_task(watch)
        host = hosted.site.host
        while not task.done() and not (
            host.feed.hears(channel) or any(it.hears(channel) for it in host.connections)
        ):
            await asyncio.sleep(0.01)
        return task

    return begin
