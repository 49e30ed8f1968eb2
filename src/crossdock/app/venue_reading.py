"""One venue, opened to read its public data: no desk, no journal, no orders."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossdock.app.journal_tools import tool
from crossdock.app.registry import Registry
from crossdock.app.settings import Settings
from crossdock.errors import ConfigError
from crossdock.model import AccountId
from crossdock.ports import Clock, Manifest, is_secret_name
from crossdock.toolkit.clock import LiveIds
from crossdock.toolkit.context import AdapterContext
from crossdock.toolkit.health import HealthRegistry
from crossdock.toolkit.pool import HttpPool
from crossdock.toolkit.ratelimit import RateBudgets
from crossdock.toolkit.secrets import Masker, Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An opened venue. `budgets` are the process's: they hold for all that is open."""

    adapter: Any
    manifest: Manifest
    venue: str


@asynccontextmanager
async def read_venue(
    venue: str,
    *,
    settings: Settings | None,
    registry: Registry,
    clock: Clock,
    pool: HttpPool,
    budgets: RateBudgets,
    memory: Path,
) -> AsyncIterator[Reading]:
    """Open a venue as an account of the settings describes it, else as it is by default.

    An account is found by its own name, then by its venue's; one that is switched off
    serves as well. Without one there are no keys, which suffices for public data of most
    venues. `memory` is the folder for what the adapter must remember. Raises ConfigError.
    """
    name = _account_of(venue, settings)
    if settings is not None and name:
        account = settings.accounts[name]
        manifest, options = settings.manifests[name], dict(account.options)
        shown, masker = account.venue, settings.masker()
    else:
        manifest = registry.manifest("venue", venue)
        options, shown, masker = _defaults(manifest), venue, Masker()
    if manifest.needs_market:
        raise ConfigError(
            f"{manifest.name} has no data of its own",
            code="config-value",
            hint="name the venue whose market it simulates",
        )
    states = tool("state", registry).StateFiles
    context = AdapterContext(
        account=AccountId(name or venue),
        venue=shown,
        manifest=manifest,
        settings=options,
        clock=clock,
        ids=LiveIds(),
        http=pool,
        budgets=budgets,
        health=HealthRegistry(clock),
        state=states(memory / (name or venue)),
        masker=masker,
    )
    async with registry.factory(manifest)(context) as adapter:
        yield Reading(adapter=adapter, manifest=manifest, venue=shown)


def _account_of(venue: str, settings: Settings | None) -> str:
    if settings is None:
        return ""
    usable = {
        name: account
        for name, account in settings.accounts.items()
        if not settings.manifests[name].needs_market
    }
    if venue in usable:
        return venue
    return next((name for name, it in usable.items() if it.venue == venue), "")


def _defaults(manifest: Manifest) -> dict[str, str | Secret]:
    """Return an adapter's settings as they are without an account: no keys."""
    options: dict[str, str | Secret] = {}
    for name, setting in manifest.settings.items():
        if is_secret_name(name):
            options[name] = Secret(setting.default or "")
        elif setting.default is None and name != "key":
            raise ConfigError(
                f"{manifest.name} needs the setting {name}: {setting.help}",
                code="config-missing",
                hint='give it in an account of the settings file, with use = "data"',
            )
        else:
            options[name] = setting.default or ""
    return options
