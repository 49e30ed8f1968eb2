"""Fills the holes of a folder of templates and writes it, whole or not at all."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from keyword import iskeyword
from pathlib import Path
from string import Template

from crossdock.errors import ConfigError

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_MODULE = "MODULE"  # stands for the module's name in names of files
_SUFFIX = ".template"


def write_folder(
    kind: str, name: str, parent: Path, *, taken: Collection[str], example: str
) -> list[Path]:
    """Write the templates of a kind into a folder called `name`; return its files.

    Raises ConfigError for a name that cannot be one, and for a folder that is there.
    `taken` are names that Crossdock uses itself, `example` one that would do.
    """
    module = _module_of(kind, name, taken, example)
    folder = parent / name
    meanings = {
        "name": name,
        "module": module,
        "class_name": "".join(part.capitalize() for part in module.split("_")),
        "title": module.replace("_", " ").capitalize(),
    }
    texts = {
        folder / path.replace(_MODULE, module): Template(text).substitute(meanings)
        for path, text in _under(files("crossdock.app.scaffold") / "templates" / kind, "")
    }
    try:
        folder.mkdir(parents=True)
        for file, text in texts.items():
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, "utf-8")
    except FileExistsError:
        raise ConfigError(
            f"{folder} is there already and is not overwritten",
            code="folder-exists",
            hint="choose another name, or another folder with --to",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{folder} cannot be written: {error.strerror}",
            code="bad-argument",
            hint="choose another folder with --to",
        ) from error
    return sorted(texts)


def _module_of(kind: str, name: str, taken: Collection[str], example: str) -> str:
    module = name.replace("-", "_")
    reason = ""
    if not _NAME.fullmatch(name):
        reason = "it is made of small letters, digits and single dashes, a letter first"
    elif iskeyword(module) or module in sys.stdlib_module_names:
        reason = "Python uses that word itself"
    elif module in taken:
        reason = f"a {kind} of Crossdock's own is called so"
    elif find_spec(module) is not None:
        reason = "a module of that name can be imported already"
    if reason:
        raise ConfigError(
            f"{name!r} cannot be the name of a {kind}: {reason}",
            code="bad-argument",
            hint=f"choose another, like {example}",
        )
    return module


def _under(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    """Yield each file's path in the folder, and its text with holes."""
    for each in sorted(folder.iterdir(), key=lambda item: item.name):
        if each.is_dir():
            yield from _under(each, f"{path}{each.name}/")
        elif each.name.endswith(_SUFFIX):
            yield f"{path}{each.name.removesuffix(_SUFFIX)}", each.read_text("utf-8")
