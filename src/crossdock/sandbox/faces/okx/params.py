"""What a call asks for: fields by name, from a query or from JSON."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import msgspec

from crossdock.sandbox.faces.fields import Fields
from crossdock.sandbox.faces.okx.refusals import Said, invalid
from crossdock.sandbox.faces.refusals import Refusal

_CLIENT_ID = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def read_json(body: bytes | str) -> Any:
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Said("50002", "JSON syntax error") from None


class Params(Fields):
    """Fields of one call. Every reader raises the protocol's refusal."""

    caps_numbers = True

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

    @staticmethod
    def wrong(name: str) -> Refusal:
        return invalid(name)

    @classmethod
    def missing(cls, name: str) -> Refusal:
        return Said("50014", f"Parameter {name} cannot be empty.")

    def price_or_market(self, name: str) -> Decimal | None:
        """Read the price behind a trigger: -1 is the market's."""
        return None if self.maybe(name) in (None, "-1") else self.decimal(name)

    def client_id(self, name: str) -> str | None:
        return self.matching(name, _CLIENT_ID)

    def children(self, name: str) -> list[Params]:
        rows = self._fields.get(name)
        if rows is None:
            return []
        if not isinstance(rows, list) or not all(isinstance(it, dict) for it in rows):
            raise invalid(name)
        return [Params(it) for it in rows]
