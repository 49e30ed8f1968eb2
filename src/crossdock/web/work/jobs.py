"""Jobs: begun, looked at, cancelled, removed. All that is known of them lies in files."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crossdock.errors import ConfigError
from crossdock.web.problems import Problem
from crossdock.web.work.folder import FOLDER_MODE, JobFolder

MOST_UNFINISHED = 20
MOST_KEPT = 300
PAUSE_S = 30  # until somebody who was refused for want of room tries again
_ID = re.compile(r"[a-z]+-[0-9]{8}t[0-9]{6}-[0-9a-f]{6}")
_ENDED = frozenset({"done", "failed", "cancelled"})
_GONE = "its process ended before it was done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job as it stands. `asked` is what it was begun with."""

    id: str
    kind: str
    asked: Mapping[str, Any]
    by: str
    state: str
    progress: float
    words: str
    created_ns: int
    started_ns: int | None
    ended_ns: int | None
    figures: Mapping[str, Any]

    @property
    def has_ended(self) -> bool:
        return self.state in _ENDED


class Jobs:
    """An async context manager: leaving it ends the processes that it began.

    Several dashboards may share the folder. Each sees every job, and may cancel it.
    """

    def __init__(
        self, folder: Path, settings_file: Path | None, now_ns: Callable[[], int]
    ) -> None:
        self._folder = folder
        self._settings_file = settings_file
        self._now_ns = now_ns
        self._mine: set[asyncio.Task[None]] = set()
        self._processes: dict[str, asyncio.subprocess.Process] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in list(self._processes.values()):
            with suppress(ProcessLookupError):
                process.terminate()
        await asyncio.gather(*self._mine, return_exceptions=True)

    async def begin(
        self, kind: str, asked: Mapping[str, Any], *, by: str, store: Path
    ) -> Job:
        """Begin a job in a process of its own. Raises Problem 429 where too many wait."""
        if sum(not job.has_ended for job in self.all()) >= MOST_UNFINISHED:
            raise Problem(
                429,
                "too-many-jobs",
                f"{MOST_UNFINISHED} jobs are waiting or running already",
                hint="cancel one, or wait",
                headers={"Retry-After": str(PAUSE_S)},
            )
        self._forget_old()
        folder = self._made(kind)
        folder.write(
            "job",
            {
                "kind": kind,
                "asked": dict(asked),
                "by": by,
                "store": str(store),
                "created_ns": self._now_ns(),
                "settings": None
                if self._settings_file is None
                else str(self._settings_file),
            },
        )
        await self._start(folder)
        return self._job(folder)

    async def _start(self, folder: JobFolder) -> None:
        lock = folder.lock()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "crossdock.web.work.worker",
                str(folder.path),
                stdin=asyncio.subprocess.PIPE,  # its end tells the worker that we are gone
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                pass_fds=(lock,),
                start_new_session=True,
            )
        finally:
            os.close(lock)
        folder.write("process", {"pid": process.pid})
        self._processes[folder.name] = process
        task = asyncio.create_task(self._await(folder.name, process))
        self._mine.add(task)
        task.add_done_callback(self._mine.discard)

    async def _await(self, name: str, process: asyncio.subprocess.Process) -> None:
        await process.wait()
        self._processes.pop(name, None)
        if process.stdin is not None:
            process.stdin.close()

    def all(self, kind: str = "") -> list[Job]:
        """Return the jobs, newest first."""
        if not self._folder.is_dir():
            return []
        names = sorted(self._folder.iterdir(), key=lambda path: path.name)
        jobs = [self._job(JobFolder(path)) for path in names if _ID.fullmatch(path.name)]
        chosen = [job for job in jobs if kind in ("", job.kind)]
        return sorted(chosen, key=lambda job: (job.created_ns, job.id), reverse=True)

    def find(self, name: str, kind: str = "") -> Job:
        """Return one job. Raises ConfigError `unknown-job`."""
        if _ID.fullmatch(name):
            folder = JobFolder(self._folder / name)
            if folder.path.is_dir() and kind in ("", folder.read("job").get("kind")):
                return self._job(folder)
        raise ConfigError(
            f"there is no {kind or 'job'} {name!r}",
            code="unknown-job",
            hint="it may have been removed",
        )

    def folder(self, job: Job) -> JobFolder:
        return JobFolder(self._folder / job.id)

    async def cancel(self, job: Job) -> Job:
        """End a job's process. One that has ended stays as it is."""
        folder = self.folder(job)
        if not job.has_ended:
            folder.write("cancelled", {"at": self._now_ns()})
            pid = folder.read("process").get("pid")
            if isinstance(pid, int) and folder.is_worked_on:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGTERM)
            if (process := self._processes.get(job.id)) is not None:
                await process.wait()
        return self._job(folder)

    async def remove(self, job: Job) -> None:
        """Cancel a job, and forget it with all that it made."""
        await self.cancel(job)
        await asyncio.to_thread(shutil.rmtree, self._folder / job.id, ignore_errors=True)

    def _made(self, kind: str) -> JobFolder:
        when = datetime.fromtimestamp(self._now_ns() // 1_000_000_000, UTC)
        name = f"{kind}-{when:%Y%m%dt%H%M%S}-{secrets.token_hex(3)}"
        path = self._folder / name
        try:
            self._folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
            path.mkdir(FOLDER_MODE)
        except OSError as error:
            raise ConfigError(
                f"{path} cannot be written: {error.strerror or error}",
                code="config-file",
                hint="set dashboard.database to a file in a folder of your own",
            ) from error
        return JobFolder(path)

    def _forget_old(self) -> None:
        for job in [job for job in self.all() if job.has_ended][MOST_KEPT:]:
            shutil.rmtree(self._folder / job.id, ignore_errors=True)

    def _job(self, folder: JobFolder) -> Job:
        is_worked_on = folder.is_worked_on  # looked at first: it may end meanwhile
        told, standing = folder.read("job"), folder.read("standing")
        state, words = standing.get("state", "queued"), standing.get("words", "")
        ended_ns = standing.get("ended_ns")
        if state not in _ENDED and not is_worked_on:
            stopped = folder.read("cancelled")
            state = "cancelled" if stopped else "failed"
            words = "" if stopped else _GONE
            ended_ns = stopped.get("at")
        return Job(
            id=folder.name,
            kind=told.get("kind", ""),
            asked=told.get("asked", {}),
            by=told.get("by", ""),
            state=state,
            progress=standing.get("progress", 0.0),
            words=words,
            created_ns=told.get("created_ns", 0),
            started_ns=standing.get("started_ns"),
            ended_ns=ended_ns,
            figures=standing.get("figures", {}),
        )
