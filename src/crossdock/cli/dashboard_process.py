"""The dashboard as a child of a desk or a demo, ended with it however that ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crossdock.cli.output import aside
from crossdock.errors import ExtraMissing

STOP_S = 5.0
_NEEDED = ("fastapi", "uvicorn", "socketio", "argon2", "pyotp", "segno", "joserfc")
_INSTALL = "pip install 'crossdock[dashboard]'"


def has_extra() -> bool:
    return all(find_spec(name) is not None for name in _NEEDED)


def require_extra() -> None:
    """Raise ExtraMissing, with the install line, unless the dashboard can be served."""
    if not has_extra():
        raise ExtraMissing("the dashboard needs packages that are not here", hint=_INSTALL)


class DashboardProcess:
    """Started on entering, without waiting. `tell` hears where it answers, once it does.

    A dashboard that cannot start, or dies, is told of and costs its owner nothing else.
    """

    def __init__(
        self,
        settings_file: Path | None,
        tell: Callable[[Mapping[str, Any]], None],
        *,
        overrides: Sequence[str] = (),
        options: Sequence[str] = (),
        quiet: bool = False,
    ) -> None:
        self._arguments = [
            *(("--settings", str(settings_file)) if settings_file else ()),
            *(part for each in overrides for part in ("--set", each)),
            "dashboard",
            "--with-parent",
            "--json",
            *options,
        ]
        self._tell = tell
        self._quiet = quiet
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if not has_extra():
            aside(f"without the dashboard, which needs: {_INSTALL}")
            return self
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "crossdock",
            *self._arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=subprocess.DEVNULL if self._quiet else None,
            # Ctrl-C in the terminal is the owner's to handle.
            start_new_session=True,
        )
        self._reading = asyncio.create_task(self._read(self._process))
        return self

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            with contextlib.suppress(ValueError):
                said = json.loads(line)
                if "error" in said:
                    error = said["error"]
                    aside(f"without the dashboard: {error['message']}. {error['hint']}")
                elif "url" in said:
                    self._tell(said)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        process = self._process
        if process is None:
            return
        try:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(STOP_S):
                        await process.wait()
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
            if self._reading is not None:
                await asyncio.gather(self._reading, return_exceptions=True)


def open_browser(link: str) -> bool:
    """Open a page where there is a screen to see it on; tell whether that was tried."""
    is_seen = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if not is_seen:
        return False
    try:
        return webbrowser.open(link)
    except webbrowser.Error:
        return False
