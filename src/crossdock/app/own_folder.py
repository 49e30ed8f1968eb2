"""Folders of this user that nobody else can put a file into: what stands in one is believed."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


class NotOwn(PermissionError):
    """`strerror` tells of the folder why it is not this user's alone."""


def own_folder(folder: Path, me: int | None = None) -> None:
    """Make a folder for its owner only where there is none. Raises NotOwn, or an OSError.

    None is made in another user's folder, whose programs could not use it.
    """
    me = os.geteuid() if me is None else me
    if not folder.exists():
        if (other := stranger_of(folder, me)) is not None:
            raise NotOwn(errno.EACCES, f"would be made in a folder of user {other}", folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(open_own(folder, me))


def open_own(folder: Path, me: int | None = None) -> int:
    """Return a descriptor of a folder, for its files to be opened by. Raises as `own_folder`.

    A path may be led elsewhere after it was looked at; what is open stays what it is.
    """
    me = os.geteuid() if me is None else me
    if folder.lstat().st_uid != me:
        raise NotOwn(errno.EACCES, "belongs to another user", folder)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    found = os.fstat(descriptor)
    words = ""
    if found.st_uid != me:
        words = "belongs to another user"
    elif found.st_mode & 0o022:
        words = "can be written by others"
    if words:
        os.close(descriptor)
        raise NotOwn(errno.EACCES, words, folder)
    return descriptor


def stranger_of(path: Path, me: int) -> int | None:
    """Return the other user in whose folder something new would be left; None: nobody's.

    Folders of the system, and those for everybody as /tmp is, are nobody's.
    """
    for folder in path.absolute().parents:
        try:
            found = folder.stat()
        except FileNotFoundError:
            continue
        is_shared = found.st_uid == 0 or found.st_mode & stat.S_ISVTX
        return None if found.st_uid == me or is_shared else found.st_uid
    return None
