"""ccxt, unmodified but for its addresses, at a venue that speaks KuCoin."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import ccxt.pro
import pytest


@asynccontextmanager
async def _judge(hosted, name, *, secret=None, account="main", **config):
    keys = {
        "main": (f"sandbox-{name}", f"sandbox-{name}-secret"),
        "other": ("other-key", "other-secret"),
    }
    key, known = keys[account]
    exchange = getattr(ccxt.pro, name)(
        {
            "apiKey": key,
            "secret": secret or known,
            "password": f"sandbox-{name}-passphrase",
            "enableRateLimit": False,
            **config,
        }
    )
    for api, address in exchange.urls["api"].items():
        if isinstance(address, str):
            exchange.urls["api"][api] = hosted.url
    try:
        yield exchange
    finally:
        await exchange.close()


@pytest.fixture
async def judge():
    """Open ccxt for a hosted venue."""
    async with AsyncExitStack() as stack:

        async def opened(hosted, name, **more):
            return await stack.enter_async_context(_judge(hosted, name, **more))

        yield opened


@pytest.fixture
def heard():
    """Begin to watch; return the task once ccxt waits and the venue knows for what."""

    async def begin(hosted, exchange, watch, words, *, channel=None, topic=None):
        task = asyncio.create_task(watch)
        host = hosted.site.host

        def is_heard():
            waits = any(words in it.futures for it in exchange.clients.values())
            if topic is not None:
                return waits and host.feed.hears(topic)
            return waits and any(it.hears(channel) for it in host.connections)

        async with asyncio.timeout(20):
            while not task.done() and not is_heard():
                await asyncio.sleep(0)
        return task

    return begin
