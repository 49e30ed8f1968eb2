"""Is a journal whole? And the one repair that needs no person: a tail torn by a crash."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from crossdock.adapters.stores.journal.disk import Disk, write_all
from crossdock.adapters.stores.journal.format import (
    HEADER_SIZE,
    Damage,
    Mark,
    segment_file,
    segment_numbers,
    unpack_header,
)
from crossdock.adapters.stores.journal.head import Heads, read_head
from crossdock.adapters.stores.journal.reader import Scan, is_tail, reach, require
from crossdock.errors import JournalError


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a check found. `end` is the last good place, `bad` the first that is not.

    `tail_bytes` follow the head and are not whole: a write under way, or torn by a crash
    and healed at the next open. `damaged_slots` of the head do not read, but a twin does.
    """

    segments: int
    entries: int
    end: Mark
    head: Mark | None
    synced: Mark | None
    bad: JournalError | None = None
    tail_bytes: int = 0
    damaged_slots: tuple[int, ...] = ()

    @property
    def whole(self) -> bool:
        return self.bad is None and not self.damaged_slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Healed:
    """A torn tail that was cut off at open. Its bytes are in `kept`."""

    file: Path
    offset: int
    size: int
    kept: Path
    what: str


def verify(path: str | os.PathLike[str]) -> Report:
    """Check every byte of every segment, and the head. Changes nothing, takes no lock."""
    folder = Path(path)
    require(folder)
    heads: Heads | None = None
    bad: JournalError | None = None
    try:
        heads = read_head(folder)
    except Damage as damage:
        bad = damage
    head = heads.newest if heads else None
    scan = Scan(folder, anchor=head)
    entries = tail = 0
    try:
        for _ in scan.frames():
            entries += 1
        if head:
            reach(folder, scan, head)
    except JournalError as error:
        if isinstance(error, Damage) and is_tail(folder, scan, error):
            tail = error.file.stat().st_size - error.offset
        else:
            bad = error
    return Report(
        segments=scan.segments,
        entries=entries,
        end=scan.end,
        head=head,
        synced=heads.synced if heads else None,
        bad=bad,
        tail_bytes=tail,
        damaged_slots=heads.damaged if heads else (),
    )


def check_links(folder: Path) -> None:
    """Check that segments are all there, by their headers and sizes alone.

    Raises Damage, or JournalError for a segment of a newer format.
    """
    numbers = segment_numbers(folder)
    for number, expected in zip(numbers, range(1, len(numbers) + 1), strict=True):
        file = segment_file(folder, expected)
        if number != expected:
            raise Damage("the segment is missing", file=file, offset=0, sequence=0)
        with file.open("rb") as opened:
            header = unpack_header(opened.read(HEADER_SIZE), file)
        if expected == 1:
            continue
        before = segment_file(folder, expected - 1)
        if (size := before.stat().st_size) != header.previous_size:
            raise Damage(
                f"the segment has {size} bytes but had {header.previous_size} when closed",
                file=before,
                offset=min(size, header.previous_size),
                sequence=header.first_sequence - 1,
            )


def heal(folder: Path, end: Mark, damage: Damage, disk: Disk) -> Healed:
    """Cut a segment at its last good place; what is cut off is kept beside it first."""
    file = segment_file(folder, end.segment)
    with file.open("rb") as opened:
        opened.seek(end.offset)
        cut = opened.read()
    kept = _unused(file, end.offset)
    fd = disk.create(kept)
    try:
        write_all(disk, fd, cut)
        disk.sync(fd)
    finally:
        os.close(fd)
    disk.sync_folder(folder)
    fd = os.open(file, os.O_WRONLY)
    try:
        disk.truncate(fd, end.offset)
        disk.sync(fd)
    finally:
        os.close(fd)
    return Healed(file=file, offset=end.offset, size=len(cut), kept=kept, what=damage.what)


def _unused(file: Path, offset: int) -> Path:
    count = 0
    while (kept := file.with_name(f"{file.stem}-{offset}-{count}.torn")).exists():
        count += 1
    return kept
