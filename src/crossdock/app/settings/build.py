"""Turn what was given into typed sections; collect what is wrong on the way."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from crossdock.app.nearest import did_you_mean
from crossdock.app.settings.origins import DEFAULT, KeyPath, Problem, dotted
from crossdock.app.settings.sources import Given, Tree

Section = TypeVar("Section", bound=BaseModel)


def build(
    model: type[Section],
    tree: Tree,
    path: KeyPath,
    problems: list[Problem],
    *,
    defaults: Mapping[str, Any],
    extra: Mapping[str, Any] | None = None,
    ignored: frozenset[str] = frozenset(),
) -> Section | None:
    """Validate one table. None when something is wrong: then `problems` says what.

    `defaults` are values that depend on other settings, `extra` ones that no file holds.
    """
    values: dict[str, Any] = {**defaults, **(extra or {})}
    for rest, given in tree.section(*path).items():
        if rest[0] in ignored:
            continue
        if len(rest) == 1:
            values[rest[0]] = _typed(model, rest[0], given)
        else:
            _place(values, rest, _loose(given))
    try:
        return model.model_validate(values)
    except ValidationError as error:
        known = set(model.model_fields) - set(extra or {})
        problems += [
            _problem(detail, path, tree, model, known)
            for detail in error.errors(include_url=False, include_input=True)
        ]
        return None


def _typed(model: type[BaseModel], key: str, given: Given) -> Any:
    """Read a text by the type of its field; what fails is left for the model to refuse."""
    if not given.is_text or key not in model.model_fields:
        return given.value
    annotation = model.model_fields[key].annotation
    if get_origin(annotation) is tuple:
        return tuple(part.strip() for part in given.value.split(",") if part.strip())
    try:
        return TypeAdapter(annotation).validate_python(given.value)
    except ValidationError:
        return given.value


def _loose(given: Given) -> Any:
    """Read a text that has no declared type as TOML would, else as plain text."""
    if not given.is_text:
        return given.value
    try:
        return tomllib.loads(f"value = {given.value}", parse_float=Decimal)["value"]
    except tomllib.TOMLDecodeError:
        return given.value


def _place(values: dict[str, Any], path: KeyPath, value: Any) -> None:
    for part in path[:-1]:
        nested = values.setdefault(part, {})
        if not isinstance(nested, dict):
            nested = values[part] = {}
        values = nested
    values[path[-1]] = value


def _problem(
    detail: Mapping[str, Any],
    path: KeyPath,
    tree: Tree,
    model: type[BaseModel],
    known: set[str],
) -> Problem:
    inner: KeyPath = tuple(str(part) for part in detail["loc"])
    where = path + inner
    origin = tree.origin(where) or tree.origin(where[:-1]) or DEFAULT
    name = dotted(where)
    if detail["type"] == "extra_forbidden":
        return Problem(
            code="config-unknown",
            text=f"there is no setting {name}",
            origin=origin,
            hint=did_you_mean(inner[0], known),
        )
    field = model.model_fields.get(inner[0]) if inner else None
    meaning = (field.description or "") if field else ""
    if detail["type"] == "missing":
        return Problem(
            code="config-missing", text=f"{name} is missing", origin=origin, hint=meaning
        )
    words = str(detail["msg"]).removeprefix("Value error, ")
    expected = words.replace("Input should be", "expected", 1)
    return Problem(
        code="config-value",
        text=f"{name} = {_shown(detail['input'])}: {expected}",
        origin=origin,
        hint=meaning,
    )


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return (
            f"{{ {', '.join(f'{key} = {_shown(each)}' for key, each in value.items())} }}"
        )
    return f'"{value}"' if isinstance(value, str) else str(value)
