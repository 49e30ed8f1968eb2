"""A journal and a projection in memory: a replay needs the first's hash only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from crossdock.ports import Journal, JournalEntry, Row


class HashedJournal:
    """Implements `ports.Journal`: hashes every record, and passes it on if told where to.

    The hash is SHA-256 over each payload behind its length (four bytes, big-endian).
    """

    writable = True
    records_since_snapshot = 0  # so that nobody closes a segment

    def __init__(self, also: Journal | None = None) -> None:
        self.records = 0
        self._hash = hashlib.sha256()
        self._also = also

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def append(self, payloads: Sequence[bytes]) -> None:
        update = self._hash.update
        for payload in payloads:
            update(len(payload).to_bytes(4, "big") + payload)
        self.records += len(payloads)
        if self._also is not None:
            self._also.append(payloads)

    def close_segment(self, snapshot: bytes) -> None:
        self.append([snapshot])

    def recover(self) -> Iterator[JournalEntry]:
        return iter(())

    def close(self) -> None:
        if self._also is not None:
            self._also.close()


class NoProjection:
    """Implements `ports.Projection` for a desk that nobody queries."""

    def __init__(self) -> None:
        self._position = 0

    def position(self) -> int:
        return self._position

    def upsert(self, rows: Sequence[tuple[str, Row]], position: int) -> None:
        self._position = position

    def query(self, table: str, where: Row | None = None, limit: int = 100) -> list[Row]:
        return []

    def clear(self) -> None:
        self._position = 0

    def close(self) -> None: ...
