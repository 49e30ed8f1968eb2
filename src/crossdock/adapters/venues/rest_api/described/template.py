"""Templates of a description: `{name}` or `{name:as}` in paths, queries, bodies, headers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from crossdock.errors import NotSent

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_HASHES = ("sha256", "sha384", "sha512")
SPECS: Mapping[str, tuple[str, ...]] = {
    "number": ("number", "text"),
    "time": (*_PER_SECOND, "iso"),
    "bytes": _HASHES,
    "plain": (),
}
_ABSENT = object()


class Moment(int):
    """UTC nanoseconds, told apart from a number that is to be sent as it is."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    name: str
    spec: str


@dataclass(frozen=True, slots=True)
class Template:
    """A text with holes. Made by `template`."""

    parts: tuple[str | Placeholder, ...]

    @property
    def holes(self) -> tuple[Placeholder, ...]:
        return tuple(part for part in self.parts if isinstance(part, Placeholder))

    def text(self, values: Mapping[str, object]) -> str | None:
        """Fill in; None when a value is missing."""
        filled = []
        for part in self.parts:
            if isinstance(part, Placeholder):
                value = values.get(part.name)
                if value is None:
                    return None
                filled.append(_text(value, part.spec))
            else:
                filled.append(part)
        return "".join(filled)

    def value(self, values: Mapping[str, object]) -> object:
        """Fill in for JSON: a hole that stands alone keeps the kind of its value."""
        if len(self.parts) != 1 or not isinstance(self.parts[0], Placeholder):
            return self.text(values)
        hole = self.parts[0]
        value = values.get(hole.name)
        if isinstance(value, Decimal):
            text = format(value, "f")
            return msgspec.Raw(text.encode()) if hole.spec == "number" else text
        if isinstance(value, Moment) and hole.spec != "iso":
            return int(_text(value, hole.spec))
        if isinstance(value, bool | int) and not isinstance(value, Moment):
            return value
        return None if value is None else _text(value, hole.spec)


@lru_cache(maxsize=4096)
def template(text: str) -> Template:
    """Parse; `{{` and `}}` are braces. Raises ValueError."""
    parts: list[str | Placeholder] = []
    end = 0
    for found in _PLACEHOLDER.finditer(text):
        parts.append(text[end : found.start()])
        end = found.end()
        if found[0] in ("{{", "}}"):
            parts.append(found[0][0])
        elif found[1]:
            name, _, spec = found[1].partition(":")
            parts.append(Placeholder(name, spec))
        else:
            raise ValueError(f"{text!r} has a brace without its other: write {{{{ or }}}}")
    parts.append(text[end:])
    return Template(tuple(part for part in parts if part))


def texts_in(value: object) -> Iterator[str]:
    """Yield every template within a body, a query or a text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


def holes_of(*values: object) -> frozenset[str]:
    """Return the names of all placeholders in texts, queries and bodies."""
    texts = (text for value in values for text in texts_in(value))
    return frozenset(hole.name for text in texts for hole in template(text).holes)


def path_of(text: str, values: Mapping[str, object]) -> str:
    """Fill a path in, each value quoted whole. Raises NotSent when that cannot be."""
    filled = []
    for part in template(text).parts:
        if isinstance(part, str):
            filled.append(part)
            continue
        value = values.get(part.name)
        segment = "" if value is None else _text(value, part.spec)
        if segment in ("", ".", ".."):
            # Dots would be resolved on the way, and lead to another resource.
            raise NotSent(f"{text}: {part.name} cannot stand there: {segment!r}")
        filled.append(quote(segment, safe=""))
    return "".join(filled)


def query_of(query: Mapping[str, Any], values: Mapping[str, object]) -> str:
    """Fill a query or a form in, encoded."""
    pairs = []
    for name, given in query.items():
        text = template(given).text(values) if isinstance(given, str) else _text(given, "")
        if text is not None:
            pairs.append((name, text))
    return urlencode(pairs, quote_via=quote)


def body_of(body: Mapping[str, object], values: Mapping[str, object]) -> bytes:
    """Fill a JSON body in. What lost all of its entries is left out as well."""
    filled = _filled(dict(body), values)
    return msgspec.json.encode({} if filled is _ABSENT else filled)


def _filled(value: object, values: Mapping[str, object]) -> object:
    if isinstance(value, str):
        made = template(value).value(values)
        return _ABSENT if made is None else made
    if isinstance(value, dict):
        inner = {name: _filled(each, values) for name, each in value.items()}
        kept = {name: each for name, each in inner.items() if each is not _ABSENT}
        return kept if kept or not value else _ABSENT
    if isinstance(value, list):
        items = [_filled(each, values) for each in value]
        present = [each for each in items if each is not _ABSENT]
        return present if present or not value else _ABSENT
    return value


def _text(value: object, spec: str) -> str:
    if isinstance(value, Moment):
        if spec == "iso":
            seconds, nanoseconds = divmod(value, 1_000_000_000)
            begun = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            return f"{begun}.{nanoseconds // 1_000_000:03d}Z"
        return str(value * _PER_SECOND[spec or "ms"] // 1_000_000_000)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return hashlib.new(spec, value).hexdigest() if spec else value.decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
