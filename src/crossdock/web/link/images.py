"""What a topic amounts to: its snapshot with every change since laid on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

MOST_ROWS = 500  # of rows that only ever grow, such as fills
_APART = frozenset({"orders", "fills"})  # a busy strategy pushes out no other's
ENDED = frozenset({"Filled", "Canceled", "Rejected", "Expired", "NeverAccepted"})


class Image(Protocol):
    seq: int
    at: int

    @property
    def data(self) -> Any: ...

    def merge(self, data: Any) -> None: ...


def image_of(topic: str, data: Any) -> Image:
    """Return the image that a snapshot begins."""
    kind = topic.partition(":")[0]
    if kind == "candle":
        return _Chart(data)
    key = _KEYS.get(kind)
    return _Whole(data) if key is None else _Rows(kind, key, data)


class _Whole:
    """A topic that is always told as a whole."""

    def __init__(self, data: Any) -> None:
        self.seq = self.at = 0
        self.data = data

    def merge(self, data: Any) -> None:
        self.data = data


class _Rows:
    """Rows by a key, in the order in which they came to be known."""

    def __init__(
        self, kind: str, key: tuple[str, ...], data: Iterable[Mapping[str, Any]]
    ) -> None:
        self.seq = self.at = 0
        self._key = key
        self._is_apart = kind in _APART
        self._rows: dict[tuple[Any, ...], Mapping[str, Any]] = {}
        self._put(data)

    @property
    def data(self) -> list[Mapping[str, Any]]:
        return list(self._rows.values())

    def merge(self, data: Iterable[Mapping[str, Any]]) -> None:
        new = [row for row in data if self._id(row) not in self._rows]
        self._rows.update((self._id(row), row) for row in data)
        if self._key[0] in ("instrument", "name"):
            return
        # What is newest stands first, as in a snapshot.
        first = {self._id(row): row for row in new}
        places = Counter[Any]()
        kept = {}
        for key, row in {**first, **self._rows}.items():
            whose = row.get("strategy") if self._is_apart else None
            if places[whose] < MOST_ROWS or self._stays(row):
                kept[key] = row
            places[whose] += 1
        self._rows = kept

    def _stays(self, row: Mapping[str, Any]) -> bool:
        """Tell whether a row is kept whatever its age: an order that is not over."""
        return self._key == ("order_id",) and row.get("status") not in ENDED

    def _put(self, data: Iterable[Mapping[str, Any]]) -> None:
        self._rows = {self._id(row): row for row in data}

    def _id(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(row.get(name) for name in self._key)


class _Chart:
    """A chart: bars and the points of indicators by their time, and the bar that forms."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.seq = self.at = 0
        self._told: dict[str, Any] = {}
        self._bars: dict[float, Any] = {}
        self._lines: dict[tuple[str, str], tuple[Mapping[str, Any], dict[float, Any]]] = {}
        self.merge(data)

    @property
    def data(self) -> dict[str, Any]:
        told = {**self._told, "bars": list(self._bars.values())}
        if "indicators" in told:
            told["indicators"] = [
                {**row, "points": list(points.values())}
                for row, points in self._lines.values()
            ]
        return told

    def merge(self, data: Mapping[str, Any]) -> None:
        self._told |= {key: value for key, value in data.items() if key != "bars"}
        _put_by_time(self._bars, data.get("bars", ()))
        for row in data.get("indicators", ()):
            key = (row["strategy"], row["name"])
            _, points = self._lines.get(key) or (row, {})
            _put_by_time(points, row["points"])
            self._lines[key] = (row, points)


def _put_by_time(known: dict[float, Any], told: Iterable[Any]) -> None:
    """Take in what begins with its time, and let the oldest go."""
    known.update((each[0], each) for each in told)
    while len(known) > MOST_ROWS:
        del known[next(iter(known))]


_KEYS: Mapping[str, tuple[str, ...]] = {
    "books": ("instrument",),
    "orders": ("order_id",),
    "fills": ("account", "instrument", "venue_order_id", "execution_id"),
    "strategies": ("name",),
    "signals": ("correlation",),
    "alerts": ("at", "code", "words", "order_id"),
}
