"""Which settings are secrets, told by their names alone: an adapter's need not be known."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from crossdock.app.settings.dashboard import DashboardSettings
from crossdock.app.settings.models import DeskSettings
from crossdock.app.settings.origins import KeyPath
from crossdock.app.settings.section_secrets import secret_fields
from crossdock.app.settings.sources import key_path
from crossdock.ports import is_secret_name
from crossdock.toolkit.secrets import MASK

_MODELS: Mapping[str, type[BaseModel]] = {
    "dashboard": DashboardSettings,
    "desk": DeskSettings,
}


def is_secret(path: KeyPath) -> bool:
    """Tell whether a setting's value is for no screen and no log."""
    model = _MODELS.get(path[0])
    return is_secret_name(path[-1]) or (
        model is not None and path[-1] in secret_fields(model)
    )


def shown_override(override: str) -> str:
    """Return what `--set` takes as it may be shown, *** in the place of a secret."""
    key, sign, value = override.partition("=")
    path = key_path(key)
    # What cannot be read as a setting may be a secret mistyped.
    return f"{key}{sign}{MASK if value and (not path or is_secret(path)) else value}"
