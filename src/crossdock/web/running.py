"""Which dashboards run on this machine, for their owner's other programs to find."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crossdock.app.own_folder import open_own, own_folder

_LOCKED = fcntl.LOCK_EX | fcntl.LOCK_NB
_LOOKED = fcntl.LOCK_SH | fcntl.LOCK_NB
_WHOLE, _MAKING = ".json", ".new"
_NAME = re.compile(rf"[0-9a-f]{{16}}({_WHOLE}|{_MAKING})")
# Neither a link is followed, nor is waited for whoever would write into a pipe.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MOST_BYTES = 1 << 16
_MAKING_S = 60.0  # between making a file and locking it, at the very most


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningDashboard:
    """`settings`: the file it was started with, None where there was none.

    `keeps_in`: where its one-time links are, as `keeping_of` names it.
    """

    url: str
    desk: str
    database: Path
    keeps_in: str
    settings: Path | None


@contextlib.contextmanager
def announced(running: RunningDashboard, folder: Path) -> Iterator[None]:
    """Let a dashboard be found in a folder for as long as this lasts.

    Its file is locked, which ends with the process however that ends. Where none can be
    written, or others could write one too, it is not found, and runs all the same.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            own_folder(folder)
            at = open_own(folder)
            stack.callback(os.close, at)
            name = secrets.token_hex(8)
            stack.callback(os.close, _written(running, name, at))
            stack.callback(_remove, name + _WHOLE, at)
        yield


def _written(running: RunningDashboard, name: str, at: int) -> int:
    # Under another name until it is whole and locked: a reader takes the rest for left.
    making = name + _MAKING
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    descriptor = os.open(making, flags, 0o600, dir_fd=at)
    try:
        fcntl.flock(descriptor, _LOCKED)
        told = {
            "url": running.url,
            "desk": running.desk,
            "database": str(running.database),
            "keeps_in": running.keeps_in,
            "settings": str(running.settings) if running.settings else None,
        }
        os.write(descriptor, json.dumps(told).encode())
        os.rename(making, name + _WHOLE, src_dir_fd=at, dst_dir_fd=at)
    except OSError:
        _remove(making, at)
        os.close(descriptor)
        raise
    return descriptor


def _remove(name: str, at: int) -> None:
    with contextlib.suppress(OSError):
        os.unlink(name, dir_fd=at)


def running_dashboards(folder: Path) -> list[RunningDashboard]:
    """Return those that run, by desk and address. What a killed one left is removed.

    Nothing is believed, or removed, in a folder that is not this user's alone.
    """
    with contextlib.ExitStack() as stack:
        try:
            at = open_own(folder)
        except OSError:
            return []
        stack.callback(os.close, at)
        names = [name for name in os.listdir(at) if _NAME.fullmatch(name)]  # noqa: PTH208  what is open
        found = [each for name in names if (each := _read(name, at)) is not None]
    return sorted(found, key=lambda each: (each.desk, each.url))


def _read(name: str, at: int) -> RunningDashboard | None:
    with contextlib.ExitStack() as stack:
        try:
            descriptor = os.open(name, _READ, dir_fd=at)
        except OSError:
            return None
        stack.callback(os.close, descriptor)
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            return None
        try:
            fcntl.flock(descriptor, _LOOKED)
        except OSError:
            if name.endswith(_WHOLE):
                return _told(os.read(descriptor, _MOST_BYTES))
        else:
            if name.endswith(_WHOLE) or time.time() - found.st_mtime > _MAKING_S:
                _remove(name, at)
    return None


def _told(line: bytes) -> RunningDashboard | None:
    """Return what a dashboard wrote; None for what another version's may have been."""
    try:
        told = json.loads(line)
        return RunningDashboard(
            url=str(told["url"]),
            desk=str(told["desk"]),
            database=Path(told["database"]),
            keeps_in=str(told["keeps_in"]),
            settings=Path(told["settings"]) if told["settings"] else None,
        )
    except (ValueError, KeyError, TypeError):
        return None
