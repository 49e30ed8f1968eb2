"""Reading: every frame is checked, in order, from the start of a segment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import astuple
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from crossdock.adapters.stores.journal.format import (
    CRC,
    DIGEST_SIZE,
    FIELDS,
    FIRST,
    HEADER_SIZE,
    MAX_PAYLOAD,
    OVERHEAD,
    SNAPSHOT,
    Damage,
    Header,
    Mark,
    segment_file,
    segment_numbers,
    unpack_header,
)
from crossdock.adapters.stores.journal.head import read_head
from crossdock.errors import JournalError
from crossdock.ports import JournalEntry

_CHUNK = 1 << 20


class Scan:
    """A walk over the frames from a segment to the last. `end` is the last good place.

    `anchor` is what the head says: the walk raises Damage when it passes that sequence
    elsewhere or with another digest; `met` tells that it passed it as it should be.
    `snapshot` is the sequence of the newest snapshot.
    """

    def __init__(self, folder: Path, *, start: int = 1, anchor: Mark | None = None) -> None:
        self._folder = folder
        self._anchor = anchor
        self._start = start
        self.snapshot = 0
        self.segments = 0
        self.met = False
        self._place = astuple(FIRST.mark())

    @property
    def end(self) -> Mark:
        return Mark(*self._place)

    def entries(self) -> Iterator[JournalEntry]:
        """Yield each entry. Raises Damage at the first bad place."""
        for sequence, flags, payload, digest in self.frames():
            yield JournalEntry(
                sequence=sequence,
                payload=payload,
                digest=digest,
                is_snapshot=flags == SNAPSHOT,
            )

    def to_end(self) -> Mark:
        """Check everything and return where it ends. Raises Damage at the first bad place."""
        for _ in self.frames():
            pass
        return self.end

    def frames(self) -> Iterator[tuple[int, int, bytes, bytes]]:
        """Yield (sequence, flags, payload, digest)."""
        number = self._start
        while True:
            file = segment_file(self._folder, number)
            try:
                opened = file.open("rb", buffering=0)
            except FileNotFoundError:
                raise Damage(
                    "the segment is missing", file=file, offset=0, sequence=0
                ) from None
            with opened:
                header = self._header(opened, file, number)
                self.segments += 1
                self._place = astuple(header.mark())
                if self._anchor and self._anchor.segment == number:
                    self._compare(file)
                yield from self._segment(opened, file, number)
            number += 1
            if not segment_file(self._folder, number).exists():
                return

    def _header(self, opened: BinaryIO, file: Path, number: int) -> Header:
        header = unpack_header(opened.read(HEADER_SIZE), file)
        last = self.end if self.segments else None
        if header.segment != number or (
            last is not None
            and (header.first_sequence, header.previous_size, header.previous_digest)
            != (last.sequence + 1, last.offset, last.digest)
        ):
            raise Damage(
                "the segment does not continue the one before it",
                file=file,
                offset=0,
                sequence=header.first_sequence,
            )
        return header

    def _segment(
        self, opened: BinaryIO, file: Path, number: int
    ) -> Iterator[tuple[int, int, bytes, bytes]]:
        sequence, _, _, digest = self._place
        anchored = self._anchor.sequence if self._anchor else -1
        unpack, unpack_crc, fields = FIELDS.unpack_from, CRC.unpack_from, FIELDS.size
        data, at, base = b"", 0, HEADER_SIZE
        needed = fields
        what = ""
        is_closed = False
        while True:
            left = os.fstat(opened.fileno()).st_size - base - len(data)
            more = opened.read(min(max(_CHUNK, needed), left)) if left > 0 else b""
            if not more:
                # The owner may have written and closed this segment since the last read.
                if not is_closed and segment_file(self._folder, number + 1).exists():
                    is_closed = True
                    continue
                if at < len(data):
                    what = "the last entry is cut short"
                    break
                return
            data, base, at = data[at:] + more, base + at, 0
            end = len(data)
            while end - at >= fields:
                length, found, flags = unpack(data, at)
                if length > MAX_PAYLOAD:
                    what = f"a length of {length} bytes cannot be"
                    break
                needed = OVERHEAD + length
                if end - at < needed:
                    break
                stop = at + fields + length
                body = data[at:stop]
                if unpack_crc(data, stop)[0] != crc32(body):
                    what = "the checksum differs"
                    break
                if found != sequence + 1:
                    what = f"entry {found} stands here"
                    break
                if flags > SNAPSHOT or (flags == SNAPSHOT) != (
                    base + at == HEADER_SIZE and number > 1
                ):
                    what = f"flags {flags} cannot be here"
                    break
                following = blake2b(digest + body, digest_size=DIGEST_SIZE).digest()
                stop += CRC.size
                at += needed
                if data[stop:at] != following:
                    at -= needed
                    what = "the hash chain is broken"
                    break
                sequence, digest = found, following
                self._place = (sequence, number, base + at, digest)
                if flags:
                    self.snapshot = sequence
                if sequence == anchored:
                    self._compare(file)
                yield sequence, flags, body[fields:], digest
                needed = fields
            if what:
                break
        raise Damage(what, file=file, offset=base + at, sequence=sequence + 1)

    def _compare(self, file: Path) -> None:
        anchor, end = self._anchor, self.end
        if anchor and anchor.sequence == end.sequence:
            if anchor != end:
                raise Damage(
                    f"the head says that entry {end.sequence} is another one",
                    file=file,
                    offset=end.offset,
                    sequence=end.sequence,
                )
            self.met = True


def read(
    path: str | os.PathLike[str], *, from_snapshot: bool = False
) -> Iterator[JournalEntry]:
    """Yield the entries, also while a desk appends. Takes no lock, changes nothing.

    What follows the head and is not whole is a write under way, and ends the reading.
    Raises JournalError for damage before the head, and for a tail that is missing.
    """
    folder = Path(path)
    require(folder)
    head = read_head(folder).newest
    scan = Scan(folder, start=head.segment if from_snapshot else 1, anchor=head)
    try:
        yield from scan.entries()
    except Damage as damage:
        if not is_tail(folder, scan, damage):
            raise
    reach(folder, scan, head)


def require(folder: Path) -> None:
    if not segment_numbers(folder):
        raise JournalError(
            f"there is no journal in {folder}",
            code="journal-missing",
            hint="check the path",
        )


def is_tail(folder: Path, scan: Scan, damage: Damage) -> bool:
    """Tell whether damage is what a crash leaves: beyond the head, in the last segment."""
    last = segment_file(folder, segment_numbers(folder)[-1])
    return scan.met and damage.file == last and damage.offset >= HEADER_SIZE


def reach(folder: Path, scan: Scan, head: Mark) -> None:
    """Raise Damage when a walk ended before the head, or never passed it."""
    end = scan.end
    if not scan.met:
        raise Damage(
            f"the journal ends at entry {end.sequence} but the head says "
            f"{head.sequence} in segment {head.segment}",
            file=segment_file(folder, end.segment),
            offset=end.offset,
            sequence=end.sequence + 1,
        )
