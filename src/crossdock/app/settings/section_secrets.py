"""Secrets of a section that has its own model: read from text, file or environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from crossdock.app.settings.origins import Problem, dotted
from crossdock.app.settings.sources import Tree
from crossdock.errors import ConfigError
from crossdock.toolkit.secrets import Secret, find_secret

_FILE = "_file"


def section_secrets(
    model: type[BaseModel],
    tree: Tree,
    path: tuple[str, ...],
    base: Path,
    into: list[Problem],
) -> dict[str, Secret]:
    """Return the secrets given for a table; what is wrong with one goes to `into`.

    A field of the type `Secret` may be given as itself, or as NAME_file.
    """
    given = {rest[0]: leaf for rest, leaf in tree.section(*path).items() if len(rest) == 1}
    found: dict[str, Secret] = {}
    for name in secret_fields(model):
        here = {key: given[key] for key in (name, name + _FILE) if key in given}
        texts: dict[str, str | Secret] = {
            key: leaf.value if isinstance(leaf.value, Secret) else str(leaf.value)
            for key, leaf in here.items()
        }
        if texts.get(name) == "":
            continue  # as it is by default
        try:
            secret = find_secret(name, texts, {}, base)
        except ConfigError as error:
            origin = next((leaf.origin for leaf in here.values()), None)
            text = f"{dotted(path)}: {error.message}"
            into.append(
                Problem(code="config-secret", text=text, origin=origin, hint=error.hint)
            )
            continue
        if secret is not None:
            found[name] = secret
    return found


def secret_fields(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the names of a model's secrets."""
    fields = model.model_fields.items()
    return tuple(name for name, field in fields if field.annotation is Secret)


def secret_keys(model: type[BaseModel]) -> frozenset[str]:
    """Return every key that gives one of them: NAME and NAME_file."""
    names = secret_fields(model)
    return frozenset([*names, *(name + _FILE for name in names)])
