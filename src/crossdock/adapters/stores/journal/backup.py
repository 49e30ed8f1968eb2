"""Copies of a journal: taken while a desk runs, brought back, or what is left of one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp

from crossdock.adapters.stores.journal.disk import Disk, write_all
from crossdock.adapters.stores.journal.format import Damage, Mark, segment_file
from crossdock.adapters.stores.journal.head import read_head, write_head
from crossdock.adapters.stores.journal.reader import require
from crossdock.adapters.stores.journal.verify import Report, verify
from crossdock.errors import JournalError

_CHUNK = 1 << 20


def backup(path: str | os.PathLike[str], target: str | os.PathLike[str]) -> Report:
    """Copy everything up to the head, check the copy and return its report.

    The desk may go on appending. The target appears whole or not at all. Raises
    JournalError when it exists already, or when the copy is not whole.
    """
    source = Path(path)
    require(source)
    return _copy(source, Path(target), read_head(source).newest)


def restore(path: str | os.PathLike[str], target: str | os.PathLike[str]) -> Report:
    """Make a journal from a backup. Raises JournalError rather than overwrite one.

    What happened after the backup is not in it: the desk asks the venues at its next start.
    """
    report = verify(path)
    if report.bad:
        raise report.bad
    return _copy(Path(path), Path(target), report.end)


def salvage(path: str | os.PathLike[str], target: str | os.PathLike[str]) -> Report:
    """Make a new journal from what precedes the first bad place. The old one is untouched.

    Returns the report on the old one: `bad` says what is wrong, `end` what was saved.
    """
    report = verify(path)
    if report.bad and not (report.segments and isinstance(report.bad, Damage)):
        raise report.bad
    _copy(Path(path), Path(target), report.end)
    return report


def _copy(source: Path, target: Path, end: Mark) -> Report:
    if target.exists():
        raise JournalError(
            f"{target} exists already and is not overwritten",
            code="journal-exists",
            hint="name a folder that does not exist",
        )
    disk = Disk()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(mkdtemp(prefix=f"{target.name}.", dir=target.parent))
        try:
            for number in range(1, end.segment + 1):
                size = end.offset if number == end.segment else None
                _copy_file(segment_file(source, number), partial, size, disk)
            write_head(partial, end, disk)
            report = verify(partial)
            if report.bad or report.end != end:
                raise report.bad or JournalError(f"{source} changed while it was copied")
            disk.rename(partial, target)
            disk.sync_folder(target.parent)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise JournalError(
            f"{source} cannot be copied to {target}: {error.strerror or error}",
            code="journal-copy-failed",
        ) from error
    return report


def _copy_file(file: Path, folder: Path, size: int | None, disk: Disk) -> None:
    fd = disk.create(folder / file.name)
    try:
        with file.open("rb") as opened:
            left = size
            while data := opened.read(_CHUNK if left is None else min(_CHUNK, left)):
                write_all(disk, fd, data)
                left = left if left is None else left - len(data)
        disk.sync(fd)
    finally:
        os.close(fd)
