"""What a call of the indexer's asks for, as text out of its query."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from crossdock.sandbox.faces.dydx.refusals import unfit

_MOST_ROWS = 1000
_NS = 1_000_000_000


class Params:
    """Parameters of one call. Every reader raises Unserved."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    def maybe(self, name: str) -> str:
        return self._fields.get(name, "")

    def text(self, name: str) -> str:
        text = self.maybe(name)
        if not text:
            raise unfit(f"{name} must be given")
        return text

    def names(self, name: str) -> list[str]:
        return [it for it in self.maybe(name).split(",") if it]

    def whole(self, name: str) -> int | None:
        text = self.maybe(name)
        if not text:
            return None
        if not (text.isascii() and text.isdecimal()):
            raise unfit(f"{name} must be a non-negative integer")
        return int(text)

    def limit(self) -> int:
        limit = self.whole("limit")
        if limit is None:
            return _MOST_ROWS
        if not 0 < limit <= _MOST_ROWS:
            raise unfit(
                "limit must be a positive integer that is not greater than max: "
                f"{_MOST_ROWS}"
            )
        return limit

    def time_ns(self, name: str) -> int | None:
        text = self.maybe(name)
        if not text:
            return None
        try:
            told = datetime.fromisoformat(text)
        except ValueError:
            raise unfit(f"{name} must be a time of ISO 8601") from None
        if told.tzinfo is None:
            told = told.replace(tzinfo=UTC)
        return int(told.timestamp()) * _NS + told.microsecond * 1000
