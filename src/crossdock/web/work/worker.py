"""The process of one job: `python -m crossdock.web.work.worker FOLDER`.

It waits until there is room, works, and writes how far it is. It ends when its parent
does: the parent holds the other end of its standard input.
"""

from __future__ import annotations

import fcntl
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from crossdock.errors import Error
from crossdock.web.work.folder import FILE_MODE, JobFolder

log = logging.getLogger(__name__)

SLOTS = 2  # jobs that work at the same time, whichever dashboard began them
LOOK_EVERY_S = 0.2
TELL_EVERY_S = 0.25

Progress = Callable[[float, str], None]
"""Told the part that is done, from 0 to 1, and words for a person."""
Work = Callable[[JobFolder, Mapping[str, Any], Progress], Mapping[str, Any]]
"""Does a job; returns its figures."""


def main(arguments: list[str]) -> int:
    folder = JobFolder(Path(arguments[0]))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    teller = _Teller(folder)
    slot = _slot(folder.path.parent)
    try:
        teller.begin()
        job = folder.read("job")
        teller.end("done", figures=_WORK[job["kind"]](folder, job, teller.progress))
    except Error as error:
        hint = f" ({error.hint})" if error.hint else ""
        teller.end("failed", words=f"{error.message}{hint}")
    except Exception as error:
        log.exception("the job failed")
        teller.end("failed", words=f"{type(error).__name__}: {error}")
    finally:
        os.close(slot)
    return 0


class _Teller:
    """Writes how a job stands, a few times a second at most."""

    def __init__(self, folder: JobFolder) -> None:
        self._folder = folder
        self._told: dict[str, Any] = {"state": "queued", "progress": 0.0, "words": ""}
        self._last_s = 0.0
        folder.write("standing", self._told)

    def begin(self) -> None:
        self._told |= {"state": "running", "started_ns": time.time_ns()}
        self._folder.write("standing", self._told)

    def progress(self, done: float, words: str = "") -> None:
        now_s = time.monotonic()
        if now_s - self._last_s < TELL_EVERY_S:
            return
        self._last_s = now_s
        self._told |= {"progress": round(min(max(done, 0.0), 1.0), 4), "words": words}
        self._folder.write("standing", self._told)

    def end(
        self, state: str, *, words: str = "", figures: Mapping[str, Any] | None = None
    ) -> None:
        self._told |= {"state": state, "ended_ns": time.time_ns()}
        if words:
            self._told["words"] = words
        if state == "done":
            self._told |= {"progress": 1.0, "figures": dict(figures or {})}
        self._folder.write("standing", self._told)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _slot(folder: Path) -> int:
    """Wait for one of the places there are to work at; it is free again when we end."""
    while True:
        for number in range(SLOTS):
            path = folder / f"slot-{number}"
            handle = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
            else:
                return handle
        time.sleep(LOOK_EVERY_S)


def _backtest(
    folder: JobFolder, job: Mapping[str, Any], progress: Progress
) -> Mapping[str, Any]:
    from crossdock.web.work.backtesting import run_backtest

    return run_backtest(folder, job, progress)


def _download(
    _: JobFolder, job: Mapping[str, Any], progress: Progress
) -> Mapping[str, Any]:
    from crossdock.web.work.downloading import run_download

    return run_download(job, progress)


_WORK: Mapping[str, Work] = {"backtest": _backtest, "download": _download}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
