"""What can be set of whom is told what: one table for each receiver of messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from crossdock.app.registry import Registry
from crossdock.app.settings.adapters import own_options
from crossdock.app.settings.build import build
from crossdock.app.settings.models import Section
from crossdock.app.settings.origins import Problem, dotted
from crossdock.app.settings.sources import Tree
from crossdock.errors import ConfigError
from crossdock.ports import AlertKind, AlertLevel, Manifest
from crossdock.toolkit.secrets import Secret

_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
_QUIET = re.compile(rf"{_CLOCK}-{_CLOCK}")


def _hours(text: str) -> str:
    if text and not _QUIET.fullmatch(text):
        raise ValueError('expected two times of day, like "22:00-07:00"')
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError("expected the name of a time zone, like Europe/Berlin") from None
    return name


_Kind = Annotated[AlertKind, Field(strict=False)]


class NotifySettings(Section):
    """One receiver. `options` are the adapter's own, defaults filled in."""

    adapter: str = Field(
        min_length=1, description="What messages go by: see `crossdock adapters`."
    )
    enabled: bool = Field(True, description="false sends nothing here.")
    on: Annotated[tuple[_Kind, ...], Field(strict=False)] = Field(
        tuple(AlertKind),
        description="What is told: fill, doubt, disconnect, kill and alarm.",
    )
    level: Annotated[AlertLevel, Field(strict=False)] = Field(
        AlertLevel.NOTE, description="The least that is told: note, warning or urgent."
    )
    quiet: Annotated[str, AfterValidator(_hours)] = Field(
        "",
        description='Hours in which little is sent, as in "22:00-07:00". The rest comes '
        "when they are over.",
    )
    quiet_zone: Annotated[str, AfterValidator(_zone)] = Field(
        "UTC", description="Time zone of the quiet hours."
    )
    quiet_level: Annotated[AlertLevel, Field(strict=False)] = Field(
        AlertLevel.URGENT, description="The least that is sent in quiet hours all the same."
    )
    group_s: int = Field(
        2,
        ge=0,
        le=3600,
        description="Seconds for which what happens is gathered into one message. What is "
        "urgent does not wait.",
    )
    keep_hours: int = Field(
        48,
        ge=1,
        le=24 * 365,
        description="After these hours a message that could not be sent is dropped.",
    )
    options: Mapping[str, str | Secret] = Field(default_factory=dict)


def receivers_of(
    tree: Tree, registry: Registry, base: Path, problems: list[Problem]
) -> tuple[dict[str, NotifySettings], dict[str, Manifest]]:
    """Return every receiver and its manifest, by name; what is wrong goes to `problems`."""
    receivers: dict[str, NotifySettings] = {}
    manifests: dict[str, Manifest] = {}
    own = frozenset(NotifySettings.model_fields) - {"options"}
    for name in tree.names("notify"):
        path = ("notify", name)
        adapter = tree.leaves.get((*path, "adapter"))
        if adapter is None:
            build(
                NotifySettings, tree, path, problems, defaults={}
            )  # tells what is missing
            continue
        try:
            manifest = registry.manifest("alert", str(adapter.value))
        except ConfigError as error:
            text = f'{dotted(path)}.adapter = "{adapter.value}": {error.message}'
            problems.append(
                Problem(code=error.code, text=text, origin=adapter.origin, hint=error.hint)
            )
            continue
        options = own_options(
            name, tree, manifest, base, problems, section="notify", own=own
        )
        theirs = {rest[0] for rest in tree.section(*path)} - own
        receiver = build(
            NotifySettings,
            tree,
            path,
            problems,
            defaults={},
            extra={"options": options},
            ignored=frozenset(theirs),
        )
        if receiver is not None:
            receivers[name] = receiver
            manifests[name] = manifest
    return receivers, manifests
