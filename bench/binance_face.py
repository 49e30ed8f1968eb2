"""Tick in, order out, at the sandbox's Binance face: the desk beside a plain ccxt loop.

The sandbox is a process of its own, and so is each contender. Between them a relay stamps
the moment a change of the book has gone to the contender, and the moment the head of its
order's request has come back: what lies between is the contender's, and loopback's.

    ccxt        depth by WebSocket (aiohttp), `create_order` over HTTP, signed
    desk        the desk with its `binance` adapter, which sends by ccxt's signing as well:
                own decoder, book, strategy, every risk check, journal, order over HTTP

Prints a JSON line per row. The book's stream tells changes ten times a second, so 200
ticks take half a minute a row.

    python bench/binance_face.py [--ticks 200] [--only NAME]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from _others import tell_ready, until_stdin_closes

WARM_TICKS = 20
PAUSE_S = 0.15  # the face gathers the changes of a tenth of a second
TICK = b'"depthUpdate"'
SCOPES = ("all", "orders")
ORDER = b"POST /api/v3/order"
VENUE = {
    "name": "binance",
    "face": "binance",
    "markets": [
        {
            "symbol": "BTC/USDT",
            "ticks": [["0", "0.01"]],
            "quantity_step": "0.00001",
            "min_quantity": "0.00001",
            "max_quantity": "9000",
            "min_notional": "5",
            "maker_fee": "0.001",
            "taker_fee": "0.001",
        }
    ],
    "accounts": [
        {
            "name": name,
            "key": f"key-of-{name}",
            "secret": f"secret-of-{name}",
            "balances": {"USDT": "100000000"},
        }
        for name in ("main", "maker")
    ],
    "limits": {"request_weight_1m": 10**8, "orders_10s": 10**6},
    "market": {"kind": "participants", "prices": {"BTC/USDT": "60000"}},
}
SETTINGS = """
[desk]
mode = "paper"
currency = "USDT"
journal = "journal"
log_folder = "logs"
control = "{folder}/desk.sock"
durability = "process"
log_level = "warning"

[risk]
orders_per_s = 100000
orders_per_minute = 1000000
order_notional_max = 50000
order_quantity_max = 1

[accounts.main]
adapter = "binance"
venue = "binance"
url = "http://127.0.0.1:{port}"
key = "key-of-main"
key_secret = "secret-of-main"

[strategies.bidder]
kind = "__main__:Bidder"
symbols = ["BTC/USDT"]
"""


# ---- the contenders ----------------------------------------------------------------


class Bidder:
    """Answers every tick with an order that takes nothing, so that nothing else moves."""

    def __init__(self, name: Any, symbols: tuple[str, ...], params: Any) -> None:
        self.id = name
        self._number = 0
        self.active = False
        BIDDERS.append(self)

    def start(self, desk: Any) -> None:
        self._desk = desk

    def on_book(self, instrument: Any, book: Any) -> None:
        if not self.active:
            return
        from crossdock.model import OrderRequest, OrderType, Side, TimeInForce

        self._number += 1
        placed = self._desk.submit(
            OrderRequest(
                account="main",
                instrument=instrument,
                side=Side.BUY,
                type=OrderType.LIMIT,
                quantity=Decimal("0.01") + self._number % 20_000 * Decimal("0.00001"),
                limit_price=book.best_bid_price,
                time_in_force=TimeInForce.IOC,
            )
        )
        if placed is None:
            raise SystemExit("risk refused an order of the benchmark")

    def _ignore(self, *_: object) -> None:
        """Look at nothing else."""

    on_quote = on_trade = on_bar = on_order = on_fill = on_timer = _ignore

    def stop(self) -> None:
        """Leave nothing behind."""


BIDDERS: list[Bidder] = []


def unlimited_registry() -> Any:
    """Return Binance's adapter, with its own rate limits out of the way."""
    from crossdock.app.registry import Registry
    from crossdock.ports import RateLimit

    class Widened(EntryPoint):
        def load(self) -> Any:
            members = super().load()
            free = tuple(RateLimit(scope=it, calls=10**8, per_s=1.0) for it in SCOPES)
            return lambda settings: (
                replace(it, rate_limits=free)
                for it in members(settings)
                if it.id == "binance"
            )

    def points(group: str) -> list[EntryPoint]:
        if group != "crossdock.venues":
            return list(entry_points(group=group))
        return [Widened("ccxt", "crossdock.adapters.venues.ccxt:family", group)]

    return Registry(points)


def written(folder: str, name: str, text: str) -> Path:
    file = Path(folder, name)
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return file


async def desk(port: int) -> None:
    from crossdock.app.open import build_desk
    from crossdock.app.settings import load_settings

    registry = unlimited_registry()
    with tempfile.TemporaryDirectory() as folder:
        file = written(folder, "settings.toml", SETTINGS.format(folder=folder, port=port))
        settings = load_settings(file, environment={}, registry=registry)
        async with build_desk(settings, registry=registry) as running:
            away = await running.ready(30)
            assert not away, running.gateways[away[0]].reason
            await asyncio.sleep(2)  # the book is there and the day has been opened
            gc.collect()
            gc.freeze()
            BIDDERS[0].active = True
            tell_ready()
            await until_stdin_closes()


async def ccxt_loop(port: int) -> None:
    import aiohttp
    import ccxt.async_support as ccxt
    import msgspec

    exchange = ccxt.binance(
        {
            "apiKey": "key-of-main",
            "secret": "secret-of-main",
            "enableRateLimit": False,
            "options": {
                "defaultType": "spot",
                "fetchMarkets": {"types": ["spot"]},
                "fetchCurrencies": False,
                "fetchMargins": False,
            },
        }
    )
    base = f"http://127.0.0.1:{port}"
    for name in ("public", "private"):
        exchange.urls["api"][name] = f"{base}/api/v3"
    await exchange.load_markets()
    decode = msgspec.json.decode
    path = f"http://127.0.0.1:{port}/ws/btcusdt@depth@100ms"

    async def trade(stream: Any) -> None:
        number = 0
        async for message in stream:
            told = decode(message.data)
            if told.get("e") != "depthUpdate" or not told["b"]:
                continue
            number += 1
            await exchange.create_order(
                "BTC/USDT",
                "limit",
                "buy",
                0.01 + number % 20_000 * 0.00001,
                float(told["b"][0][0]),
                {"timeInForce": "IOC"},
            )

    try:
        async with aiohttp.ClientSession() as session, session.ws_connect(path) as stream:
            task = asyncio.create_task(trade(stream))
            gc.collect()
            gc.freeze()
            tell_ready()
            await until_stdin_closes(task)
    finally:
        await exchange.close()


CLIENTS: Mapping[str, Callable[[int], Awaitable[None]]] = {"ccxt": ccxt_loop, "desk": desk}


# ---- the relay ---------------------------------------------------------------------


@dataclass
class Stamps:
    """When the newest tick left, and how long each order took behind its own."""

    tick_ns: int = 0
    times_ns: list[int] = field(default_factory=list)

    def down(self, data: bytes) -> None:
        if TICK in data:
            self.tick_ns = time.perf_counter_ns()

    def up(self, data: bytes) -> None:
        if ORDER in data and self.tick_ns:
            self.times_ns.append(time.perf_counter_ns() - self.tick_ns)
            self.tick_ns = 0


@asynccontextmanager
async def relay(to_port: int, stamps: Stamps) -> AsyncIterator[int]:
    async def pump(
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        note: Callable[[bytes], None],
        *,
        before: bool,
    ) -> None:
        while data := await reader.read(65536):
            if before:
                note(data)
            writer.write(data)
            if not before:
                note(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", to_port)
        pumps = (
            pump(reader, up_writer, stamps.up, before=True),
            pump(up_reader, writer, stamps.down, before=False),
        )
        await asyncio.gather(*pumps, return_exceptions=True)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


# ---- running -----------------------------------------------------------------------


def measured(name: str, ticks: int) -> list[int]:
    """Run one contender against a fresh sandbox and return the times of its orders."""
    with tempfile.TemporaryDirectory() as folder:
        config = written(folder, "sandbox.json", json.dumps({"venues": [VENUE]}))
        command = [sys.executable, "-m", "crossdock.sandbox", "--with-parent"]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen([*command, "--config", str(config)], **pipes) as sandbox:
            try:
                return asyncio.run(
                    _raced(name, json.loads(sandbox.stdout.readline()), ticks)
                )
            finally:
                sandbox.terminate()


async def _raced(name: str, told: Mapping[str, Any], ticks: int) -> list[int]:
    import aiohttp

    admin, port = told["admin"], urlsplit(told["venues"]["binance"]).port
    async with aiohttp.ClientSession() as session:

        async def act(**fields: object) -> None:
            body = {"venue": "binance", **fields}
            async with session.post(f"{admin}/actions", json=body) as reply:
                assert reply.status == 200, await reply.text()

        return await _race(name, port, ticks, act)


async def _race(
    name: str, port: int, ticks: int, act: Callable[..., Awaitable[None]]
) -> list[int]:
    stamps = Stamps()
    await act(action="pause")
    async with relay(port, stamps) as relayed:
        command = [sys.executable, __file__, "--client", name, "--port", str(relayed)]
        client = await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        line = await client.stdout.readline()
        assert line == b"ready\n", f"{name} did not start: {line!r}"
        number = 0
        while len(stamps.times_ns) < ticks + WARM_TICKS:
            number += 1
            assert number < 3 * (ticks + WARM_TICKS), f"{name} answers too few ticks"
            await act(
                action="manual_order",
                account="maker",
                symbol="BTC/USDT",
                side="buy",
                type="limit",
                quantity="0.001",
                limit_price=f"{59_990 - number * 0.01:.2f}",
                time_in_force="GTC",
            )
            await asyncio.sleep(PAUSE_S)
        client.stdin.close()
        await client.wait()
    return stamps.times_ns[WARM_TICKS:]


def compare(ticks: int, only: str) -> None:
    medians: dict[str, float] = {}
    for name in CLIENTS:
        if only and name not in only.split(","):
            continue
        times = measured(name, ticks)
        medians[name] = statistics.median(times) / 1e3
        line: dict[str, object] = {
            "bench": "tick_to_order_binance_face",
            "row": name,
            "unit": "us",
            "p50": round(medians[name], 1),
            "p99": round(statistics.quantiles(times, n=100)[98] / 1e3, 1),
            "ticks": len(times),
        }
        if name == "desk" and "ccxt" in medians:
            line["ratio_to"] = {"ccxt": round(medians[name] / medians["ccxt"], 2)}
        print(json.dumps(line), flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--ticks", type=int, default=200)
    arguments.add_argument("--only", default="", help="names of rows, with commas")
    arguments.add_argument("--client", help=argparse.SUPPRESS)
    arguments.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.client:
        asyncio.run(CLIENTS[given.client](given.port))
    else:
        compare(given.ticks, given.only)


if __name__ == "__main__":
    main()
