"""What a call asks for: parameters by name, as text, read by Binance's rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from crossdock.sandbox.faces.binance_words.refusals import Said, mandatory

_DECIMAL = re.compile(r"\d{1,20}(\.\d{1,20})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,20}", re.ASCII)
_CLIENT_ID = re.compile(r"^[\.A-Z\:/a-z0-9_-]{1,36}\Z", re.ASCII)
_MOST_DECIMALS = 8
_MOST_WHOLE = 2**63 - 1
_MICROSECONDS = 10**14  # a time of so many units is told in microseconds
_MS_NS = 1_000_000


class Params:
    """Parameters of one call. Every reader raises the protocol's refusal."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    @classmethod
    def of_query(cls, query: str, body: str) -> Params:
        """Read a query string and a form; what is in the query counts."""
        fields = dict(parse_qsl(body, keep_blank_values=True))
        fields.update(parse_qsl(query, keep_blank_values=True))
        return cls(fields)

    @classmethod
    def of_object(cls, values: Mapping[str, Any]) -> Params:
        """Read the parameters of a WebSocket request."""
        return cls({name: _text(value) for name, value in values.items()})

    def __contains__(self, name: str) -> bool:
        return bool(self._fields.get(name))

    def sorted(self) -> str:
        """Return everything but the signature as WebSocket requests are signed."""
        named = sorted(self._fields.items())
        return "&".join(f"{name}={text}" for name, text in named if name != "signature")

    def text(self, name: str) -> str:
        text = self._fields.get(name, "")
        if not text:
            raise mandatory(name)
        return text

    def maybe(self, name: str) -> str | None:
        return self._fields.get(name) or None

    def choice(self, name: str, values: Iterable[str], default: str | None = None) -> str:
        text = self._fields.get(name) or default
        if text is None:
            raise mandatory(name)
        if text not in values:
            raise Said(-1130, f"Data sent for parameter '{name}' is not valid.")
        return text

    def flag(self, name: str) -> bool:
        return self._fields.get(name, "").lower() == "true"

    def whole(
        self, name: str, default: int | None = None, *, most: int = _MOST_WHOLE
    ) -> int:
        text = self._fields.get(name)
        if text is None or text == "":
            if default is None:
                raise mandatory(name)
            return default
        if _WHOLE.fullmatch(text) is None:
            raise Said(
                -1100,
                f"Illegal characters found in parameter '{name}'; "
                "legal range is '^[0-9]{1,20}$'.",
            )
        return min(int(text), most)

    def whole_or_none(self, name: str) -> int | None:
        return self.whole(name) if name in self else None

    def time_ns(self, name: str) -> int | None:
        """Read a time, given in milliseconds or microseconds."""
        value = self.whole_or_none(name)
        if value is None:
            return None
        return value * (1_000 if value >= _MICROSECONDS else _MS_NS)

    def decimal(self, name: str) -> Decimal:
        text = self.text(name)
        if _DECIMAL.fullmatch(text) is None:
            raise Said(
                -1100,
                f"Illegal characters found in parameter '{name}'; "
                r"legal range is '^([0-9]{1,20})(\.[0-9]{1,20})?$'.",
            )
        if len(text.partition(".")[2].rstrip("0")) > _MOST_DECIMALS:
            raise Said(-1111, f"Parameter '{name}' has too much precision.")
        value = Decimal(text)
        if value <= 0:
            raise mandatory(name)
        return value

    def decimal_or_none(self, name: str) -> Decimal | None:
        return self.decimal(name) if name in self else None

    def client_id(self, name: str) -> str | None:
        """Read a client order id, if one is given."""
        text = self.maybe(name)
        if text is not None and _CLIENT_ID.fullmatch(text) is None:
            raise Said(
                -1100,
                f"Illegal characters found in parameter '{name}'; "
                r"legal range is '^[\.A-Z\:/a-z0-9_-]{1,36}$'.",
            )
        return text

    def symbols(self) -> list[str] | None:
        """Read `symbol` or `symbols`; None for all."""
        if "symbol" in self:
            return [self.text("symbol")]
        if "symbols" not in self:
            return None
        try:
            return msgspec.json.decode(self.text("symbols"), type=list[str])
        except msgspec.DecodeError:
            raise Said(-1135, "JSON sent for parameter 'symbols' is not valid") from None


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return msgspec.json.encode(value).decode()
