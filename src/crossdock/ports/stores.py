"""Where state is kept: the journal (the truth) and projections of it (for queries)."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Durability(StrEnum):
    """What an appended record survives.

    power      a power cut: `append` completes after fsync. Default for live money.
    process    SIGKILL: handed to the kernel before `append` returns. Default otherwise.
    """

    POWER = "power"
    PROCESS = "process"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One record as stored. `digest` chains it to every record before it."""

    sequence: int  # from 1, gap-free over the life of the journal
    payload: bytes
    digest: bytes
    is_snapshot: bool = False


class Journal(Protocol):
    """An append-only, hash-chained log with one owner. Payloads are opaque to it."""

    @property
    def writable(self) -> bool:
        """Tell whether the last write worked. A journal that failed refuses appends."""

    def append(self, payloads: Sequence[bytes]) -> Awaitable[None] | None:
        """Store records, in order, as one write.

        None: already as durable as the setting asks. Otherwise await before acting on
        them; awaiting raises JournalError when they could not be made durable.
        Raises JournalError at once when nothing can be written.
        """

    def close_segment(self, snapshot: bytes) -> None:
        """End the segment with a snapshot of the state; recovery begins from it."""

    @property
    def records_since_snapshot(self) -> int: ...

    def recover(self) -> Iterator[JournalEntry]:
        """Yield the newest snapshot, if any, and every record after it."""

    def close(self) -> None: ...


Row = Mapping[str, str | int | None]


class Projection(Protocol):
    """Rows for queries, rebuilt from the journal at will."""

    def position(self) -> int:
        """Return the journal sequence applied last, 0 when empty."""

    def upsert(self, rows: Sequence[tuple[str, Row]], position: int) -> None:
        """Write (table, row) pairs and the new position in one transaction."""

    def query(self, table: str, where: Row | None = None, limit: int = 100) -> list[Row]:
        """Return rows, newest first."""

    def clear(self) -> None: ...
    def close(self) -> None: ...


class AdapterState(Protocol):
    """What must outlive a restart on the adapter's side: sequence numbers, nonces, tokens."""

    def load(self, key: str) -> bytes | None: ...
    def save(self, key: str, value: bytes) -> None: ...
