"""What a call asks for: a query, where a name may stand several times, or a JSON object."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from crossdock.sandbox.faces.coinbase.refusals import invalid
from crossdock.sandbox.faces.coinbase.values import Row, time_ns_of

_DECIMAL = re.compile(r"\d{1,20}(\.\d{1,20})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)


class Query:
    """Parameters of a read. Every reader raises the protocol's refusal."""

    def __init__(self, text: str) -> None:
        self._fields: dict[str, list[str]] = {}
        for name, value in parse_qsl(text):
            self._fields.setdefault(name.removesuffix("[]"), []).append(value)

    def maybe(self, name: str) -> str:
        return self._fields.get(name, [""])[-1]

    def text(self, name: str) -> str:
        text = self.maybe(name)
        if not text:
            raise invalid(f"{name} is required")
        return text

    def many(self, *names: str) -> frozenset[str]:
        """Return all values under some names, which may be one text with commas."""
        values = [value for name in names for value in self._fields.get(name, ())]
        return frozenset(part for value in values for part in value.split(",") if part)

    def whole(self, name: str, default: int, *, most: int = 10**15) -> int:
        text = self.maybe(name)
        if not text:
            return default
        if _WHOLE.fullmatch(text) is None:
            raise invalid(f"{name} must be an integer")
        return min(int(text), most)

    def time_ns(self, name: str) -> int | None:
        text = self.maybe(name)
        if not text:
            return None
        return read_time_ns(name, text)


def read_object(body: bytes) -> Row:
    """Read the JSON object of a write. Raises Refusal."""
    try:
        return msgspec.json.decode(body or b"{}", type=dict[str, Any])
    except msgspec.DecodeError:
        raise invalid("unable to parse the request body") from None


def read_text(fields: Row, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(f"{name} is required")
    return value


def read_decimal(fields: Row, name: str) -> Decimal | None:
    """Read an amount, given as text; none where it is missing or empty."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else str(value)
    if _DECIMAL.fullmatch(text) is None:
        raise invalid(f"{name} is not a valid decimal")
    return Decimal(text)


def read_time_ns(name: str, text: object) -> int:
    try:
        return time_ns_of(str(text))
    except ValueError:
        raise invalid(f"{name} must be a time of RFC 3339") from None
