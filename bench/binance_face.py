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
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from _desk import with_desk, written
from _others import tell_ready, until_stdin_closes

WARM_TICKS = 20
PAUSE_S = 0.15  # the face gathers the changes of a tenth of a second
TICK = b'"depthUpdate"'
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
# ---- the contenders ----------------------------------------------------------------


async def desk(port: int) -> None:
    async def act(_desk: Any) -> None:
        tell_ready()
        await until_stdin_closes()

    url = f"http://127.0.0.1:{port}"
    keys = {"key": "key-of-main", "key_secret": "secret-of-main"}
    account = {"adapter": "binance", "venue": "binance", "url": url, **keys}
    # What takes nothing moves nothing else.
    await with_desk(account, act, takes=False, wait_s=2)


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
