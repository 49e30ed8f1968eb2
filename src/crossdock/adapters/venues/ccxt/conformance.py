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
from hashlib import sha256
from importlib import import_module
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
_DEPTH = 250  # of the quantity traded, at each best price
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
_CONTRACTS = {  # of ten dollars each
    "symbol": "TRY/USD:TRY",
    "quantity_step": "1",
    "min_quantity": "1",
    "max_quantity": "1000000",
    "min_notional": "0",
    "multiplier": "10",
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
_ALWAYS_ASKED = ("binance", "coinbase", "kraken")
_names = count(1)


@dataclass(frozen=True, slots=True)
class _Face:
    """How the sandbox speaks as one exchange, as far as the bench must know."""

    name: str
    book_path: str
    book: str = ""  # where in its reply, as a dotted path
    has_base64_secrets: bool = False
    has_private_keys: bool = False  # on the curve P-256, in PEM
    sides: tuple[str, str] = ("bids", "asks")  # what its book calls them
    has_passphrases: bool = False
    has_hyphens: bool = True  # in client order ids
    limits: Mapping[str, int] = field(default_factory=dict)  # on calls, so that none count
    market: Mapping[str, str] = field(default_factory=dict)  # what is not as in _MARKET
    quantity: Decimal = _QUANTITY
    assets: tuple[str, ...] = ("USDT", "TRY")  # what the accounts have, most of it first
    writes: tuple[str, ...] = ()  # in request lines, where their method does not tell
    trail: Mapping[str, Decimal] = field(default_factory=dict)  # where not by percent
    key_prefix: str = ""  # what every key of the exchange begins with
    unseen: tuple[str, ...] = ()  # troubles that nothing in its protocol shows

    @property
    def symbol(self) -> str:
        return self.market.get("symbol", _SYMBOL)

    def top(self, reply: Any, side: Side) -> Decimal:
        """Return the best price of a reply to `book_path`."""
        for part in filter(None, self.book.split(".")):
            reply = reply[int(part) if isinstance(reply, list) else part]
        rows = reply[self.sides[side is Side.SELL]]
        if not rows:
            return Decimal(_START - side.sign)
        best = rows[0]["price"] if isinstance(rows[0], dict) else rows[0][0]
        return Decimal(str(best))

    def secret(self, words: str) -> str:
        if self.has_private_keys:
            return _private_key(words)
        encoded = base64.b64encode(words.encode()).decode()
        return encoded if self.has_base64_secrets else words


_FACES: Mapping[str, _Face] = {
    "binance": _Face("binance", "/api/v3/depth?symbol=TRYUSDT&limit=5"),
    "binanceusdm": _Face(
        "binanceusdm",
        "/fapi/v1/depth?symbol=TRYUSDT&limit=5",
        market={"symbol": f"{_SYMBOL}:USDT"},
    ),
    "binancecoinm": _Face(
        "binancecoinm",
        "/dapi/v1/depth?symbol=TRYUSD_PERP&limit=5",
        market=_CONTRACTS,
        quantity=Decimal(2),
        assets=("TRY",),
    ),
    "kraken": _Face(
        "kraken",
        "/0/public/Depth?pair=TRYUSDT&count=5",
        book="result.TRYUSDT",
        has_base64_secrets=True,
        limits={"calls_most": 100_000, "public_most": 100_000, "orders_most": 100_000},
        writes=("/AddOrder", "/AmendOrder", "/EditOrder", "/CancelOrder", "/CancelAll"),
    ),
    "krakenfutures": _Face(
        "krakenfutures",
        "/derivatives/api/v3/orderbook?symbol=PF_TRYUSD",
        book="orderBook",
        has_base64_secrets=True,
        limits={"derivatives_10s": 1_000_000, "history_10min": 1_000_000},
        market={"symbol": "TRY/USD:USD", "min_notional": "0"},
        assets=("USD", "TRY"),
    ),
    "coinbase": _Face(
        "coinbase",
        "/api/v3/brokerage/market/product_book?product_id=TRY-USDT&limit=5",
        book="pricebook",
        has_private_keys=True,
        limits={"private_per_s": 100_000, "public_per_s": 100_000},
    ),
    "coinbaseexchange": _Face(
        "coinbaseexchange",
        "/products/TRY-USDT/book?level=2",
        has_base64_secrets=True,
        has_passphrases=True,
        limits=dict.fromkeys(
            ("private_per_s", "private_burst", "public_per_s", "public_burst"), 100_000
        ),
        unseen=("market_gap",),
    ),
    "okx": _Face(
        "okx",
        "/api/v5/market/books?instId=TRY-USDT&sz=5",
        book="data.0",
        has_passphrases=True,
        has_hyphens=False,
        limits=dict.fromkeys(
            ("writes_2s", "reads_2s", "slow_reads_2s", "public_2s"), 100_000
        ),
    ),
    "bybit": _Face(
        "bybit",
        "/v5/market/orderbook?category=spot&symbol=TRYUSDT&limit=5",
        book="result",
        sides=("b", "a"),
        limits=dict.fromkeys(("writes_1s", "reads_1s", "address_5s"), 100_000),
    ),
    "kucoin": _Face(
        "kucoin",
        "/api/v1/market/orderbook/level2_20?symbol=TRY-USDT",
        book="data",
        has_passphrases=True,
        limits={"account_most": 1_000_000, "public_most": 1_000_000},
    ),
    "bitstamp": _Face(
        "bitstamp",
        "/api/v2/order_book/tryusdt/",
        limits={"calls_1s": 100_000, "calls_600s": 100_000},
        writes=("/buy/", "/sell/", "/cancel_order/", "/cancel_all_orders/"),
        unseen=("market_gap",),
    ),
    "kucoinfutures": _Face(
        "kucoinfutures",
        "/api/v1/level2/depth20?symbol=TRYUSDTM",
        book="data",
        has_passphrases=True,
        market={
            "symbol": f"{_SYMBOL}:USDT",
            "quantity_step": "1",
            "min_quantity": "1",
            "max_quantity": "1000000",
            "multiplier": "0.001",
        },
        quantity=Decimal(20),
        limits={"account_most": 1_000_000, "public_most": 1_000_000},
    ),
    "deribit": _Face(
        "deribit",
        "/api/v2/public/get_order_book?instrument_name=BTC_USDC-PERPETUAL&depth=5",
        book="result",
        limits=dict.fromkeys(
            ("calls_most", "calls_per_s", "orders_most", "orders_per_s"), 100_000
        ),
        market={"symbol": "BTC/USDC:USDC"},
        assets=("USDC", "BTC"),
        trail={"trail_amount": Decimal(500)},
        writes=tuple(f"/api/v2/private/{it}" for it in ("buy", "sell", "edit", "cancel")),
    ),
    "gemini": _Face(
        "gemini",
        "/v1/book/tryusdt",
        limits={"private_per_minute": 100_000, "public_per_minute": 100_000},
        key_prefix="account-",
        writes=("/order/new", "/order/cancel"),
        unseen=("market_gap",),
    ),
    "htx": _Face(
        "htx",
        "/market/depth?symbol=tryusdt&type=step0&depth=5",
        book="tick",
        limits=dict.fromkeys(("writes_2s", "reads_2s", "public_2s"), 1_000_000),
    ),
}


def _private_key(words: str) -> str:
    """Return the key that some words stand for; what makes keys comes with ccxt."""
    primitives = "cryptography.hazmat.primitives"
    ec: Any = import_module(f"{primitives}.asymmetric.ec")
    formats: Any = import_module(f"{primitives}.serialization")
    number = int.from_bytes(sha256(words.encode()).digest()[1:], "big")
    made: bytes = ec.derive_private_key(number, ec.SECP256R1()).private_bytes(
        formats.Encoding.PEM,
        formats.PrivateFormat.TraditionalOpenSSL,
        formats.NoEncryption(),
    )
    return made.decode()


class FaceBench:
    """One venue of a running sandbox, made for one question."""

    def __init__(self, face: _Face, ask: Callable[..., Any], venue: str, url: str) -> None:
        self._face = face
        self._ask = ask
        self._url = url
        self.venue = venue
        self.symbol = face.symbol
        self.quantity = face.quantity
        self.writes = face.writes
        self.trail = face.trail
        self._top: dict[Side, Decimal] = {}

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self._url)
        return str(parts.hostname), int(parts.port or 0)

    def settings(self, host: str, port: int) -> Mapping[str, str]:
        settings = {
            "url": f"http://{host}:{port}",
            "key": f"{self._face.key_prefix}key-of-{self.venue}",
            "key_secret": self._face.secret(f"not-to-be-seen-{self.venue}"),
        }
        if self._face.has_passphrases:
            settings["passphrase_secret"] = f"not-to-be-said-{self.venue}"
        return settings

    async def open_market(self) -> None:
        """Make a market that stands still and is deep at its best prices."""
        await self._act(action="pause")
        book = await self._ask("GET", f"{self._url}{self._face.book_path}")
        for side in Side:
            self._top[side] = self._face.top(book, side)
            await self._make(side, self._top[side], self.quantity * _DEPTH, "GTC")

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
        if not self._face.has_hyphens:
            client_order_id = client_order_id.replace("-", "")
        return [it for it in held if it["client_order_id"] == client_order_id]

    async def executions(self) -> Sequence[str]:
        return [it["execution_id"] for it in (await self._truth())["fills"]]

    async def arm(self, trouble: str) -> bool:
        fault = _FAULTS.get(trouble)
        if fault is None or trouble in self._face.unseen:
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
        await self._make(Side.BUY, price, self.quantity, "GTC")
        while (await self._ask("GET", "/faults"))["armed"]:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)  # the sandbox is another process

    async def _truth(self) -> Any:
        truth = await self._ask("GET", "/truth")
        return truth["venues"][self.venue]["accounts"]["trader"]

    async def _make(self, side: Side, price: Decimal, quantity: Decimal, tif: str) -> None:
        await self._act(
            action="manual_order",
            account="maker",
            symbol=self.symbol,
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
        funds = dict(zip(self._face.assets, ("100000", "100"), strict=False))
        spec = {
            "name": venue,
            "face": self._face.name,
            "limits": dict(self._face.limits),
            "markets": [{**_MARKET, **self._face.market}],
            "accounts": [
                {
                    "name": "trader",
                    "key": f"{self._face.key_prefix}key-of-{venue}",
                    "secret": self._face.secret(f"not-to-be-seen-{venue}"),
                    "passphrase": f"not-to-be-said-{venue}",
                    "balances": funds,
                },
                {
                    "name": "maker",
                    "key": f"maker-of-{venue}",
                    "secret": self._face.secret(f"nobody-uses-{venue}"),
                    "balances": dict.fromkeys(funds, "1000000000"),
                },
            ],
            "market": {"kind": "participants", "prices": {self._face.symbol: str(_START)}},
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


def always_asked(manifest: Manifest) -> bool:
    """Tell whether every question is asked on every run: of a few, for the time it takes."""
    return manifest.id in _ALWAYS_ASKED


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
