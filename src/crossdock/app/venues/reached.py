"""How far the adapters of a venue were proven, from what they declare themselves."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from crossdock.app.registry import Registry
from crossdock.app.venues.catalogue import Venue
from crossdock.ports import Can, Manifest, Tier

_ORDER = tuple(Tier)
_ASKED = frozenset(  # what crossdock.conformance asks; the rest has recorded replies
    {
        Can.INSTRUMENTS,
        Can.MARKET_STREAM,
        Can.BOOK_SNAPSHOT,
        Can.SUBMIT,
        Can.REPLACE,
        Can.CANCEL_ALL,
        Can.ORDER_LOOKUP,
        Can.OPEN_ORDERS,
        Can.FILL_HISTORY,
        Can.ACCOUNT_HISTORY,
        Can.BALANCES,
        Can.POSITIONS,
        Can.ACCOUNT_STREAM,
        Can.SERVER_TIME,
        Can.BAR_HISTORY,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """One capability at a venue: through which adapter, how far proven, and when."""

    capability: Can
    adapter: str
    tier: Tier
    date: str  # when that was reached; empty where nobody says


def reached(venue: Venue, registry: Registry) -> list[Reached]:
    """Return every capability the installed adapters of a venue declare."""
    return [
        _one(capability, manifest)
        for manifest in adapters_of(venue, registry)
        for capability in sorted(manifest.can)
    ]


def adapters_of(venue: Venue, registry: Registry) -> list[Manifest]:
    """Return the manifests of those of a venue's adapters that are installed."""
    return [each for each in registry.manifests("venue") if each.id in venue.adapters]


def best_tier(venue: Venue, registry: Registry) -> str:
    """Return the highest tier an adapter of the venue has, "" when none is installed."""
    tiers = [each.tier for each in adapters_of(venue, registry)]
    return str(max(tiers, key=_ORDER.index)) if tiers else ""


def _one(capability: Can, manifest: Manifest) -> Reached:
    quality = _quality(manifest.factory.partition(":")[0].rpartition(".")[0])
    own = quality.get("capabilities", {}).get(str(capability), {})
    usual = manifest.tier if capability in _ASKED else Tier.REPLAYED
    since = manifest.tier_date or quality.get("date", "")
    return Reached(
        capability=capability,
        adapter=manifest.id,
        tier=Tier(own.get("tier", usual)),
        date=str(own.get("date", since)),
    )


@cache
def _quality(package: str) -> Mapping[str, Any]:
    """Return the quality file of an adapter's folder; other packages may have none."""
    try:
        return tomllib.loads((files(package) / "quality.toml").read_text("utf-8"))
    except (OSError, ImportError, ValueError):
        return {}
