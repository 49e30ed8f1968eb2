"""The catalogue of venues: facts with their sources, and statements of closed ones."""

from crossdock.app.venues.catalogue import Catalogue, Fact, Venue, venues
from crossdock.app.venues.closed import advice_on, unavailable, usable
from crossdock.app.venues.facts import AssetClass, VenueKind, VenueStatus

__all__ = [
    "AssetClass",
    "Catalogue",
    "Fact",
    "Venue",
    "VenueKind",
    "VenueStatus",
    "advice_on",
    "unavailable",
    "usable",
    "venues",
]
