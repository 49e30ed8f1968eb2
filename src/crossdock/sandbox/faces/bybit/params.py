"""What a call asks for: fields by name, from a query or from JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from crossdock.sandbox.faces.bybit.names import CATEGORIES
from crossdock.sandbox.faces.bybit.refusals import Said, invalid

_NUMBER = re.compile(r"\d{1,20}(\.\d{0,20})?", re.ASCII)
_LINK_ID = re.compile(r"[A-Za-z0-9_-]{1,36}", re.ASCII)
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def read_json(body: bytes | str) -> dict[str, Any]:
    try:
        fields = _decode(body) if body else {}
    except (msgspec.DecodeError, UnicodeDecodeError):
        fields = None
    if not isinstance(fields, dict):
        raise Said(10001, "Request parameter error: not JSON")
    return fields


class Params:
    """Fields of one call. Every reader raises the protocol's refusal."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def maybe(self, name: str) -> str | None:
        value = self._fields.get(name)
        if value is None or value == "" or isinstance(value, list | dict):
            return None
        if isinstance(value, bool):
            return "true" if value else "false"
        return format(value, "f") if isinstance(value, Decimal) else str(value)

    def text(self, name: str) -> str:
        text = self.maybe(name)
        if text is None:
            raise invalid(name)
        return text

    @property
    def category(self) -> str:
        return self.choice("category", CATEGORIES)

    def choice(self, name: str, values: Iterable[str], default: str | None = None) -> str:
        text = self.maybe(name) or default
        if text is None or text not in values:
            raise invalid(name)
        return text

    def flag(self, name: str) -> bool:
        return (self.maybe(name) or "false").lower() in ("true", "1")

    def whole(self, name: str, default: int, *, most: int) -> int:
        text = self.maybe(name)
        if text is None:
            return default
        if not text.isascii() or not text.isdigit():
            raise invalid(name)
        return min(int(text), most)

    def time_ns(self, name: str) -> int | None:
        """Read milliseconds since 1970."""
        text = self.maybe(name)
        if text is None:
            return None
        if not text.isascii() or not text.isdigit():
            raise invalid(name)
        return int(text) * 1_000_000

    def decimal(self, name: str) -> Decimal:
        value = self.decimal_or_none(name)
        if value is None:
            raise invalid(name)
        return value

    def decimal_or_none(self, name: str) -> Decimal | None:
        text = self.maybe(name)
        if text is None:
            return None
        if _NUMBER.fullmatch(text) is None or (value := Decimal(text)) <= 0:
            raise invalid(name)
        return value

    def link_id(self) -> str | None:
        text = self.maybe("orderLinkId")
        if text is not None and _LINK_ID.fullmatch(text) is None:
            raise invalid("orderLinkId")
        return text
