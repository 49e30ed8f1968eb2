"""The head: where the journal ends, kept outside of it, so that a missing tail shows.

One file of two pairs of slots: `written` (handed to the kernel) and `synced` (survives a
power cut). The slots of a pair take turns, so an update that was torn leaves the one
before it. A slot fills a sector of its own:

    4s magic, u64 sequence, u64 segment, u64 offset, 32s digest, u32 crc32, zeros to 512
"""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from zlib import crc32

from crossdock.adapters.stores.journal.disk import Disk, write_all
from crossdock.adapters.stores.journal.format import HEAD_NAME, Damage, Mark

_MAGIC = b"XDH1"
_SLOT = Struct("<4sQQQ32s")
_CRC = Struct("<I")
_SLOT_AND_CRC = Struct("<4sQQQ32sI")
_USED = _SLOT_AND_CRC.size
_SECTOR = 512
_PADDING = bytes(_SECTOR - _USED)
_WRITTEN = (0, _SECTOR)
_SYNCED = (2 * _SECTOR, 3 * _SECTOR)
SIZE = 4 * _SECTOR


@dataclass(frozen=True, slots=True)
class Heads:
    """What the head file says. `damaged` are the offsets of slots that do not read."""

    written: Mark
    synced: Mark
    damaged: tuple[int, ...]

    @property
    def newest(self) -> Mark:
        return max(self.written, self.synced, key=_sequence)


class HeadFile:
    """The head, mapped into memory: an update costs no system call."""

    def __init__(self, folder: Path) -> None:
        fd = os.open(folder / HEAD_NAME, os.O_RDWR)
        try:
            self._map = mmap.mmap(fd, SIZE)
        finally:
            os.close(fd)
        self._written = 0
        self._synced = 0

    def written(self, sequence: int, segment: int, offset: int, digest: bytes) -> None:
        self._written ^= 1
        self._put(_WRITTEN[self._written], sequence, segment, offset, digest)

    def synced(self, mark: Mark) -> None:
        """Move both pairs to a mark that survives a power cut."""
        self._synced ^= 1
        at = _SYNCED[self._synced]
        self._put(at, mark.sequence, mark.segment, mark.offset, mark.digest)
        self.written(mark.sequence, mark.segment, mark.offset, mark.digest)

    def flush(self) -> None:
        self._map.flush()

    def close(self) -> None:
        self._map.close()

    def _put(
        self, at: int, sequence: int, segment: int, offset: int, digest: bytes
    ) -> None:
        crc = crc32(_SLOT.pack(_MAGIC, sequence, segment, offset, digest))
        _SLOT_AND_CRC.pack_into(
            self._map, at, _MAGIC, sequence, segment, offset, digest, crc
        )


def write_head(folder: Path, mark: Mark, disk: Disk | None = None) -> None:
    """Put a head in place whole, all slots alike, synced and its name too.

    Its blocks are written, not left as a hole: a full disk would otherwise be met inside
    the memory map, as a signal that ends the process.
    """
    disk = disk or Disk()
    packed = _SLOT.pack(_MAGIC, mark.sequence, mark.segment, mark.offset, mark.digest)
    slot = packed + _CRC.pack(crc32(packed)) + _PADDING
    fresh = folder / f"{HEAD_NAME}.new"
    fresh.unlink(missing_ok=True)
    fd = disk.create(fresh)
    try:
        write_all(disk, fd, slot * 4)
        disk.sync(fd)
    finally:
        os.close(fd)
    disk.rename(fresh, folder / HEAD_NAME)
    disk.sync_folder(folder)


def read_head(folder: Path) -> Heads:
    """Read the head, also while its owner updates it. Raises Damage."""
    file = folder / HEAD_NAME
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise Damage("the head is missing", file=file, offset=0, sequence=0) from None
    if len(data) != SIZE:
        raise Damage(
            f"the head has {len(data)} bytes in place of {SIZE}",
            file=file,
            offset=min(len(data), SIZE),
            sequence=0,
        )
    slots = {at: _slot(data[at : at + _SECTOR]) for at in (*_WRITTEN, *_SYNCED)}
    pairs = []
    for pair in (_WRITTEN, _SYNCED):
        marks = [mark for at in pair if (mark := slots[at]) is not None]
        if not marks:
            raise Damage(
                "neither slot of the head can be read",
                file=file,
                offset=pair[0],
                sequence=0,
            )
        pairs.append(max(marks, key=_sequence))
    damaged = tuple(at for at, mark in slots.items() if mark is None)
    return Heads(pairs[0], pairs[1], damaged)


def _slot(data: bytes) -> Mark | None:
    (crc,) = _CRC.unpack_from(data, _SLOT.size)
    if crc != crc32(data[: _SLOT.size]) or data[_USED:] != _PADDING:
        return None
    magic, sequence, segment, offset, digest = _SLOT.unpack_from(data)
    return Mark(sequence, segment, offset, digest) if magic == _MAGIC else None


def _sequence(mark: Mark) -> int:
    return mark.sequence
