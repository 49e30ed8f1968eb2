"""What is known of venues without connecting to one."""

from __future__ import annotations

from functools import cache

from crossdock.app import venues as book
from crossdock.app.registry import Registry
from crossdock.app.venues.reached import adapters_of
from crossdock.app.venues.telling import brief, told
from crossdock.errors import ConfigError
from crossdock.ports import Manifest, is_secret_name
from crossdock.web.problems import Problem
from crossdock.web.shapes.venues import Adapter, AdapterSetting, CatalogueEntry


@cache
def _registry() -> Registry:
    """Entry points are looked for once: what is installed changes with a restart."""
    return Registry()


def catalogue() -> list[CatalogueEntry]:
    registry = _registry()
    return [
        CatalogueEntry.model_validate(brief(venue, registry)) for venue in book.venues()
    ]


def catalogue_entry(name: str) -> CatalogueEntry:
    """Raises Problem 404 for a name nobody knows."""
    try:
        venue = book.venues().find(name)
    except ConfigError as error:
        raise Problem(404, "unknown-venue", error.message, hint=error.hint) from error
    entry = CatalogueEntry.model_validate(told(venue, _registry()))
    gone = book.unavailable(venue)
    if gone is not None:
        entry.error = {"code": gone.code, "message": gone.message, "hint": gone.hint}
    return entry


def adapters() -> list[Adapter]:
    return [_adapter(manifest) for manifest in _registry().manifests("venue")]


def adapter(name: str) -> Adapter:
    """Raises Problem 404 for one that is not installed, Unavailable for a closed venue."""
    try:
        return _adapter(_registry().manifest("venue", name))
    except ConfigError as error:
        raise Problem(404, "unknown-adapter", error.message, hint=error.hint) from error


def adapter_of_broker(name: str) -> str:
    """Return the id of the adapter that a broker's name means, in any case.

    Raises ConfigError for a name nobody knows, Unavailable for a venue that has closed.
    """
    registry = _registry()
    wanted = name.strip().lower()
    if wanted in {manifest.id for manifest in registry.manifests("venue")}:
        return wanted
    venue = book.venues().find(name)
    gone = book.unavailable(venue)
    if gone is not None:
        raise gone
    installed = adapters_of(venue, registry)
    if not installed:
        raise ConfigError(
            f"no adapter for {venue.name} is installed",
            code="unknown-adapter",
            hint="GET /api/v1/adapters lists those there are",
        )
    return str(installed[0].id)


def _adapter(manifest: Manifest) -> Adapter:
    return Adapter(
        id=manifest.id,
        name=manifest.name,
        tier=str(manifest.tier),
        real_money=manifest.real_money,
        docs=manifest.docs_url,
        keys_url=manifest.keys_url,
        keys_help=manifest.keys_help,
        can=sorted(str(each) for each in manifest.can),
        order_types=sorted(str(each) for each in manifest.order_types),
        oddities=list(manifest.oddities),
        settings=[
            AdapterSetting(
                name=name,
                help=setting.help,
                required=setting.default is None,
                secret=is_secret_name(name),
                default=setting.default,
                choices=list(setting.choices),
            )
            for name, setting in manifest.settings.items()
        ],
    )
