"""The hostile venue that every contender gets: the same markets, account and faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from crossdock.app.demo.processes import SandboxProcess
from crossdock.conformance.hostile import Hostile
from crossdock.sandbox.faces.described import venue_of

FACE = "binance"
SYMBOLS = ("BTC/USDT", "ETH/USDT")
CASH = {"USDT": "100000"}
_POLL_S = 0.2
KINDS = (
    "reply_lost_before",
    "reply_lost_after",
    "reply_late",
    "request_late",
    "reply_cut",
    "lookup_lag",
    "fill_before_ack",
    "server_error",
    "server_error_after",
    "html",
    "cancel_fill_race",
    "rate_limit",
    "rate_limit_bare",
)
"""What can befall any bot that calls by HTTP. Of streams and people it need not know."""


class Stage(Hostile):
    """One venue, one account."""

    def __init__(self, sandbox: SandboxProcess, http: aiohttp.ClientSession) -> None:
        super().__init__(sandbox.addresses["admin"], http, FACE)
        self.addresses = sandbox.addresses
        self.url = sandbox.addresses["venues"][FACE]
        account = venue_of(FACE)["accounts"][0]
        self.key: str = account["key"]
        self.secret: str = account["secret"]

    async def until_hit(self, within_s: float) -> None:
        """Wait until a fault has hit. Raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while not await self.hits():  # noqa: ASYNC110  another process says so
                await asyncio.sleep(_POLL_S)


@asynccontextmanager
async def stage(folder: Path, seed: int) -> AsyncIterator[Stage]:
    """Host the venue while the block runs."""
    venue = venue_of(FACE)
    venue["accounts"] = [{**venue["accounts"][0], "balances": CASH}]
    config = folder / "sandbox.json"
    config.write_bytes(msgspec.json.encode({"venues": [venue]}))
    async with (
        SandboxProcess("--config", str(config), "--seed", str(seed)) as sandbox,
        aiohttp.ClientSession() as http,
    ):
        yield Stage(sandbox, http)
