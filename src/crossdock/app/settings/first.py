"""The settings file of `crossdock init`: everything explained, nothing decided."""

from __future__ import annotations

import os
from pathlib import Path

from crossdock.app.demo.venues import RISK, sandbox_keys
from crossdock.app.registry import Registry
from crossdock.app.settings import default_settings_text, sandbox_settings
from crossdock.app.settings.template import toml_value
from crossdock.errors import ConfigError

ADMIN_PORT = 7400
PORT_BASE = 7401
VENUES = ("alpha", "beta", "gamma")

SANDBOX_COMMAND = f"crossdock sandbox --admin-port {ADMIN_PORT} --port-base {PORT_BASE}"


def write_first_settings(
    file: Path, *, sandbox: bool = False, registry: Registry | None = None
) -> None:
    """Write the file, for its owner only. Raises ConfigError rather than overwrite one."""
    text = default_settings_text((registry or Registry()).manifests("venue"))
    if sandbox:
        text = _with_sandbox(text)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError(
            f"{file} is there already and is not overwritten",
            code="config-exists",
            hint="move it away, or name another one with --settings",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be written: {error.strerror}", code="config-file"
        ) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)


def _with_sandbox(text: str) -> str:
    """Add an account at each of the sandbox's default venues, and limits that fit them."""
    addresses = {
        venue: f"http://127.0.0.1:{PORT_BASE + index}" for index, venue in enumerate(VENUES)
    }
    limits = [
        "# Sandbox accounts begin with holdings of several coins, so these are wider than",
        "# the defaults.",
        *(f"{name} = {toml_value(value)}" for name, value in RISK.items()),
    ]
    text = text.replace("\n[risk]\n", "\n[risk]\n" + "\n".join(limits) + "\n\n", 1)
    accounts = sandbox_settings({"venues": addresses}, sandbox_keys(addresses))
    accounts = accounts.removeprefix("[desk]\n").lstrip("\n")
    return f"{text}\n# Start these venues with: {SANDBOX_COMMAND}\n{accounts}"
