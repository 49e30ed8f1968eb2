"""What is wrong with what was asked, in words: where, and what fits there.

What was given is never among them: it may be a password.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_OBJECT = "an object"
_WHERE = frozenset({"body", "query", "path", "header", "cookie"})
_KINDS = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
}
_BOUNDS = {
    "greater_than": "is more than {gt}",
    "greater_than_equal": "is {ge} or more",
    "less_than": "is less than {lt}",
    "less_than_equal": "is {le} or less",
    "string_too_short": "has {min_length} characters or more",
    "string_too_long": "has {max_length} characters or less",
    "too_short": "has {min_length} entries or more",
    "too_long": "has {max_length} entries or less",
    "literal_error": "is {expected}",
    "enum": "is {expected}",
}
_BODY = f"{_OBJECT} in JSON, sent with Content-Type: application/json"


@dataclass(frozen=True, slots=True)
class Misfit:
    """One thing that does not fit. `where` begins with body, query, path or header."""

    where: tuple[str, ...]
    words: str


def misfits(errors: Iterable[Mapping[str, Any]], given: Any = None) -> list[Misfit]:
    """Return what a validation found, one of each place. `given` is the body it looked at.

    Of a choice of shapes pydantic tells what is wrong with each of them, and names the
    shape among the places: what was given says which are places.
    """
    found: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for each in errors:
        found.setdefault(_place(each, given), []).append(each)
    return [
        Misfit(where, _words(where, told))
        for where, told in found.items()
        if not _is_of_another_shape(where, told, found)
    ]


def _is_of_another_shape(
    where: tuple[str, ...],
    told: Iterable[Mapping[str, Any]],
    places: Iterable[tuple[str, ...]],
) -> bool:
    """Tell whether only the kind is wrong where another shape was looked into further."""
    within = any(other[: len(where)] == where != other for other in places)
    return within and all(each["type"] in _KINDS for each in told)


def words_of(errors: Iterable[Mapping[str, Any]], given: Any = None) -> str:
    return "; ".join(each.words for each in misfits(errors, given))


def _place(error: Mapping[str, Any], given: Any) -> tuple[str, ...]:
    first, *rest = error["loc"] or ("body",)
    if error["type"] == "json_invalid":
        return ("body",)
    if first not in _WHERE:
        first, rest = "body", [first, *rest]
    if first != "body" or given is None:
        return (str(first), *map(str, rest))
    place, at = ["body"], given
    for number, part in enumerate(rest):
        is_last = number == len(rest) - 1
        if _is_in(at, part):
            at = at[part]
        elif not (is_last and error["type"] == "missing"):
            continue
        place.append(str(part))
    return tuple(place)


def _is_in(given: Any, part: Any) -> bool:
    if isinstance(given, list):
        return isinstance(part, int) and part < len(given)
    return isinstance(given, Mapping) and part in given


def _words(where: tuple[str, ...], errors: list[Mapping[str, Any]]) -> str:
    kinds = list(dict.fromkeys(_KINDS[e["type"]] for e in errors if e["type"] in _KINDS))
    name = ".".join(where[1:]) or "the body"
    first = next((e for e in errors if e["type"] not in _KINDS), None)
    if first is None:
        wanted = " or ".join(kinds)
        return f"{name} is {wanted if where[1:] else wanted.replace(_OBJECT, _BODY)}"
    kind, context = first["type"], first.get("ctx") or {}
    if kind == "json_invalid":
        return f"the body is no JSON: {context['error']} at character {first['loc'][-1]}"
    if kind == "missing":
        return f"{name} is missing" if where[1:] else f"the body is missing: send {_BODY}"
    if kind == "extra_forbidden":
        return f"there is no field {name}"
    if kind == "string_too_short" and context["min_length"] == 1:
        return f"{name} is empty"
    if kind in _BOUNDS:
        return f"{name} {_BOUNDS[kind].format(**context)}"
    words = str(context["error"] if kind == "value_error" else first["msg"])
    return f"{name}: {words}" if where[1:] else words
