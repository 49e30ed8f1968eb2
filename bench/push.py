"""Live push to 200 listeners at 50 updates a second, beside plain python-socketio.

Servers and listeners run in processes of their own on loopback. Every listener is
python-socketio's own client over WebSocket, in the one room that has all the news:

    plain       python-socketio: each update is emitted to the room
    ours        what the dashboard serves: the newest, 10 a second for who asks for it
    ours_1_hz   the same at the rate a listener gets that asks for none

Prints a JSON line per row: delay from an update to its arrival at a listener (of ours, of
the newest that was in the message), the server's share of a processor beside plain's, and
a desk's tick to order with the dashboard and its listeners beside without.

    python bench/push.py [--clients 200] [--seconds 10] [--only NAME] [--no-desk] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

UPDATES_PER_S = 50
SYMBOLS = 20
PROCESSES = 2
WARM_S = 2.0
TOKEN = "bench"


def books(number: int) -> list[dict[str, Any]]:
    """Return one update: a few of twenty books, as the desk tells of them."""
    now = time.time_ns()
    return [
        {
            "instrument": f"S{(number * 3 + each) % SYMBOLS}/USDT@alpha",
            "ready": True,
            "bid": f"{60000 + number % 100}.5",
            "ask": f"{60001 + number % 100}.5",
            "bid_quantity": "0.75",
            "ask_quantity": "1.25",
            "last": "60001",
            "at": now,
        }
        for each in range(3)
    ]


# ---- servers: print their port, update until stdin closes, print their seconds ------


async def serve(application: Any, update: Callable[[int], Any]) -> None:
    import socket

    import uvicorn

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(application, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110  uvicorn tells by a flag
        await asyncio.sleep(0.01)
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    loop = asyncio.get_running_loop()
    lines = asyncio.Queue[str]()
    loop.add_reader(sys.stdin, lambda: lines.put_nowait(sys.stdin.readline()))
    updating = asyncio.create_task(keep_updating(update))
    before = (0.0, 0.0)
    while line := await lines.get():
        if line == "begin\n":
            before = time.process_time(), time.monotonic()
        elif line == "end\n":
            busy = time.process_time() - before[0]
            share = busy / (time.monotonic() - before[1])
            kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            told = {"cpu": share, "megabytes": kilobytes / 1024}
            print(json.dumps(told), flush=True)
    loop.remove_reader(sys.stdin)
    updating.cancel()
    server.should_exit = True
    await running


async def keep_updating(update: Callable[[int], Any]) -> None:
    due = time.monotonic()
    number = 0
    while True:
        done = update(number)
        if done is not None:
            await done
        number += 1
        due += 1 / UPDATES_PER_S
        await asyncio.sleep(max(due - time.monotonic(), 0))


async def plain() -> None:
    import socketio

    server = socketio.AsyncServer(async_mode="asgi")

    async def subscribe(sid: str, asked: dict[str, Any]) -> None:
        await server.enter_room(sid, asked["rooms"][0])

    server.on("subscribe", subscribe)
    sequence = 0

    def update(number: int) -> Any:
        nonlocal sequence
        sequence += 1
        message = {
            "topic": "books",
            "seq": sequence,
            "at": time.time_ns(),
            "kind": "change",
            "data": books(number),
        }
        return server.emit("market_data_update", message, room="books")

    await serve(socketio.ASGIApp(server), update)


async def ours() -> None:
    from crossdock.web.link import DeskLink
    from crossdock.web.link.address import DeskAddress
    from crossdock.web.link.watching import Change

    with tempfile.TemporaryDirectory() as folder:
        link = DeskLink(DeskAddress(path=Path(folder, "no.sock")))
        application = dashboard(folder, link)

        def update(number: int) -> None:
            kind = "change" if number else "snapshot"
            link._watchers.take(
                Change(
                    topic="books",
                    seq=number,
                    at=time.time_ns(),
                    kind=kind,
                    data=books(number),
                )
            )

        # Watched from the start, so that the image is there when the first one comes.
        with link.watch(["books"], lambda _: None):
            await serve(application, update)


async def ours_of_desk(control: str) -> None:
    """Serve what a real desk says, until stdin closes."""
    from crossdock.web.link import DeskLink
    from crossdock.web.link.address import DeskAddress

    with tempfile.TemporaryDirectory() as folder:
        link = DeskLink(DeskAddress(path=Path(control)))
        await serve(dashboard(folder, link), lambda _: None)


def dashboard(folder: str, link: Any) -> Any:
    from crossdock.app.settings import load_settings
    from crossdock.web.application import create_application
    from crossdock.web.identity.roles import Access, Role
    from crossdock.web.identity.sealing import digest
    from crossdock.web.identity.users import Source

    settings = load_settings(
        None,
        environment={"HOME": folder},
        overrides=[
            f"dashboard.database={folder}/dashboard.sqlite",
            f"dashboard.secret_key={'k' * 40}",
        ],
    )
    application = create_application(settings, link=link)
    identity = application.dashboard.identity
    identity.users.add("bench", Role.VIEWER, Source.PASSWORD, password="")
    _, key = identity.keys.make("bench", "bench", [Access.VIEW], 1)
    with identity.database.writing() as cursor:
        known = digest(f"cdk_{TOKEN}")
        cursor.execute("UPDATE keys SET hash = ? WHERE id = ?", (known, key.id))
    return application


# ---- listeners -----------------------------------------------------------------------


async def listen(port: int, count: int, rate: float | None, seconds: float) -> None:
    import socketio

    delays: list[int] = []
    is_counting = False

    def hear(message: dict[str, Any]) -> None:
        if is_counting:
            delays.append(time.time_ns() - max(row["at"] for row in message["data"]))

    clients = []
    for _ in range(count):
        client = socketio.AsyncClient(reconnection=False)
        client.on("market_data_update", hear)
        await client.connect(
            f"http://127.0.0.1:{port}",
            transports=["websocket"],
            auth={"token": f"cdk_{TOKEN}"},
        )
        await client.emit("subscribe", {"rooms": ["books"], "rate": rate})
        clients.append(client)
    print("ready", flush=True)
    if not await asyncio.to_thread(sys.stdin.readline):
        os._exit(0)  # it was enough that they listened
    is_counting = True
    await asyncio.sleep(seconds)
    is_counting = False
    print(json.dumps({"delays_ns": delays}), flush=True)
    os._exit(0)  # two hundred farewells are no part of this


# ---- measuring -----------------------------------------------------------------------


@contextlib.contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, __file__, *arguments]
    with subprocess.Popen(command, **pipes) as started:
        try:
            yield started
            with contextlib.suppress(OSError):
                started.stdin.close()
            started.wait(10)
        finally:
            started.kill()


def say(to: subprocess.Popen[str], word: str) -> None:
    to.stdin.write(word + "\n")
    to.stdin.flush()


@contextlib.contextmanager
def listening(port: int, clients: int, rate: float, seconds: float) -> Iterator[list[Any]]:
    share = [clients // PROCESSES + (n < clients % PROCESSES) for n in range(PROCESSES)]
    with contextlib.ExitStack() as stack:
        started = []
        for count in share:
            arguments = ("--listen", str(port), "--clients", str(count))
            more = ("--rate", str(rate), "--seconds", str(seconds))
            started.append(stack.enter_context(process(*arguments, *more)))
        for each in started:
            assert each.stdout.readline() == "ready\n", "a listener did not come in"
        yield started


def measured(name: str, clients: int, seconds: float) -> dict[str, Any]:
    rate = 1.0 if name == "ours_1_hz" else 10.0
    with process("--serve", "plain" if name == "plain" else "ours") as server:
        port = json.loads(server.stdout.readline())["port"]
        with listening(port, clients, rate, seconds) as listeners:
            time.sleep(WARM_S)
            say(server, "begin")
            for each in listeners:
                say(each, "begin")
            told = [json.loads(each.stdout.readline()) for each in listeners]
            say(server, "end")
            figures = json.loads(server.stdout.readline())
    delays = [delay for each in told for delay in each["delays_ns"]]
    return {
        "bench": "push",
        "row": name,
        "clients": clients,
        "updates_per_s": UPDATES_PER_S,
        "messages_per_s": round(len(delays) / seconds),
        "p50_ms": round(statistics.median(delays) / 1e6, 1),
        "p99_ms": round(statistics.quantiles(delays, n=100)[98] / 1e6, 1),
        "server_cpu_pct": round(figures["cpu"] * 100, 1),
        "server_megabytes": round(figures["megabytes"], 1),
    }


# ---- the desk, with and without --------------------------------------------------------


def tick_to_order(clients: int, seconds: float) -> dict[str, Any]:
    """Return a desk's p50 and p99 without a dashboard, and with one and its listeners."""
    import tick_to_order as bench

    figures = {}
    with subprocess.Popen(
        [sys.executable, str(bench.PEER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as peer:
        try:
            port = json.loads(peer.stdout.readline())["port"]
            with process("--desk", str(port)) as desk:
                control = json.loads(desk.stdout.readline())["control"]

                def ask() -> list[int]:
                    ticks = 1500
                    asked = {"ticks": ticks, "pause_s": max(seconds / ticks, 0.001)}
                    peer.stdin.write(json.dumps(asked) + "\n")
                    peer.stdin.flush()
                    return json.loads(peer.stdout.readline())["times_ns"][200:]

                figures["without"] = ask()
                with process("--serve-desk", control) as server:
                    where = json.loads(server.stdout.readline())["port"]
                    with listening(where, clients, 10.0, 3600):
                        time.sleep(WARM_S)
                        figures["with"] = ask()
        finally:
            peer.kill()
    p50 = {name: statistics.median(times) / 1e3 for name, times in figures.items()}
    p99 = {n: statistics.quantiles(t, n=100)[98] / 1e3 for n, t in figures.items()}
    return {
        "bench": "push",
        "row": "tick_to_order",
        "unit": "us",
        "clients": clients,
        "without_p50": round(p50["without"], 1),
        "with_p50": round(p50["with"], 1),
        "ratio_p50": round(p50["with"] / p50["without"], 2),
        "without_p99": round(p99["without"], 1),
        "with_p99": round(p99["with"], 1),
        "ratio_p99": round(p99["with"] / p99["without"], 2),
    }


async def desk(port: int) -> None:
    import tick_to_order as bench

    async def act(running: Any) -> None:
        print(json.dumps({"control": str(running.settings.desk.control)}), flush=True)
        await bench.until_stdin_closes()

    await bench.desk(port, "process", act)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--clients", type=int, default=200)
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--only", choices=["plain", "ours", "ours_1_hz"])
    options.add_argument("--no-desk", action="store_true")
    options.add_argument("--json", action="store_true", help="lines of JSON; always so")
    options.add_argument("--serve", choices=["plain", "ours"], help=argparse.SUPPRESS)
    options.add_argument("--serve-desk", help=argparse.SUPPRESS)
    options.add_argument("--desk", type=int, help=argparse.SUPPRESS)
    options.add_argument("--listen", type=int, help=argparse.SUPPRESS)
    options.add_argument("--rate", type=float, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.serve:
        asyncio.run(plain() if given.serve == "plain" else ours())
    elif given.serve_desk:
        asyncio.run(ours_of_desk(given.serve_desk))
    elif given.desk:
        asyncio.run(desk(given.desk))
    elif given.listen:
        asyncio.run(listen(given.listen, given.clients, given.rate, given.seconds))
    else:
        compare(given)


def compare(given: argparse.Namespace) -> None:
    peer_cpu = None
    for name in ("plain", "ours", "ours_1_hz"):
        if given.only not in (None, name):
            continue
        line = measured(name, given.clients, given.seconds)
        if name == "plain":
            peer_cpu = line["server_cpu_pct"]
        elif peer_cpu:
            line["cpu_ratio_to_plain"] = round(line["server_cpu_pct"] / peer_cpu, 2)
        print(json.dumps(line), flush=True)
    if not given.no_desk and given.only is None:
        print(json.dumps(tick_to_order(given.clients, given.seconds)), flush=True)


if __name__ == "__main__":
    main()
