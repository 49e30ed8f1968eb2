"""Parameters of a call: texts of a query, or values of JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from crossdock.sandbox.faces.deribit.refusals import Said, invalid
from crossdock.sandbox.faces.fields import Fields
from crossdock.sandbox.faces.refusals import Refusal

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


class Params(Fields):
    """Fields of one call. Every reader raises the protocol's refusal."""

    @staticmethod
    def wrong(name: str) -> Refusal:
        return invalid(name)

    @classmethod
    def missing(cls, name: str) -> Refusal:
        return invalid(name, "is required")

    def texts(self, name: str) -> list[str]:
        value = self._fields.get(name)
        if not isinstance(value, list):
            raise invalid(name, "must be an array")
        return [str(it) for it in value]

    def whole(self, name: str, default: int, *, least: int = 1, most: int = 10**18) -> int:
        return super().whole(name, default, least=least, most=most)

    def time_ns(self, name: str) -> int:
        found = super().time_ns(name)
        if found is None:
            raise self.missing(name)
        return found
