"""A row of a reply, read through its table of fields: exact numbers, our words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from crossdock.adapters.venues.rest_api.described import tables
from crossdock.adapters.venues.rest_api.described.fields import (
    Field,
    Scalar,
    Table,
    TimeUnit,
)
from crossdock.adapters.venues.rest_api.described.template import template
from crossdock.errors import BadPayload, NotSent

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
_MOST_DIGITS = 100  # on either side of the point: what is longer is no amount


class Row:
    """One row of a reply, read through a table of fields. Raises BadPayload."""

    def __init__(
        self, row: object, fields: Table, it: tables.Description, words: Words
    ) -> None:
        self._row = row
        self._fields = fields
        self._it = it
        self._words = words

    def raw(self, name: str) -> object:
        """Return a value as it stands; None when there is none."""
        source = getattr(self._fields, name)
        if source is None:
            return None
        if isinstance(source, str):
            value = find(self._row, source)
        elif source.text:
            value = self._joined(source.text)
        else:
            value = find(self._row, source.path) if source.path else source.value
        is_none = value is None or value == ""
        if isinstance(source, Field):
            if not is_none and source.missing is not None:
                is_none = word_of(value) == word_of(source.missing)
            if is_none:
                return source.default
        return None if is_none else value

    def text(self, name: str, default: str | None = None) -> str:
        found = self.raw(name)
        if found is None:
            return _given(name, default)
        if isinstance(found, dict | list):
            raise BadPayload(f"{name} is no text")
        return word_of(found)

    def optional(self, name: str) -> str | None:
        return self.text(name, "") or None

    def decimal(self, name: str, default: Decimal | None = None) -> Decimal:
        value = self.decimal_or_none(name)
        return _given(name, default) if value is None else value

    def decimal_or_none(self, name: str) -> Decimal | None:
        found = self.raw(name)
        if found is None:
            return None
        value = exact(found, name)
        source = getattr(self._fields, name)
        if isinstance(source, Field):
            if source.decimals:
                value = Decimal(1).scaleb(-int(value))
            if source.negate:
                value = -value
        return value

    def word(self, name: str, kind: type[E], table: str, default: E | None = None) -> E:
        """Return one of our words."""
        found = self.raw(name)
        if found is None:
            return _given(name, default)
        ours = self._words.ours(table, kind).get(word_of(found))
        if ours is None:
            raise BadPayload(
                f"{name} is {word_of(found)[:40]!r}, which values.{table} lacks"
            )
        return ours

    def time_ns(self, name: str) -> int:
        found = self.raw(name)
        if found is None:
            return 0
        source = getattr(self._fields, name)
        unit = source.unit if isinstance(source, Field) else None
        return nanoseconds(found, unit or self._it.time_unit, name)

    def _joined(self, text: str) -> str | None:
        parts = template(text)
        found = {hole.name: find(self._row, hole.name) for hole in parts.holes}
        return parts.text(found)


class Words:
    """Both directions between the broker's words and ours."""

    def __init__(self, values: tables.Values) -> None:
        self._values = values
        self._read: dict[str, dict[str, Any]] = {}

    def ours(self, table: str, kind: type[E]) -> dict[str, E]:
        if table not in self._read:
            given = getattr(self._values, table) or {each: each.value for each in kind}
            self._read[table] = {
                word_of(word): ours
                for ours, theirs in given.items()
                for word in (theirs if isinstance(theirs, list) else [theirs])
            }
        return self._read[table]

    def said(self, table: str, ours: StrEnum) -> Scalar:
        """Return the word to say. Raises NotSent when the broker has none."""
        given: Mapping[StrEnum, tables.Words] = getattr(self._values, table)
        word = given.get(ours) if given else ours.value
        if word is None:
            raise NotSent(f"values.{table} has no word for {ours}")
        return word[0] if isinstance(word, list) else word


def _given(name: str, default: T | None) -> T:
    if default is None:
        raise BadPayload(f"{name} is missing")
    return default


def find(value: object, path: str) -> object:
    """Follow a path; None where it leads nowhere. "" is the value itself."""
    for name in path.split(".") if path else ():
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.lstrip("-").isdecimal():
            index = int(name)
            value = value[index] if -len(value) <= index < len(value) else None
        else:
            return None
    return value


def rows_of(call: tables.Call, reply: object) -> list[Any]:
    """Return the rows a call is about. Raises BadPayload when they are not there."""
    rows = find(reply, call.rows)
    if not isinstance(rows, list):
        raise BadPayload(f"{call.path}: {call.rows or 'the reply'} is no list")
    return [row for row in rows if _is_meant(call, row)]


def word_of(value: object) -> str:
    """Return a scalar of JSON as the text by which words are compared."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_meant(call: tables.Call, row: object) -> bool:
    for path, wanted in call.only.items():
        allowed = wanted if isinstance(wanted, list) else [wanted]
        if word_of(find(row, path)) not in map(word_of, allowed):
            return False
    return True


def exact(value: object, what: str) -> Decimal:
    """Return a number of JSON, or of a text in it, with every digit it has."""
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        try:
            made = Decimal(value)
        except ArithmeticError:
            made = None
        is_number = made is not None and made.is_finite()
        if made is not None and is_number and abs(made.adjusted()) <= _MOST_DIGITS:
            return made
    raise BadPayload(f"{what} is no number")


def nanoseconds(value: object, unit: TimeUnit, what: str) -> int:
    """Return UTC nanoseconds of a time in JSON. A time without a zone is taken as UTC."""
    if unit != "iso":
        return int(exact(value, what) * _NS[unit])
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise BadPayload(f"{what} is no ISO 8601 time") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1_000


def number_text(value: object, what: str) -> str:
    exact(value, what)
    return format(value, "f") if isinstance(value, Decimal) else str(value)
