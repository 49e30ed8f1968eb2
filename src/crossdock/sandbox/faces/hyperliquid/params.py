"""What a body asks for: fields by name, each as it has to be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from crossdock.sandbox.faces.hyperliquid.names import is_cloid
from crossdock.sandbox.faces.hyperliquid.refusals import malformed

_DECIMAL = re.compile(r"\d{1,20}(\.\d{1,20})?", re.ASCII)


class Params:
    """Fields of a JSON object. Every reader raises the protocol's refusal."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def __contains__(self, name: str) -> bool:
        return self._fields.get(name) is not None

    def text(self, name: str) -> str:
        value = self._fields.get(name)
        if not isinstance(value, str):
            raise malformed()
        return value

    def whole(self, name: str) -> int:
        value = self._fields.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise malformed()
        return value

    def maybe_whole(self, name: str) -> int | None:
        return self.whole(name) if name in self else None

    def flag(self, name: str) -> bool:
        value = self._fields.get(name)
        if not isinstance(value, bool):
            raise malformed()
        return value

    def amount(self, name: str) -> Decimal:
        """Read a price or a size; zeros at their end are not part of what is signed."""
        text = self.text(name)
        if _DECIMAL.fullmatch(text) is None:
            raise malformed()
        return Decimal(text)

    def cloid(self, name: str) -> str:
        text = self.text(name)
        if not is_cloid(text):
            raise malformed()
        return text.lower()

    def order_name(self, name: str) -> int | str:
        """Read what names an order: its id, or the one its client gave."""
        value = self._fields.get(name)
        return self.cloid(name) if isinstance(value, str) else self.whole(name)

    def within(self, name: str) -> Params:
        value = self._fields.get(name)
        if not isinstance(value, dict):
            raise malformed()
        return Params(value)

    def each(self, name: str) -> list[Params]:
        """Read a list of objects with one in it at least."""
        value = self._fields.get(name)
        if not isinstance(value, list) or not value:
            raise malformed()
        return [Params({"": it}).within("") for it in value]


@lru_cache(maxsize=64)
def read_body(body: bytes) -> Params:
    """Read a body; kept, since a call is looked at more than once. Raises Refusal."""
    try:
        return Params(msgspec.json.decode(body, type=dict[str, Any]))
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise malformed() from None
