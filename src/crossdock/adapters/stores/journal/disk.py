"""The few calls by which bytes reach the disk; handed in, so that a disk can fail."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700


class Disk:
    """The operating system's disk. Every method may raise OSError.

    Segments grow by O_APPEND and are not preallocated. A sync into blocks that exist costs
    about a quarter less, but then a file's size no longer says where the journal ends:
    a missing tail would look like one not written yet.
    """

    write = staticmethod(os.write)
    truncate = staticmethod(os.ftruncate)

    def create(self, file: Path) -> int:
        return os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, FILE_MODE)

    def sync(self, fd: int) -> None:
        """Make a file's bytes and size survive a power cut.

        fdatasync does, on Linux: it leaves out only the times, and flushes the size when it
        grew. On macOS fsync stops at the drive's cache; F_FULLFSYNC empties that too.
        """
        full = getattr(fcntl, "F_FULLFSYNC", None)
        if full is not None:
            with contextlib.suppress(OSError):  # file systems without it refuse the call
                fcntl.fcntl(fd, full)
                return
            os.fsync(fd)
        elif hasattr(os, "fdatasync"):
            os.fdatasync(fd)
        else:
            os.fsync(fd)

    def rename(self, file: Path, target: Path) -> None:
        file.replace(target)

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder survive a power cut."""
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def write_all(disk: Disk, fd: int, data: bytes) -> None:
    """Write in one call. Part of it is a failure: a file takes less only when disks end."""
    if disk.write(fd, data) != len(data):
        raise short_write()


def short_write() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
