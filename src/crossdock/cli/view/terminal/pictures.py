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
_MOST_ENDED = 100  # orders: all that are open, and the newest that are not
_ENDED = frozenset({"Filled", "Canceled", "Rejected", "Expired", "NeverAccepted"})


def is_open(order: Mapping[str, Any]) -> bool:
    return order["status"] not in _ENDED


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

    def order(self, order_id: str | None) -> dict[str, Any] | None:
        return next((r for r in self.rows("orders") if r["order_id"] == order_id), None)

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
    kept = [*rows.values(), *new]
    return _without_old_orders(kept) if topic == "orders" else kept


def _without_old_orders(rows: list[Any]) -> list[Any]:
    ended = [row for row in rows if not is_open(row)]
    if len(ended) <= _MOST_ENDED:
        return rows
    ended.sort(key=lambda row: row.get("created_time_ns") or 0)
    gone = {row["order_id"] for row in ended[:-_MOST_ENDED]}
    return [row for row in rows if row["order_id"] not in gone]
