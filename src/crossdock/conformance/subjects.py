"""Finds what each adapter is to be asked with: what its module `conformance` brings.

Beside the manifest's factory that module holds, where our sandbox speaks as the venue,

    FACES: Mapping[str, Mapping[str, Mapping]]   by the manifest's id and a short name: see
        crossdock.conformance.sandboxed.Terms. A member of a family that is not in it has
        no peer here, but its venue

or, with a peer of its own,

    VARIANTS: Mapping[str, Mapping[str, str]]   settings to ask with, by a short name
    def peer(manifest) -> context manager of a Peer, entered once for all questions

and if need be

    def always_asked(manifest) -> whether all is asked outside campaigns, too; usually so

and, for a family whose members are the user's, beside what the entry point names

    def examples() -> members to ask with, though nobody installed them
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from types import ModuleType

from crossdock.conformance.bench import Peer
from crossdock.conformance.sandboxed import Terms, running, terms_of
from crossdock.ports import Manifest

_IN_TREE = "crossdock."


@dataclass(frozen=True, slots=True)
class Subject:
    """One adapter with one set of settings, to be asked everything."""

    manifest: Manifest
    variant: str
    settings: Mapping[str, str] = field(repr=False)
    peer: Callable[[Manifest], AbstractContextManager[Peer]] = field(repr=False)
    is_always_asked: bool = True  # everything; else only some questions outside campaigns

    def __str__(self) -> str:
        return f"{self.manifest.id}-{self.variant}"


def is_in_tree(manifest: Manifest) -> bool:
    return manifest.factory.startswith(_IN_TREE)


def package_of(manifest: Manifest) -> str:
    """Return the package of the factory: the adapter's folder."""
    return manifest.factory.partition(":")[0].rpartition(".")[0]


def examples_of(point: EntryPoint) -> list[Manifest]:
    """Return the examples that the family behind an entry point brings, if it is one."""
    name = f"{point.module}.conformance"
    if not name.startswith(_IN_TREE) or find_spec(name) is None:
        return []
    module = import_module(name)
    return list(module.examples()) if hasattr(module, "examples") else []


def conformance_of(manifest: Manifest) -> ModuleType | None:
    """Return the module an adapter brings to be asked with; None when it brings none."""
    name = f"{package_of(manifest)}.conformance"
    return None if find_spec(name) is None else import_module(name)


def subjects_of(manifest: Manifest) -> list[Subject]:
    """Return what an adapter is to be asked with; empty where it has no peer here."""
    module = conformance_of(manifest)
    if module is None:
        return []
    is_always_asked = not hasattr(module, "always_asked") or module.always_asked(manifest)
    if hasattr(module, "FACES"):
        faces = module.FACES.get(manifest.id, {})
        sandboxed = {variant: _sandboxed(terms_of(it)) for variant, it in faces.items()}
        return [
            Subject(manifest, variant, {}, peer, is_always_asked)
            for variant, peer in sandboxed.items()
        ]
    return [
        Subject(manifest, variant, settings, module.peer, is_always_asked)
        for variant, settings in module.VARIANTS.items()
    ]


def _sandboxed(terms: Terms) -> Callable[[Manifest], AbstractContextManager[Peer]]:
    return lambda _manifest: running(terms)
