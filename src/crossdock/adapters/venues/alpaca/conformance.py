"""The sandbox's Alpaca face as the conformance suite's peer: see crossdock.conformance.bench."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from crossdock.model import Side
from crossdock.ports import Manifest

VARIANTS: Mapping[str, Mapping[str, str]] = {"stocks": {}}

_FACE = "alpaca"
_SYMBOL = "TRY/USD"
_TICKER = "TRY"
_START = 2000
_TICK = Decimal("0.01")
_QUANTITY = Decimal(2)
_DEPTH = Decimal(50)
_MARKET = {
    "symbol": _SYMBOL,
    "ticks": [["0", "0.0001"], ["1", str(_TICK)]],
    "quantity_step": "1",
    "min_quantity": "1",
    "maker_fee": "0",
    "taker_fee": "0",
}
_FAULTS: Mapping[str, Mapping[str, object]] = {
    "cancel_after_fill": {"kind": "cancel_fill_race"},
    "replace_after_fill": {"kind": "replace_fill_race"},
    "stream_duplicate": {"kind": "stream_duplicate"},
    "history_short": {"kind": "history_truncated"},
    "write_throttled": {"kind": "rate_limit", "operation": "write", "seconds": 0.2},
    "write_unauthorised": {"kind": "key_revoked", "operation": "write", "seconds": 0.2},
    "session_expired": {"kind": "session_expired"},
    "write_failed_after": {"kind": "server_error_after", "operation": "write"},
}
_names = count(1)


class AlpacaBench:
    """One venue of a running sandbox that speaks as Alpaca does, made for one question."""

    symbol = _SYMBOL
    quantity = _QUANTITY

    def __init__(self, admin: Admin, venue: str, url: str) -> None:
        self._admin = admin
        self._url = url
        self.venue = venue
        self._top: dict[Side, Decimal] = {}

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self._url)
        return str(parts.hostname), int(parts.port or 0)

    def settings(self, host: str, port: int) -> Mapping[str, str]:
        url = f"http://{host}:{port}"
        return {
            "url": url,
            "data_url": url,
            "stream_url": url,
            "key": f"key-of-{self.venue}",
            "key_secret": f"not-to-be-seen-{self.venue}",
        }

    async def open_market(self) -> None:
        """Make a market that stands still, has a past, and is deep at its best prices."""
        await self._act(action="pause")
        quote = await self._admin.quote(self._url, self.venue)
        for side, field in ((Side.BUY, "bp"), (Side.SELL, "ap")):
            self._top[side] = Decimal(str(quote[field]))
            await self._make(side, self._top[side], _DEPTH, "GTC")

    async def resting_price(self, side: Side) -> Decimal:
        inwards = (self._top[side.opposite] - self._top[side]) / 4
        return self._top[side] + inwards // _TICK * _TICK

    async def crossing_price(self, side: Side) -> Decimal:
        return self._top[side.opposite]

    async def stop_price(self, side: Side) -> Decimal:
        away = self._top[side.opposite] * (1 + side.sign * Decimal("0.05"))
        return away // _TICK * _TICK

    async def fill(self, client_order_id: str, quantity: Decimal) -> None:
        [order] = await self.orders(client_order_id)
        side = Side(order["side"]).opposite
        await self._make(side, Decimal(order["limit_price"]), quantity, "IOC")

    async def orders(self, client_order_id: str) -> Sequence[Mapping[str, str]]:
        held = (await self._truth())["orders"]
        return [it for it in held if it["client_order_id"] == client_order_id]

    async def executions(self) -> Sequence[str]:
        return [it["execution_id"] for it in (await self._truth())["fills"]]

    async def arm(self, trouble: str) -> bool:
        fault = _FAULTS.get(trouble)
        if fault is None:
            return False
        body = {"venue": self.venue, "account": "trader", **fault}
        await self._admin.ask("POST", "/faults", body)
        return True

    async def _truth(self) -> Any:
        truth = await self._admin.ask("GET", "/truth")
        return truth["venues"][self.venue]["accounts"]["trader"]

    async def _make(self, side: Side, price: Decimal, quantity: Decimal, tif: str) -> None:
        await self._act(
            action="manual_order",
            account="maker",
            symbol=_SYMBOL,
            side=side,
            type="limit",
            quantity=format(quantity, "f"),
            limit_price=format(price, "f"),
            time_in_force=tif,
        )

    async def _act(self, **action: str) -> None:
        await self._admin.ask("POST", "/actions", {"venue": self.venue, **action})


class Admin:
    """The sandbox's admin port."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        async with self._session.request(method, self._url + path, json=body) as reply:
            answer = await reply.json()
            if reply.status != 200:
                raise RuntimeError(f"{method} {path}: {answer}")
            return answer

    async def quote(self, url: str, venue: str) -> Any:
        """Return the best prices at a venue, as its market data tells them."""
        keys = {
            "APCA-API-KEY-ID": f"maker-of-{venue}",
            "APCA-API-SECRET-KEY": f"nobody-uses-{venue}",
        }
        path = f"/v2/stocks/quotes/latest?symbols={_TICKER}"
        async with self._session.get(url + path, headers=keys) as reply:
            return (await reply.json())["quotes"][_TICKER]


class AlpacaPeer:
    """A sandbox in a process of its own."""

    def __init__(self, admin_url: str) -> None:
        self._admin_url = admin_url

    @asynccontextmanager
    async def bench(self) -> AsyncIterator[AlpacaBench]:
        venue = f"try{next(_names)}"
        funds = {"USD": "1000000", "TRY": "100"}
        spec = {
            "name": venue,
            "face": _FACE,
            "markets": [_MARKET],
            "accounts": [
                {
                    "name": "trader",
                    "key": f"key-of-{venue}",
                    "secret": f"not-to-be-seen-{venue}",
                    "balances": funds,
                },
                {
                    "name": "maker",
                    "key": f"maker-of-{venue}",
                    "secret": f"nobody-uses-{venue}",
                    "balances": dict.fromkeys(funds, "1000000000"),
                },
            ],
            "market": {"kind": "participants", "prices": {_SYMBOL: str(_START)}},
        }
        async with aiohttp.ClientSession() as session:
            admin = Admin(session, self._admin_url)
            made = await admin.ask("POST", "/venues", spec)
            bench = AlpacaBench(admin, venue, made["url"])
            await bench.open_market()
            yield bench


@contextmanager
def peer(manifest: Manifest) -> Iterator[AlpacaPeer]:  # noqa: ARG001 - of a family
    """Run a sandbox until the suite ends."""
    with TemporaryDirectory() as folder:
        config = Path(folder, "sandbox.json")
        config.write_text(json.dumps({"venues": []}))
        command = (sys.executable, "-m", "crossdock.sandbox", "--with-parent")
        with subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [*command, "--config", str(config)], stdout=subprocess.PIPE
        ) as process:
            try:
                assert process.stdout is not None
                started = json.loads(process.stdout.readline())
                yield AlpacaPeer(started["admin"])
            finally:
                process.terminate()
