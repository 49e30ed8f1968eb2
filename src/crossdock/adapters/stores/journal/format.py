"""Format 1 of the journal, byte for byte. Integers are little-endian.

A journal is a folder: segments `00000001.segment`, `00000002.segment`, …, the `head`
(see `head.py`) and the `lock`.

A segment is a header and then frames, without padding:

    header   8s magic, u16 format, u16 zero, u32 segment number, u64 first sequence,
             u64 size of the previous segment, 32s digest at its end, u32 crc32 of these
    frame    u32 payload length, u64 sequence, u8 flags (1: snapshot), payload,
             u32 crc32 of these, 32s digest

The crc finds the place of damage. The digest proves the order: blake2b of the previous
digest, the frame's first fields and its payload; a segment's first frame takes the digest
of the header in place of a previous one. From segment 2 on, the first frame is a snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from struct import Struct
from zlib import crc32

from crossdock.errors import JournalError

FORMAT = 1
MAGIC = b"XDOCKJNL"
DIGEST_SIZE = 32
NO_DIGEST = bytes(DIGEST_SIZE)
SNAPSHOT = 1
MAX_PAYLOAD = 1 << 28  # longer lengths are damage, not records
SUFFIX = ".segment"
HEAD_NAME = "head"
LOCK_NAME = "lock"

FIELDS = Struct("<IQB")
CRC = Struct("<I")
OVERHEAD = FIELDS.size + CRC.size + DIGEST_SIZE

_HEADER = Struct("<8sHHIQQ32s")
HEADER_SIZE = _HEADER.size + CRC.size
_VERSION = Struct("<8sH")


class Damage(JournalError):
    """Bytes that are not what was written. `offset` is where good bytes end."""

    default_code = "journal-damaged"

    def __init__(
        self, what: str, *, file: Path, offset: int, sequence: int, hint: str = ""
    ) -> None:
        self.what = what
        self.file = file
        self.offset = offset
        self.sequence = sequence
        super().__init__(
            f"{file}: at byte {offset}, entry {sequence}: {what}",
            hint=hint
            or "keep a copy of the folder; then restore a backup, or salvage what is "
            "whole into a new journal and reconcile with the venues",
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """The end of a frame: where it is, and what the chain is up to there."""

    sequence: int
    segment: int
    offset: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """What a segment says of itself and of the one before."""

    segment: int
    first_sequence: int
    previous_size: int
    previous_digest: bytes

    def pack(self) -> bytes:
        packed = _HEADER.pack(
            MAGIC,
            FORMAT,
            0,
            self.segment,
            self.first_sequence,
            self.previous_size,
            self.previous_digest,
        )
        return packed + CRC.pack(crc32(packed))

    def mark(self) -> Mark:
        """Return where the first frame begins and what it is chained to."""
        digest = blake2b(self.pack(), digest_size=DIGEST_SIZE).digest()
        return Mark(self.first_sequence - 1, self.segment, HEADER_SIZE, digest)


FIRST = Header(1, 1, 0, NO_DIGEST)


def segment_file(folder: Path, number: int) -> Path:
    return folder / f"{number:08d}{SUFFIX}"


def segment_numbers(folder: Path) -> list[int]:
    """Return the numbers of the segments that are there, rising."""
    names = (each.stem for each in folder.glob(f"*{SUFFIX}"))
    return sorted(int(name) for name in names if name.isdecimal())


def unpack_header(data: bytes, file: Path) -> Header:
    """Read a header. Raises Damage, or JournalError when the format is a newer one."""
    if len(data) >= _VERSION.size:
        magic, version = _VERSION.unpack_from(data)
        if magic == MAGIC and version > FORMAT:
            raise JournalError(
                f"{file} has format {version}; this version reads up to format {FORMAT}",
                code="journal-newer",
                hint="use the version of Crossdock that wrote it, or a later one",
            )
    if len(data) < HEADER_SIZE:
        raise Damage("the header is cut short", file=file, offset=0, sequence=0)
    (crc,) = CRC.unpack_from(data, _HEADER.size)
    if crc != crc32(data[: _HEADER.size]):
        raise Damage("the header's checksum differs", file=file, offset=0, sequence=0)
    magic, version, _, number, first, size, digest = _HEADER.unpack_from(data)
    if magic != MAGIC or version != FORMAT:
        raise Damage("this is no journal segment", file=file, offset=0, sequence=0)
    return Header(number, first, size, digest)


def encode(
    sequence: int, flags: int, payload: bytes, previous: bytes
) -> tuple[bytes, bytes]:
    """Return a frame and its digest."""
    body = FIELDS.pack(len(payload), sequence, flags) + payload
    digest = blake2b(previous + body, digest_size=DIGEST_SIZE).digest()
    return body + CRC.pack(crc32(body)) + digest, digest
