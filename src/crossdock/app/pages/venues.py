"""The page docs/reference/venues.md, made from the catalogue: `python -m … FILE` writes it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from crossdock.app.venues import Catalogue, Venue, VenueStatus, unavailable, venues
from crossdock.app.venues.telling import fees_in_short, in_words

_HEAD = """\
<!-- Made from the catalogue of venues by `make docs`; changes here are lost. -->

# Venues

Every venue we know of, open or closed. A fact stands with the page it was read on and the day; what nobody
read is absent. Fees are those of the lowest tier, in percent, maker and taker: they change, and the source
counts. `crossdock venues NAME` tells the same on the command line, with what the adapters installed here
can do and how far each was proven; [the pages of the adapters](../adapters/README.md) tell that in full.

A name is found in any case, with or without punctuation, by its aliases, too. Naming a venue that is closed,
or closed to programs, ends with [unavailable](../errors.md#unavailable): since when, why, and where to go.
[Its exports can still be read](../how-to/read-a-statement.md)."""


def venues_page(catalogue: Catalogue) -> str:
    """Return the page."""
    usable = [each for each in catalogue if each.standing.word is VenueStatus.OPEN]
    gone = [each for each in catalogue if each.standing.word is not VenueStatus.OPEN]
    parts = [
        _HEAD,
        "## Open",
        _table(("venue", "id", "kind", "trades", "fees"), (_row(each) for each in usable)),
        "## Closed, renamed, or closed to programs",
        _table(
            ("venue", "id", "status", "since", "why", "instead"),
            (_gone_row(each, catalogue) for each in gone),
        ),
        *(part for venue in catalogue for part in _section(venue)),
    ]
    return "\n\n".join(parts) + "\n"


def _row(venue: Venue) -> str:
    trades = ", ".join(sorted(venue.asset_classes))
    link = f"[{venue.name}](#{_anchor(venue)})"
    return f"| {link} | `{venue.id}` | {venue.kind} | {trades} | {fees_in_short(venue)} |"


def _gone_row(venue: Venue, catalogue: Catalogue) -> str:
    standing = venue.standing
    successor = catalogue.get(standing.successor) if standing.successor else None
    instead = f"[{successor.name}](#{_anchor(successor)})" if successor else ""
    link = f"[{venue.name}](#{_anchor(venue)})"
    return (
        f"| {link} | `{venue.id}` | {standing.word} | {standing.since or ''} | "
        f"{_cell(standing.why)} | {instead} |"
    )


def _section(venue: Venue) -> Iterator[str]:
    yield f"## {venue.name}"
    names = f"Also known as {', '.join(venue.aliases)}. " if venue.aliases else ""
    adapters = " or ".join(f"`{each}`" for each in venue.adapters)
    if gone := unavailable(venue):
        hint = gone.hint.replace("read its", "Read its")
        yield f"{names}{_cell(gone.message)}. {hint}".rstrip(". ") + "."
    elif adapters:
        yield f"{names}`adapter = ` takes {adapters}, where it is installed."
    elif names:
        yield names.strip()
    yield _table(
        ("what", "value", "read", "source"),
        (
            f"| {fact.name.replace('_', ' ')} | {_cell(in_words(fact))} | {fact.day} | "
            f"{_source(fact.source)} |"
            for fact in venue.facts
        ),
    )


def _source(source: str) -> str:
    if "://" in source:
        host = source.split("/")[2].removeprefix("www.")
        return f"[{host}](<{source}>)"
    return f"[{source}](../../{source})"


def _anchor(venue: Venue) -> str:
    kept = "".join(each for each in venue.name.lower() if each.isalnum() or each in " -_")
    return kept.replace(" ", "-")


def _table(heads: tuple[str, ...], rows: Iterable[str]) -> str:
    rule = "|".join("---" for _ in heads)
    return "\n".join([f"| {' | '.join(heads)} |", f"|{rule}|", *rows])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(venues_page(venues()), "utf-8")
    sys.stderr.write(f"{sys.argv[1]}\n")
