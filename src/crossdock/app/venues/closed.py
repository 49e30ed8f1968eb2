"""What is said to those who name a venue that is closed, renamed, private or not built in."""

from __future__ import annotations

from collections.abc import Container

from crossdock.app.venues.catalogue import Catalogue, Venue, venues
from crossdock.app.venues.facts import VenueStatus
from crossdock.errors import Unavailable


def usable(name: str, catalogue: Catalogue | None = None) -> Venue:
    """Return the venue of a name, or its successor where it was only renamed.

    Raises Unavailable for one that is closed or private, ConfigError for one not known.
    """
    found = catalogue or venues()
    venue = found.find(name)
    while venue.standing.word is VenueStatus.RENAMED:
        venue = found.find(venue.standing.successor)
    if gone := unavailable(venue):
        raise gone
    return venue


def unavailable(venue: Venue) -> Unavailable | None:
    """Return the error that a closed or private venue answers with, None for others."""
    standing = venue.standing
    if standing.word not in (VenueStatus.CLOSED, VenueStatus.PRIVATE):
        return None
    state = "closed" if standing.word is VenueStatus.CLOSED else "closed to programs"
    when = f"has been {state} since {standing.since}" if standing.since else f"is {state}"
    words = f"{venue.name} {when}: {standing.why}"
    if standing.advice:
        words += f". {standing.advice}"
    since = str(standing.since or "")
    gone = Unavailable(words, since=since, instead=standing.successor)
    from crossdock.app.venues.statements import STATEMENTS

    if venue.id in STATEMENTS:
        read = f"read its exports with `crossdock statement {venue.id} FILE`"
        gone.hint = f"{gone.hint}; {read}" if gone.hint else read
    return gone


def advice_on(name: str, adapters: Container[str] = ()) -> str:
    """Return what to write in place of a name that no adapter has, "" when it is unknown.

    `adapters` are those installed. Raises Unavailable where nothing can be written: the
    venue is closed or private.
    """
    asked = venues().get(name)
    if asked is None:
        return ""
    venue = usable(asked.id)
    installed = [each for each in venue.adapters if each in adapters]
    if asked is not venue:
        when = f" since {asked.standing.since}" if asked.standing.since else ""
        write = " or ".join(installed) or venue.id
        return f"{asked.name} has been called {venue.name}{when}: write {write}"
    if installed:
        return f"{venue.name} is written {' or '.join(installed)}"
    return f"no adapter for {venue.name} is installed; see `crossdock venues {venue.id}`"
