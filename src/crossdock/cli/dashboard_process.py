"""The dashboard as a child of a desk or a demo, ended with it however that ends."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import html
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import webbrowser
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crossdock.app.own_folder import own_folder
from crossdock.app.paths import user_folders
from crossdock.cli.output import aside
from crossdock.errors import ExtraMissing

LINK_COMMAND = "crossdock dashboard link"
STOP_S = 5.0
OPENING_S = 60.0  # for a browser to start and read the page that leads on
WITHIN_S = 60.0
MOST_ENDS = 5  # within so long; then it is left alone
_LONGEST_S = 30.0
_NEEDED = ("fastapi", "uvicorn", "socketio", "argon2", "pyotp", "segno", "joserfc")
_INSTALL = "pip install 'crossdock[dashboard]'"


def has_extra() -> bool:
    return all(find_spec(name) is not None for name in _NEEDED)


def require_extra() -> None:
    """Raise ExtraMissing, with the install line, unless the dashboard can be served."""
    if not has_extra():
        raise ExtraMissing("the dashboard needs packages that are not here", hint=_INSTALL)


class Ends:
    """The unasked ends of a process, and how long to wait before it is started again."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=MOST_ENDS)
        self._in_a_row = 0

    def delay_s(self, at_s: float, lived_s: float) -> float | None:
        """Count one end; return the wait after it, None where it is no use any more."""
        self._in_a_row = 0 if lived_s >= WITHIN_S else self._in_a_row
        self._in_a_row += 1
        self._recent.append(at_s)
        if len(self._recent) == MOST_ENDS and at_s - self._recent[0] <= WITHIN_S:
            return None
        return float(min(2 ** (self._in_a_row - 1), _LONGEST_S))


class DashboardProcess:
    """Started on entering, without waiting. `tell` hears where it answers, once it does.

    It is started again when something ends it. One that cannot start, or does not stay, is
    told of by `say`, and costs its owner nothing else.
    """

    def __init__(
        self,
        settings_file: Path | None,
        tell: Callable[[Mapping[str, Any]], None],
        *,
        overrides: Sequence[str] = (),
        options: Sequence[str] = (),
        quiet: bool = False,
        say: Callable[[str], None] = aside,
        program: Sequence[str] = (sys.executable, "-m", "crossdock"),
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        from crossdock.app.settings.secret_names import shown_override

        shown = map(shown_override, overrides)
        self._by_hand = shlex.join(["crossdock", *_arguments(settings_file, shown)])
        self._arguments = [
            *program,
            *_arguments(settings_file, overrides),
            "--with-parent",
            "--json",
            *options,
        ]
        self._tell = tell
        self._quiet = quiet
        self._say = say
        self._wait = wait
        self._clock_s = clock_s
        self._process: asyncio.subprocess.Process | None = None
        self._serving: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if not has_extra():
            self._say(f"without the dashboard, which needs: {_INSTALL}")
            return self
        self._process = await self._start()
        self._serving = asyncio.create_task(self._serve(self._process))
        return self

    async def _start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=subprocess.DEVNULL if self._quiet else None,
            # Ctrl-C in the terminal is the owner's to handle.
            start_new_session=True,
        )

    async def _serve(self, process: asyncio.subprocess.Process) -> None:
        """Listen to a dashboard, and to the next one when it ends."""
        ends = Ends()
        while True:
            began_s = self._clock_s()
            refused = await self._read(process)
            code = await process.wait()
            if refused:
                return
            if code == 0:
                self._say(f"the dashboard was asked to end; to serve it: {self._by_hand}")
                return
            how, now_s = _how_it_ended(code), self._clock_s()
            delay_s = ends.delay_s(now_s, now_s - began_s)
            if delay_s is None:
                self._say(
                    f"the dashboard ended ({how}), {MOST_ENDS} times within a minute: it is "
                    f"not started again, the desk goes on. To serve it: {self._by_hand}"
                )
                return
            self._say(f"the dashboard ended ({how}); starting it again in {delay_s:g} s")
            await self._wait(delay_s)
            process = self._process = await self._start()

    async def _read(self, process: asyncio.subprocess.Process) -> bool:
        """Hand on what it says until it ends; tell whether it refused to start."""
        assert process.stdout is not None
        refused = False
        while line := await process.stdout.readline():
            with contextlib.suppress(ValueError):
                said = json.loads(line)
                if "error" in said:
                    error = said["error"]
                    refused = True
                    self._say(f"without the dashboard: {error['message']}. {error['hint']}")
                elif "url" in said:
                    self._tell(said)
        return refused

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)
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


def _arguments(settings_file: Path | None, overrides: Iterable[str]) -> list[str]:
    return [
        *(("--settings", str(settings_file)) if settings_file else ()),
        *(part for each in overrides for part in ("--set", each)),
        "dashboard",
    ]


def _how_it_ended(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def open_browser(
    link: str,
    folder: Path | None = None,
    browse: Callable[[str], bool] = webbrowser.open,
) -> bool:
    """Open a page where there is a screen to see it on; tell whether that was tried.

    A browser's arguments can be read by every user of the machine, and the link signs in:
    the browser is given a file for its owner only, which leads on to it. It is removed
    after a minute, or when this process ends.
    """
    is_seen = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if not is_seen:
        return False
    try:
        page = _leading_to(link, folder or user_folders().runtime)
    except OSError:
        return False  # the link is shown then
    try:
        opened = browse(page.as_uri())
    except (webbrowser.Error, OSError):
        opened = False
    if opened:
        _remove_later(page)
    else:
        page.unlink(missing_ok=True)
    return opened


def _leading_to(link: str, folder: Path) -> Path:
    """Write a page that sends its reader on; only its owner may read it."""
    own_folder(folder)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix="open-", suffix=".html")
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(
            '<!doctype html><meta charset="utf-8"><title>Crossdock</title>'
            f'<meta http-equiv="refresh" content="0;url={html.escape(link)}">\n'
        )
    return Path(name).absolute()


def _remove_later(page: Path) -> None:
    def remove() -> None:
        with contextlib.suppress(OSError):
            page.unlink(missing_ok=True)

    atexit.register(remove)
    with contextlib.suppress(RuntimeError):  # no loop runs: the end of the process it is
        asyncio.get_running_loop().call_later(OPENING_S, remove)
