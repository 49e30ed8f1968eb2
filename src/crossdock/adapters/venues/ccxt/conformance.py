"""The sandbox's faces as the conformance suite's peers: see crossdock.conformance.bench.

A member of the family is asked where the sandbox speaks as its exchange; others have no
peer here but the exchange itself.
"""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import SkipTest
from urllib.parse import urlsplit

import aiohttp

from crossdock.model import Side
from crossdock.ports import Manifest

VARIANTS: Mapping[str, Mapping[str, str]] = {"face": {}}

_SYMBOL = "TRY/USDT"
_START = 10_000
_TICK = Decimal("0.01")
_QUANTITY = Decimal("0.02")
_DEPTH = Decimal(5)
_POLL_S = 0.02
_MARKET = {
    "symbol": _SYMBOL,
    "ticks": [["0", str(_TICK)]],
    "quantity_step": "0.0001",
    "min_quantity": "0.0001",
    "max_quantity": "1000",
    "min_notional": "5",
    "maker_fee": "0.0002",
    "taker_fee": "0.0005",
}
# No stream of ccxt counts an account's messages, so a missing one cannot be made to show.
_FAULTS: Mapping[str, Mapping[str, object]] = {
    "cancel_after_fill": {"kind": "cancel_fill_race"},
    "replace_after_fill": {"kind": "replace_fill_race"},
    "stream_duplicate": {"kind": "stream_duplicate"},
    "market_gap": {"kind": "market_gap"},
    "history_short": {"kind": "history_truncated"},
    "write_throttled": {"kind": "rate_limit", "operation": "write", "seconds": 0.2},
    "write_unauthorised": {"kind": "key_revoked", "operation": "write", "seconds": 0.2},
    "session_expired": {"kind": "session_expired"},
    "write_failed_after": {"kind": "server_error_after", "operation": "write"},
}
_names = count(1)


@dataclass(frozen=True, slots=True)
class _Face:
    """How the sandbox speaks as one exchange, as far as the bench must know."""

    name: str
    book_path: str
    book: str = ""  # where in its reply, as a dotted path
    has_base64_secrets: bool = False
    limits: Mapping[str, int] = field(default_factory=dict)  # on calls, so that none count

    def top(self, reply: Any, side: Side) -> Decimal:
        """Return the best price of a reply to `book_path`."""
        for part in filter(None, self.book.split(".")):
            reply = reply[part]
        rows = reply["bids" if side is Side.BUY else "asks"]
        return Decimal(str(rows[0][0])) if rows else Decimal(_START - side.sign)

    def secret(self, words: str) -> str:
        encoded = base64.b64encode(words.encode()).decode()
        return encoded if self.has_base64_secrets else words


_FACES: Mapping[str, _Face] = {
    "binance": _Face("binance", "/api/v3/depth?symbol=TRYUSDT&limit=5"),
    "kraken": _Face(
        "kraken",
        "/0/public/Depth?pair=TRYUSDT&count=5",
        book="result.TRYUSDT",
        has_base64_secrets=True,
        limits={"calls_most": 100_000, "public_most": 100_000, "orders_most": 100_000},
    ),
}


class FaceBench:
    """One venue of a running sandbox, made for one question."""

    symbol = _SYMBOL
    quantity = _QUANTITY

    def __init__(self, face: _Face, ask: Callable[..., Any], venue: str, url: str) -> None:
        self._face = face
        self._ask = ask
        self._url = url
        self.venue = venue
        self._top: dict[Side, Decimal] = {}

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self._url)
        return str(parts.hostname), int(parts.port or 0)

    def settings(self, host: str, port: int) -> Mapping[str, str]:
        return {
            "url": f"http://{host}:{port}",
            "key": f"key-of-{self.venue}",
            "key_secret": self._face.secret(f"not-to-be-seen-{self.venue}"),
        }

    async def open_market(self) -> None:
        """Make a market that stands still and is deep at its best prices."""
        await self._act(action="pause")
        book = await self._ask("GET", f"{self._url}{self._face.book_path}")
        for side in Side:
            self._top[side] = self._face.top(book, side)
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
        body = {"venue": self.venue, **fault}
        if fault["kind"] != "market_gap":
            body["account"] = "trader"
        await self._ask("POST", "/faults", body)
        if trouble == "market_gap":
            await self._lose_a_change()
        return True

    async def _lose_a_change(self) -> None:
        """Make a change that is lost alone: its book gathers those of a tenth of a second."""
        price = self._top[Side.BUY] - 100 * _TICK
        await self._make(Side.BUY, price, _QUANTITY, "GTC")
        while (await self._ask("GET", "/faults"))["armed"]:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)  # the sandbox is another process

    async def _truth(self) -> Any:
        truth = await self._ask("GET", "/truth")
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

    async def _act(self, **fields: object) -> None:
        await self._ask("POST", "/actions", {"venue": self.venue, **fields})


class FacePeer:
    """A sandbox in a process of its own."""

    def __init__(self, face: _Face, admin_url: str) -> None:
        self._face = face
        self._admin_url = admin_url

    @asynccontextmanager
    async def bench(self) -> AsyncIterator[FaceBench]:
        venue = f"try{next(_names)}"
        funds = {"USDT": "100000", "TRY": "100"}
        spec = {
            "name": venue,
            "face": self._face.name,
            "limits": dict(self._face.limits),
            "markets": [_MARKET],
            "accounts": [
                {
                    "name": "trader",
                    "key": f"key-of-{venue}",
                    "secret": self._face.secret(f"not-to-be-seen-{venue}"),
                    "balances": funds,
                },
                {
                    "name": "maker",
                    "key": f"maker-of-{venue}",
                    "secret": self._face.secret(f"nobody-uses-{venue}"),
                    "balances": dict.fromkeys(funds, "1000000000"),
                },
            ],
            "market": {"kind": "participants", "prices": {_SYMBOL: str(_START)}},
        }
        async with aiohttp.ClientSession() as session:

            async def ask(method: str, path: str, body: object = None) -> Any:
                url = path if path.startswith("http") else self._admin_url + path
                async with session.request(method, url, json=body) as reply:
                    answer = await reply.json()
                    if reply.status != 200:
                        raise RuntimeError(f"{method} {path}: {answer}")
                    return answer

            made = await ask("POST", "/venues", spec)
            bench = FaceBench(self._face, ask, venue, made["url"])
            await bench.open_market()
            yield bench


def speaks(manifest: Manifest) -> bool:
    """Tell whether the sandbox speaks as this exchange."""
    return manifest.id in _FACES


@contextmanager
def peer(manifest: Manifest) -> Iterator[FacePeer]:
    """Run a sandbox that speaks as the exchange until the suite ends."""
    face = _FACES.get(manifest.id)
    if face is None:
        raise SkipTest(f"no peer here speaks as {manifest.id}")
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
                yield FacePeer(face, started["admin"])
            finally:
                process.terminate()
