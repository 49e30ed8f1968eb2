"""One owner per folder, for as long as its process lives."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from crossdock.adapters.stores.journal.disk import FILE_MODE
from crossdock.adapters.stores.journal.format import LOCK_NAME
from crossdock.errors import JournalError


class FolderLock:
    """An exclusive flock. The kernel frees it with the process, so it never goes stale.

    The file is never deleted: whoever waits on a deleted one would own nothing. A forked
    child shares the lock and keeps it after its parent; one started by exec does not.
    """

    def __init__(self, folder: Path) -> None:
        file = folder / LOCK_NAME
        self._fd = os.open(file, os.O_RDWR | os.O_CREAT, FILE_MODE)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._fd)
            if not isinstance(error, BlockingIOError):
                raise JournalError(f"{file} cannot be locked: {error.strerror}") from error
            raise JournalError(
                f"the journal {folder} is in use by {_owner(file)}",
                code="journal-locked",
                hint="stop that process, or give this desk another journal path",
            ) from None
        owner = {"pid": os.getpid(), "since": datetime.now(UTC).isoformat("T", "seconds")}
        with contextlib.suppress(OSError):  # a full disk: the lock holds without the note
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, json.dumps(owner).encode(), 0)

    def release(self) -> None:
        if self._fd >= 0:
            with contextlib.suppress(OSError):  # nobody owns it: equal journals are equal
                os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = -1


def _owner(file: Path) -> str:
    try:
        owner = json.loads(file.read_bytes())
        return f"process {int(owner['pid'])} since {owner['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
