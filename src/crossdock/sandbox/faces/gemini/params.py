"""What a call asks for, and how Gemini writes numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crossdock.sandbox.faces.gemini.refusals import Said
from crossdock.sandbox.faces.refusals import Refusal, bad_request

Row = dict[str, Any]

_NUMBER = re.compile(r"\d{1,20}(\.\d{1,20})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,19}", re.ASCII)
_MOST_ID = 100


class Params:
    """Fields of a payload, of a query or a path. Every reader raises Refusal."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def __contains__(self, name: str) -> bool:
        return self._fields.get(name) not in (None, "")

    def maybe(self, name: str) -> str | None:
        value = self._fields.get(name)
        return None if value is None or value == "" else str(value)

    def whole(self, name: str, default: int, *, most: int = 10**18) -> int:
        text = self.maybe(name)
        if text is None:
            return default
        if _WHOLE.fullmatch(text) is None:
            raise bad_request(f"{name} is no whole number")
        return min(int(text), most)

    def decimal(self, name: str, reason: str) -> Decimal:
        text = self.maybe(name)
        if text is None:
            raise Said("MissingPayloadKey", f"{name} is missing")
        if _NUMBER.fullmatch(text) is None or (value := Decimal(text)) <= 0:
            raise Said(reason, f"Invalid {name}: {text}")
        return value

    def order_id(self) -> str:
        """Read the engine's id of an order."""
        text = self.maybe("order_id")
        if text is None:
            raise Said("MissingOrderField", "order_id is missing")
        if _WHOLE.fullmatch(text) is None or int(text) <= FIRST_ORDER:
            raise Refusal("unknown_order", f"Order {text} not found")
        return str(int(text) - FIRST_ORDER)

    def client_id(self) -> str | None:
        value = self._fields.get("client_order_id")
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise Said("ClientOrderIdMustBeString", "client_order_id is a string")
        if len(value) > _MOST_ID:
            raise Said("ClientOrderIdTooLong", "client_order_id is under 100 characters")
        return value

    def option(self) -> str | None:
        """Read the one execution option of an order, if it has one."""
        value = self._fields.get("options")
        if value is None:
            return None
        if not isinstance(value, list):
            raise Said("OptionsMustBeArray", "options is an array")
        if len(value) > 1:
            raise Said("ConflictingOptions", "only one option is supported")
        return str(value[0]) if value else None


FIRST_ORDER = 106_000_000_000
_FIRST_TRADE = 2_840_000_000_000


def order_id(engine_id: str) -> str:
    return str(FIRST_ORDER + int(engine_id))


def trade_id(engine_id: str) -> int:
    """Return the id of an execution, or of what else moved an account."""
    return _FIRST_TRADE + int(engine_id[1:])
