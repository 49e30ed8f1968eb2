"""Accounts that were connected in a running desk, kept beside its settings file.

They stand in `connections.toml`, for its owner only; each secret has a file of its own in
`secrets/` beside it, which the account names as `…_secret_file`.
"""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crossdock.app.settings.sources import CONNECTIONS
from crossdock.app.settings.template import settings_text
from crossdock.errors import ConfigError
from crossdock.toolkit.secrets import Secret

NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,30}$")
SECRETS = "secrets"
_HEAD = "# Written by the desk: accounts that were connected while it ran.\n\n"


def connections_of(file: Path) -> dict[str, dict[str, Any]]:
    """Return the accounts kept beside a settings file, by name."""
    try:
        text = file.with_name(CONNECTIONS).read_text("utf-8")
    except FileNotFoundError:
        return {}
    accounts = tomllib.loads(text).get("accounts", {})
    return dict(accounts)


def keep_connection(
    file: Path, name: str, values: Mapping[str, str | Secret | Any]
) -> None:
    """Write an account beside the settings file, its secrets in files. Raises ConfigError."""
    folder = file.with_name(SECRETS)
    account: dict[str, Any] = {}
    written: dict[Path, str] = {}
    for key, value in values.items():
        if isinstance(value, Secret):
            path = folder / f"{name}.{key}"
            written[path] = value.reveal()
            account[f"{key}_file"] = f"{SECRETS}/{path.name}"
        else:
            account[key] = value
    try:
        if written:
            folder.mkdir(mode=0o700, exist_ok=True)
        for path, text in written.items():
            _write(path, text + "\n")
        _write_all(file, {**connections_of(file), name: account})
    except OSError as error:
        raise ConfigError(
            f"the account cannot be kept beside {file}: {error.strerror}",
            code="config-file",
        ) from error


def drop_connection(file: Path, name: str) -> bool:
    """Remove an account kept beside the settings file, and its secrets. False: none was."""
    accounts = connections_of(file)
    account = accounts.pop(name, None)
    if account is None:
        return False
    _write_all(file, accounts)
    for key, value in account.items():
        path = file.parent / str(value)
        if key.endswith("_file") and path.parent == file.with_name(SECRETS):
            path.unlink(missing_ok=True)
    return True


def _write_all(file: Path, accounts: Mapping[str, Mapping[str, Any]]) -> None:
    tables = [(f"accounts.{name}", values) for name, values in accounts.items()]
    _write(file.with_name(CONNECTIONS), _HEAD + settings_text(tables))


def _write(path: Path, text: str) -> None:
    """Put a text in the place of a file, for its owner only, at once or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
