"""A desk that can be told to die: `python -m crossdock.conformance.torture.child`.

It kills itself with SIGKILL at the N-th pass of a named moment, as a power failure or the
kernel would: no handler, no flush, no goodbye.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from crossdock.app.kernel import Checkpoint, pass_by
from crossdock.app.logs import Logs
from crossdock.app.open import build_desk
from crossdock.app.registry import Registry
from crossdock.app.settings import load_settings
from crossdock.ports import Manifest


def die_at(moment: str, passes: int) -> Checkpoint:
    """Return a checkpoint that ends the process at the N-th pass of a moment."""
    left = passes

    def checkpoint(passed: str) -> None:
        nonlocal left
        if passed != moment:
            return
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return checkpoint


class Hurried(Registry):
    """The adapters, with so many times the calls in the same time.

    A trial is the wear of a day in a minute, at a venue whose limits are as much wider.
    """

    def __init__(self, times: int) -> None:
        super().__init__()
        self._times = times

    def manifest(self, kind: str, adapter: str) -> Manifest:
        found = super().manifest(kind, adapter)
        wider = tuple(
            replace(it, calls=it.calls * self._times, reserve=it.reserve * self._times)
            for it in found.rate_limits
        )
        return replace(found, rate_limits=wider)


async def run(settings_file: Path, checkpoint: Checkpoint, hurry: int) -> None:
    registry = Hurried(hurry)
    settings = load_settings(settings_file, environment={}, registry=registry)
    loop = asyncio.get_running_loop()
    with Logs(settings.desk, settings.masker()):
        async with build_desk(settings, checkpoint=checkpoint, registry=registry) as desk:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, desk.request_stop)
            print("running", flush=True)  # noqa: T201  the parent waits for it
            await desk.stopped()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="torture child")
    parser.add_argument("settings", type=Path)
    parser.add_argument("--die-at", default="", help="MOMENT:N")
    parser.add_argument("--hurry", type=int, default=1, help="times the calls allowed")
    chosen = parser.parse_args(arguments)
    moment, _, passes = chosen.die_at.partition(":")
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    checkpoint = die_at(moment, int(passes)) if moment else pass_by
    asyncio.run(run(chosen.settings, checkpoint, chosen.hurry))


if __name__ == "__main__":
    main()
