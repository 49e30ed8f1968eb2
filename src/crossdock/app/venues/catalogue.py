"""Every venue we know of, read from the files in `entries`, without any venue's code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import Any, NoReturn

import msgspec

from crossdock.app.nearest import did_you_mean
from crossdock.app.venues.facts import FACTS, AssetClass, Entry, Standing, VenueKind
from crossdock.errors import ConfigError, DataError

_ID = re.compile(r"[a-z0-9][a-z0-9_]*")
_COUNTRY = re.compile(r"[A-Z]{2}")
_SOURCE = re.compile(r"https?://\S+|docs(/[\w.\-]+)+")  # a page, or a file of this tree
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing known of a venue, where it was read, and when."""

    name: str
    value: Any
    source: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """One venue of the catalogue. `facts` are in the order in which they are shown."""

    id: str
    name: str
    kind: VenueKind
    aliases: tuple[str, ...]
    adapters: tuple[str, ...]
    standing: Standing
    facts: tuple[Fact, ...]

    def known(self, name: str) -> tuple[Fact, ...]:
        """Return the facts of that name: none, one, or one for each page that had some."""
        return tuple(fact for fact in self.facts if fact.name == name)

    @property
    def asset_classes(self) -> frozenset[AssetClass]:
        found = self.known("asset_classes")
        return frozenset(each for fact in found for each in fact.value)


class Catalogue:
    """All venues by id. Names are found in any case, with or without punctuation."""

    def __init__(self, venues: Iterable[Venue]) -> None:
        self._venues: dict[str, Venue] = {}
        self._by_name: dict[str, Venue] = {}
        for venue in venues:
            self._venues[venue.id] = venue
            for name in (venue.id, venue.name, *venue.aliases):
                other = self._by_name.setdefault(_plain(name), venue)
                if other is not venue:
                    raise ValueError(f"{name} is a name of {other.id} and of {venue.id}")
        for venue in self:
            successor = venue.standing.successor
            if successor and successor not in self._venues:
                raise ValueError(f"{venue.id}: its successor {successor} is not here")

    def __iter__(self) -> Iterator[Venue]:
        return iter(self._venues.values())

    def __len__(self) -> int:
        return len(self._venues)

    def get(self, name: str) -> Venue | None:
        return self._by_name.get(_plain(name))

    def find(self, name: str) -> Venue:
        """Return the venue of that name or alias, closed or not. Raises ConfigError."""
        if found := self.get(name):
            return found
        near = did_you_mean(_plain(name), self._by_name)
        raise ConfigError(
            f"no venue is called {name!r}",
            code="bad-argument",
            hint=near if near.startswith("did") else "see `crossdock venues`",
        )


def _plain(name: str) -> str:
    return _NOT_IN_NAMES.sub("", name.lower())


@cache
def venues() -> Catalogue:
    """Return the catalogue, read once."""
    return read_catalogue(files("crossdock.app.venues") / "entries")


def read_catalogue(folder: Traversable) -> Catalogue:
    """Read every TOML file beneath a folder. Raises DataError: file, key, expectation."""
    read = sorted((read_venue(file) for file in _entries(folder)), key=lambda it: it.id)
    try:
        for earlier, later in pairwise(read):
            if earlier.id == later.id:
                raise ValueError(f"{later.id} is there twice")
        return Catalogue(read)
    except ValueError as error:
        raise _wrong(folder, str(error)) from None


def _entries(folder: Traversable) -> Iterator[Traversable]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _entries(each)
        elif each.name.endswith(".toml"):
            yield each


def read_venue(file: Traversable) -> Venue:
    """Read one venue. Raises DataError."""
    try:
        tree = tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)
        entry = msgspec.convert(tree, Entry)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise _wrong(file, str(error)) from None
    if file.name != f"{entry.id}.toml" or not _ID.fullmatch(entry.id):
        raise _wrong(file, f"its id is {entry.id!r}: the file's name, in lower case")
    facts = _facts(file, entry)
    standing = [fact.value for fact in facts if fact.name == "status"]
    if len(standing) != 1:
        raise _wrong(file, "exactly one page tells its status")
    return Venue(
        id=entry.id,
        name=entry.name,
        kind=entry.kind,
        aliases=entry.aliases,
        adapters=entry.adapters,
        standing=standing[0],
        facts=facts,
    )


def _facts(file: Traversable, entry: Entry) -> tuple[Fact, ...]:
    found: list[Fact] = []
    for reading in entry.readings:
        if not _SOURCE.fullmatch(reading.source):
            raise _wrong(file, f"source {reading.source!r}: expected the address of a page")
        told = [
            Fact(name=name, value=value, source=reading.source, day=reading.day)
            for name in FACTS
            if (value := getattr(reading, name)) is not None and value not in ("", (), {})
        ]
        if not told:
            raise _wrong(file, f"nothing was read from {reading.source}")
        for code in reading.countries_refused:
            if not _COUNTRY.fullmatch(code):
                raise _wrong(file, f"countries_refused: {code!r} is no two-letter code")
        found += told
    _no_contradiction(file, found)
    return tuple(sorted(found, key=lambda fact: FACTS.index(fact.name)))


def _no_contradiction(file: Traversable, found: Sequence[Fact]) -> None:
    """Refuse what two pages tell: lists may be told in parts, but nothing twice."""
    seen: dict[str, set[Any]] = {}
    for fact in found:
        known = seen.setdefault(fact.name, set())
        parts = _parts(fact.value)
        if parts is None:
            if known:
                raise _wrong(file, f"{fact.name} is told by two pages")
            known.add(fact.name)
        for part in parts or ():
            if part in known:
                raise _wrong(file, f"{fact.name}: {part!r} is told twice")
            known.add(part)


def _parts(value: Any) -> list[Any] | None:
    if isinstance(value, tuple):
        return [getattr(each, "market", each) for each in value]
    return list(value) if isinstance(value, Mapping) else None


def _wrong(file: Traversable, words: str) -> NoReturn:
    raise DataError(words, file=file.name, hint="mend this file of the catalogue")
