"""What is kept of one job: a folder of small files, each there whole or not at all."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE_MODE, FOLDER_MODE = 0o600, 0o700


class JobFolder:
    """`job.json` says what was asked, `standing.json` how it stands, `result.json` how it
    ended. Whoever holds `lock` is the job's process: nobody holds it once that is gone.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        return self.path.name

    def read(self, name: str) -> dict[str, Any]:
        """Return a file's content; of one that is not there, or does not read, nothing."""
        try:
            told = json.loads((self.path / f"{name}.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}

    def write(self, name: str, told: Mapping[str, Any]) -> None:
        """Write a file beside its place and rename it in. Raises OSError."""
        made = self.path / f".{name}.{os.getpid()}"
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            json.dump(told, opened, allow_nan=False)
        made.replace(self.path / f"{name}.json")

    def lock(self) -> int:
        """Take the lock and return what holds it, for the job's process to inherit."""
        flags = os.O_RDWR | os.O_CREAT
        handle = os.open(self.path / "lock", flags, FILE_MODE)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return handle

    @property
    def is_worked_on(self) -> bool:
        try:
            handle = os.open(self.path / "lock", os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False
