"""The journal in files: one owner, one write per append, recovery from a snapshot."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Iterator, Sequence
from pathlib import Path
from typing import Self

from crossdock.adapters.stores.journal.disk import FOLDER_MODE, Disk, short_write, write_all
from crossdock.adapters.stores.journal.format import (
    FIRST,
    HEAD_NAME,
    HEADER_SIZE,
    MAX_PAYLOAD,
    SNAPSHOT,
    Damage,
    Header,
    Mark,
    encode,
    segment_file,
    segment_numbers,
)
from crossdock.adapters.stores.journal.head import HeadFile, read_head, write_head
from crossdock.adapters.stores.journal.lock import FolderLock
from crossdock.adapters.stores.journal.reader import Scan, is_tail, reach
from crossdock.adapters.stores.journal.verify import Healed, check_links, heal
from crossdock.adapters.stores.journal.writer import BatchWriter
from crossdock.errors import JournalError
from crossdock.ports import Durability, JournalEntry


class JournalFiles:
    """A `ports.Journal`. Appended to from one thread, the loop's; see `open`.

    `healed` is the torn tail that opening cut off, if any; `damaged_slots` are places of
    the head that could not be read and were written anew.
    """

    def __init__(
        self,
        folder: Path,
        durability: Durability,
        *,
        disk: Disk,
        lock: FolderLock,
        scan: Scan,
        healed: Healed | None,
        damaged_slots: tuple[int, ...],
    ) -> None:
        self.folder = folder
        self.durability = durability
        self.healed = healed
        self.damaged_slots = damaged_slots
        self._disk = disk
        self._write = disk.write
        self._lock = lock
        self._snapshot = scan.snapshot
        end = scan.end
        self._sequence, self._digest = end.sequence, end.digest
        self._segment, self._offset = end.segment, end.offset
        self._failure: JournalError | None = None
        self._is_closed = False
        file = segment_file(folder, end.segment)
        self._fd = os.open(file, os.O_WRONLY | os.O_APPEND)
        self._head = HeadFile(folder)
        self._stored = end  # power: how far the writer's thread came
        self._writer = BatchWriter(self._store) if durability is Durability.POWER else None

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        durability: Durability = Durability.POWER,
        *,
        create: bool = True,
        disk: Disk | None = None,
    ) -> Self:
        """Own a journal, made if it is not there and `create` allows it.

        Checks the newest segment whole; `verify` checks them all. A tail torn by a crash is
        cut off and kept in a `.torn` file. Raises JournalError when another process owns
        it, when it is damaged, of a newer format, or cannot be read or written.
        """
        folder = Path(path)
        disk = disk or Disk()
        durability = Durability(durability)
        if not create and not segment_numbers(folder):
            raise JournalError(
                f"there is no journal in {folder}",
                code="journal-missing",
                hint="check the path",
            )
        try:
            folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            lock = FolderLock(folder)
        except OSError as error:
            raise _cannot("opened", folder, error) from error
        try:
            _begin(folder, disk)
            scan, healed, damaged = _check(folder, disk)
            return cls(
                folder,
                durability,
                disk=disk,
                lock=lock,
                scan=scan,
                healed=healed,
                damaged_slots=damaged,
            )
        except OSError as error:
            lock.release()
            raise _cannot("opened", folder, error) from error
        except BaseException:
            lock.release()
            raise

    @property
    def writable(self) -> bool:
        return self._failure is None and not self._is_closed

    @property
    def sequence(self) -> int:
        """The sequence of the entry appended last, 0 when there is none."""
        return self._sequence

    @property
    def segment_bytes(self) -> int:
        """The size of the open segment: when to close it is the caller's decision."""
        return self._offset

    @property
    def records_since_snapshot(self) -> int:
        return self._sequence - self._snapshot

    def append(self, payloads: Sequence[bytes]) -> Awaitable[None] | None:
        """Store records; see `ports.Journal`. With no loop running, power waits here."""
        if self._failure is not None or self._is_closed:
            raise self._refusal()
        sequence, digest, frames = self._sequence, self._digest, []
        for payload in payloads:
            if len(payload) > MAX_PAYLOAD:
                raise JournalError(f"a record of {len(payload)} bytes is too large")
            sequence += 1
            frame, digest = encode(sequence, 0, payload, digest)
            frames.append(frame)
        if not frames:
            return None
        data = frames[0] if len(frames) == 1 else b"".join(frames)
        offset = self._offset + len(data)
        try:
            if self._writer is not None:
                self._sequence, self._digest, self._offset = sequence, digest, offset
                return self._hand_over(data, Mark(sequence, self._segment, offset, digest))
            if self._write(self._fd, data) != len(data):
                raise short_write()
            self._head.written(sequence, self._segment, offset, digest)
            self._sequence, self._digest, self._offset = sequence, digest, offset
        except OSError as error:
            raise self._fail(error, self._offset) from error
        except JournalError:
            raise
        except BaseException:
            self._interrupted()
            raise
        return None

    def close_segment(self, snapshot: bytes) -> None:
        """Begin a new segment with a snapshot, once it and the old one are synced.

        The new one is put in place by its name, so a crash leaves all of it or nothing.
        """
        if len(snapshot) > MAX_PAYLOAD:
            raise JournalError(
                f"a snapshot of {len(snapshot)} bytes is too large; the segment stays open"
            )
        self._settle()
        header = Header(self._segment + 1, self._sequence + 1, self._offset, self._digest)
        begin = header.mark()
        frame, digest = encode(header.first_sequence, SNAPSHOT, snapshot, begin.digest)
        file = segment_file(self.folder, header.segment)
        data = header.pack() + frame
        fd = -1
        try:
            self._disk.sync(self._fd)
            fd = _place(file, data, self._disk)
            end = Mark(header.first_sequence, header.segment, len(data), digest)
            self._head.synced(end)
            self._head.flush()
        except OSError as error:
            if fd >= 0:
                os.close(fd)
            raise self._fail(error, self._offset) from error
        except BaseException:
            self._interrupted()
            raise
        os.close(self._fd)
        self._fd = fd
        self._sequence, self._digest = end.sequence, end.digest
        self._segment, self._offset = end.segment, end.offset
        self._stored = end
        self._snapshot = end.sequence

    def recover(self) -> Iterator[JournalEntry]:
        """Yield the newest snapshot, if any, and every record after it.

        Opening checked them; they are checked again, for the disk may have changed.
        """
        if self._writer is not None and not self._is_closed:
            self._writer.drain()
        until = self._sequence if self._writer is None else self._stored.sequence
        if until == 0:
            return
        for entry in Scan(self.folder, start=self._segment).entries():
            yield entry
            if entry.sequence >= until:
                return

    def close(self) -> None:
        """Sync what is written and let go of the journal. May be called twice."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._writer is not None:
            self._writer.stop()
        try:
            if self._failure is None:
                self._disk.sync(self._fd)
                self._head.synced(
                    Mark(self._sequence, self._segment, self._offset, self._digest)
                )
                self._head.flush()
        except OSError as error:
            raise self._fail(error, self._offset) from error
        finally:
            self._head.close()
            os.close(self._fd)
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hand_over(self, data: bytes, end: Mark) -> Awaitable[None] | None:
        assert self._writer is not None
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self._writer.put_and_wait(data, end)
            return None
        return self._writer.put(data, end)

    def _store(self, data: bytes, end: Mark) -> None:
        """Write and sync, in the writer's thread.

        Frames whose sync failed stay: whether they are durable is not known, and what was
        not lost is worth reading. A sync is never tried again: the kernel may have dropped
        the pages the first one could not write.
        """
        try:
            write_all(self._disk, self._fd, data)
        except OSError as error:
            raise self._fail(error, self._stored.offset) from error
        self._stored = end
        try:
            self._disk.sync(self._fd)
            self._head.synced(end)
        except OSError as error:
            raise self._fail(error, end.offset) from error

    def _settle(self) -> None:
        if self._writer is not None and not self._is_closed:
            self._writer.drain()
        if not self.writable:
            raise self._refusal()

    def _fail(self, error: OSError, keep: int) -> JournalError:
        """Stop writing for good; cut what a failed write left, if the disk still can."""
        self._failure = JournalError(
            f"the journal {self.folder} cannot be written: {error.strerror or error}",
            code="journal-failed",
            hint="no new order is taken until the disk is mended and the desk restarted",
        )
        with contextlib.suppress(OSError):
            self._disk.truncate(self._fd, keep)
        return self._failure

    def _interrupted(self) -> None:
        """Stop writing: a signal's exception may fall between a write and its notes."""
        self._failure = JournalError(
            f"a write to the journal {self.folder} was interrupted", code="journal-failed"
        )

    def _refusal(self) -> JournalError:
        if self._failure is None:
            return JournalError(
                f"the journal {self.folder} is closed", code="journal-closed"
            )
        return JournalError(
            self._failure.message, code=self._failure.code, hint=self._failure.hint
        )


def _place(file: Path, data: bytes, disk: Disk) -> int:
    """Put a file in place whole and synced, name included. Returns it open for appending."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    fd = disk.create(fresh)
    try:
        write_all(disk, fd, data)
        disk.sync(fd)
        disk.rename(fresh, file)
        disk.sync_folder(file.parent)
    except OSError:
        os.close(fd)
        raise
    return fd


def _begin(folder: Path, disk: Disk) -> None:
    """Make a new journal, or finish the making that a crash cut short."""
    numbers = segment_numbers(folder)
    has_head = (folder / HEAD_NAME).exists()
    first = segment_file(folder, 1)
    if not numbers and not has_head:
        os.close(_place(first, FIRST.pack(), disk))
    elif has_head or numbers != [1] or first.stat().st_size > HEADER_SIZE:
        return
    write_head(folder, FIRST.mark(), disk)


def _check(folder: Path, disk: Disk) -> tuple[Scan, Healed | None, tuple[int, ...]]:
    check_links(folder)
    heads = read_head(folder)
    head = heads.newest
    healed: Healed | None = None
    scan = Scan(folder, start=head.segment, anchor=head)
    try:
        scan.to_end()
        reach(folder, scan, head)
    except Damage as damage:
        if not is_tail(folder, scan, damage):
            raise
        healed = heal(folder, scan.end, damage, disk)
    end = scan.end
    for leftover in folder.glob("*.new"):
        leftover.unlink()
    fd = os.open(segment_file(folder, end.segment), os.O_WRONLY)
    try:
        disk.sync(fd)  # what a killed owner wrote counts from here on
    finally:
        os.close(fd)
    write_head(folder, end, disk)
    return scan, healed, heads.damaged


def _cannot(what: str, folder: Path, error: OSError) -> JournalError:
    return JournalError(
        f"the journal {folder} cannot be {what}: {error.strerror or error}",
        code="journal-failed",
        hint="check the disk, its free space and who owns the folder",
    )
