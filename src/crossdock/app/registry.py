"""Which adapters are there, in this tree or in any other installed package.

An adapter is an entry point in the group of its kind; it names a Manifest, or a family of
them: an iterable, or a function of the folder of the user's settings that returns one. A
member that is a ConfigError is broken alone. Listing loads manifests only: the code behind
one is imported by `factory`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from crossdock.app.nearest import did_you_mean
from crossdock.app.paths import user_folders
from crossdock.errors import ConfigError
from crossdock.ports import Manifest

GROUPS: Mapping[str, str] = {
    "venue": "crossdock.venues",
    "feed": "crossdock.feeds",
    "store": "crossdock.stores",
    "alert": "crossdock.alerts",
    "llm": "crossdock.llms",
    "function": "crossdock.functions",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenAdapter:
    """An entry point that gave no usable manifest: listed with its reason, never raised."""

    kind: str
    entry_point: str
    target: str  # "module:name"
    package: str  # the distribution to mend or remove
    reason: str


@dataclass(frozen=True, slots=True)
class _Listing:
    manifests: Mapping[str, Manifest]
    broken: tuple[BrokenAdapter, ...]


def _installed(group: str) -> Iterable[EntryPoint]:
    return entry_points(group=group)


class Registry:
    """The adapters that can be used. Reads each kind's entry points once."""

    def __init__(self, source: Callable[[str], Iterable[EntryPoint]] = _installed) -> None:
        self._source = source
        self._listings: dict[str, _Listing] = {}

    def manifests(self, kind: str | None = None) -> Sequence[Manifest]:
        """Return the usable manifests of a kind, or of all, by id."""
        kinds = GROUPS if kind is None else (kind,)
        return [each for name in kinds for each in self._listing(name).manifests.values()]

    def broken(self, kind: str | None = None) -> Sequence[BrokenAdapter]:
        kinds = GROUPS if kind is None else (kind,)
        return [each for name in kinds for each in self._listing(name).broken]

    def manifest(self, kind: str, adapter: str) -> Manifest:
        """Return one manifest. Raises ConfigError with the nearest match, or the reason.

        Raises Unavailable for a venue that has closed.
        """
        listing = self._listing(kind)
        if found := listing.manifests.get(adapter):
            return found
        for broken in listing.broken:
            if broken.entry_point == adapter:
                raise ConfigError(
                    f"the {kind} adapter {adapter} does not load: {broken.reason}",
                    code="adapter-broken",
                    hint=f"mend, update or remove the package {broken.package}",
                )
        family = adapter.partition(":")[0]
        reasons = [it.reason for it in listing.broken if it.entry_point == family]
        if not reasons and kind == "venue":
            from crossdock.app.venues import advice_on

            reasons = [advice] if (advice := advice_on(adapter, listing.manifests)) else []
        raise ConfigError(
            f"there is no {kind} adapter called {adapter}",
            code="adapter-unknown",
            hint="; ".join(reasons) or did_you_mean(adapter, listing.manifests),
        )

    def factory(self, manifest: Manifest) -> Callable[..., Any]:
        """Import what makes the adapter. Raises ConfigError when it cannot be imported."""
        module, _, name = manifest.factory.partition(":")
        try:
            made: Callable[..., Any] = getattr(import_module(module), name)
        except (ImportError, AttributeError) as error:
            packages = " ".join(manifest.requires)
            raise ConfigError(
                f"the {manifest.kind} adapter {manifest.id} cannot be imported: {error}",
                code="adapter-broken",
                hint=f"install {packages}" if packages else "report it to its author",
            ) from error
        return made

    def _listing(self, kind: str) -> _Listing:
        if kind not in self._listings:
            self._listings[kind] = _read(kind, self._source(GROUPS[kind]))
        return self._listings[kind]


def _read(kind: str, points: Iterable[EntryPoint]) -> _Listing:
    manifests: dict[str, Manifest] = {}
    broken: list[BrokenAdapter] = []
    for point in sorted(points, key=lambda each: (each.name, each.value)):
        try:
            for member in members_of(point):
                if isinstance(member, ConfigError):
                    broken.append(_broken(kind, point, str(member)))
                    continue
                if member.kind != kind:
                    raise ValueError(f"{member.id} is of kind {member.kind}, not {kind}")
                if member.id in manifests:
                    raise ValueError(f"a second adapter is called {member.id}")
                manifests[member.id] = member
        # Foreign code runs here: whatever it raises, the other adapters stay usable.
        except (Exception, SystemExit) as error:  # noqa: BLE001
            broken.append(_broken(kind, point, f"{type(error).__name__}: {error}"))
    return _Listing(dict(sorted(manifests.items())), tuple(broken))


def _broken(kind: str, point: EntryPoint, reason: str) -> BrokenAdapter:
    return BrokenAdapter(
        kind=kind,
        entry_point=point.name,
        target=point.value,
        package=point.dist.name if point.dist else "unknown",
        reason=reason,
    )


def members_of(point: EntryPoint) -> list[Manifest | ConfigError]:
    """Return what an entry point names: one manifest, or the members of a family."""
    loaded = point.load()
    if isinstance(loaded, Manifest):
        if loaded.id != point.name:
            raise ValueError(
                f"its manifest's id is {loaded.id}, its entry point {point.name}"
            )
        return [loaded]
    family = list(loaded(user_folders().settings) if callable(loaded) else loaded)
    for member in family:
        if not isinstance(member, Manifest | ConfigError):
            raise TypeError(f"{point.value} is neither a Manifest nor a list of them")
    return family
