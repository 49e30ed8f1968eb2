"""Where files live: one folder per purpose, by the platform's own rules."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

_SOCKET_PATH_MOST = 100  # bytes; the least of the platforms is 104, with a zero at the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Where this user's Crossdock keeps what it keeps. Nothing is made until needed.

    `CROSSDOCK_HOME` puts all of them beneath one folder.
    """

    settings: Path  # settings.toml
    data: Path  # journals and projections: back these up
    logs: Path
    cache: Path  # may be removed at any time
    runtime: Path  # control sockets, which dashboards run, pages a browser is led by

    @property
    def settings_file(self) -> Path:
        return self.settings / "settings.toml"

    def journal(self, desk: str) -> Path:
        return self.data / desk / "journal"

    def control(self, desk: str) -> Path:
        """Return the control socket's path, short enough for every platform's limit."""
        path = self.runtime / f"{desk}.sock"
        if len(os.fsencode(path)) <= _SOCKET_PATH_MOST:
            return path
        user = os.getuid() if hasattr(os, "getuid") else "user"
        return Path("/tmp") / f"crossdock-{user}" / f"{desk}.sock"  # noqa: S108 - its folder is made 0700 and checked to be ours

    def rows(self) -> list[tuple[str, Path]]:
        """Return (purpose, path) pairs to show."""
        return [(field.name, getattr(self, field.name)) for field in fields(self)]


def user_folders(
    environment: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> Folders:
    """Return the folders of this user: CROSSDOCK_HOME, else macOS's, else XDG's."""
    home = Path(environment.get("HOME") or Path.home())
    if chosen := environment.get("CROSSDOCK_HOME"):
        root = Path(chosen).expanduser().absolute()
        return Folders(
            settings=root,
            data=root / "data",
            logs=root / "logs",
            cache=root / "cache",
            runtime=root / "run",
        )
    if platform == "darwin":
        library = home / "Library"
        support = library / "Application Support" / "crossdock"
        return Folders(
            settings=support,
            data=support / "data",
            logs=library / "Logs" / "crossdock",
            cache=library / "Caches" / "crossdock",
            runtime=support / "run",
        )
    state = _xdg(environment, "XDG_STATE_HOME", home / ".local/state")
    sessions = environment.get("XDG_RUNTIME_DIR")
    return Folders(
        settings=_xdg(environment, "XDG_CONFIG_HOME", home / ".config"),
        data=_xdg(environment, "XDG_DATA_HOME", home / ".local/share"),
        logs=state / "logs",
        cache=_xdg(environment, "XDG_CACHE_HOME", home / ".cache"),
        runtime=Path(sessions) / "crossdock" if sessions else state / "run",
    )


def _xdg(environment: Mapping[str, str], name: str, default: Path) -> Path:
    # The specification: a relative path there is invalid and to be ignored.
    given = Path(environment.get(name, ""))
    return (given if given.is_absolute() else default) / "crossdock"
