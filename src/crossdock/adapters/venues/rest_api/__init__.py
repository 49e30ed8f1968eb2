"""Brokers that a settings file alone describes: endpoints, signing, field paths, no code.

Files are looked for in `brokers/` beside the user's settings, and where
`CROSSDOCK_BROKERS` says. See docs/how-to/describe-a-broker.md.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crossdock.adapters.venues.rest_api.described.checks import read_description
from crossdock.adapters.venues.rest_api.described.tables import (
    DescribedManifest,
    Description,
)
from crossdock.errors import ConfigError
from crossdock.ports import Can, Evidence, Manifest, RateLimit, Setting

_FAMILY = "rest_api"
_FACTORY = "crossdock.adapters.venues.rest_api.venue:connect"
_IMPLIES = {"book_snapshot": (Can.BOOK_SNAPSHOT, Can.MARKET_STREAM)}


def family(settings: Path) -> Iterator[Manifest | ConfigError]:
    """Yield a manifest for each file, or why a file gives none."""
    seen: dict[str, Path] = {}
    for file in _files(settings):
        try:
            manifest = manifest_of(file)
        except ConfigError as error:
            yield error
            continue
        if manifest.id in seen:
            yield ConfigError(f"{file}: id: {seen[manifest.id]} has the same one")
            continue
        seen[manifest.id] = file
        yield manifest


def manifest_of(file: Path) -> DescribedManifest:
    """Read one description. Raises ConfigError."""
    it = read_description(file)
    return DescribedManifest(
        id=f"{_FAMILY}:{it.id}",
        kind="venue",
        name=it.name,
        docs_url=it.docs_url,
        factory=_FACTORY,
        can=_abilities(it),
        order_types=it.order_types,
        times_in_force=it.times_in_force,
        evidence=Evidence(**_members(it.evidence)) if it.evidence else None,
        settings={name: Setting(**_members(each)) for name, each in it.settings.items()},
        rate_limits=tuple(RateLimit(**_members(each)) for each in it.rate_limits),
        rejection_codes=it.refusals.proven,
        countries_refused=it.countries_refused,
        real_money=it.real_money,
        description=it,
    )


def _abilities(it: Description) -> frozenset[Can]:
    described = [
        name for name in it.endpoints.__struct_fields__ if getattr(it.endpoints, name)
    ]
    own = {each.value: (each,) for each in Can}
    return frozenset(can for name in described for can in {**own, **_IMPLIES}.get(name, ()))


def _members(table: Any) -> dict[str, Any]:
    return {name: getattr(table, name) for name in table.__struct_fields__}


def _files(settings: Path) -> Iterator[Path]:
    chosen = os.environ.get("CROSSDOCK_BROKERS", "")
    places = [settings / "brokers", *map(Path, filter(None, chosen.split(os.pathsep)))]
    for place in dict.fromkeys(each.expanduser().absolute() for each in places):
        if place.is_dir():
            yield from sorted(place.glob("*.toml"))
        elif place != (settings / "brokers").absolute():
            yield place
