"""What a call asks for: fields by name, from a query or from JSON."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import msgspec

from crossdock.sandbox.faces.bybit.names import CATEGORIES
from crossdock.sandbox.faces.bybit.refusals import Said, invalid
from crossdock.sandbox.faces.fields import Fields
from crossdock.sandbox.faces.refusals import Refusal

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


class Params(Fields):
    """Fields of one call. Every reader raises the protocol's refusal."""

    caps_numbers = True

    @staticmethod
    def wrong(name: str) -> Refusal:
        return invalid(name)

    @property
    def category(self) -> str:
        return self.choice("category", CATEGORIES)

    def flag(self, name: str) -> bool:
        return self.maybe(name) == "1" or super().flag(name)

    def link_id(self) -> str | None:
        return self.matching("orderLinkId", _LINK_ID)
