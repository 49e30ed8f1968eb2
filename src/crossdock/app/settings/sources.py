"""Settings as given: from the file, the environment and the flags, each with its origin."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from crossdock.app.nearest import did_you_mean
from crossdock.app.settings.origins import KeyPath, Origin, Problem, refuse
from crossdock.app.settings.plain_names import PLAIN_NAMES, plain_value
from crossdock.app.settings.positions import lines_of
from crossdock.errors import ConfigError

SECTIONS = (
    "desk",
    "risk",
    "accounts",
    "strategies",
    "portfolios",
    "dashboard",
    "flags",
    "notify",
)
NAMED = ("accounts", "strategies", "portfolios", "notify")  # [section.NAME] tables
CONNECTIONS = "connections.toml"  # beside the settings file: see `connections`
SET = "--set "  # how origins of the command line begin
_PREFIX = "CROSSDOCK_"


@dataclass(frozen=True, slots=True)
class Given:
    """A value and where it stands. `is_text`: from a place that knows only text."""

    value: Any
    origin: Origin
    is_text: bool = False


@dataclass(slots=True)
class Tree:
    """Every value by its full path, and every table, empty ones included."""

    leaves: dict[KeyPath, Given] = field(default_factory=dict)
    tables: dict[KeyPath, Origin] = field(default_factory=dict)

    def names(self, section: str) -> list[str]:
        return [path[1] for path in self.tables if len(path) == 2 and path[0] == section]

    def section(self, *path: str) -> dict[KeyPath, Given]:
        """Return the values beneath a table, by what remains of their paths."""
        size = len(path)
        return {key[size:]: leaf for key, leaf in self.leaves.items() if key[:size] == path}

    def origin(self, path: KeyPath) -> Origin | None:
        """Return where a path stands, or the nearest table around it."""
        if leaf := self.leaves.get(path):
            return leaf.origin
        while path:
            if found := self.tables.get(path):
                return found
            path = path[:-1]
        return None


def read_tree(
    file: Path | None, environment: Mapping[str, str], overrides: Sequence[str]
) -> Tree:
    """Merge the three places; the later one wins. Raises ConfigError."""
    tree = parse(_read(file), file.name) if file else Tree()
    problems = [
        *_unknown_sections(tree),
        *_merge_connections(tree, file),
        *_merge_environment(tree, environment),
        *_merge_overrides(tree, overrides),
    ]
    refuse(problems)
    return tree


def parse(text: str, name: str) -> Tree:
    """Read a TOML text. Money keeps its exact digits. Raises ConfigError."""
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+), column \d+\)|\(at end of document\)", str(error))
        line = int(at[1]) if at and at[1] else text.count("\n") + 1
        words = str(error).partition(" (at ")[0]
        raise ConfigError(
            f"{name}:{line}: this is not TOML: {words}",
            code="config-syntax",
            hint="texts stand in quotes, tables in [brackets]",
        ) from None
    return tree_of(document, name, lines_of(text))


def tree_of(
    document: Mapping[str, Any], name: str, lines: Mapping[KeyPath, int] | None = None
) -> Tree:
    """Take in tables as TOML gives them, read from a file or made by a program."""
    tree = Tree()
    _flatten(tree, document, (), Origin("file", name, 1), lines or {})
    return tree


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"there is no settings file {file}",
            code="config-file",
            hint="`crossdock init` writes one",
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{file} is not UTF-8 text: {error.reason} at byte {error.start}",
            code="config-file",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be read: {error.strerror}", code="config-file"
        ) from None


def _flatten(
    tree: Tree,
    table: Mapping[str, Any],
    path: KeyPath,
    around: Origin,
    lines: Mapping[KeyPath, int],
) -> None:
    for key, value in table.items():
        here = (*path, key)
        line = lines.get(here, around.line)
        origin = Origin("file", around.name, line)
        if isinstance(value, dict):
            tree.tables[here] = origin
            _flatten(tree, value, here, origin, lines)
        else:
            tree.leaves[here] = Given(value, origin)


def _unknown_sections(tree: Tree) -> Iterable[Problem]:
    for path in [*tree.tables, *tree.leaves]:
        if len(path) > 1:
            continue
        if path[0] not in SECTIONS:
            yield Problem(
                code="config-unknown",
                text=f"[{path[0]}] is not a section of the settings",
                origin=tree.origin(path),
                hint=did_you_mean(path[0], SECTIONS),
            )
        elif path in tree.leaves:
            yield Problem(
                code="config-value",
                text=f"{path[0]} is a table: write [{path[0]}]",
                origin=tree.origin(path),
            )
    for path, given in tree.leaves.items():
        if len(path) == 2 and path[0] in NAMED:
            yield Problem(
                code="config-value",
                text=f"{path[0]}.{path[1]} is a table: write [{path[0]}.{path[1]}]",
                origin=given.origin,
            )


def _merge_connections(tree: Tree, file: Path | None) -> Iterable[Problem]:
    """Take in the accounts that were connected in a running desk, from beside the file."""
    beside = None if file is None else file.with_name(CONNECTIONS)
    if beside is None or not beside.exists():
        return
    added = parse(_read(beside), CONNECTIONS)
    for path in [*added.tables, *added.leaves]:
        origin = added.origin(path)
        if path[0] != "accounts":
            yield Problem(
                code="config-unknown",
                text=f"[{path[0]}] has no place here: only accounts are kept in it",
                origin=origin,
            )
            return
        if len(path) == 2 and path in tree.tables:
            yield Problem(
                code="config-value",
                text=f"[accounts.{path[1]}] stands in the settings, too",
                origin=origin,
                hint=f"remove one of them: `crossdock disconnect {path[1]}` removes this one",
            )
    tree.tables.update(added.tables)
    tree.leaves.update(added.leaves)


def _merge_environment(tree: Tree, environment: Mapping[str, str]) -> Iterable[Problem]:
    for variable, path in PLAIN_NAMES.items():
        if environment.get(variable, "").strip():  # compose files hand on empty ones
            text = plain_value(variable, environment[variable])
            _take(tree, path, Given(text, Origin("environment", variable), is_text=True))
    for variable, value in sorted(environment.items()):
        section, _, rest = variable.removeprefix(_PREFIX).partition("_")
        if not variable.startswith(_PREFIX) or section.lower() not in SECTIONS:
            continue
        found: KeyPath | None = (section.lower(), rest.lower())
        if section.lower() in NAMED:
            found = _named(section.lower(), rest, tree.names(section.lower()))
        if found is None:
            yield Problem(
                code="config-unknown",
                text=f"{variable} belongs to none of the {section.lower()}",
                origin=Origin("environment", variable),
                hint=did_you_mean(rest.lower(), tree.names(section.lower())),
            )
            continue
        origin = Origin("environment", variable)
        _take(tree, found, Given(value, origin, is_text=True))


def _take(tree: Tree, path: KeyPath, given: Given) -> None:
    """Put a value in its place; a secret takes the place of one in a file."""
    tree.leaves.pop((*path[:-1], path[-1] + "_file"), None)
    tree.leaves[path] = given


def _named(section: str, rest: str, names: Iterable[str]) -> KeyPath | None:
    for name in sorted(names, key=len, reverse=True):
        prefix = _variable_part(name) + "_"
        if rest.upper().startswith(prefix):
            return (section, name, rest[len(prefix) :].lower())
    return None


def variable_of(path: KeyPath) -> str:
    """Return the environment variable that gives a setting."""
    return _PREFIX + "_".join(map(_variable_part, path))


def _variable_part(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def _merge_overrides(tree: Tree, overrides: Sequence[str]) -> Iterable[Problem]:
    for override in overrides:
        key, sign, value = override.partition("=")
        origin = Origin("flag", f"{SET}{key.strip()}")
        path = key_path(key) if sign else ()
        if len(path) < 2:
            yield Problem(
                code="config-value",
                text=f"--set takes section.key=value, got {key}{sign}",
                hint="for example --set desk.mode=paper",
            )
        elif path[0] not in SECTIONS:
            yield Problem(
                code="config-unknown",
                text=f"{path[0]} is not a section of the settings",
                origin=origin,
                hint=did_you_mean(path[0], SECTIONS),
            )
        else:
            for size in range(1, len(path)):
                tree.tables.setdefault(path[:size], origin)
            _take(tree, path, Given(value.strip(), origin, is_text=True))


def key_path(key: str) -> KeyPath:
    """Return the path that a dotted key means; empty for what is none."""
    try:
        found: KeyPath = next(iter(lines_of(f"{key} = 0")), ())
    except tomllib.TOMLDecodeError:
        return ()
    return found
