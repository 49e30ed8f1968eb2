"""Parameters of a call: texts of a query, or values of JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from crossdock.sandbox.faces.deribit.refusals import Said, invalid

_NUMBER = re.compile(r"\d{1,20}(\.\d{1,20})?", re.ASCII)
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def read_json(text: str) -> dict[str, Any]:
    """Return a request. Raises the protocol's refusal for what is none."""
    try:
        fields = _decode(text)
    except msgspec.DecodeError:
        raise Said(-32700, "Parse error") from None
    if not isinstance(fields, dict):
        raise Said(-32600, "Invalid Request")
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
            raise invalid(name, "is required")
        return text

    def texts(self, name: str) -> list[str]:
        value = self._fields.get(name)
        if not isinstance(value, list):
            raise invalid(name, "must be an array")
        return [str(it) for it in value]

    def choice(self, name: str, values: Iterable[str], default: str | None = None) -> str:
        text = self.maybe(name) or default
        if text is None or text not in values:
            raise invalid(name)
        return text

    def flag(self, name: str) -> bool:
        return (self.maybe(name) or "false").lower() == "true"

    def whole(self, name: str, default: int, *, most: int, least: int = 1) -> int:
        text = self.maybe(name)
        if text is None:
            return default
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise invalid(name)
        return int(text)

    def time_ns(self, name: str) -> int:
        """Read milliseconds since 1970."""
        text = self.text(name)
        if not text.isascii() or not text.isdigit():
            raise invalid(name)
        return int(text) * 1_000_000

    def decimal(self, name: str) -> Decimal:
        value = self.decimal_or_none(name)
        if value is None:
            raise invalid(name, "is required")
        return value

    def decimal_or_none(self, name: str) -> Decimal | None:
        text = self.maybe(name)
        if text is None:
            return None
        if _NUMBER.fullmatch(text) is None or (value := Decimal(text)) <= 0:
            raise invalid(name)
        return value
