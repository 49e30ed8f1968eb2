"""ccxt, but for its addresses, at a Hyperliquid: two accounts, each with its API wallet."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal

import ccxt.pro
import pytest

from crossdock.sandbox.config import AccountConfig

MAIN = (
    "0x5a4db0c0ffee5a4db0c0ffee5a4db0c0ffee0001",
    "0x68797065726c697175696473616e64626f786b65796f6e6c79666f7274657374",
)
PEER = ("0x" + "bb" * 20, "0x" + "42" * 32)
STRANGER = "0x" + "13" * 32


@asynccontextmanager
async def _judge(hosted, wallet=MAIN, *, key=None):
    address, known = wallet
    exchange = ccxt.pro.hyperliquid(
        {
            "walletAddress": address,
            "privateKey": key or known,
            "enableRateLimit": False,
        }
    )
    urls = exchange.urls["api"]
    urls["public"] = urls["private"] = hosted.url
    urls["ws"]["public"] = f"{hosted.ws}/ws"
    try:
        yield exchange
    finally:
        await exchange.close()


@pytest.fixture
def stranger():
    """A private key that signs for nobody here."""
    return STRANGER


@pytest.fixture
async def venue(host_face):
    """Host Hyperliquid with one account more, whose wallet signs too."""
    hosted = await host_face("hyperliquid")
    money = {"USDC": Decimal(100_000), "BTC": Decimal(1000)}
    hosted.site.host.open_account(
        AccountConfig(name="peer", key=PEER[0], secret=PEER[1], balances=money)
    )
    return hosted


@pytest.fixture
async def judge():
    """Open ccxt for a hosted venue, its markets loaded."""
    async with AsyncExitStack() as stack:

        async def opened(hosted, *wallet, **more):
            exchange = await stack.enter_async_context(_judge(hosted, *wallet, **more))
            await exchange.load_markets()
            return exchange

        yield opened


@pytest.fixture
async def exchange(judge, venue):
    return await judge(venue)


@pytest.fixture
async def peer(judge, venue):
    return await judge(venue, PEER)


@pytest.fixture
def heard(venue):
    """Begin to watch; return the task once the venue knows of the subscription."""

    async def begin(channel, watch):
        task = asyncio.create_task(watch)
        host = venue.site.host
        while not task.done() and not (
            host.feed.hears(channel)
            or any(it.hears(channel) for it in host.connections if isinstance(channel, str))
        ):
            await asyncio.sleep(0.01)
        return task

    return begin


@pytest.fixture
def main_wallet():
    return MAIN
