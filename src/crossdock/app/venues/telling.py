"""What is known of a venue, as plain values for JSON, tables and pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from crossdock.app.registry import Registry
from crossdock.app.venues.catalogue import Fact, Venue
from crossdock.app.venues.facts import (
    Count,
    Deposit,
    Fee,
    Leverage,
    Offer,
    Part,
    Standing,
)
from crossdock.app.venues.reached import adapters_of, best_tier, reached


def brief(venue: Venue, registry: Registry) -> dict[str, Any]:
    """Return one row of the list."""
    installed = [each.id for each in adapters_of(venue, registry)]
    return {
        "id": venue.id,
        "name": venue.name,
        "kind": str(venue.kind),
        "status": str(venue.standing.word),
        "since": str(venue.standing.since or ""),
        "successor": venue.standing.successor,
        "asset_classes": sorted(venue.asset_classes),
        "tier": best_tier(venue, registry),
        "adapters": installed,
        "fees": fees_in_short(venue),
    }


def told(venue: Venue, registry: Registry) -> dict[str, Any]:
    """Return everything known, each fact with its source and day."""
    return {
        **brief(venue, registry),
        "aliases": list(venue.aliases),
        "why": venue.standing.why,
        "advice": venue.standing.advice,
        "facts": [
            {
                "fact": fact.name,
                "value": plain(fact.value),
                "source": fact.source,
                "day": str(fact.day),
            }
            for fact in venue.facts
        ],
        "capabilities": [
            {
                "capability": str(each.capability),
                "adapter": each.adapter,
                "tier": str(each.tier),
                "date": each.date,
            }
            for each in reached(venue, registry)
        ],
    }


def fees_in_short(venue: Venue) -> str:
    """Return maker and taker of the first market known, in percent, or ""."""
    for fact in venue.known("fees"):
        first: Fee = fact.value[0]
        return f"{first.market} {first.maker_pct}/{first.taker_pct} %"
    return ""


def plain(value: Any) -> Any:
    """Return a fact's value as JSON has it; decimals stay text."""
    return msgspec.to_builtins(value, str_keys=True)


def in_words(fact: Fact) -> str:
    """Return a fact's value as people read it, several in one line."""
    value = fact.value
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {address}" for name, address in value.items())
    if isinstance(value, tuple):
        return "; ".join(_one(each) for each in value)
    return _one(value)


def _one(value: Any) -> str:
    match value:
        case Standing():
            when = f" since {value.since}" if value.since else ""
            why = f": {value.why}" if value.why else ""
            told = f"{value.word}{when}{why}"
            return f"{told}. {value.advice}" if value.advice else told
        case Part():
            words = value.name
        case Fee():
            words = f"{value.market}: maker {value.maker_pct} %, taker {value.taker_pct} %"
        case Leverage():
            words = f"{value.market}: {value.times}"
        case Deposit():
            words = f"{value.amount} {value.asset}"
        case Count():
            return f"about {value.about} {value.words}"
        case Offer():
            words = "yes" if value.offered else "no"
        case _:
            return str(value)
    return f"{words} ({value.words})" if value.words else words
