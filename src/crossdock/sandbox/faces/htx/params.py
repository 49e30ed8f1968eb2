"""What a call asks for: fields of its path, its query and its JSON body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from crossdock.sandbox.faces.contract import Call
from crossdock.sandbox.faces.htx.refusals import Said, bad_field

_NUMBER = re.compile(r"\d{1,20}(\.\d{1,20})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,19}", re.ASCII)
_CLIENT_ID = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
_MS_NS = 1_000_000
_decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode


class Params:
    """Fields of one call. Every reader raises the protocol's refusal."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    @classmethod
    def of(cls, call: Call) -> Params:
        fields: dict[str, Any] = {**call.request.query, **call.request.match_info}
        if call.body:
            try:
                fields |= _decode(call.body)
            except msgspec.DecodeError:
                raise bad_field("body") from None
        return cls(fields)

    def __contains__(self, name: str) -> bool:
        return self._fields.get(name) not in (None, "")

    def maybe(self, name: str) -> str | None:
        value = self._fields.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, list | dict):
            raise bad_field(name)
        return format(value, "f") if isinstance(value, Decimal) else str(value)

    def text(self, name: str) -> str:
        text = self.maybe(name)
        if text is None:
            raise Said("validation-constraints-required", f"Field is missing: {name}.")
        return text

    def choice(self, name: str, values: Iterable[str], default: str | None = None) -> str:
        text = self.maybe(name) or default
        if text is None or text not in values:
            raise bad_field(name)
        return text

    def whole(self, name: str, default: int, *, most: int = 10**18) -> int:
        text = self.maybe(name)
        if text is None:
            return default
        if _WHOLE.fullmatch(text) is None or int(text) > most:
            raise bad_field(name)
        return int(text)

    def time_ns(self, name: str) -> int | None:
        """Read a time in milliseconds."""
        return self.whole(name, 0) * _MS_NS if name in self else None

    def decimal(self, name: str) -> Decimal:
        text = self.text(name)
        if _NUMBER.fullmatch(text) is None or (value := Decimal(text)) <= 0:
            raise bad_field(name)
        return value

    def client_id(self, name: str = "client-order-id") -> str | None:
        """Read the client's id, if one is given: sixty-four letters at most."""
        text = self.maybe(name)
        if text is not None and _CLIENT_ID.fullmatch(text) is None:
            raise bad_field(name)
        return text
