"""Tick in on a socket, order out on a socket: the whole desk beside what others do.

A peer in a process of its own (`_peer.py`) writes a tick and stamps the order that answers
it. Every contender runs in a process of its own, against a fresh peer, in the same run:

    bare        asyncio protocol: the order is written as soon as the tick's bytes are in
    aiohttp     WebSocket in, decode, encode, WebSocket out; picows likewise
    ccxt        WebSocket in (aiohttp), `create_order` over HTTP, signed
    process     the desk: strategy, every risk check, journal, order; on uvloop likewise
    power       the same, sent once the journal's records survive a power cut

Prints a JSON line per row. `own_compute` is the desk's part alone, in the same process:
from a decoded change of the book to bytes handed to the transport, back to back;
`own_compute_cold` is the same with a pause before each tick, when the processor's caches
hold other things, which is what the rows over sockets meet.

    python bench/tick_to_order.py [--ticks 1000] [--only NAME]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from _desk import with_desk
from _others import (
    aiohttp_websocket,
    bare,
    ccxt_http,
    picows_websocket,
    tell_ready,
    until_stdin_closes,
)

PEER = Path(__file__).with_name("_peer.py")
WARM_TICKS = 200
PAUSE_S = 0.001
GOALS = {  # ratios at most, and microseconds
    "process": {"bare": 2.0, "ccxt": 0.5},
    "process_uvloop": {"bare": 2.0, "ccxt": 0.5},
    "power": {},
    "own_compute": {"us": 10},
}


# ---- the desk --------------------------------------------------------------------


async def desk(port: int, durability: str, act: Callable[[Any], Awaitable[None]]) -> None:
    url = f"http://127.0.0.1:{port}"
    account = {"adapter": "sandbox", "venue": "alpha", "url": url}
    account |= {"key": "k", "key_secret": "s"}
    await with_desk(account, act, durability=durability, takes=True, wait_s=0.6)


async def desk_over_sockets(port: int, durability: str) -> None:
    async def act(_desk: Any) -> None:
        tell_ready()
        await until_stdin_closes()

    await desk(port, durability, act)


async def own_compute(port: int, ticks: int, burst: int) -> None:
    """Print the times from a decoded change to the bytes of its order, in nanoseconds."""

    async def act(running: Any) -> None:
        times = await compute_times(running, ticks + WARM_TICKS, burst)
        print(json.dumps({"times_ns": times[WARM_TICKS:]}), flush=True)

    await desk(port, "process", act)


async def compute_times(desk: Any, ticks: int, burst: int) -> list[int]:
    """Return the time of each tick; after a burst, wait until its orders are answered."""
    from crossdock.model import BookChange, InstrumentId

    instrument = InstrumentId("BTC/USDT@alpha")
    entry = desk.gateways["main"].adapter._entry
    writer = entry._connection._client._socket._writer
    transport = writer.transport
    stamped = 0

    class Stamped:
        def write(self, data: bytes) -> None:
            nonlocal stamped
            stamped = time.perf_counter_ns()
            transport.write(data)

        def __getattr__(self, name: str) -> Any:
            return getattr(transport, name)

    writer.transport = Stamped()
    book = desk.markets.book_of(instrument)
    times = []
    for number in range(ticks):
        up = number % 2
        now_ns = time.time_ns()
        first = book.sequence + 1
        change = BookChange(
            instrument,
            False,
            [(f"{60001 - up}.00", "0"), (f"{60000 + up}.00", "0.5")],
            [(f"{60003 - up}.00", "0"), (f"{60002 + up}.00", "0.5")],
            first,
            first,
            now_ns,
            now_ns,
        )
        began = time.perf_counter_ns()
        desk.markets.book(change)
        times.append(stamped - began)
        if number % burst == 0:
            await desk.gateways["main"].writes.settle()
            await asyncio.sleep(0.001)
    writer.transport = transport
    return times


# ---- running ---------------------------------------------------------------------

CLIENTS: dict[str, Callable[[int], Awaitable[None]]] = {
    "bare": bare,
    "aiohttp": aiohttp_websocket,
    "picows": picows_websocket,
    "ccxt": ccxt_http,
    "process": lambda port: desk_over_sockets(port, "process"),
    "process_uvloop": lambda port: desk_over_sockets(port, "process"),
    "power": lambda port: desk_over_sockets(port, "power"),
}
COMPUTE = {"own_compute": 20, "own_compute_cold": 1}  # ticks without a pause
PACKAGES = {"picows": "picows", "ccxt": "ccxt", "process_uvloop": "uvloop"}


def is_installed(name: str) -> bool:
    try:
        __import__(name)
    except ImportError:
        return False
    return True


def measured(name: str, ticks: int) -> list[int]:
    """Run one contender against a fresh peer and return the peer's times."""
    python = [sys.executable]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([*python, str(PEER)], **pipes) as peer:
        try:
            port = json.loads(peer.stdout.readline())["port"]
            arguments = [*python, __file__, "--client", name, "--port", str(port)]
            if name in COMPUTE:
                arguments += ["--ticks", str(ticks)]
            with subprocess.Popen(arguments, **pipes) as client:
                if name in COMPUTE:
                    times = json.loads(client.stdout.readline())["times_ns"]
                else:
                    assert client.stdout.readline() == "ready\n", f"{name} did not start"
                    asked = {"ticks": ticks + WARM_TICKS, "pause_s": PAUSE_S}
                    peer.stdin.write(json.dumps(asked) + "\n")
                    peer.stdin.flush()
                    times = json.loads(peer.stdout.readline())["times_ns"][WARM_TICKS:]
                client.stdin.close()
                client.wait(10)
            return times
        finally:
            peer.kill()


def row(name: str, times_ns: list[int]) -> dict[str, object]:
    return {
        "bench": "tick_to_order",
        "row": name,
        "unit": "us",
        "p50": round(statistics.median(times_ns) / 1e3, 1),
        "p99": round(statistics.quantiles(times_ns, n=100)[98] / 1e3, 1),
        "ticks": len(times_ns),
    }


def compare(ticks: int, only: str) -> None:
    medians: dict[str, float] = {}
    for name in [*CLIENTS, *COMPUTE]:
        if only and name not in only.split(","):
            continue
        package = PACKAGES.get(name)
        if package is not None and not is_installed(package):
            line = {"bench": "tick_to_order", "row": name, "peer": "not installed"}
            print(json.dumps(line), flush=True)
            continue
        line = row(name, measured(name, ticks))
        medians[name] = line["p50"]
        if name in GOALS and name not in COMPUTE:
            ratios = {k: round(line["p50"] / v, 2) for k, v in medians.items() if k != name}
            line["ratio_to"] = ratios
        line["goal"] = GOALS.get(name, {})
        print(json.dumps({k: v for k, v in line.items() if v != {}}), flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--ticks", type=int, default=1000)
    arguments.add_argument("--only", default="", help="names of rows, with commas")
    arguments.add_argument("--client", help=argparse.SUPPRESS)
    arguments.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.client in COMPUTE:
        asyncio.run(own_compute(given.port, given.ticks, COMPUTE[given.client]))
    elif given.client:
        run = asyncio.run
        if given.client.endswith("_uvloop"):
            import uvloop

            run = uvloop.run
        run(CLIENTS[given.client](given.port))
    else:
        compare(given.ticks, given.only)


if __name__ == "__main__":
    main()
