"""`python -m crossdock.sandbox`: host the venues until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

import msgspec

from crossdock.sandbox.config import (
    ConfigInvalid,
    RecordedMarket,
    SandboxConfig,
    default_config,
    load,
    parse,
)
from crossdock.sandbox.server import Sandbox

_PARENT_POLL_S = 0.5


def main(arguments: list[str] | None = None) -> int:
    """Run a sandbox; returns the exit status. 2: the configuration cannot be used."""
    options = _parser().parse_args(arguments)
    parent = os.getppid() if options.with_parent == 0 else options.with_parent
    try:
        config = _configured(options)
        return asyncio.run(_host(config, parent=parent))
    except ConfigInvalid as problem:
        sys.stderr.write(f"{problem}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="crossdock.sandbox", description="Host hostile exchanges on loopback."
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="JSON or TOML")
    parser.add_argument(
        "--port-base", type=int, metavar="N", help="venues listen on N, N+1, …"
    )
    parser.add_argument("--admin-port", type=int, metavar="N")
    parser.add_argument("--seed", type=int, metavar="N")
    parser.add_argument(
        "--market", type=Path, metavar="PATH", help="a recorded stream, at all venues"
    )
    parser.add_argument(
        "--with-parent",
        type=int,
        nargs="?",
        const=0,
        metavar="PID",
        help="end when the parent process does; its id, to be sure from the start",
    )
    return parser


def _configured(options: argparse.Namespace) -> SandboxConfig:
    config = parse(default_config()) if options.config is None else load(options.config)
    venues = list(config.venues)
    if options.market is not None:
        recorded = RecordedMarket(path=str(options.market))
        venues = [msgspec.structs.replace(it, market=recorded) for it in venues]
    if options.port_base is not None:
        _check_port("--port-base", options.port_base, len(venues))
        venues = [
            msgspec.structs.replace(it, port=options.port_base + index)
            for index, it in enumerate(venues)
        ]
    changes: dict[str, object] = {"venues": tuple(venues)}
    if options.admin_port is not None:
        _check_port("--admin-port", options.admin_port, 1)
        changes["admin_port"] = options.admin_port
    if options.seed is not None:
        changes["seed"] = options.seed
    return msgspec.structs.replace(config, **changes)


def _check_port(option: str, port: int, count: int) -> None:
    if not 0 <= port <= 65536 - count:
        raise ConfigInvalid(f"command line: {option}: a port was expected, not {port}")


async def _host(config: SandboxConfig, *, parent: int | None) -> int:
    sandbox = Sandbox(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, sandbox.done.set)
    try:
        await sandbox.start()
    except OSError as problem:
        raise ConfigInvalid(f"ports: free ones were expected: {problem}") from None
    watch = None if parent is None else loop.create_task(_watch(sandbox, parent))
    line = {"admin": sandbox.admin_url, "venues": sandbox.urls}
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    sys.stdout.flush()
    try:
        await sandbox.done.wait()
    finally:
        if watch is not None:
            watch.cancel()
        await sandbox.stop()
    if sandbox.failure is not None:
        sys.stderr.write(f"the market broke: {sandbox.failure!r}\n")
        return 1
    return 0


async def _watch(sandbox: Sandbox, parent: int) -> None:
    """End the sandbox once its parent is another process than it was."""
    while not sandbox.done.is_set():
        if os.getppid() != parent:
            sandbox.done.set()
        await asyncio.sleep(_PARENT_POLL_S)


if __name__ == "__main__":
    sys.exit(main())
