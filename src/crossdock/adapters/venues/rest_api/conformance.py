"""The sandbox, described, as the conformance suite's subject: see crossdock.conformance.bench.

Only its REST face is asked. Other descriptions have no peer here: their brokers do.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from unittest import SkipTest

from crossdock.adapters.venues.rest_api import manifest_of
from crossdock.ports import Manifest

VARIANTS: Mapping[str, Mapping[str, str]] = {"rest": {}}

_EXAMPLE = "rest_api:sandbox-rest"
_FILE = Path(__file__).parents[5] / "docs" / "examples" / "sandbox-rest.toml"
_OF_STREAMS = ("market_gap",)  # there is no stream that could lose a change


def examples() -> list[Manifest]:
    """Return what the family is asked with where no member is installed."""
    return [manifest_of(_FILE)] if _FILE.is_file() else []


class RestPeer:
    """The sandbox's own peer, without the troubles of its streams."""

    def __init__(self, running: Any) -> None:
        self._running = running

    @asynccontextmanager
    async def bench(self) -> AsyncIterator[Any]:
        async with self._running.bench() as bench:
            arm = bench.arm

            async def arm_rest(trouble: str) -> bool:
                return trouble not in _OF_STREAMS and bool(await arm(trouble))

            bench.arm = arm_rest
            yield bench


@contextmanager
def peer(manifest: Manifest) -> Iterator[RestPeer]:
    """Borrow the sandbox's peer, by the entry point through which everybody meets it."""
    if manifest.id != _EXAMPLE:
        raise SkipTest(f"no peer here speaks as {manifest.id}: try it at its broker")
    [point] = entry_points(group="crossdock.venues", name="sandbox")
    with import_module(f"{point.module}.conformance").peer(point.load()) as running:
        yield RestPeer(running)
