"""What a call asks for: fields by name, from a form or from JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from crossdock.sandbox.faces.kraken.refusals import Said, invalid
from crossdock.sandbox.host import SECOND_NS

_NUMBER = re.compile(r"\d{1,20}(\.\d{0,20})?", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,19}", re.ASCII)
_SECONDS = re.compile(r"\+?\d{1,19}(\.\d{1,9})?", re.ASCII)
_RFC_3339 = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")
_FREE_TEXT = re.compile(r"[!-~]{1,18}", re.ASCII)
_JSON_TRUE = {True: "true", False: "false"}
_decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode


class Params:
    """Fields of one call. Every reader raises the protocol's refusal."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    @classmethod
    def of_body(cls, body: bytes, content_type: str) -> Params:
        """Read a body; the nested fields of JSON are named as a form names them."""
        try:
            if content_type == "application/json":
                return cls(flat(read_json(body)))
            return cls(dict(parse_qsl(body.decode(), keep_blank_values=True)))
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Said("EGeneral:Invalid arguments") from None

    def __contains__(self, name: str) -> bool:
        return self._fields.get(name) not in (None, "")

    def rows(self, name: str) -> list[Any]:
        """Return a list, which only JSON can carry."""
        rows = self._fields.get(name)
        if not isinstance(rows, list):
            raise invalid(name)
        return rows

    def maybe(self, name: str) -> str | None:
        value = self._fields.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, bool):
            return _JSON_TRUE[value]
        if isinstance(value, list | dict):
            raise invalid(name)
        return str(value) if not isinstance(value, Decimal) else format(value, "f")

    def text(self, name: str) -> str:
        text = self.maybe(name)
        if text is None:
            raise invalid(name)
        return text

    def words(self, name: str) -> list[str]:
        """Read texts parted by commas, or a list of them."""
        value = self._fields.get(name)
        if isinstance(value, list):
            return [str(it) for it in value]
        return [it for it in (self.maybe(name) or "").split(",") if it]

    def choice(self, name: str, values: Iterable[str], default: str | None = None) -> str:
        text = self.maybe(name) or default
        if text is None or text not in values:
            raise invalid(name)
        return text

    def flag(self, name: str, *, default: bool = False) -> bool:
        text = self.maybe(name)
        return default if text is None else text.lower() in ("true", "1")

    def whole(self, name: str, default: int, *, least: int = 0, most: int = 10**19) -> int:
        text = self.maybe(name)
        if text is None:
            return default
        if _WHOLE.fullmatch(text) is None or not least <= int(text) <= most:
            raise invalid(name)
        return int(text)

    def whole_or_none(self, name: str, *, least: int = -(10**18)) -> int | None:
        return self.whole(name, 0, least=least) if name in self else None

    def decimal(self, name: str) -> Decimal:
        text = self.text(name)
        if _NUMBER.fullmatch(text) is None or (value := Decimal(text)) <= 0:
            raise invalid(name)
        return value

    def decimal_or_none(self, name: str) -> Decimal | None:
        return self.decimal(name) if name in self else None

    def client_id(self, name: str = "cl_ord_id") -> str | None:
        """Read a client order id, if one is given: a UUID, or eighteen letters at most."""
        text = self.maybe(name)
        if text is None or _UUID.fullmatch(text) or _FREE_TEXT.fullmatch(text):
            return text
        raise invalid(name)

    def time_ns(self, name: str, now_ns: int) -> int | None:
        """Read a time in seconds since 1970, or with a plus from now. 0 is none."""
        text = self.maybe(name)
        if text is None:
            return None
        if _SECONDS.fullmatch(text) is None:
            raise invalid(name)
        value = int(Decimal(text) * SECOND_NS)
        if text.startswith("+"):
            return now_ns + value
        return value or None

    def moment_ns(self, name: str) -> int | None:
        """Read a time as RFC 3339 writes it."""
        text = self.maybe(name)
        if text is None:
            return None
        found = _RFC_3339.fullmatch(text)
        try:
            if found is None:
                raise ValueError(text)
            whole = datetime.fromisoformat(found[1] + found[3].replace("Z", "+00:00"))
        except ValueError:
            raise invalid(name) from None
        seconds = (whole - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
        return seconds * SECOND_NS + int(Decimal(f"0{found[2] or '.0'}") * SECOND_NS)


def flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested fields under names like `close[price]`."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            found.update({f"{name}[{inner}]": it for inner, it in value.items()})
        else:
            found[name] = value
    return found


def read_json(body: bytes | str) -> dict[str, Any]:
    """Decode an object, its numbers exact. Raises msgspec.DecodeError."""
    return _decode(body)
