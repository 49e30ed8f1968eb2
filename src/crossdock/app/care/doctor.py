"""Looks at everything a desk stands on, and says what to do about what is wrong."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from crossdock.app.doors.control.control import ask
from crossdock.app.doors.foreground import raise_if_unusable
from crossdock.app.journal_tools import tool
from crossdock.app.offline.journals import JournalTools
from crossdock.app.paths import Folders, user_folders
from crossdock.app.registry import Registry
from crossdock.app.settings import Settings, load_settings
from crossdock.errors import DeskError, Error

OLDEST_PYTHON = (3, 11)
LEAST_FREE_BYTES = 1_000_000_000
BUILT_NS = 1_735_689_600_000_000_000  # 2025-01-01: no right clock is before it
CLOCK_STEP_S = 0.2
TERMINAL = (80, 24)


class Verdict(StrEnum):
    OK = "ok"
    NOTE = "note"  # works, but worth knowing
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `advice` says what to do, empty when nothing."""

    about: str
    verdict: Verdict
    words: str
    advice: str = ""


def examine(
    file: Path | None, overrides: Sequence[str] = (), folders: Folders | None = None
) -> list[Finding]:
    """Look at the machine, the settings and the journal. Changes nothing."""
    folders = folders or user_folders()
    found = [_python(), *_clock(), _loopback(), _uvloop(), _terminal()]
    found += [*_adapters()]
    try:
        settings = load_settings(file, overrides=overrides, folders=folders)
        raise_if_unusable(settings)
    except Error as error:
        found.append(_bad("settings", error.message, error.hint))
        return [*found, *_folders(folders)]
    accounts = ", ".join(settings.accounts) or "no account"
    found.append(_ok("settings", f"{file or 'defaults'}: {accounts}"))
    if not settings.accounts:
        found.append(
            _note(
                "accounts",
                "none: the desk has nowhere to trade",
                "add an [accounts.NAME] table; `crossdock init --sandbox` shows some",
            )
        )
    return [
        *found,
        *_folders(folders),
        *_desk_folders(settings),
        *_desk(settings),
        *_journal(settings),
    ]


def _ok(about: str, words: str) -> Finding:
    return Finding(about=about, verdict=Verdict.OK, words=words)


def _note(about: str, words: str, advice: str) -> Finding:
    return Finding(about=about, verdict=Verdict.NOTE, words=words, advice=advice)


def _bad(about: str, words: str, advice: str) -> Finding:
    return Finding(about=about, verdict=Verdict.BAD, words=words, advice=advice)


def _python() -> Finding:
    words = sys.version.split()[0]
    if sys.version_info < OLDEST_PYTHON:
        return _bad("python", words, "install Python 3.11 or newer")
    return _ok("python", words)


def _clock() -> Iterator[Finding]:
    """Compare the wall clock with the monotonic one over a moment, and with the past."""
    wall, steady = time.time_ns(), time.monotonic_ns()
    time.sleep(CLOCK_STEP_S)
    drift_ms = abs((time.time_ns() - wall) - (time.monotonic_ns() - steady)) / 1e6
    advice = "synchronise the clock (NTP): venues refuse signed calls from a wrong one"
    if wall < BUILT_NS:
        yield _bad("clock", "it shows a time in the past", advice)
    elif drift_ms > 50:
        yield _bad("clock", f"it stepped by {drift_ms:.0f} ms while looked at", advice)
    else:
        now = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
        yield _ok("clock", f"{now}, steady")


def _loopback() -> Finding:
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = server.getsockname()
            with socket.create_connection(address, timeout=1.0):
                pass
    except OSError as error:
        return _bad(
            "loopback",
            f"127.0.0.1 cannot be used: {error}",
            "the demo and the sandbox need it: look at the firewall or the container",
        )
    return _ok("loopback", "127.0.0.1 connects")


def _uvloop() -> Finding:
    if find_spec("uvloop") is None:
        return _note(
            "uvloop",
            "not installed: the standard event loop is used",
            'nothing to do; pip install "crossdock[fast]" makes the desk faster',
        )
    return _ok("uvloop", "used by `crossdock run`")


def _terminal() -> Finding:
    size = shutil.get_terminal_size()
    words = f"{size.columns} x {size.lines}"
    if not sys.stdout.isatty():
        return _note("terminal", "output is no terminal", "the live view needs one")
    if size.columns < TERMINAL[0] or size.lines < TERMINAL[1]:
        return _note(
            "terminal",
            words,
            f"the live view shows more from {TERMINAL[0]} x {TERMINAL[1]}",
        )
    return _ok("terminal", words)


def _adapters() -> Iterator[Finding]:
    registry = Registry()
    names = [manifest.id for manifest in registry.manifests()]
    yield _ok("adapters", ", ".join(names))
    for broken in registry.broken():
        yield _bad(
            "adapters",
            f"{broken.kind} {broken.entry_point}: {broken.reason}",
            f"mend, update or remove the package {broken.package}",
        )


def _folders(folders: Folders) -> Iterator[Finding]:
    for purpose, path in folders.rows():
        yield _folder(f"{purpose} folder", path)


def _desk_folders(settings: Settings) -> Iterator[Finding]:
    yield _folder("journal folder", settings.desk.journal, private=True)
    yield _folder("log folder", settings.desk.log_folder)
    yield _space(settings.desk.journal)


def _folder(about: str, path: Path, *, private: bool = False) -> Finding:
    """Tell whether a folder, or the nearest one above it that exists, can be written."""
    there = _nearest_existing(path)
    if path.exists() and not path.is_dir():
        return _bad(about, f"{path} is no folder", "move that file away")
    if not os.access(there, os.W_OK | os.X_OK):
        return _bad(about, f"{there} cannot be written", f"chmod u+rwx {there}")
    if not path.exists():
        return _ok(about, f"{path}, made when needed")
    mode = stat.S_IMODE(path.stat().st_mode)
    if private and mode & 0o077:
        return _note(about, f"{path} is open to others ({mode:o})", f"chmod 700 {path}")
    return _ok(about, str(path))


def _space(path: Path) -> Finding:
    free = shutil.disk_usage(_nearest_existing(path)).free
    words = f"{free / 1e9:.1f} GB free for the journal"
    if free < LEAST_FREE_BYTES:
        return _bad("disk", words, "free some: a full disk refuses every new order")
    return _ok("disk", words)


def _nearest_existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def _desk(settings: Settings) -> Iterator[Finding]:
    control = settings.desk.control
    try:
        status = ask(control, "status")
    except DeskError as error:
        if error.code == "desk-not-running":
            yield _ok("desk", f"none runs on {control}")
        else:
            yield _bad(
                "desk", error.message, "look at its log, or end it by its process id"
            )
        return
    except Error as error:
        yield _bad("desk", error.message, error.hint)
        return
    yield _ok("desk", f"runs since {status['uptime_s']:.0f} s on {control}")
    if status["killed"]:
        yield _note(
            "kill switch", f"engaged by {status['killed']}", "`crossdock release` lifts it"
        )
    for account in status["accounts"]:
        if account["standing"] != "ready":
            words = f"{account['account']}: {account['reason'] or account['standing']}"
            yield _bad("account", words, "see `crossdock status`")
    if status["doubts_open"]:
        yield _bad("doubts", f"{status['doubts_open']} open", "see `crossdock doubts list`")


def _journal(settings: Settings) -> Iterator[Finding]:
    folder = settings.desk.journal
    tools = JournalTools(folder)
    try:
        report = tools.verify()
    except Error as error:
        if error.code == "journal-missing":
            yield _ok("journal", f"{folder}: none yet")
        else:
            yield _bad("journal", error.message, error.hint)
        return
    if report["bad"]:
        yield _bad("journal", report["bad"]["words"], report["bad"]["hint"])
    elif not report["whole"]:
        yield _note(
            "journal",
            "a copy of its head does not read; the other one does",
            "nothing to do: the next start of the desk writes it anew",
        )
    else:
        yield _ok(
            "journal",
            f"{report['entries']} records in {report['segments']} segments, whole",
        )
    yield from _holder(folder)


def _holder(folder: Path) -> Iterator[Finding]:
    """Tell who holds the journal, by the note in its lock and whether that one lives."""
    try:
        owner = json.loads((folder / tool("format").LOCK_NAME).read_bytes())
        process, since = int(owner["pid"]), owner["since"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    if _lives(process):
        yield _ok("lock", f"held by process {process} since {since}")
    else:
        yield _ok("lock", f"free; process {process} held it last")


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
