"""Child processes of the demo: a sandbox, and a desk that can be killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crossdock.errors import ConfigError, DeskError, Unreachable

START_S = 30.0
STOP_S = 5.0
DESK_STOP_S = 25.0  # a desk gives its cancels and its last replies this long
_LAST_WORDS = 400


class SandboxProcess:
    """The sandbox as a child process, ended with its owner however that ends."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self.addresses: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "crossdock.sandbox",
            "--with-parent",
            *self._arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # Ctrl-C in the terminal is the owner's to handle; it ends the venues last.
            start_new_session=True,
        )
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_S):
                line = await self._process.stdout.readline()
        except TimeoutError:
            await self._end()
            raise Unreachable(f"the sandbox did not start within {START_S:g} s") from None
        except BaseException:
            await self._end()
            raise
        if not line:
            words = await self._last_words()
            raise ConfigError(f"the sandbox did not start: {words}", code="sandbox-start")
        self.addresses = json.loads(line)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._end()

    async def _last_words(self) -> str:
        assert self._process is not None
        assert self._process.stderr is not None
        words = (await self._process.stderr.read()).decode(errors="replace").strip()
        await self._process.wait()
        return words.splitlines()[-1] if words else f"exit code {self._process.returncode}"

    async def _end(self) -> None:
        if self._process is not None:
            await _end(self._process, STOP_S)


class DeskProcess:
    """A desk as a child process. What it prints goes to a file."""

    def __init__(self, settings_file: Path, output: Path) -> None:
        self._settings_file = settings_file
        self._output = output
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self._output.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "crossdock",
                "--settings",
                str(self._settings_file),
                "run",
                "--with-parent",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def process_id(self) -> int:
        return self._process.pid if self._process is not None else 0

    @property
    def is_killed(self) -> bool:
        """Tell whether a signal ended it: somebody else's, and none that it handles."""
        code = self._process.returncode if self._process is not None else None
        return code is not None and code < 0

    async def ended(self) -> None:
        """Wait until it has ended."""
        if self._process is not None:
            await self._process.wait()

    def raise_if_ended(self) -> None:
        """Raise DeskError, with its last words if it had any, when the desk ended unasked."""
        if self._process is None or self._process.returncode is None:
            return
        if self.is_killed:
            number = signal.Signals(-self._process.returncode).name
            raise DeskError(
                f"the desk was killed from outside ({number})", code="desk-ended"
            )
        words = self._output.read_text("utf-8", errors="replace").strip()
        raise DeskError(
            f"the desk ended with exit code {self._process.returncode}: "
            f"{words[-_LAST_WORDS:] or 'it said nothing'}",
            code="desk-ended",
        )

    async def kill(self) -> None:
        """End the desk by SIGKILL: no handler runs, nothing is flushed."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def end(self) -> None:
        if self._process is not None:
            await _end(self._process, DESK_STOP_S)


async def _end(process: asyncio.subprocess.Process, within_s: float) -> None:
    """Ask a process to end, then make it. Done when it is gone, also when cancelled."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(within_s):
            await process.wait()
    except TimeoutError:
        pass
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def sandbox_in_foreground(arguments: list[str]) -> None:
    """Run the sandbox until somebody ends it. Raises ConfigError when it cannot start."""
    command = [sys.executable, "-m", "crossdock.sandbox", "--with-parent", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:  # noqa: S603  our own interpreter and module
        assert child.stderr is not None
        # The terminal sends Ctrl-C to both: the sandbox ends itself, and then so do we.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        before_term = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        try:
            words = [line.rstrip() for line in child.stderr]
            status = child.wait()
        finally:
            signal.signal(signal.SIGINT, before)
            signal.signal(signal.SIGTERM, before_term)
    if status > 0:
        said = words[-1] if words else f"exit code {status}"
        raise ConfigError(
            f"the sandbox did not start: {said}",
            code="sandbox-start",
            hint="choose other ports with --port, --port-base and --admin-port"
            if said.startswith("ports:")
            else "`crossdock sandbox --help` lists its options",
        )
