"""The journal in a person's hands: checked, shown, exported, copied, brought back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossdock.app.journal_tools import export_lines, tool
from crossdock.app.registry import Registry
from crossdock.core.projection import describe
from crossdock.errors import JournalError
from crossdock.ports import JournalEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEntry:
    sequence: int
    at: int
    record: str
    words: str


class JournalTools:
    """Works on a journal's folder, also while a desk appends to it. Takes no lock."""

    def __init__(self, folder: Path, registry: Registry | None = None) -> None:
        self.folder = folder
        self._registry = registry or Registry()

    def _tool(self, module: str) -> Any:
        return tool(module, self._registry)

    def read(self, *, from_snapshot: bool = False) -> Iterator[JournalEntry]:
        """Yield the entries. Raises JournalError at damage, and when there is none."""
        try:
            yield from self._tool("reader").read(self.folder, from_snapshot=from_snapshot)
        except OSError as error:
            raise _unreadable(self.folder, error) from error

    def verify(self) -> dict[str, Any]:
        """Check every byte. `whole` tells the verdict, `bad` the first bad place."""
        try:
            return _plain(self._tool("verify").verify(self.folder))
        except OSError as error:
            raise _unreadable(self.folder, error) from error

    def backup(self, target: Path) -> dict[str, Any]:
        """Copy the journal to a folder that does not exist yet, and check the copy."""
        return _plain(self._tool("backup").backup(self.folder, target))

    def restore(self, source: Path) -> dict[str, Any]:
        """Make this journal from a backup. Raises JournalError rather than overwrite one."""
        return _plain(self._tool("backup").restore(source, self.folder))

    def salvage(self, target: Path) -> dict[str, Any]:
        """Copy what precedes the damage to a new folder; this journal stays as it is."""
        return _plain(self._tool("backup").salvage(self.folder, target))

    def show(self, *, first: int, limit: int) -> list[ShownEntry]:
        """Return entries in people's words, from sequence `first` on."""
        shown: list[ShownEntry] = []
        for entry in self.read():
            if entry.sequence < first:
                continue
            if len(shown) >= limit:
                break
            shown.append(_shown(entry))
        return shown

    def tail(self, limit: int) -> list[ShownEntry]:
        """Return the newest entries in people's words, oldest first."""
        newest: list[JournalEntry] = []
        for entry in self.read():
            newest.append(entry)
            if len(newest) > 2 * limit:
                del newest[:-limit]
        return [_shown(entry) for entry in newest[-limit:]] if limit else []

    def export(self) -> Iterator[str]:
        """Yield every record as one line of JSON, snapshots left out."""
        try:
            yield from export_lines(self.folder)
        except OSError as error:
            raise _unreadable(self.folder, error) from error


def _shown(entry: JournalEntry) -> ShownEntry:
    record = json.loads(entry.payload)
    words = "the whole state" if entry.is_snapshot else describe(record)
    return ShownEntry(
        sequence=entry.sequence, at=record["at"], record=record["record"], words=words
    )


def _plain(report: Any) -> dict[str, Any]:
    return {
        "whole": report.whole,
        "segments": report.segments,
        "entries": report.entries,
        "last_sequence": report.end.sequence,
        "tail_bytes": report.tail_bytes,
        "damaged_head_slots": len(report.damaged_slots),
        "bad": None
        if report.bad is None
        else {
            "code": report.bad.code,
            "words": report.bad.message,
            "hint": report.bad.hint,
        },
    }


def _unreadable(folder: Path, error: OSError) -> JournalError:
    return JournalError(
        f"the journal {folder} cannot be read: {error.strerror or error}",
        code="journal-failed",
        hint="check the path and who owns the folder",
    )
