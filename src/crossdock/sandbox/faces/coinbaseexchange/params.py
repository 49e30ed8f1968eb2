"""What a call asks for: the query of a read, the JSON object of a write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from crossdock.sandbox.faces.coinbaseexchange.refusals import Said

_DECIMAL = re.compile(r"\d{1,20}(\.\d{1,20})?", re.ASCII)


class Params:
    """Parameters of one call as text. Every reader raises the protocol's refusal."""

    def __init__(self, fields: Mapping[str, str], pairs: list[tuple[str, str]]) -> None:
        self._fields = fields
        self._pairs = pairs

    @classmethod
    def of(cls, query: str, body: bytes) -> Params:
        pairs = parse_qsl(query)
        fields = dict(pairs)
        if body:
            try:
                given = msgspec.json.decode(body, type=dict[str, Any])
            except msgspec.DecodeError:
                raise Said("Invalid JSON") from None
            fields |= {name: _text(it) for name, it in given.items() if it is not None}
        return cls(fields, pairs)

    def __contains__(self, name: str) -> bool:
        return bool(self._fields.get(name))

    def maybe(self, name: str) -> str:
        return self._fields.get(name, "")

    def text(self, name: str) -> str:
        text = self._fields.get(name, "")
        if not text:
            raise Said(f"{name} is required")
        return text

    def every(self, name: str) -> list[str]:
        return [value for given, value in self._pairs if given == name]

    def choice(self, name: str, values: Iterable[str], default: str = "") -> str:
        text = self._fields.get(name) or default
        if text not in values:
            raise Said(f"Invalid {name}")
        return text

    def flag(self, name: str) -> bool:
        return self._fields.get(name, "").lower() == "true"

    def whole(self, name: str, default: int) -> int:
        text = self._fields.get(name, "")
        if not text:
            return default
        if not text.isdecimal():
            raise Said(f"Invalid {name}")
        return int(text)

    def amount(self, name: str) -> Decimal:
        text = self.text(name)
        if _DECIMAL.fullmatch(text) is None or Decimal(text) <= 0:
            raise Said(f"Invalid {name}")
        return Decimal(text)

    def time_ns(self, name: str) -> int | None:
        """Read a time given as ISO 8601 or in seconds."""
        text = self._fields.get(name, "")
        if not text:
            return None
        if _DECIMAL.fullmatch(text):
            return int(Decimal(text) * 10**9)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise Said(f"Invalid {name}") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return round(moment.timestamp() * 10**6) * 1000


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return msgspec.json.encode(value).decode()
