"""A power cut, played on a journal whose owner was killed."""

from __future__ import annotations

import os
from pathlib import Path

from crossdock.adapters.stores.journal.format import Mark, segment_file, segment_numbers
from crossdock.adapters.stores.journal.head import read_head, write_head
from crossdock.adapters.stores.journal.lock import FolderLock


def lose_unsynced(path: str | os.PathLike[str], *, keep_bytes: int = 0) -> Mark:
    """Take away what no sync has made durable. Returns the place that was left.

    `keep_bytes` of the lost tail stay, as a disk may have written part of it. The head
    falls back too: its pages were as little synced as the tail. Raises JournalError while
    the journal has an owner.
    """
    folder = Path(path)
    lock = FolderLock(folder)
    try:
        synced = read_head(folder).synced
        for number in segment_numbers(folder):
            file = segment_file(folder, number)
            if number > synced.segment:
                file.unlink()
            elif number == synced.segment:
                os.truncate(file, min(file.stat().st_size, synced.offset + keep_bytes))
        write_head(folder, synced)
    finally:
        lock.release()
    return synced
