"""What a call asks for: fields by name, from a query or from JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from crossdock.sandbox.faces.okx.refusals import Said, invalid

_NUMBER = re.compile(r"\d{1,20}(\.\d{0,20})?", re.ASCII)
_CLIENT_ID = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def read_json(body: bytes | str) -> Any:
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Said("50002", "JSON syntax error") from None


class Params:
    """Fields of one call. Every reader raises the protocol's refusal."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = fields

    @classmethod
    def of_body(cls, body: bytes) -> Params:
        fields = read_json(body) if body else {}
        if not isinstance(fields, dict):
            raise Said("50002", "JSON syntax error")
        return cls(fields)

    @classmethod
    def rows(cls, body: bytes, *, most: int) -> list[Params]:
        """Read a list of objects."""
        rows = read_json(body)
        if not isinstance(rows, list) or not 0 < len(rows) <= most:
            raise Said("50002", "JSON syntax error")
        return [cls(it if isinstance(it, dict) else {}) for it in rows]

    def maybe(self, name: str) -> str | None:
        value = self.fields.get(name)
        if value is None or value == "" or isinstance(value, list | dict):
            return None
        if isinstance(value, bool):
            return "true" if value else "false"
        return format(value, "f") if isinstance(value, Decimal) else str(value)

    def text(self, name: str) -> str:
        text = self.maybe(name)
        if text is None:
            raise Said("50014", f"Parameter {name} cannot be empty.")
        return text

    def choice(self, name: str, values: Iterable[str], default: str | None = None) -> str:
        text = self.maybe(name) or default
        if text is None or text not in values:
            raise invalid(name)
        return text

    def flag(self, name: str) -> bool:
        return (self.maybe(name) or "false").lower() == "true"

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
            raise Said("50014", f"Parameter {name} cannot be empty.")
        return value

    def decimal_or_none(self, name: str) -> Decimal | None:
        text = self.maybe(name)
        if text is None:
            return None
        if _NUMBER.fullmatch(text) is None or (value := Decimal(text)) <= 0:
            raise invalid(name)
        return value

    def price_or_market(self, name: str) -> Decimal | None:
        """Read the price behind a trigger: -1 is the market's."""
        return None if self.maybe(name) in (None, "-1") else self.decimal(name)

    def client_id(self, name: str) -> str | None:
        text = self.maybe(name)
        if text is not None and _CLIENT_ID.fullmatch(text) is None:
            raise invalid(name)
        return text

    def children(self, name: str) -> list[Params]:
        rows = self.fields.get(name)
        if rows is None:
            return []
        if not isinstance(rows, list) or not all(isinstance(it, dict) for it in rows):
            raise invalid(name)
        return [Params(it) for it in rows]
