"""How far each member of the family was proven: its own table in the quality file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from crossdock.ports import Tier

_FOLDER = "crossdock.adapters.venues.ccxt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A tier, and the day it was reached (ISO 8601)."""

    tier: Tier
    date: str


def proven_of(exchange: str) -> Proven:
    """Return what is proven of one member; what the whole family is where it has no table."""
    quality = _quality()
    own = quality.get("members", {}).get(exchange, quality)
    return Proven(tier=Tier(own["tier"]), date=own["date"])


@cache
def _quality() -> Mapping[str, Any]:
    return tomllib.loads(files(_FOLDER).joinpath("quality.toml").read_text("utf-8"))
