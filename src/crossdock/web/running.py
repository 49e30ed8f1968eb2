"""Which dashboards run on this machine, for their owner's other programs to find."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

_LOCKED = fcntl.LOCK_EX | fcntl.LOCK_NB
_LOOKED = fcntl.LOCK_SH | fcntl.LOCK_NB


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningDashboard:
    """`settings`: the file it was started with, None where there was none."""

    url: str
    desk: str
    database: Path
    settings: Path | None


@contextlib.contextmanager
def announced(running: RunningDashboard, folder: Path) -> Iterator[None]:
    """Let a dashboard be found in a folder for as long as this lasts.

    Its file is locked, which ends with the process however that ends. Where no file can be
    written it is not found, and runs all the same.
    """
    file = folder / f"{secrets.token_hex(8)}.json"
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            stack.enter_context(_written(running, file))
            stack.callback(file.unlink, missing_ok=True)
        yield


def _written(running: RunningDashboard, file: Path) -> TextIO:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Under another name until it is whole and locked: a reader takes the rest for left.
    making = file.with_suffix(".new")
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    opened = os.fdopen(descriptor, "w", encoding="utf-8")
    try:
        fcntl.flock(opened, _LOCKED)
        told = {
            "url": running.url,
            "desk": running.desk,
            "database": str(running.database),
            "settings": str(running.settings) if running.settings else None,
        }
        json.dump(told, opened)
        opened.flush()
        making.rename(file)
    except OSError:
        making.unlink(missing_ok=True)
        opened.close()
        raise
    return opened


def running_dashboards(folder: Path) -> list[RunningDashboard]:
    """Return those that run, by desk and address. What a killed one left is removed."""
    found = [each for file in folder.glob("*.json") if (each := _read(file)) is not None]
    return sorted(found, key=lambda each: (each.desk, each.url))


def _read(file: Path) -> RunningDashboard | None:
    with contextlib.suppress(OSError), file.open(encoding="utf-8") as opened:
        try:
            fcntl.flock(opened, _LOOKED)
        except BlockingIOError:
            told = json.load(opened)
            return RunningDashboard(
                url=told["url"],
                desk=told["desk"],
                database=Path(told["database"]),
                settings=Path(told["settings"]) if told["settings"] else None,
            )
        file.unlink()
    return None
