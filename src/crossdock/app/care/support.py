"""A support bundle: what somebody who helps needs to see, and no secret."""

from __future__ import annotations

import json
import platform
import sys
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import crossdock
from crossdock.app.care.doctor import examine
from crossdock.app.doors.control.control import ask
from crossdock.app.offline import JournalReader, JournalTools
from crossdock.app.settings import Settings, load_settings
from crossdock.errors import DeskError, Error

LAST_RECORDS = 500
LAST_LOG_BYTES = 1_000_000
PERSONAL = str(Path.home())


def write_bundle(file: Path | None, overrides: Sequence[str], target: Path) -> list[str]:
    """Write a ZIP of findings, settings, status, last records and logs; return its names.

    Every part passes the masker of the settings' own secrets; the home folder's name is
    left out. What cannot be had is named in its place. Raises DeskError when the target
    exists.
    """
    if target.exists():
        raise DeskError(
            f"{target} exists already", code="bundle-exists", hint="choose another name"
        )
    parts: dict[str, str] = {"about.json": _json(_about())}
    parts["doctor.json"] = _json([asdict(f) for f in examine(file, overrides)])
    try:
        settings = load_settings(file, overrides=overrides)
    except Error as error:
        parts["settings.txt"] = f"not readable: {error.code}"
        return _write(target, parts)
    masker = settings.masker()
    parts |= _parts(settings)
    return _write(target, {name: masker.scrub(text) for name, text in parts.items()})


def _parts(settings: Settings) -> dict[str, str]:
    parts = {
        "settings.txt": "\n".join(
            f"{row.key} = {row.value}  # {row.origin}" for row in settings.shown()
        )
    }
    tools = JournalTools(settings.desk.journal)
    for name, told in (
        ("status.json", lambda: _status(settings)),
        ("journal-verify.json", tools.verify),
        ("journal-tail.json", lambda: [asdict(e) for e in tools.tail(LAST_RECORDS)]),
    ):
        try:
            parts[name] = _json(told())
        except (Error, OSError) as error:
            parts[name] = _json({"not to be had": str(error)})
    for log in sorted(settings.desk.log_folder.glob("*.log*")):
        parts[f"logs/{log.name}"] = _end_of(log)
    return parts


def _status(settings: Settings) -> Any:
    try:
        return ask(settings.desk.control, "status")
    except DeskError:
        return {"desk": "not running", **JournalReader(settings).status()}


def _about() -> dict[str, Any]:
    return {
        "crossdock": crossdock.__version__,
        "python": sys.version,
        "platform": platform.platform(),
        "packages": sorted(f"{d.name}=={d.version}" for d in distributions()),
    }


def _end_of(file: Path) -> str:
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - LAST_LOG_BYTES))
        return stream.read().decode("utf-8", errors="replace")


def _write(target: Path, parts: dict[str, str]) -> list[str]:
    target.touch(mode=0o600)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in parts.items():
            bundle.writestr(name, text.replace(PERSONAL, "~"))
    return list(parts)


def _json(value: Iterable[Any]) -> str:
    return json.dumps(value, indent=1, default=str)
