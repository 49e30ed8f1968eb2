"""What the desk last told of each topic it is watched for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_KEYS: Mapping[str, tuple[str, ...]] = {
    "books": ("instrument",),
    "orders": ("order_id",),
    "fills": ("account", "instrument", "venue_order_id", "execution_id"),
    "signals": ("correlation",),
    "strategies": ("name",),
}
_NEWEST_FIRST = frozenset({"fills", "alerts", "signals"})
_MOST = 200


class Pictures:
    """A snapshot replaces all of a topic; a change upserts rows by their key."""

    def __init__(self) -> None:
        self._told: dict[str, Any] = {}
        self.problems: dict[str, str] = {}

    def take(self, line: Mapping[str, Any]) -> str:
        """Take in one line of a watched connection; return its topic."""
        topic, data = str(line["topic"]), line["data"]
        if line["kind"] == "error":
            self.problems[topic] = f"{data['message']} {data.get('hint', '')}".strip()
            return topic
        self.problems.pop(topic, None)
        before = self._told.get(topic)
        if line["kind"] == "snapshot" or not isinstance(before, list):
            self._told[topic] = data
        elif topic == "alerts":
            self._told[topic] = [*data, *before][:_MOST]
        else:
            self._told[topic] = _upserted(topic, before, data)
        return topic

    def rows(self, topic: str) -> list[dict[str, Any]]:
        found = self._told.get(topic)
        return found if isinstance(found, list) else []

    def whole(self, topic: str) -> dict[str, Any]:
        found = self._told.get(topic)
        return found if isinstance(found, dict) else {}


def _upserted(
    topic: str, before: Iterable[Mapping[str, Any]], changed: Iterable[Mapping[str, Any]]
) -> list[Any]:
    names = _KEYS[topic]
    rows = {tuple(row[name] for name in names): row for row in before}
    new = []
    for row in changed:
        key = tuple(row[name] for name in names)
        if key in rows:
            rows[key] = row
        else:
            new.append(row)
    if topic in _NEWEST_FIRST:
        return [*new, *rows.values()][:_MOST]
    return [*rows.values(), *new]
