"""ccxt, but for its addresses, at a Bitfinex."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import ccxt.pro
import pytest

KEYS = {
    "main": ("sandbox-bitfinex", "sandbox-bitfinex-secret"),
    "other": ("other-key", "other-secret"),
}


@asynccontextmanager
async def _judge(hosted, *, secret=None, account="main"):
    key, known = KEYS[account]
    exchange = ccxt.pro.bitfinex(
        {"apiKey": key, "secret": secret or known, "enableRateLimit": False}
    )
    for name in ("public", "private"):
        exchange.urls["api"][name] = hosted.url
        exchange.urls["api"]["ws"][name] = f"{hosted.ws}/ws/2"
    try:
        yield exchange
    finally:
        await exchange.close()


@pytest.fixture
async def venue(host_face):
    return await host_face("bitfinex")


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
    """Begin to watch; return the task once the venue knows of the account's socket."""

    async def begin(hosted, watch):
        task = asyncio.create_task(watch)
        while not task.done() and not any(
            it.is_signed_in for it in hosted.site.host.connections
        ):
            await asyncio.sleep(0)
        return task

    return begin
