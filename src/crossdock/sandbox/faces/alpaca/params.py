"""What callers send: queries and bodies, read strictly."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import TypeVar

import msgspec

from crossdock.sandbox.faces.alpaca.refusals import MALFORMED, Said, parameter
from crossdock.sandbox.faces.alpaca.times import time_ns

_TRUE = ("true", "1")
_MOST_DIGITS = 20


class Query:
    """The query of a call. What cannot be read raises Refusal and names itself."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    def text(self, name: str, usual: str = "") -> str:
        return self._fields.get(name) or usual

    def one_of(self, name: str, allowed: Collection[str], usual: str) -> str:
        value = self.text(name, usual)
        if value not in allowed:
            raise parameter(f"invalid {name}: {value}")
        return value

    def whole(self, name: str, usual: int, most: int) -> int:
        text = self.text(name)
        if not text:
            return usual
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise parameter(f"invalid {name}: {text}")
        return int(text)

    def moment_ns(self, name: str) -> int | None:
        text = self.text(name)
        if not text:
            return None
        found = time_ns(text)
        if found is None:
            raise parameter(f"invalid {name}: {text}")
        return found

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in _TRUE

    def words(self, name: str) -> list[str]:
        """Return what stands between commas."""
        return [it.strip() for it in self.text(name).split(",") if it.strip()]

    def decimal(self, name: str) -> Decimal | None:
        text = self.text(name)
        if not text:
            return None
        try:
            value = Decimal(text)
        except ArithmeticError:
            raise parameter(f"invalid {name}: {text}") from None
        check_number(value, name)
        return value


def check_number(value: Decimal, name: str) -> None:
    """Raise Refusal for what is not a plain positive number."""
    if not value.is_finite() or abs(value.adjusted()) > _MOST_DIGITS or value <= 0:
        raise parameter(f"{name} must be > 0")


Form = TypeVar("Form", bound=msgspec.Struct)


def read_json(body: bytes, form: type[Form]) -> Form:
    """Decode a body. Raises Refusal that names the field."""
    try:
        return msgspec.json.decode(body, type=form)
    except msgspec.ValidationError as problem:
        raise parameter(str(problem)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Said(400, MALFORMED, "request body format is invalid") from None
