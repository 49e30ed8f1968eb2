"""`python -m crossdock.sandbox`: host the venues until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import textwrap
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
from crossdock.sandbox.faces import FACES
from crossdock.sandbox.faces.described import guide, page, semantics, title_of, venue_of
from crossdock.sandbox.faults import FaultKind
from crossdock.sandbox.server import Sandbox

_PARENT_POLL_S = 0.5
_WIDTH = 88
_TELLING = "`crossdock sandbox --face {} --semantics` tells what it does."


def main(arguments: list[str] | None = None) -> int:
    """Run a sandbox; returns the exit status. 2: the configuration cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        _check(options)
        if options.semantics:
            _tell_semantics(options)
            return 0
        parent = os.getppid() if options.with_parent == 0 else options.with_parent
        return asyncio.run(_host(_configured(options), options, parent=parent))
    except ConfigInvalid as problem:
        sys.stderr.write(f"{problem}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="crossdock sandbox", description="Host hostile exchanges on loopback."
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="JSON or TOML")
    parser.add_argument(
        "--face", choices=sorted(FACES), help="host one venue that speaks this protocol"
    )
    parser.add_argument("--port", type=int, metavar="N", help="of the face's venue")
    parser.add_argument(
        "--port-base", type=int, metavar="N", help="venues listen on N, N+1, …"
    )
    parser.add_argument("--admin-port", type=int, metavar="N")
    parser.add_argument("--seed", type=int, metavar="N")
    parser.add_argument(
        "--faults", type=float, metavar="RATE", help="arm random faults, RATE a second"
    )
    parser.add_argument(
        "--market", type=Path, metavar="PATH", help="a recorded stream, at all venues"
    )
    parser.add_argument(
        "--semantics",
        action="store_true",
        help="print what the face's protocol does and where the sandbox differs, and end",
    )
    parser.add_argument(
        "--markdown", action="store_true", help="with --semantics: as a page"
    )
    parser.add_argument(
        "--json", action="store_true", help="print the addresses as one line of JSON"
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


def _check(options: argparse.Namespace) -> None:
    """Raise ConfigInvalid for options that do not go together."""
    if options.face is None:
        for name in ("port", "semantics"):
            if getattr(options, name):
                raise ConfigInvalid(f"command line: --{name}: --face was expected with it")
    elif options.config is not None:
        raise ConfigInvalid("command line: --config: either it or --face was expected")
    if options.faults is not None and not 0 < options.faults <= 1000:
        raise ConfigInvalid(
            f"command line: --faults: above 0 to 1000 was expected, not {options.faults:g}"
        )


def _configured(options: argparse.Namespace) -> SandboxConfig:
    if options.face is not None:
        config = parse({"venues": [venue_of(options.face)]}, f"face {options.face}")
    elif options.config is not None:
        config = load(options.config)
    else:
        config = parse(default_config())
    venues = list(config.venues)
    if options.market is not None:
        recorded = RecordedMarket(path=str(options.market))
        venues = [msgspec.structs.replace(it, market=recorded) for it in venues]
    name, first = "--port-base", options.port_base
    if options.port is not None:
        name, first = "--port", options.port
    if first is not None:
        _check_port(name, first, len(venues))
        venues = [
            msgspec.structs.replace(it, port=first + index)
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


async def _host(
    config: SandboxConfig, options: argparse.Namespace, *, parent: int | None
) -> int:
    sandbox = Sandbox(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, sandbox.done.set)
    try:
        await sandbox.start()
    except OSError as problem:
        raise ConfigInvalid(f"ports: free ones were expected: {problem}") from None
    if options.faults is not None:
        for site in sandbox.sites.values():
            sandbox.seed_faults(site, config.seed, options.faults, tuple(FaultKind))
    watch = None if parent is None else loop.create_task(_watch(sandbox, parent))
    if options.face is None or options.json:
        line = {"admin": sandbox.admin_url, "venues": sandbox.urls}
        _say(msgspec.json.encode(line).decode())
    else:
        _say(_welcome(sandbox, config, options.face))
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


def _welcome(sandbox: Sandbox, config: SandboxConfig, face: str) -> str:
    [venue] = config.venues
    account = venue.accounts[0]
    url = sandbox.urls[venue.name]
    markets = ", ".join(it.symbol for it in venue.markets)
    return "\n".join(
        (
            f"{title_of(face)} at {url}",
            f"markets  {markets}",
            f"key      {account.key}",
            f"secret   {account.secret}",
            f"admin    {sandbox.admin_url} (truth and faults; no key)",
            "",
            guide(face, url=url, key=account.key, secret=account.secret).rstrip(),
            "",
            f"{_TELLING.format(face)} Ctrl-C ends it.",
        )
    )


def _tell_semantics(options: argparse.Namespace) -> None:
    rules = semantics(options.face)
    if options.json:
        _say(msgspec.json.encode(rules).decode())
        return
    if options.markdown:
        _say(page(options.face).rstrip())
        return
    parts = [title_of(options.face)]
    for rule in rules:
        lines = [_indented(rule.what)]
        if rule.differs:
            lines.append(_indented(f"here: {rule.differs}"))
        lines.append(f"    {rule.source}, read {rule.read}")
        parts.append("\n".join((rule.topic, *lines)))
    _say("\n\n".join(parts))


def _indented(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent="    ", subsequent_indent="    ")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def _watch(sandbox: Sandbox, parent: int) -> None:
    """End the sandbox once its parent is another process than it was."""
    while not sandbox.done.is_set():
        if os.getppid() != parent:
            sandbox.done.set()
        await asyncio.sleep(_PARENT_POLL_S)


if __name__ == "__main__":
    sys.exit(main())
