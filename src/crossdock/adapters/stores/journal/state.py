"""What adapters must remember over a restart, one small file per key."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote
from zlib import crc32

from crossdock.adapters.stores.journal.disk import FOLDER_MODE, Disk, write_all
from crossdock.errors import JournalError

_MAGIC = b"XDS1"
_PREFIX = len(_MAGIC) + 4


class StateFiles:
    """A `ports.AdapterState`. A value is there whole, old or new, after any crash."""

    def __init__(self, folder: str | os.PathLike[str], *, disk: Disk | None = None) -> None:
        self._folder = Path(folder)
        self._disk = disk or Disk()
        self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)

    def load(self, key: str) -> bytes | None:
        """Return a value, None if there is none. Raises JournalError when it is damaged."""
        file = self._file(key)
        try:
            data = file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _failed("read", key, error) from error
        value = data[_PREFIX:]
        if data[:_PREFIX] != _MAGIC + crc32(value).to_bytes(4, "little"):
            raise JournalError(
                f"the state {key} in {file} is damaged",
                code="state-damaged",
                hint="delete the file; the adapter then begins a new session",
            )
        return value

    def save(self, key: str, value: bytes) -> None:
        """Replace a value, durably. Raises JournalError, the old value then remains."""
        file = self._file(key)
        fresh = file.with_suffix(".new")
        try:
            fresh.unlink(missing_ok=True)
            fd = self._disk.create(fresh)
            try:
                packed = _MAGIC + crc32(value).to_bytes(4, "little") + value
                write_all(self._disk, fd, packed)
                self._disk.sync(fd)
            finally:
                os.close(fd)
            self._disk.rename(fresh, file)
            self._disk.sync_folder(self._folder)
        except OSError as error:
            raise _failed("written", key, error) from error

    def _file(self, key: str) -> Path:
        # The digest keeps apart what a file system would take for one: case, length.
        digest = blake2b(key.encode(), digest_size=8).hexdigest()
        return self._folder / f"{quote(key, safe='')[:80]}-{digest}.state"


def _failed(what: str, key: str, error: OSError) -> JournalError:
    return JournalError(
        f"the state {key} cannot be {what}: {error.strerror or error}",
        code="state-failed",
        hint="check the disk, its free space and who owns the folder",
    )
