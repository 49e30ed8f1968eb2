"""What each topic amounts to, by versions: what changed since any of them is found at once.

Nothing is kept for a client but the version it was last told. Clients at the same version
are told the same text, which is made once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Protocol

from crossdock.web.push.topics import SUBJECTS, Subject

MOST_BARS = 500
KEPT_TEXTS = 8  # of one version: clients that lag are at few different ones

Encode = Callable[[str, Mapping[str, Any]], str]
Row = Mapping[str, Any]


class Holding(Protocol):
    """What is known of a topic. `whole_since`: whoever is older is told all of it."""

    whole_since: int

    def replace(self, data: Any, version: int) -> None: ...

    def merge(self, data: Any, version: int) -> None: ...

    def all(self) -> Any: ...

    def since(self, version: int) -> Any: ...


class Topic:
    """One room's content. `version` is 0 until something is known."""

    def __init__(self, room: str, subject: Subject, encode: Encode) -> None:
        self.room = room
        self.subject = subject
        self.version = 0
        self._at = 0
        self._encode = encode
        self._holding = _holding(subject)
        self._texts: dict[int, str] = {}
        self._error: tuple[int, Any] | None = None

    def take(self, kind: str, data: Any, at: int) -> None:
        """Take in what is said of it; an error stands until there is something else."""
        if kind == "change" and not self._holding.whole_since:
            return  # its snapshot follows
        self.version += 1
        self._at = at
        self._texts.clear()
        self._error = (self.version, data) if kind == "error" else None
        if kind == "snapshot":
            self._holding.replace(data, self.version)
        elif kind == "change":
            self._holding.merge(data, self.version)

    def text_since(self, version: int) -> str:
        """Return the message that brings somebody who knows a version to the newest."""
        text = self._texts.get(version)
        if text is None:
            if len(self._texts) >= KEPT_TEXTS:
                del self._texts[next(iter(self._texts))]
            text = self._texts[version] = self._encode(
                self.subject.event, self._message(version)
            )
        return text

    def _message(self, version: int) -> dict[str, Any]:
        message = {"topic": self.room, "seq": self.version, "at": self._at}
        if self._error is not None:
            return {**message, "kind": "error", "data": self._error[1]}
        held = self._holding
        if version < held.whole_since:
            return {**message, "kind": "snapshot", "data": held.all()}
        return {**message, "kind": "change", "data": held.since(version)}


class _Whole:
    """A topic that is always told as a whole."""

    def __init__(self) -> None:
        self.whole_since = 0
        self._data: Any = None

    def replace(self, data: Any, version: int) -> None:
        self._data, self.whole_since = data, version

    merge = replace

    def all(self) -> Any:
        return self._data

    def since(self, version: int) -> Any:
        return self._data


class _Versioned:
    """Values by key, those that changed last at the end."""

    def __init__(self) -> None:
        self._changed: dict[Hashable, int] = {}
        self.values: dict[Hashable, Any] = {}

    def clear(self) -> None:
        self._changed.clear()
        self.values.clear()

    def put(self, key: Hashable, value: Any, version: int) -> None:
        self._changed.pop(key, None)
        self._changed[key] = version
        self.values[key] = value

    def put_by_time(self, told: Iterable[Any], version: int) -> None:
        """Put what begins with its time, and drop the oldest of what are too many."""
        for each in told:
            self.put(each[0], each, version)
        self.drop_oldest(MOST_BARS)

    def drop_oldest(self, most: int, stays: Callable[[Any], bool] | None = None) -> None:
        """Drop what came first, except what stays whatever its age."""
        surplus = len(self.values) - most
        for key in [*islice(self._leaving(stays), max(surplus, 0))]:
            del self.values[key], self._changed[key]

    def _leaving(self, stays: Callable[[Any], bool] | None) -> Iterator[Hashable]:
        for key, value in self.values.items():
            if stays is None or not stays(value):
                yield key

    def since(self, version: int) -> list[Any]:
        """Return what changed after a version, the last change first."""
        found = []
        for key in reversed(self._changed):
            if self._changed[key] <= version:
                break
            found.append(self.values[key])
        return found


class _Rows:
    """Rows by what names each; of those that grow, the newest of a kind stand first."""

    def __init__(self, subject: Subject) -> None:
        self.whole_since = 0
        self._key = subject.key
        self._grows = subject.grows
        self._most = subject.most
        self._apart = subject.apart
        self._over = subject.over
        self._kinds: defaultdict[Hashable, _Versioned] = defaultdict(_Versioned)

    def replace(self, data: Iterable[Row], version: int) -> None:
        self._kinds.clear()
        self.merge(data, version)
        self.whole_since = version

    def merge(self, data: Iterable[Row], version: int) -> None:
        changed = set()
        for row in reversed(list(data)) if self._grows else data:
            kind = row.get(self._apart) if self._apart else None
            changed.add(kind)
            key = tuple(row.get(name) for name in self._key)
            self._kinds[kind].put(key, row, version)
        if self._grows:
            for kind in changed:
                stays = self._stays if self._over else None
                self._kinds[kind].drop_oldest(self._most, stays)

    def _stays(self, row: Row) -> bool:
        return row.get("status") not in self._over

    def all(self) -> list[Row]:
        rows = [row for held in self._kinds.values() for row in held.values.values()]
        return rows[::-1] if self._grows else rows

    def since(self, version: int) -> list[Row]:
        changed = [row for held in self._kinds.values() for row in held.since(version)]
        return changed if self._grows else changed[::-1]


class _Chart:
    """Bars and the points of indicators by their time, and the bar that forms."""

    def __init__(self) -> None:
        self.whole_since = 0
        self._told: dict[str, Any] = {}
        self._bars = _Versioned()
        self._lines: dict[tuple[str, str], tuple[Row, _Versioned]] = {}

    def replace(self, data: Row, version: int) -> None:
        self._told = {}
        self._bars.clear()
        self._lines.clear()
        self.merge(data, version)
        self.whole_since = version

    def merge(self, data: Row, version: int) -> None:
        by_time = ("bars", "indicators")
        self._told |= {name: value for name, value in data.items() if name not in by_time}
        self._bars.put_by_time(data.get("bars", ()), version)
        for row in data.get("indicators", ()):
            key = (row["strategy"], row["name"])
            _, points = self._lines.get(key) or (row, _Versioned())
            points.put_by_time(row["points"], version)
            self._lines[key] = (row, points)

    def all(self) -> dict[str, Any]:
        return self._shown(lambda held: held.values.values())

    def since(self, version: int) -> dict[str, Any]:
        return self._shown(lambda held: held.since(version))

    def _shown(self, chosen: Callable[[_Versioned], Iterable[Any]]) -> dict[str, Any]:
        shown = {**self._told, "bars": sorted(chosen(self._bars))}
        lines = [
            {**row, "points": points}
            for row, held in self._lines.values()
            if (points := sorted(chosen(held)))
        ]
        return {**shown, "indicators": lines} if lines else shown


def _holding(subject: Subject) -> Holding:
    if subject is SUBJECTS["candle"]:
        return _Chart()
    return _Rows(subject) if subject.key else _Whole()
