"""Fields of a call, read by name and strictly, whatever a protocol calls what it refuses."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Self

import msgspec

from crossdock.sandbox.faces.contract import Call
from crossdock.sandbox.faces.refusals import Refusal

_NUMBER = re.compile(r"\d{1,20}(\.\d{1,20})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,19}", re.ASCII)
_MS_NS = 1_000_000
_decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode


class Fields(ABC):
    """What a call says, from its path, its query or JSON. An empty text says nothing."""

    caps_numbers = False
    """Whether a number above the most there is counts as the most. Else it is refused."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    @classmethod
    def of(cls, call: Call) -> Self:
        """Read a call: its body outweighs its path, and that its query."""
        fields: dict[str, Any] = {**call.request.query, **call.request.match_info}
        if call.body:
            try:
                fields |= _decode(call.body)
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise cls.wrong("body") from None
        return cls(fields)

    @staticmethod
    @abstractmethod
    def wrong(name: str) -> Refusal:
        """Refuse what a field says, in the protocol's words."""

    @classmethod
    def missing(cls, name: str) -> Refusal:
        """Refuse that a field says nothing."""
        return cls.wrong(name)

    def __contains__(self, name: str) -> bool:
        return self._fields.get(name) not in (None, "")

    def maybe(self, name: str) -> str | None:
        value = self._fields.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, list | dict):
            raise self.wrong(name)
        if isinstance(value, bool):
            return "true" if value else "false"
        return format(value, "f") if isinstance(value, Decimal) else str(value)

    def text(self, name: str) -> str:
        text = self.maybe(name)
        if text is None:
            raise self.missing(name)
        return text

    def choice(self, name: str, values: Iterable[str], default: str | None = None) -> str:
        text = self.maybe(name) or default
        if text is None or text not in values:
            raise self.wrong(name)
        return text

    def flag(self, name: str) -> bool:
        return (self.maybe(name) or "").lower() == "true"

    def whole(self, name: str, default: int, *, least: int = 0, most: int = 10**18) -> int:
        text = self.maybe(name)
        if text is None:
            return default
        if _WHOLE.fullmatch(text) is None or (number := int(text)) < least:
            raise self.wrong(name)
        if number > most and not self.caps_numbers:
            raise self.wrong(name)
        return min(number, most)

    def time_ns(self, name: str) -> int | None:
        """Read milliseconds since 1970."""
        return self.whole(name, 0) * _MS_NS if name in self else None

    def decimal(self, name: str) -> Decimal:
        """Read a number above zero."""
        text = self.text(name)
        if _NUMBER.fullmatch(text) is None or (value := Decimal(text)) <= 0:
            raise self.wrong(name)
        return value

    def decimal_or_none(self, name: str) -> Decimal | None:
        return self.decimal(name) if name in self else None

    def matching(self, name: str, pattern: re.Pattern[str]) -> str | None:
        """Read a text that has a form, if there is one."""
        text = self.maybe(name)
        if text is not None and pattern.fullmatch(text) is None:
            raise self.wrong(name)
        return text
