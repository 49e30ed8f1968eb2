"""ccxt, but for its addresses and a WebSocket's lost headers, at a Gemini."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import ccxt.pro
import pytest

KEYS = {
    "main": ("account-sandbox-gemini", "sandbox-gemini-secret"),
    "other": ("account-other", "other-secret"),
}


@asynccontextmanager
async def _judge(hosted, *, secret=None, account="main"):
    key, known = KEYS[account]
    exchange = ccxt.pro.gemini(
        {
            "apiKey": key,
            "secret": secret or known,
            "enableRateLimit": False,
        }
    )
    for name in ("public", "private", "web", "webExchange"):
        exchange.urls["api"][name] = hosted.url
    exchange.urls["api"]["ws"] = hosted.ws
    make = exchange.client

    def client(url):
        # ccxt 4.5.90 takes its signed headers back before the socket is opened with them.
        is_new = url not in (exchange.clients or {})
        made = make(url)
        if is_new:
            made.options = dict(made.options)
        return made

    exchange.client = client
    try:
        yield exchange
    finally:
        await exchange.close()


@pytest.fixture
async def venue(host_face):
    """Host Gemini; its keys are named as ccxt wants them."""
    hosted = await host_face("gemini")
    keys = hosted.site.host.keys
    keys.add(replace(keys.of_account("other"), key="account-other"))
    return hosted


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
